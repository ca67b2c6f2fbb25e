// The Durable Object of the recipe, and addresses by which the tests drive it.

import "./options.js";

export { Lookup } from "#recipe";

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const lookup = env.LOOKUPS.getByName(searchParams.get("key"));
    if (pathname === "/start") await lookup.start(await request.json());
    const state = pathname === "/state" ? await lookup.state() : null;
    return Response.json(state?.state === "completed" || state?.state === "failed" ? state : null);
  },
};
