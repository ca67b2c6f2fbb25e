// Lookups under a test's clock (rule 12), the same for every kind of clock. tests/contract/clocks.test.mjs has those that run in
// plain Node; the test runners of tests/runtimes have one of their own each, and a copy of this file.

import { equal, ok, rejection } from "./check.mjs";

/**
 * @typedef {object} Clock
 * @property {() => void} install puts it in place of the host's
 * @property {(ms: number) => unknown} advance moves it and lets what was woken run: what it returns is awaited
 * @property {() => void} restore gives the host its own back
 * @property {number} [step] how far it is moved at a time; otherwise as far as a lookup needs, in one go
 * @property {() => number} [now] its time, if `Date.now` does not say
 * @property {() => number} [timers] how many timers it holds, if it says
 * @property {boolean} [plain] replies are plain objects: the clock keeps the host from reading a `Response`
 */

/** How a clock is moved that `tick` moves while nothing else runs. @param {(ms: number) => void} tick */
export const inSteps = (tick) => ({
  step: 1_000,
  async advance(ms) {
    await microtasks();
    tick(ms);
    await microtasks();
  },
});

/** Enough of them for a request and its reply. A clock may hold back anything else. */
async function microtasks() {
  for (let count = 0; count < 200; count++) await null;
}

const ID = "a1b2c3";
const KEYS = { apiKey: "nyne_live_0123456789", apiSecret: "nyne_sec_0123456789" };
const ADA = { email: "ada@example.com" };
const MOBILE = "+14155550123";

/** In tests that keep the real time. */
const SOON = { firstDelay: 50, maxDelay: 50 };

/** @type {{ name: string, run: (api: typeof import("nyne-phone-finder"), clock: Clock) => Promise<void> }[]} */
export const lookups = [
  {
    name: "a lookup polls on its schedule",
    async run({ createClient }, clock) {
      await under(clock, async () => {
        const asked = [];
        const fetch = service(clock, { pending: 4, asked });
        const { result } = await settled(clock, 60_000, () => createClient(KEYS).findPhone(ADA, { fetch }));
        equal(result?.mobile, MOBILE, "mobile");
        equal(asked.length, 6, "requests");
        const [first, ...others] = asked.slice(1).map((time, index) => time - asked[index]);
        const late = lateness(clock);
        ok(first >= 6_000 && first <= 7_200 + late, `the first poll came after ${first} ms`);
        for (const wait of others) ok(wait >= 4_800 - late && wait <= 15_000 + late, `a poll came after another ${wait} ms`);
      });
    },
  },
  {
    name: "a lookup times out after 300 s",
    async run({ createClient }, clock) {
      await under(clock, async () => {
        const fetch = service(clock, { pending: Infinity });
        const { error, after } = await settled(clock, 330_000, () => createClient(KEYS).findPhone(ADA, { fetch }));
        equal([error?.code, error?.requestId], ["timeout", ID], "the error");
        // The last poll comes a second before. Each of some 30 waits may be late; the real time may count too.
        ok(after >= 298_000 && after <= 300_000 + 30 * lateness(clock), `it timed out after ${after} ms`);
      });
    },
  },
  {
    name: "a request times out after 15 s",
    async run({ createClient }, clock) {
      await under(clock, async () => {
        let signal;
        const fetch = (url, init) => new Promise(() => ({ signal } = init));
        const { error, after } = await settled(clock, 20_000, () => createClient(KEYS).checkStatus(ID, { fetch }));
        equal([error?.code, signal?.aborted], ["timeout", true], "the error, and whether the request was aborted");
        ok(after >= 14_990 && after <= 15_000 + lateness(clock), `it timed out after ${after} ms`);
      });
    },
  },
  {
    name: "an abort ends a wait, without the clock",
    async run({ createClient }, clock) {
      await under(clock, async () => {
        const controller = new AbortController();
        const fetch = service(clock, { pending: Infinity });
        const call = createClient(KEYS).findPhone(ADA, { fetch, signal: controller.signal });
        const error = rejection(call);
        await clock.advance(1_000);
        controller.abort();
        const { name, code, requestId } = await error;
        equal([name, code, requestId], ["AbortError", "aborted", ID], "the error");
        equal(clock.timers?.() ?? 0, 0, "timers left");
      });
    },
  },
  {
    name: "after the clock is restored, calls keep the real time, whatever it left behind",
    async run({ createClient }, clock) {
      const controller = new AbortController();
      const fetch = service(clock, { pending: Infinity });
      const options = { fetch, signal: controller.signal };
      const calls = [];
      await under(clock, async () => {
        calls.push(rejection(createClient(KEYS).findPhone(ADA, options)));
        await clock.advance(1_000);
        // The first of these waits for a timer; the second has not begun.
        calls.push(rejection(createClient(KEYS).findPhone(ADA, options)));
      });
      await keepsRealTime(createClient, clock);
      controller.abort();
      equal((await Promise.all(calls)).map(({ code }) => code), ["aborted", "aborted"], "the codes of those left behind");
    },
  },
  {
    name: "a call from before the clock can be aborted under it, and its timer does no harm",
    async run({ createClient }, clock) {
      const controller = new AbortController();
      const options = { poll: SOON, requestTimeout: 100, signal: controller.signal };
      const call = await waiting(createClient(KEYS), service(clock, { pending: Infinity }), options);
      const error = rejection(call.ends);
      await under(clock, async () => {
        controller.abort();
        equal((await error).code, "aborted", "error.code");
      });
      await keepsRealTime(createClient, clock);
    },
  },
  {
    name: "a call from before the clock continues after it, and keeps the real time",
    async run({ createClient }, clock) {
      const started = performance.now();
      const fetch = service(clock, { pending: 1 });
      const call = await waiting(createClient(KEYS), fetch, { poll: { firstDelay: 300, maxDelay: 50 } });
      await under(clock, async () => {
        // Another one reads the clock.
        await rejection(createClient(KEYS).checkStatus(ID, { fetch: () => Promise.reject(new TypeError("fetch failed")) }));
      });
      const { mobile } = await call.ends;
      const took = performance.now() - started;
      equal(mobile, MOBILE, "mobile");
      const { elapsed } = call.updates.at(-1);
      ok(elapsed >= 250 && elapsed <= took + 2, `after ${took} ms at most, the call says that it has taken ${elapsed} ms`);
    },
  },
];

