// The Worker under load: one lookup for each request.

import { census, litter, watch } from "./census.mjs";

import { findPhone } from "nyne-phone-finder";

/** Answers without a length, as a proxy sends them: those are read chunk by chunk. */
async function lengthless(url, init) {
  const { body, status, headers } = await fetch(url, init);
  const kept = new Headers(headers);
  kept.delete("Content-Length");
  return new Response(body, { status, headers: kept });
}

/** Lookups that have not settled, by kind. Those of a dropped request never do: the runtime runs nothing of it any more. */
const unsettled = { whole: 0, dripping: 0 };

export default {
  async fetch(request, { WORLDS }) {
    const [kind, email] = new URL(request.url).pathname.slice(1).split("/");
    if (kind === "census") {
      litter();
      return Response.json({ unsettled, ...census() });
    }
    const options = {
      ...WORLDS[kind],
      poll: { firstDelay: 20, maxDelay: 40 },
      ...(kind === "dripping" && { fetch: lengthless }),
    };
    unsettled[kind]++;
    try {
      const { mobile } = await watch(findPhone({ email }, options));
      return new Response(mobile);
    } finally {
      unsettled[kind]--;
    }
  },
};
