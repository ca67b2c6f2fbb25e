// An abort and a deadline, wherever the call stands.

import { ADA, ALWAYS, MOBILE, nyneError, onGet, onPost } from "../../support/emulator.mjs";

/** A job that outlasts every row. */
const ENDLESS = { latencyMs: 3_600_000 };
const hang = (at) => ({ kind: "hang", at });
const SLOW_POLLS = { poll: { firstDelay: 60_000, maxDelay: 60_000 } };

const IN_SUBMIT = { submitted: "unknown", requestId: null, posts: 1, gets: 0 };
const IN_WAIT = { submitted: "yes", requestId: "known", posts: 1, gets: 0 };
const IN_POLL = { submitted: "yes", requestId: "known", posts: 1, gets: 1 };
const BETWEEN_SUBMITS = { submitted: "no", requestId: null, posts: 1, gets: 0 };

/** Each place: the world and the options that hold a call there, how it is known to be there, and what is known then. */
const PLACES = [
  ["before the submit's answer", { faults: [onPost(hang("start"))] }, {}, ({ posts }) => posts === 1, IN_SUBMIT, "POST"],
  ["in the headers of the submit's answer", { faults: [onPost(hang("headers"))] }, {}, ({ posts }) => posts === 1, IN_SUBMIT, "POST"],
  ["in the body of the submit's answer", { faults: [onPost(hang("body"))] }, {}, ({ posts }) => posts === 1, IN_SUBMIT, "POST"],
  ["in the wait for the first poll", ENDLESS, SLOW_POLLS, (log, updates) => updates.some(({ requestId }) => requestId), IN_WAIT],
  ["before a poll's answer", { ...ENDLESS, faults: [onGet(hang("start"))] }, {}, ({ gets }) => gets === 1, IN_POLL, "GET"],
  ["in the headers of a poll's answer", { ...ENDLESS, faults: [onGet(hang("headers"))] }, {}, ({ gets }) => gets === 1, IN_POLL, "GET"],
  ["in the body of a poll's answer", { ...ENDLESS, faults: [onGet(hang("body"))] }, {}, ({ gets }) => gets === 1, IN_POLL, "GET"],
  ["in a body that drips", { ...ENDLESS, faults: [onGet({ kind: "slowBody", bytesPerSecond: 10 })] }, {}, ({ gets }) => gets === 1, IN_POLL, "GET"],
  ["in the wait between polls", { ...ENDLESS, faults: [onGet(nyneError(503, "service_unavailable", { "Retry-After": "60" }))] }, {}, ({ gets }) => gets === 1, IN_POLL],
  ["in the wait between submits", { faults: [onPost(nyneError(429, "rate_limit_exceeded", { "Retry-After": "60" }))] }, {}, ({ posts }) => posts === 1, BETWEEN_SUBMITS],
];

const sent = (what, method) => (url, init) => {
  if (init.method === method) what();
  return fetch(url, init);
};

/** Does `act` as soon as the request under way is aborted. */
const onAbortOf = (act) => (url, init) => {
  init.signal.addEventListener("abort", act);
  return fetch(url, init);
};