/** A lookup that waits for its first poll. */
async function waiting({ findPhone }, fetch, options) {
  const updates = [];
  let ends;
  await new Promise((waits) => {
    const onStatus = (update) => {
      updates.push(update);
      if (update.requestId) waits();
    };
    ends = findPhone(ADA, { ...options, fetch, onStatus });
  });
  return { ends, updates };
}

async function under(clock, use) {
  clock.install();
  try {
    await use();
  } finally {
    clock.restore();
  }
}

/** Moves the clock until the call settles, for at most as many ms, and returns how it did and after how many. */
async function settled(clock, most, begin) {
  const started = now(clock);
  let outcome;
  const note = (how) => (outcome = { ...how, after: now(clock) - started });
  begin().then((result) => note({ result }), (error) => note({ error }));
  const step = clock.step ?? most;
  for (let moved = 0; moved < most && !outcome; moved += step) await clock.advance(step);
  ok(outcome, `the call does not settle within ${most / 1000} s of the test's time`);
  return outcome;
}

/** What the clock sets off runs once it stands still, if it is not awaited at each timer; and time is rounded. */
const lateness = ({ step = 0 }) => step + 2;

const now = (clock) => clock.now?.() ?? Date.now();

/** A `fetch` with a job that is `pending` for as many polls. Notes in `asked` when it is called. */
function service(clock, { pending, asked = [] }) {
  let polls = 0;
  return async (url, { method }) => {
    asked.push(now(clock));
    if (method === "POST") return reply(clock, 202, { status: "queued" });
    if (++polls <= pending) return reply(clock, 200, { status: "processing" });
    return reply(clock, 200, { status: "completed", completed: true, result: { mobile: MOBILE } });
  };
}

function reply({ plain }, status, job) {
  const text = JSON.stringify({ success: true, data: { request_id: ID, ...job } });
  const { Response } = globalThis;
  return plain || !Response ? { status, text: async () => text } : new Response(text, { status });
}

async function keepsRealTime(createClient, clock) {
  const started = performance.now();
  const fetch = service(clock, { pending: 2 });
  const { mobile } = await createClient({ ...KEYS, poll: SOON }).findPhone(ADA, { fetch });
  const took = performance.now() - started;
  equal(mobile, MOBILE, "mobile");
  // 50 to 60 ms, then twice 40 to 50 ms.
  ok(took >= 128 && took < 2_000, `three waits of 50 ms or so took ${took} ms`);
}
