// What calls that are over leave on the heap.

import { it } from "node:test";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { answer } from "../support/answers.mjs";
import { equal, ok } from "../support/check.mjs";
import { MOBILE } from "../support/emulator.mjs";
import { entry } from "../support/places.mjs";

const LOOKUPS = 5_000;
const AT_ONCE = 50;
/** Of this kind are the buffers and compiled functions that come and go with any program. */
const MOST_BYTES = 200_000;

it(`${LOOKUPS} lookups leave nothing on the heap`, async () => {
  const { createClient } = await import(pathToFileURL(entry("import")));
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");

  let jobs = 0;
  // Some 1 kB for each, so that a body that is kept is noticed.
  const job = (id, status) => ({ data: { request_id: id, status, result: { mobile: MOBILE }, note: "x".repeat(1_000) } });
  const fetch = async (url, { method }) =>
    method === "POST"
      ? answer(202, job(`job-${jobs++}-${"y".repeat(40)}`, "queued"))
      : answer(200, job(new URL(url).searchParams.get("request_id"), "completed"));
  const { findPhone } = createClient({
    apiKey: "nyne_live_0123456789",
    apiSecret: "nyne_sec_0123456789",
    fetch,
    poll: { firstDelay: 1, maxDelay: 1 },
    requestsPerMinute: Infinity,
    requestsPerHour: Infinity,
  });
  const lookUp = async (count) => {
    for (let done = 0; done < count; done += AT_ONCE) {
      const results = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => findPhone({ email: `p${done + index}@example.com` })));
      equal(results.filter(({ mobile }) => mobile === MOBILE).length, AT_ONCE, "numbers found");
    }
  };
  const heap = async () => {
    // What weak references and finalizers hold goes in a later turn than what they belong to.
    for (let turns = 0; turns < 4; turns++) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return process.memoryUsage().heapUsed;
  };

  // The first calls compile what the others use.
  await lookUp(1_000);
  const before = await heap();
  await lookUp(LOOKUPS);
  const grown = (await heap()) - before;
  ok(grown < MOST_BYTES, `the heap has grown by ${grown} bytes`);
});
