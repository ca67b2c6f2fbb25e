// The Durable Object of the recipe, and addresses by which the tests drive it.

import "./options.js";

import { Lookup as Recipe } from "#recipe";

export class Lookup extends Recipe {
  /** Ends the object where it stands, as a new version or a fault of its machine does. */
  reset() {
    this.ctx.abort("reset by the test");
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const lookup = env.LOOKUPS.getByName(searchParams.get("key"));
    if (pathname === "/start") await lookup.start(await request.json());
    if (pathname === "/reset") await lookup.reset().catch(() => {});
    const state = pathname === "/state" ? await lookup.state() : null;
    return Response.json(state?.state === "completed" || state?.state === "failed" ? state : null);
  },
};
