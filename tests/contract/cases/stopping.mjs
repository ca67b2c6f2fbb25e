// Abort, timeouts and poll budgets: a lookup that ends early ends at once, leaves nothing behind and loses no job.

import { wait } from "../../support/case.mjs";
import { equal, ok, rejection } from "../../support/check.mjs";
import { ADA, ALWAYS, MOBILE, onGet, onPost } from "../../support/emulator.mjs";
import { countedSignal, watchTimers } from "../../support/leftovers.mjs";

const HANG = { kind: "hang", at: "start" };
const HANG_IN_BODY = { kind: "hang", at: "body" };
/** A job that outlasts every case. */
const ENDLESS = { latencyMs: 3_600_000 };

/**
 * Where a lookup can be aborted: the world that holds it there, how a case sees that it is there, and what its error
 * then says.
 */
const PLACES = [
  {
    where: "while the submit waits for its answer",
    world: { faults: [onPost(HANG)] },
    reached: ({ posts }) => posts === 1,
    expected: { submitted: "unknown", requestId: null, posts: 1, gets: 0 },
    closes: "POST",
  },
  {
    where: "in the body of the submit's answer",
    world: { faults: [onPost(HANG_IN_BODY)] },
    reached: ({ posts }) => posts === 1,
    expected: { submitted: "unknown", requestId: null, posts: 1, gets: 0 },
    closes: "POST",
  },
  {
    where: "in the wait before the first poll",
    world: ENDLESS,
    poll: { firstDelay: 60_000, maxDelay: 60_000 },
    reached: (log, updates) => updates.some(({ requestId }) => requestId),
    expected: { submitted: "yes", requestId: "known", posts: 1, gets: 0 },
  },
  {
    where: "while a poll waits for its answer",
    world: { ...ENDLESS, faults: [onGet(HANG)] },
    reached: ({ gets }) => gets === 1,
    expected: { submitted: "yes", requestId: "known", posts: 1, gets: 1 },
    closes: "GET",
  },
  {
    where: "in the body of a poll's answer",
    world: { ...ENDLESS, faults: [onGet(HANG_IN_BODY)] },
    reached: ({ gets }) => gets === 1,
    expected: { submitted: "yes", requestId: "known", posts: 1, gets: 1 },
    closes: "GET",
  },
  {
    where: "in the pause that a 429 asks for",
    world: { faults: [onPost({ kind: "error", status: 429, code: "rate_limit_exceeded", headers: { "Retry-After": "60" } })] },
    reached: ({ posts }) => posts === 1,
    expected: { submitted: "no", requestId: null, posts: 1, gets: 0 },
  },
];

const abortIn = ({ where, world, poll, reached, expected, closes }) => ({
  name: `an abort ${where} ends the lookup at once`,
  world,
  async run(context) {
    const controller = new AbortController();
    const updates = [];
    const options = { ...context.options, ...(poll && { poll }), signal: controller.signal };
    let settled = false;
    const lookup = context.api.findPhone(ADA, { ...options, onStatus: (update) => updates.push(update) });
    lookup.catch(() => (settled = true));
    await context.eventually(`the lookup is ${where}`, async () => reached(await context.log(), updates));
    // The log runs ahead of the client: what was answered there is still under way.
    await wait(50);
    ok(!settled, "the lookup ended before it was aborted");
    const reason = { of: "this abort" };
    controller.abort(reason);
    await wait(0);
    ok(settled, "the lookup did not end within one turn of the event loop");
    const error = await context.fails(lookup, { code: "aborted", ...expected, status: null });
    ok(error.cause === reason, `the cause is ${error.cause}, not the signal's reason`);
    if (closes) {
      await context.eventually("the connection is closed", async () => (await context.requests(closes))[0].closedEarly);
    }
  },
});

/** Runs `act` and returns how many timers it set that are neither cleared nor over. */
async function timersLeft(act) {
  // Node's fetch still sets a timer for its connection when the request that made the world is done.
  await wait(50);
  const timers = watchTimers();
  try {
    await act();
    return timers.left();
  } finally {
    timers.stop();
  }
}

/**
 * A Phone Finder without a network, since a host's fetch may set timers of its own. Its polls say `status`, or, for
 * "never", do not answer and call `waits`.
 */
const withoutNetwork = (status, waits = () => {}) => async (url, { method }) => {
  const answer = (status, code) => Response.json({ success: true, data: { request_id: "a1b2", status } }, { status: code });
  if (method === "POST") return answer("queued", 202);
  if (status !== "never") return answer(status, 200);
  waits();
  return new Promise(() => {});
};

