// When requests are sent and when calls give up, in virtual time and with the default options unless a case sets others.
// All times are milliseconds.

import { completed, failed, gatewayError, ID, pending, queued, refusal, reset, silence } from "../../support/answers.mjs";
import { equal, match, ok } from "../../support/check.mjs";
import { inNoTime } from "../../support/clock.mjs";
import { ADA, MOBILE } from "../../support/emulator.mjs";

const START = Date.UTC(2026, 0, 15, 10, 31);

// The documented defaults.
const FIRST_DELAY = 6_000;
const MAX_DELAY = 15_000;
const REQUEST_TIMEOUT = 15_000;
const TIMEOUT = 300_000;
const MAX_RETRIES = 5;
/** Chance lengthens or shortens a wait by up to a fifth. */
const LONGER = 1.2;
const SHORTER = 0.8;
/** Waits are rounded to whole milliseconds. */
const ROUNDING = 1;
const SECOND = 1_000;
const HOUR = 3_600_000;

/**
 * A Phone Finder without a network: answers submits and polls with what these lists make, the last one for ever, and takes
 * down when each request was sent.
 */
function phoneFinder(elapsed, { submits = [queued], polls = [pending] } = {}) {
  const sent = { submits: [], polls: [] };
  const next = (answers, times) => answers[Math.min(times.push(elapsed()), answers.length) - 1]();
  const fetch = async (url, { method }) => (method === "POST" ? next(submits, sent.submits) : next(polls, sent.polls));
  return { ...sent, fetch };
}

/** How a call of this service ends, when, and what it has sent. `call` is given the options. */
async function run({ api, keys }, call, service, options) {
  let finder;
  let ended;
  const outcome = await inNoTime(START, async (elapsed) => {
    finder = phoneFinder(elapsed, service);
    try {
      return await call(api, { ...keys, fetch: finder.fetch, ...options });
    } finally {
      ended = elapsed();
    }
  });
  return { ...outcome, ended, submits: finder.submits, polls: finder.polls };
}

/** The same for many lookups at once, each with a service of its own: a list of when each has sent what and ended. */
async function runMany(count, { keys }, findPhone, service, options) {
  const { result } = await inNoTime(START, (elapsed) => {
    const lookup = async () => {
      const { fetch, ...sent } = phoneFinder(elapsed, service);
      const outcome = await findPhone(ADA, { ...keys, fetch, ...options }).then(
        (result) => ({ result }),
        (error) => ({ error }),
      );
      return { ...sent, ...outcome, ended: elapsed() };
    };
    return Promise.all(Array.from({ length: count }, lookup));
  });
  return result;
}

const find = (api, options) => api.findPhone(ADA, options);
const submit = (api, options) => api.submitPhone(ADA, options);
const poll = (api, options) => api.pollResult(ID, options);
const check = (api, options) => api.checkStatus(ID, options);

const differences = (times) => times.slice(1).map((time, index) => time - times[index]);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values) => Math.max(...values) - Math.min(...values);

function within(values, least, most, what) {
  ok(values.length > 0, `there is no ${what}`);
  for (const value of values) ok(value >= least - ROUNDING && value <= most + ROUNDING, `${what} is ${value}, expected ${least} to ${most}`);
}

const isFirstWait = (waits) => within(waits, FIRST_DELAY, FIRST_DELAY * LONGER, "a first wait");

/** A client that has seen eight jobs that last a minute each and end with `last`. */
async function clientAfterLongJobs({ api, keys }, last) {
  const nyne = api.createClient(keys);
  for (let job = 0; job < 8; job++) {
    await inNoTime(START, (elapsed) => {
      const polled = () => (elapsed() < 60 * SECOND ? pending() : last());
      return nyne.findPhone(ADA, { fetch: phoneFinder(elapsed, { polls: [polled] }).fetch });
    });
  }
  return nyne;
}

