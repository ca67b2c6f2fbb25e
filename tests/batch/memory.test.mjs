// A long batch in bounded memory.

import { census } from "../soak/census.mjs";

import { it } from "node:test";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { equal, ok } from "../support/check.mjs";
import { createWorld } from "../support/emulator.mjs";
import { emulator, entry } from "../support/places.mjs";

const LOOKUPS = 10_000;
/** By now everything is compiled, and every buffer is as large as it will be. */
const WARM = 2_000;
/** What the heap may keep of each query, in bytes: its key and its result, so that an equal one is not submitted again. */
const MOST_EACH = 1_500;
/** What the module's memory may grow by in bytes, whatever the number of lookups. */
const MOST_MODULE = 128 << 10;

it(`${LOOKUPS} lookups in one batch, in bounded memory`, { timeout: 300_000 }, async (test) => {
  const { findPhones } = await import(pathToFileURL(entry("import")));
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  const heap = async () => {
    for (let turns = 0; turns < 4; turns++) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return process.memoryUsage().heapUsed;
  };
  const world = await createWorld(emulator(), { latencyMs: 0, perMinute: 1e9, perHour: 1e9, credits: 1e9 });
  try {
    let taken = 0;
    async function* people() {
      while (taken < LOOKUPS) yield { email: `p${taken++}@example.com` };
    }
    const options = { ...world.keys, baseUrl: world.url, requestsPerMinute: Infinity, requestsPerHour: Infinity, poll: { firstDelay: 1, maxDelay: 5 } };
    const seen = new Uint8Array(LOOKUPS);
    let count = 0;
    let before;
    let end;
    const started = performance.now();
    for await (const { index, ok: isOk, error } of findPhones(people(), options)) {
      ok(isOk, `outcome ${index} is ${error}`);
      seen[index]++;
      count++;
      ok(taken <= count + 64, `${taken} queries are taken when ${count} outcomes are`);
      if (count === WARM) before = { heap: await heap(), module: census().bytes };
      // While the batch still lives.
      if (count === LOOKUPS) end = { heap: await heap(), module: census().bytes };
    }
    equal([count, seen.every((times) => times === 1)], [LOOKUPS, true], "outcomes, and whether each came once");
    const { posts, jobs } = await world.log();
    equal([posts, jobs], [LOOKUPS, LOOKUPS], "submits and jobs");
    const each = (end.heap - before.heap) / (LOOKUPS - WARM);
    test.diagnostic(`${((performance.now() - started) / 1000).toFixed(0)} s; the heap keeps ${each.toFixed(0)} bytes of each; the module's memory is ${end.module} bytes, and was ${before.module}`);
    ok(each < MOST_EACH, `the heap keeps ${each} bytes of each lookup`);
    ok(end.module - before.module <= MOST_MODULE, `the module's memory grew from ${before.module} to ${end.module} bytes`);
  } finally {
    await world.remove();
  }
});