export default [
  ...PLACES.flatMap(([place, world, options, abortWhen, known, closes]) => [
    {
      name: `abort ${place}`,
      world, options, abortWhen, closes,
      ends: { code: "aborted", name: "AbortError", status: null, retryable: false, ...known },
    },
    {
      name: `timeout ${place}`,
      world, closes,
      // A wait that would miss the deadline is not begun: there the call ends early.
      options: { ...options, ...(options.poll && { poll: { firstDelay: 200, maxDelay: 200 } }), timeout: 300 },
      ends: known === IN_SUBMIT
        ? { code: "submit_outcome_unknown", status: null, ...known }
        : place.includes("between")
          ? { code: place.includes("polls") ? "service_unavailable" : "rate_limit_exceeded", retryAfter: 60_000, ...known }
          : { code: "timeout", name: "TimeoutError", status: null, retryable: true, ...known, ...(known === IN_WAIT && { gets: [1, 2] }) },
    },
  ]),

  {
    name: "abort before the call",
    call: ({ api }, options) => api.findPhone(ADA, { ...options, signal: AbortSignal.abort() }),
    ends: { code: "aborted", submitted: "no", requestId: null, posts: 0, gets: 0 },
  },
  {
    name: "abort before pollResult",
    call: ({ api }, options) => api.pollResult("some-id", { ...options, signal: AbortSignal.abort() }),
    ends: { code: "aborted", submitted: "yes", requestId: "some-id", posts: 0, gets: 0 },
  },
  {
    name: "abort in the same turn as the call",
    options: (context, abort) => ({ get requestTimeout() { queueMicrotask(abort); return 15_000; } }),
    ends: { code: "aborted", submitted: ["no", "unknown"], requestId: null, posts: [0, 1], gets: 0 },
  },
  {
    name: "abort after the end",
    world: { latencyMs: 0 },
    options: (context, abort) => ({ onStatus: ({ requestId, nextPollIn }) => requestId && nextPollIn === null && queueMicrotask(abort) }),
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 1 },
  },
  {
    name: "abort in onStatus, of the submit",
    options: (context, abort) => ({ onStatus: ({ requestId }) => requestId && abort() }),
    ends: { code: "aborted", submitted: "yes", requestId: "known", posts: 1, gets: 0 },
  },
  {
    name: "abort in onStatus, of a poll",
    world: ENDLESS,
    options: (context, abort) => ({ onStatus: ({ polls }) => polls === 1 && abort() }),
    ends: { code: "aborted", submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },
  {
    name: "abort in onStatus, of the last poll",
    world: { latencyMs: 0 },
    options: (context, abort) => ({ onStatus: ({ requestId, nextPollIn }) => requestId && nextPollIn === null && abort() }),
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 1 },
  },
  {
    name: "abort in onStatus, which then throws",
    options: (context, abort) => ({ onStatus({ requestId }) { if (requestId) abort(); throw new Error("out of onStatus"); } }),
    call: quietly,
    ends: { code: "aborted", submitted: "yes", requestId: "known", posts: 1, gets: 0 },
  },
  {
    name: "abort inside the fetch of the submit",
    options: (context, abort) => ({ fetch: sent(abort, "POST") }),
    ends: { code: "aborted", submitted: "unknown", requestId: null, posts: [0, 1], gets: 0 },
  },
  {
    name: "abort inside the fetch of a poll",
    options: (context, abort) => ({ fetch: sent(abort, "GET") }),
    ends: { code: "aborted", submitted: "yes", requestId: "known", posts: 1, gets: [0, 1] },
  },
  {
    name: "abort inside the fetch, which then throws",
    options: (context, abort) => ({ fetch() { abort(); throw new Error("out of fetch"); } }),
    ends: { code: "aborted", submitted: "unknown", requestId: null, posts: 0, gets: 0 },
  },
  {
    name: "abort while requestTimeout cancels a poll",
    world: { faults: [onGet(hang("start"), ALWAYS)] },
    options: (context, abort) => ({ requestTimeout: 250, fetch: (url, init) => (init.method === "GET" ? onAbortOf(abort) : fetch)(url, init) }),
    ends: { code: "aborted", submitted: "yes", requestId: "known", posts: 1, gets: 1 },
    closes: "GET",
  },
  {
    name: "abort twice, with another reason",
    world: { faults: [onPost(hang("start"))] },
    async call({ api }, options) {
      const controller = new AbortController();
      const lookup = api.findPhone(ADA, { ...options, signal: controller.signal });
      setTimeout(() => (controller.abort("first"), controller.abort("second")), 100);
      return lookup;
    },
    ends: { code: "aborted", cause: "first", submitted: "unknown", requestId: null, posts: 1, gets: 0 },
    closes: "POST",
  },
  {
    name: "a signal that times out",
    world: { faults: [onGet(hang("body"), ALWAYS)] },
    call: ({ api }, options) => api.findPhone(ADA, { ...options, signal: AbortSignal.timeout(300) }),
    ends: { code: "timeout", name: "TimeoutError", submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: 1 },
    closes: "GET",
  },
  {
    name: "a timeout of 1 ms",
    world: { faults: [onPost(hang("start"))] },
    options: { timeout: 1 },
    ends: { code: ["submit_outcome_unknown", "timeout"], submitted: ["unknown", "no"], requestId: null, posts: [0, 1], gets: 0 },
  },
  {
    name: "a timeout of 1 ms for pollResult",
    world: { faults: [onGet(hang("start"))] },
    options: { timeout: 1 },
    call: ({ api }, options) => api.pollResult("some-id", options),
    ends: { code: "timeout", submitted: "yes", requestId: "some-id", posts: 0, gets: [0, 1] },
  },
];

/** findPhone, without what onStatus throws in the console. */
async function quietly({ api }, options) {
  const { error } = console;
  console.error = () => {};
  try {
    return await api.findPhone(ADA, options);
  } finally {
    console.error = error;
  }
}
