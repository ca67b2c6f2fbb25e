// The consumer of the recipe, and addresses by which the tests drive it.

import "./options.js";

import recipe from "#recipe";

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const key = searchParams.get("key");
    switch (pathname) {
      case "/start":
        await env.QUEUE.send({ query: await request.json(), key });
        return Response.json(null);
      case "/deliver":
        return Response.json(await deliver(await request.json(), env));
      case "/close":
        return Response.json(await env.DB.prepare(env.CLOSE).bind(key).run());
      case "/state": {
        const row = await env.DB.prepare("SELECT state FROM results WHERE key = ?").bind(key).first();
        return Response.json(row && JSON.parse(row.state));
      }
    }
  },
  queue: recipe.queue,
};

/** A batch of the test's own, and what the recipe does with it: the test delivers what it sends. */
async function deliver(bodies, env) {
  const [sent, acked, retried] = [[], [], []];
  const QUEUE = { send: async (body, options) => void sent.push({ body, ...options }) };
  const messages = bodies.map((body, number) => ({
    body,
    ack: () => acked.push(number),
    retry: (options) => retried.push({ number, ...options }),
  }));
  await recipe.queue({ messages }, { ...env, QUEUE });
  return { sent, acked, retried };
}