/** Failures that are passed over: the service that has `times` of them in a row, and how long each takes. */
const FAILURES = [
  ["a submit that is answered with 429", (times) => ({ submits: [...times(() => refusal(429, "rate_limit_exceeded")), queued], polls: [done] })],
  ["a submit that is answered with Nyne's own 503", (times) => ({ submits: [...times(() => refusal(503, "service_unavailable")), queued], polls: [done] })],
  ["a poll that is answered with 500", (times) => ({ polls: [...times(() => gatewayError(500)), done] })],
  ["a poll whose connection breaks", (times) => ({ polls: [...times(reset), done] })],
  ["a poll without an answer", (times) => ({ polls: [...times(silence), done] }), REQUEST_TIMEOUT],
  ...["0", "1"].flatMap((seconds) => {
    const headers = { "Retry-After": seconds };
    return [
      [`a submit that is answered with 429 and Retry-After: ${seconds}`, (times) => ({ submits: [...times(() => refusal(429, "rate_limit_exceeded", headers)), queued], polls: [done] })],
      [`a poll that is answered with 503 and Retry-After: ${seconds}`, (times) => ({ polls: [...times(() => gatewayError(503, headers)), done] })],
    ];
  }),
];
const done = () => completed(MOBILE);

/** What asks for 7 s, or for as many as it says; where it is a date, the server's own clock says 08:49:37, some years ago. */
const CLOCK = { Date: "Sun, 06 Nov 1994 08:49:37 GMT" };
/** A server's clock that is 9 s ahead of the client's, and a Unix time 7 s later. */
const AHEAD = { Date: new Date(START + 9_000).toUTCString() };
const STAMP = START / 1000 + 16;
const SEVEN_SECONDS = [
  ["Retry-After in seconds", { "Retry-After": "7" }],
  ["Retry-After as a date", { "Retry-After": "Sun, 06 Nov 1994 08:49:44 GMT", ...CLOCK }],
  ["Retry-After as a date in the oldest form", { "Retry-After": "Sun Nov  6 08:49:44 1994", ...CLOCK }],
  ["Retry-After with a fraction", { "Retry-After": "2.4" }, 2.4],
  ["Retry-After as a list", { "Retry-After": "3, 7, 5" }],
  ["Retry-After as a list that holds a date", { "Retry-After": "3, Sun, 06 Nov 1994 08:49:44 GMT", ...CLOCK }],
  ["Retry-After as an ISO date", { "Retry-After": "1994-11-06T08:49:44Z", ...CLOCK }],
  ["Retry-After as an ISO date of another zone", { "Retry-After": "1994-11-06T10:49:44.500+02:00", ...CLOCK }],
  ["Retry-After as a Unix time", { "Retry-After": String(STAMP), ...AHEAD }],
  ["Retry-After as a Unix time in ms", { "Retry-After": String(STAMP * 1000), ...AHEAD }],
  ["RateLimit-Reset as a Unix time", { "RateLimit-Reset": String(STAMP), ...AHEAD }],
  ["X-RateLimit-Reset as a Unix time", { "X-RateLimit-Reset": String(STAMP), ...AHEAD }],
  ["X-RateLimit-Reset as a Unix time in ms", { "X-RateLimit-Reset": String(STAMP * 1000), ...AHEAD }],
  ["X-RateLimit-Reset in seconds", { "X-RateLimit-Reset": "7" }],
  ["Retry-After of 300 years beside a good RateLimit-Reset", { "Retry-After": "9999999999", "RateLimit-Reset": "7" }],
  ["RateLimit-Reset", { "RateLimit-Reset": "7" }],
];
const NO_LIMITS = { requestsPerMinute: Infinity, requestsPerHour: Infinity };
const QUICK = { poll: { firstDelay: 5, maxDelay: 20 } };

