// The Worker under load: one lookup for each request.

import { census, litter } from "./instances.mjs";

import { findPhone } from "nyne-phone-finder";

/** Answers without a length, as a proxy sends them: the module reads those chunk by chunk. */
async function lengthless(url, init) {
  const { body, status, headers } = await fetch(url, init);
  const kept = new Headers(headers);
  kept.delete("Content-Length");
  return new Response(body, { status, headers: kept });
}

export default {
  async fetch(request, { WORLDS }) {
    const kind = new URL(request.url).pathname.slice(1);
    if (kind === "census") {
      litter();
      return Response.json(census());
    }
    const options = { ...WORLDS[kind], poll: { firstDelay: 5, maxDelay: 20 }, ...(kind === "dripping" && { fetch: lengthless }) };
    const { mobile } = await findPhone({ email: "ada@example.com" }, options);
    return new Response(mobile);
  },
};
