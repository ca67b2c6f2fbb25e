// Test clocks that move setTimeout and leave performance.now alone, as those of node:test, and sinon's and Vitest's with a list.

import { it, mock } from "node:test";
import { pathToFileURL } from "node:url";

import { ID, pending, queued, completed, silence } from "../support/answers.mjs";
import { equal, ok } from "../support/check.mjs";
import { MOBILE } from "../support/emulator.mjs";
import { entry } from "../support/places.mjs";

const { findPhone, checkStatus, pollResult } = await import(pathToFileURL(entry("import")));
const KEYS = { apiKey: "nyne_live_0123456789", apiSecret: "nyne_sec_0123456789" };
const ADA = { email: "ada@example.com" };
const turn = setImmediate;

/** Moves the test's clock by a second until `call` settles, and returns how, and after how many seconds. */
async function seconds(apis, begin, most = 400) {
  mock.timers.enable({ apis });
  try {
    let outcome;
    begin().then((result) => (outcome = { result }), (error) => (outcome = { error }));
    for (let second = 0; second <= most; second++) {
      for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => turn(resolve));
      if (outcome) return { ...outcome, second };
      mock.timers.tick(1000);
    }
    throw new Error(`the call does not settle within ${most} s of the test's time`);
  } finally {
    mock.timers.reset();
  }
}

for (const apis of [["setTimeout"], ["setTimeout", "Date"]]) {
  const which = apis.join(" and ");

  it(`with a clock that moves ${which}, a lookup polls on its schedule`, async () => {
    let polls = 0;
    const fetch = async (url, { method }) => (method === "POST" ? queued() : ++polls < 5 ? pending() : completed(MOBILE));
    const { result, second } = await seconds(apis, () => findPhone(ADA, { ...KEYS, fetch }));
    equal([result?.mobile, polls], [MOBILE, 5], "the mobile and the count of polls");
    // 3 s to the first, and at least 2.4 s to each of the others.
    ok(second >= 12 && second <= 60, `it took ${second} s`);
  });

  it(`with a clock that moves ${which}, a lookup times out`, async () => {
    const fetch = async (url, { method }) => (method === "POST" ? queued() : pending());
    const { error, second } = await seconds(apis, () => findPhone(ADA, { ...KEYS, fetch }));
    equal([error?.code, error?.requestId], ["timeout", ID], "the error");
    // A timer fires with the first whole second that reaches it, so each of some 20 waits may take a second longer.
    ok(second >= 298 && second <= 325, `it took ${second} s`);
  });

  it(`with a clock that moves ${which}, a request times out`, async () => {
    const { error, second } = await seconds(apis, () => checkStatus(ID, { ...KEYS, fetch: silence }));
    equal(error?.code, "timeout", "error.code");
    ok(second >= 15 && second <= 16, `it took ${second} s`);
  });
}

it("after such a clock is gone, calls keep the real time", async () => {
  await seconds(["setTimeout"], () => pollResult(ID, { ...KEYS, fetch: silence, maxRetries: 0 }));
  const started = performance.now();
  let polls = 0;
  const fetch = async () => (++polls < 3 ? pending() : completed(MOBILE));
  const { mobile } = await pollResult(ID, { ...KEYS, fetch, poll: { firstDelay: 50, maxDelay: 50 } });
  const took = performance.now() - started;
  equal(mobile, MOBILE, "mobile");
  ok(took >= 78 && took < 2_000, `two waits of 40 to 50 ms took ${took} ms`);
});