export default [
  {
    name: "a signal that is aborted already ends every call before its first request",
    async run(context) {
      const { api } = context;
      const options = { ...context.requestOptions, signal: AbortSignal.abort("enough") };
      for (const [call, submitted, requestId] of [
        [() => api.findPhone(ADA, options), "no", null],
        [() => api.submitPhone(ADA, options), "no", null],
        [() => api.pollResult("some-id", options), "yes", "some-id"],
        [() => api.checkStatus("some-id", options), "yes", "some-id"],
      ]) {
        const error = await context.fails(call(), { code: "aborted", submitted, requestId });
        equal(error.cause, "enough", "the cause");
      }
      await context.counts({ posts: 0, gets: 0 });
    },
  },
  ...PLACES.map(abortIn),
  {
    name: "an abort without a reason has the platform's AbortError as its cause",
    async run(context) {
      const error = await rejection(context.api.findPhone(ADA, { ...context.options, signal: AbortSignal.abort() }));
      equal([error.name, error.cause.name], ["AbortError", "AbortError"]);
    },
  },
  {
    name: "an abort of one lookup leaves another one alone",
    world: { latencyMs: 100 },
    async run(context) {
      const controller = new AbortController();
      const lookups = [context.api.findPhone(ADA, { ...context.options, signal: controller.signal })];
      lookups.push(context.api.findPhone(ADA, context.options));
      await context.eventually("both are submitted", async () => (await context.log()).posts === 2);
      controller.abort();
      await context.fails(lookups[0], { code: "aborted" });
      equal((await lookups[1]).mobile, MOBILE, "the other's number");
    },
  },
  {
    name: "an aborted job is not lost: pollResult with the error's id gets its number",
    world: { latencyMs: 100 },
    async run(context) {
      const controller = new AbortController();
      const onStatus = ({ requestId }) => requestId && controller.abort();
      const call = context.api.findPhone(ADA, { ...context.options, signal: controller.signal, onStatus });
      const error = await context.fails(call, { code: "aborted", submitted: "yes", requestId: "known" });
      equal((await context.api.pollResult(error.requestId, context.options)).mobile, MOBILE, "mobile");
      await context.counts({ posts: 1 });
    },
  },

  {
    name: "a lookup that is over leaves no timer and no listener behind",
    async run({ api, options }) {
      const { signal, listeners } = countedSignal();
      const left = await timersLeft(() => api.findPhone(ADA, { ...options, signal, fetch: withoutNetwork("completed") }));
      equal([left, listeners.size], [0, 0], "timers and listeners");
    },
  },
  ...["in a wait", "in a poll"].map((place) => ({
    name: `a lookup that is aborted ${place} leaves no timer behind`,
    async run({ api, options }) {
      const controller = new AbortController();
      const left = await timersLeft(async () => {
        let request;
        const reached = new Promise((resolve) => (request = withoutNetwork("never", resolve)));
        const poll = place === "in a wait" ? { firstDelay: 60_000, maxDelay: 60_000 } : options.poll;
        const onStatus = ({ requestId }) => requestId && place === "in a wait" && setTimeout(() => controller.abort(), 20);
        const call = api.findPhone(ADA, { ...options, poll, onStatus, fetch: request, signal: controller.signal });
        if (place === "in a poll") reached.then(() => controller.abort());
        equal((await rejection(call)).code, "aborted", "error.code");
      });
      equal(left, 0, "timers");
    },
  })),
  ...[
    ["in a wait", "processing"],
    ["in a poll", "never"],
  ].map(([place, status]) => ({
    name: `a lookup whose timeout passes ${place} leaves no timer and no listener behind`,
    async run({ api, options }) {
      const { signal, listeners } = countedSignal();
      const left = await timersLeft(async () => {
        const call = api.findPhone(ADA, { ...options, signal, timeout: 60, fetch: withoutNetwork(status) });
        equal((await rejection(call)).code, "timeout", "error.code");
      });
      equal([left, listeners.size], [0, 0], "timers and listeners");
    },
  })),

  {
    name: "timeout in the waits: a TimeoutError with the id, from which pollResult goes on",
    world: { latencyMs: 400 },
    async run(context) {
      const call = context.api.findPhone(ADA, { ...context.options, timeout: 150 });
      const error = await context.fails(call, {
        code: "timeout", submitted: "yes", requestId: "known", status: null, retryable: true, posts: 1,
      });
      equal(error.name, "TimeoutError", "error.name");
      equal((await context.api.pollResult(error.requestId, context.options)).mobile, MOBILE, "mobile");
      await context.counts({ posts: 1 });
    },
  },
  {
    name: "timeout during a poll: a TimeoutError with the id, and the connection is closed",
    world: { faults: [onGet(HANG, ALWAYS)] },
    async run(context) {
      const call = context.api.findPhone(ADA, { ...context.options, timeout: 150 });
      await context.fails(call, { code: "timeout", submitted: "yes", requestId: "known", posts: 1, gets: 1 });
      await context.eventually("the poll is closed", async () => (await context.requests("GET"))[0].closedEarly);
    },
  },
  {
    name: "the last poll is placed before the deadline, however long the schedule's waits are",
    world: { latencyMs: 50 },
    async run(context) {
      const poll = { firstDelay: 600_000, maxDelay: 600_000 };
      equal((await context.api.findPhone(ADA, { ...context.options, poll, timeout: 1_000 })).mobile, MOBILE, "mobile");
      await context.counts({ posts: 1, gets: 1 });
    },
  },
  ...[
    ["timeout", { timeout: 100 }],
    ["requestTimeout", { requestTimeout: 100 }],
  ].flatMap(([name, limit]) =>
    [HANG, HANG_IN_BODY].map((fault) => ({
      name: `${name} during a submit that hangs at its answer's ${fault.at}: nobody knows whether a job was made`,
      world: { faults: [onPost({ ...fault, thenJob: true })] },
      async run(context) {
        await context.fails(context.api.findPhone(ADA, { ...context.options, ...limit }), {
          code: "submit_outcome_unknown", submitted: "unknown", requestId: null, retryable: false, posts: 1, gets: 0,
        });
      },
    })),
  ),
  {
    name: "a poll that exceeds requestTimeout is repeated",
    world: { latencyMs: 0, faults: [onGet(HANG, { to: 2 })] },
    async run(context) {
      equal((await context.api.findPhone(ADA, { ...context.options, requestTimeout: 100 })).mobile, MOBILE, "mobile");
      await context.counts({ posts: 1, gets: 3 });
    },
  },
  {
    name: "polls that exceed requestTimeout until no repeat is left end as timeout, with the id",
    world: { faults: [onGet(HANG, ALWAYS)] },
    async run(context) {
      const call = context.api.findPhone(ADA, { ...context.options, requestTimeout: 30, maxRetries: 1 });
      await context.fails(call, { code: "timeout", submitted: "yes", requestId: "known", posts: 1, gets: 2 });
    },
  },
  {
    name: "timeout Infinity and a poll delay beyond what timers can hold do no harm",
    world: { latencyMs: 0 },
    async run(context) {
      const options = { ...context.options, timeout: Infinity, requestTimeout: Infinity, maxRetries: Infinity };
      equal((await context.api.findPhone(ADA, options)).mobile, MOBILE, "mobile");
      // Past 2^31 ms timers fire at once. None must: so there is no poll.
      const controller = new AbortController();
      const poll = { firstDelay: 2 ** 40, maxDelay: 2 ** 40 };
      const onStatus = ({ requestId }) => requestId && setTimeout(() => controller.abort(), 100);
      const call = context.api.findPhone(ADA, { ...options, poll, onStatus, signal: controller.signal });
      await context.fails(call, { code: "aborted", requestId: "known", posts: 2, gets: 1 });
    },
  },

  {
    name: "maxPolls: poll_budget_exhausted after that many polls, with the id, from which pollResult goes on",
    world: { statuses: ["queued", "queued", "queued", "queued"] },
    async run(context) {
      const updates = [];
      const poll = { ...context.options.poll, maxPolls: 3 };
      const call = context.api.findPhone(ADA, { ...context.options, poll, onStatus: (update) => updates.push(update) });
      const error = await context.fails(call, {
        code: "poll_budget_exhausted", submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: 3,
      });
      const told = updates.filter(({ requestId, problem }) => requestId && !problem);
      equal(told.map(({ polls }) => polls), [0, 1, 2, 3], "polls");
      equal(updates.at(-1).nextPollIn, null, "the last nextPollIn");
      equal((await context.api.pollResult(error.requestId, context.options)).mobile, MOBILE, "mobile");
    },
  },
  {
    name: "failed polls do not count against maxPolls",
    world: { latencyMs: 0, faults: [onGet({ kind: "html", status: 502 }, { to: 3 })] },
    async run(context) {
      const poll = { ...context.options.poll, maxPolls: 1 };
      equal((await context.api.findPhone(ADA, { ...context.options, poll })).mobile, MOBILE, "mobile");
      await context.counts({ gets: 4 });
    },
  },
  {
    name: "delays of 1 ms are honoured",
    world: { statuses: Array(20).fill("processing") },
    async run(context) {
      const waits = [];
      const onStatus = ({ requestId, nextPollIn }) => requestId && nextPollIn !== null && waits.push(nextPollIn);
      await context.api.findPhone(ADA, { ...context.options, poll: { firstDelay: 1, maxDelay: 1 }, onStatus });
      equal(waits.length, 21, "the count of waits");
      // Up to a fifth longer, then to a whole one.
      for (const ms of waits) ok(ms > 0 && ms <= 2, `a wait of ${ms} ms`);
    },
  },
];
