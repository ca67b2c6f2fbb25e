// The consumer of the recipe, and addresses by which the tests drive it.

import "./options.js";

import recipe from "#recipe";

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const key = searchParams.get("key");
    if (pathname === "/start") await env.QUEUE.send({ query: await request.json(), key });
    // At once: the queue here delivers one batch after the other.
    if (pathname === "/deliver") await recipe.queue({ messages: [{ body: { query: await request.json(), key }, ack() {} }] }, env);
    const row = pathname === "/state" ? await env.DB.prepare("SELECT state FROM results WHERE key = ?").bind(key).first() : null;
    return Response.json(row && JSON.parse(row.state));
  },
  queue: recipe.queue,
};
