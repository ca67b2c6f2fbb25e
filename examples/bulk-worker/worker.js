// The page's API. It spends credits of yours, so each request must send `Authorization: Bearer ACCESS_TOKEN`.

import { Refusal, readPeople } from "./people.js";

export { Bulk } from "./bulk.js";

/** The largest upload, in bytes: some 40,000 people. All of it is in memory at once, more than once. */
const LARGEST = 4 << 20;

const routes = {
  "GET /api/state": async (bulk) => reply(200, await bulk.state()),
  "POST /api/upload": async (bulk, request) => {
    const name = new URL(request.url).searchParams.get("name") || "people.csv";
    return acted(await bulk.upload({ name, ...readPeople(await readBody(request)) }));
  },
  "POST /api/stop": async (bulk) => acted(await bulk.stop()),
  "POST /api/go-on": async (bulk, request) =>
    acted(await bulk.goOn({ resubmitUnknown: new URL(request.url).searchParams.get("resubmit") === "unknown" })),
  "GET /api/results.csv": async (bulk) => {
    const csv = await bulk.results();
    if (csv === null) return reply(404, { error: "There is no batch yet. Upload a CSV." });
    return new Response(csv, { headers: { ...PRIVATE, "Content-Type": "text/csv; charset=utf-8" } });
  },
};

export default {
  async fetch(request, env) {
    const route = routes[`${request.method} ${new URL(request.url).pathname}`];
    if (!route) return reply(404, { error: "There is nothing here." });
    if (!(await mayCall(request, env))) return reply(401, { error: "Send Authorization: Bearer, with this Worker's ACCESS_TOKEN." });
    try {
      // One object is the queue of the whole account: there is one pair of keys, and it has one pair of limits.
      return await route(env.BULK.getByName("batch"), request);
    } catch (error) {
      if (error instanceof Refusal) return reply(error.status, { error: error.message });
      throw error;
    }
  },
};

/** Compares hashes: they have one length, which `timingSafeEqual` needs and which tells nothing of the token. */
async function mayCall(request, env) {
  if (!env.ACCESS_TOKEN) return false;
  const hash = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const given = request.headers.get("Authorization") ?? "";
  return crypto.subtle.timingSafeEqual(await hash(given), await hash(`Bearer ${env.ACCESS_TOKEN}`));
}

/** The body as text, read no further than it may be long. */
async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) {
      throw new Refusal(`The file is larger than ${LARGEST >> 20} MiB. Split it, and upload the parts one after the other.`, 413);
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await new Blob(chunks).arrayBuffer());
  } catch {
    throw new Refusal('The file is not UTF-8. Save it as UTF-8 (in Excel: "CSV UTF-8").');
  }
}

/** What the object did, or why it did not: a batch is in the way. */
const acted = ({ refused, ...state }) => (refused ? reply(409, { error: refused }) : reply(200, state));

const PRIVATE = { "Cache-Control": "no-store" };
const reply = (status, body) => Response.json(body, { status, headers: PRIVATE });