export default [
  {
    name: "schedule: waits grow with the time already waited, up to maxDelay, and chance spreads them",
    async run(context) {
      const lookups = await runMany(200, context, context.api.findPhone);
      for (const { error } of lookups) await context.fails(Promise.reject(error), { code: "timeout", requestId: ID });
      isFirstWait(lookups.map(({ polls }) => polls[0]));
      // The last poll is placed by the deadline and not by the schedule.
      const later = lookups.flatMap(({ polls }) => differences(polls.slice(0, -1)).map((wait, index) => ({ wait, age: polls[index] })));
      const waits = (from, to) => later.filter(({ age }) => age >= from && age < to).map(({ wait }) => wait);
      within(waits(0, TIMEOUT), FIRST_DELAY * SHORTER, MAX_DELAY, "a later wait");
      within(waits(0, 1.5 * FIRST_DELAY), FIRST_DELAY * SHORTER, FIRST_DELAY * LONGER, "a second wait");
      within(waits(90 * SECOND, TIMEOUT), MAX_DELAY * SHORTER, MAX_DELAY, "a late wait");
      const inBetween = mean(waits(12 * SECOND, 18 * SECOND));
      ok(inBetween > FIRST_DELAY * LONGER && inBetween < MAX_DELAY * SHORTER, `waits after some 15 s are ${inBetween} on average`);
      const [first, late] = [lookups.map(({ polls }) => polls[0]), waits(90 * SECOND, TIMEOUT)];
      for (const some of [first, late]) ok(spread(some) > 0.1 * mean(some), `200 lookups spread over ${spread(some)} of ${mean(some)}`);
    },
  },
  {
    name: "schedule: a lookup ends at its timeout, and its last poll comes just before that",
    async run(context) {
      for (const { ended, polls } of await runMany(20, context, context.api.findPhone)) {
        within([ended], TIMEOUT - 2 * SECOND, TIMEOUT, "the end");
        within([polls.at(-1)], TIMEOUT - 2 * SECOND, TIMEOUT - 1, "the last poll");
      }
    },
  },
  {
    name: "schedule: polls come when onStatus has announced them",
    async run(context) {
      const announced = [];
      const onStatus = ({ requestId, elapsed, nextPollIn }) => requestId && nextPollIn !== null && announced.push(elapsed + nextPollIn);
      const { polls } = await run(context, find, { polls: [pending, () => gatewayError(502), pending, pending, done] }, { onStatus });
      ok(announced.length >= 4, `${announced.length} polls were announced`);
      // One that follows a failed poll need not be announced.
      for (const time of announced) ok(polls.some((poll) => Math.abs(poll - time) <= 2), `no poll came at ${time}: ${polls}`);
    },
  },
  {
    name: "schedule: a client that has seen long jobs waits longer at first, and not past a maxDelay that is given",
    async run(context) {
      const nyne = await clientAfterLongJobs(context, done);
      for (const [options, least, most] of [
        // What was learned is lengthened or shortened by up to a tenth.
        [{}, 54 * SECOND, (60 * SECOND + MAX_DELAY) * 1.1],
        [{ poll: { maxDelay: MAX_DELAY } }, MAX_DELAY * 0.9, MAX_DELAY * 1.1],
      ]) {
        const lookups = await runMany(50, context, nyne.findPhone, {}, { ...NO_LIMITS, ...options });
        within(lookups.map(({ polls }) => polls[0]), least, most, "a first wait after long jobs");
        within(lookups.flatMap(({ polls }) => differences(polls.slice(0, -1))), FIRST_DELAY * SHORTER, MAX_DELAY, "a later wait");
      }
    },
  },
  {
    name: "schedule: jobs that fail late teach a client nothing",
    async run(context) {
      const nyne = await clientAfterLongJobs(context, () => failed("No source."));
      isFirstWait((await runMany(20, context, nyne.findPhone, {}, NO_LIMITS)).map(({ polls }) => polls[0]));
    },
  },
  {
    name: "schedule: calls without a client learn nothing from each other",
    async run(context) {
      const long = { polls: [...Array(12).fill(pending), done] };
      for (let job = 0; job < 9; job++) await run(context, find, long);
      isFirstWait((await runMany(20, context, context.api.findPhone)).map(({ polls }) => polls[0]));
    },
  },

  ...FAILURES.map(([what, service, takes = 0]) => ({
    name: `backoff: after ${what} the wait is at least the schedule's, and grows`,
    async run(context) {
      const times = (answer) => Array(MAX_RETRIES).fill(answer);
      const lookups = await runMany(60, context, context.api.findPhone, service(times));
      equal(lookups.filter(({ result }) => result?.mobile === MOBILE).length, lookups.length, "lookups that found their number");
      const waits = lookups.map(({ submits, polls }) => differences(submits.length > 1 ? submits : polls).map((wait) => wait - takes));
      equal(waits[0].length, MAX_RETRIES, "retries");
      within(waits.flat(), FIRST_DELAY * SHORTER, MAX_DELAY * LONGER + MAX_DELAY, "a wait");
      const longer = waits.flat().filter((wait) => wait > FIRST_DELAY + ROUNDING).length / waits.flat().length;
      ok(longer > 0.8, `only ${longer} of the waits are longer than the schedule's shortest`);
      const nth = (n) => waits.map((of) => of[n]);
      ok(mean(nth(4)) > 1.2 * mean(nth(0)), `the waits are ${mean(nth(0))} at first and ${mean(nth(4))} at last, on average`);
      for (const n of [0, 4]) ok(spread(nth(n)) > 0.1 * mean(nth(n)), `the waits spread over ${spread(nth(n))}`);
    },
  })),
  ...SEVEN_SECONDS.flatMap(([form, headers, seconds = 7]) =>
    [[429, "rate_limit_exceeded"], [503, "service_unavailable"]].map(([status, code]) => ({
      name: `backoff: a ${status} with ${form} is followed by a wait of that length, for a submit and for a poll`,
      async run(context) {
        const refused = () => refusal(status, code, headers);
        const { submits, polls } = await run(context, find, { submits: [refused, queued], polls: [refused, done] }, QUICK);
        within([...differences(submits), ...differences(polls)], seconds * SECOND, (seconds + 0.2) * SECOND, "the wait");
      },
    })),
  ),
  {
    name: "backoff: Retry-After of a good answer lengthens the wait for the next poll",
    async run(context) {
      const service = { submits: [() => queued({ "Retry-After": "20" })], polls: [() => pending({ "Retry-After": "25" }), done] };
      const { result, polls } = await run(context, find, service);
      equal(result?.mobile, MOBILE, "mobile");
      within([polls[0]], 20 * SECOND, 20 * SECOND * LONGER, "the wait after the submit");
      within(differences(polls), 25 * SECOND, 25 * SECOND * LONGER, "the wait after the poll");
    },
  },
  {
    name: "backoff: Retry-After of a good answer is in checkStatus's pollAfter",
    async run(context) {
      const { result } = await run(context, check, { polls: [() => pending({ "Retry-After": "20" })] });
      within([result?.pollAfter], 20 * SECOND, 20 * SECOND * LONGER, "pollAfter");
    },
  },
  ...[
    ["submit", find, { submits: [() => queued({ "Retry-After": "3600" })] }, 0],
    ["poll", poll, { polls: [() => pending({ "Retry-After": "3600" })] }, 1],
  ].map(([what, call, service, count]) => ({
    name: `backoff: Retry-After of a ${what}'s good answer that is past the deadline ends the call at once`,
    async run(context) {
      const { error, ended, polls } = await run(context, call, service);
      await context.fails(Promise.reject(error), { code: "timeout", submitted: "yes", requestId: ID, retryable: true, retryAfter: HOUR });
      equal([ended, polls.length], [0, count], "the time of the end and the count of polls");
    },
  })),
  {
    name: "backoff: a 500 with Retry-After to one call of a client does not hold up another",
    async run(context) {
      const { api, keys } = context;
      let others;
      await inNoTime(START, async (elapsed) => {
        const nyne = api.createClient(keys);
        const failing = phoneFinder(elapsed, { polls: [() => gatewayError(500, { "Retry-After": "200" }), done] });
        others = phoneFinder(elapsed, { polls: [done] });
        const first = nyne.pollResult(ID, { fetch: failing.fetch });
        const second = new Promise((resolve) => setTimeout(resolve, SECOND)).then(() => nyne.findPhone(ADA, { fetch: others.fetch }));
        await Promise.all([first, second]);
      });
      equal(others.submits, [SECOND], "when the other call submitted");
      within(differences([SECOND, ...others.polls]), FIRST_DELAY, FIRST_DELAY * LONGER, "its wait");
    },
  },

  ...[
    ["checkStatus", check, {}, REQUEST_TIMEOUT, { code: "timeout", submitted: "yes", requestId: ID }],
    ["submitPhone", submit, {}, REQUEST_TIMEOUT, { code: "submit_outcome_unknown", submitted: "unknown" }],
    ["findPhone", find, {}, REQUEST_TIMEOUT, { code: "submit_outcome_unknown", submitted: "unknown" }],
    ["findPhone without requestTimeout", find, { requestTimeout: Infinity }, TIMEOUT, { code: "submit_outcome_unknown", submitted: "unknown" }],
    ["pollResult without requestTimeout", poll, { requestTimeout: Infinity }, TIMEOUT, { code: "timeout", submitted: "yes", requestId: ID }],
    ["pollResult without a limit of retries", poll, { maxRetries: Infinity }, TIMEOUT, { code: "timeout", submitted: "yes", requestId: ID }],
  ].map(([what, call, options, limit, expected]) => ({
    name: `timeout: ${what} gives up a fetch that never settles after ${limit} ms`,
    async run(context) {
      const { error, ended } = await run(context, call, { submits: [silence], polls: [silence] }, options);
      await context.fails(Promise.reject(error), expected);
      // A retry that would come too late for the deadline is not made.
      within([ended], options.maxRetries ? limit - REQUEST_TIMEOUT - 2 * MAX_DELAY : limit, limit, "the end");
    },
  })),
  {
    name: "timeout: submitPhone gives up a service that always refuses within its timeout",
    async run(context) {
      const refused = () => refusal(429, "rate_limit_exceeded");
      const { error, ended, submits } = await run(context, submit, { submits: [refused] }, { maxRetries: Infinity });
      await context.fails(Promise.reject(error), { code: ["rate_limit_exceeded", "timeout"], submitted: "no", requestId: null });
      within([ended], TIMEOUT - 2 * MAX_DELAY, TIMEOUT, "the end");
      within(differences(submits), FIRST_DELAY * SHORTER, MAX_DELAY * LONGER + MAX_DELAY, "a wait");
    },
  },
  {
    name: "timeout: submitPhone ends at once when it is told to wait for longer",
    async run(context) {
      const refused = () => refusal(429, "rate_limit_exceeded", { "Retry-After": "3600" });
      const { error, ended, submits } = await run(context, submit, { submits: [refused] });
      await context.fails(Promise.reject(error), { code: "rate_limit_exceeded", submitted: "no", requestId: null, retryAfter: HOUR });
      equal([ended, submits.length], [0, 1], "the time of the end and the count of submits");
    },
  },
  {
    name: "timeout: a lookup without one waits out what no timer can hold",
    async run(context) {
      // One second more than 2^31 ms.
      const wait = 2_147_484 * SECOND;
      const refused = () => refusal(429, "rate_limit_exceeded", { "Retry-After": String(wait / SECOND) });
      const asked = await run(context, poll, { polls: [refused, done] }, { timeout: Infinity });
      equal(asked.result?.mobile, MOBILE, "mobile");
      within(differences(asked.polls), wait, wait + 2 * MAX_DELAY, "the wait that Retry-After asks for");

      const firstDelay = 2 ** 40;
      const own = await run(context, find, { polls: [done] }, { timeout: Infinity, poll: { firstDelay, maxDelay: firstDelay } });
      equal(own.result?.mobile, MOBILE, "mobile");
      within(own.polls, firstDelay, firstDelay * LONGER, "the wait of firstDelay");
    },
  },

  {
    name: "submittedAt is the time of the submit",
    async run(context) {
      const late = () => new Promise((resolve) => setTimeout(() => resolve(queued()), SECOND));
      const { result } = await run(context, submit, { submits: [late] });
      match(result.submittedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "submittedAt");
      within([Date.parse(result.submittedAt)], START, START + SECOND, "submittedAt");
    },
  },
  {
    name: "pollResult continues the schedule by a request's own age",
    async run(context) {
      for (const [age, least, most] of [[2_000, 0, FIRST_DELAY * LONGER - 2_000], [HOUR, 0, 0], [-24 * HOUR, 0, FIRST_DELAY * LONGER]]) {
        const request = { requestId: ID, submittedAt: new Date(START - age).toISOString() };
        const { result, polls } = await run(context, (api, options) => api.pollResult(request, options), { polls: [done] });
        equal(result?.mobile, MOBILE, `mobile of a request that is ${age} ms old`);
        within(polls, least, most, `the first poll of a request that is ${age} ms old`);
      }
    },
  },
  {
    name: "the age of a job is counted from its submit, also across a refusal",
    async run(context) {
      const refused = () => refusal(429, "rate_limit_exceeded", { "Retry-After": "100" });
      const { submits, polls } = await run(context, find, { submits: [refused, queued], polls: [pending, done] });
      isFirstWait([polls[0] - submits[1]]);
      within(differences(polls), FIRST_DELAY * SHORTER, FIRST_DELAY * LONGER, "the second wait");
    },
  },
];
