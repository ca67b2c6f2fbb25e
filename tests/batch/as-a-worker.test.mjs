// A batch where the host calls itself a Worker, with timers that the test holds: what depends on a Worker's timers is not left to
// the speed of the machine.

import { it } from "node:test";
import { pathToFileURL } from "node:url";

import { equal } from "../support/check.mjs";
import { entry } from "../support/places.mjs";

const LOOKUPS = 60;
const OPTIONS = { apiKey: "nyne_live_0123456789", apiSecret: "nyne_sec_0123456789", requestsPerMinute: Infinity, requestsPerHour: Infinity };

// Before the package asks for it.
Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true });
const { findPhones } = await import(pathToFileURL(entry("import")));

const people = Array.from({ length: LOOKUPS }, (_, number) => ({ email: `p${number}@example.com` }));
const { setTimeout, clearTimeout } = globalThis;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Each job is done with its submit, so that no lookup waits for anything but its turn. */
const done = async (url, init) => {
  await turn();
  const { email } = JSON.parse(init.body);
  return Response.json({ request_id: email, status: "completed", result: { mobile: "+1" } }, { status: 202 });
};

async function codes(batch) {
  const found = [];
  for await (const { ok, error } of batch) found.push(ok ? "found" : error.message);
  return found;
}

it("the lookups of a batch wake each other: none waits for a timer until it is its turn", { timeout: 20_000 }, async () => {
  globalThis.setTimeout = () => 0;
  globalThis.clearTimeout = () => {};
  try {
    equal(await codes(findPhones(people, { ...OPTIONS, fetch: done })), Array(LOOKUPS).fill("found"));
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
});

it("a batch whose timers are all late is not taken for one that its host has dropped", { timeout: 20_000 }, async () => {
  const { now } = performance;
  let late = 0;
  performance.now = () => now.call(performance) + late;
  // Longer than any timer of the package's may be overdue, twice over.
  const fetch = (url, init) => ((late += 10_000), done(url, init));
  try {
    equal(await codes(findPhones(people, { ...OPTIONS, fetch, timeout: Infinity, requestTimeout: Infinity })), Array(LOOKUPS).fill("found"));
  } finally {
    performance.now = now;
  }
});
