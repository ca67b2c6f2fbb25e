// The Worker under load: one lookup for each request.

import { census, litter, watch } from "./census.mjs";

import { AsyncLocalStorage } from "node:async_hooks";

import { findPhone } from "nyne-phone-finder";

/** Answers without a length, as a proxy sends them: those are read chunk by chunk. */
async function lengthless(url, init) {
  const { body, status, headers } = await fetch(url, init);
  const kept = new Headers(headers);
  kept.delete("Content-Length");
  return new Response(body, { status, headers: kept });
}

/** The request whose context this is. */
const context = new AsyncLocalStorage();
/** Calls of a request's own functions for another request's job, or in another request's context. */
const strays = { jobs: 0, contexts: 0 };

/** A request's own `fetch` and `onStatus`, which must see nothing but this request's lookup, and in this request's context. */
function own(request, email, send) {
  let id;
  const check = (isOwn) => {
    if (!isOwn) strays.jobs++;
    if (context.getStore() !== request) strays.contexts++;
  };
  return {
    async fetch(url, init) {
      const { searchParams } = new URL(url);
      check(init.method === "POST" ? JSON.parse(init.body).email === email : searchParams.get("request_id") === id);
      try {
        return await send(url, init);
      } catch (error) {
        // What the runtime says of I/O in the context of another request.
        if (/different request/.test(error?.message)) strays.contexts++;
        throw error;
      }
    },
    onStatus({ requestId }) {
      check(requestId === null || requestId === (id ??= requestId));
    },
  };
}

/** Lookups that have not settled, by kind. Those of a dropped request never do: the runtime runs nothing of it any more. */
const unsettled = { whole: 0, dripping: 0 };

export default {
  async fetch(request, { WORLDS }) {
    const [kind, email] = new URL(request.url).pathname.slice(1).split("/");
    if (kind === "census") {
      litter();
      return Response.json({ unsettled, strays, ...census() });
    }
    const options = {
      ...WORLDS[kind],
      poll: { firstDelay: 20, maxDelay: 40 },
      ...own(request, email, kind === "dripping" ? lengthless : fetch),
    };
    unsettled[kind]++;
    try {
      const { mobile } = await context.run(request, () => watch(findPhone({ email }, options)));
      return new Response(mobile);
    } finally {
      unsettled[kind]--;
    }
  },
};
