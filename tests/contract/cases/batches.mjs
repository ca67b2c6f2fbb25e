// findPhones: many people under one budget, lazily, with an outcome for each, and a store from which a batch goes on.

import { answer, refusal } from "../../support/answers.mjs";
import { wait } from "../../support/case.mjs";
import { equal, ok } from "../../support/check.mjs";
import { inNoTime } from "../../support/clock.mjs";
import { ADA, MOBILE } from "../../support/emulator.mjs";
import { countedSignal, watchTimers } from "../../support/leftovers.mjs";

const START = Date.UTC(2026, 0, 15, 10, 31);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Requests at once, whatever the concurrency. */
const MOST_OPEN = 6;
const UNLIMITED = { requestsPerMinute: Infinity, requestsPerHour: Infinity };
const QUICK = { poll: { firstDelay: 1, maxDelay: 5 } };
/** A world that does not count requests. */
const BOUNDLESS = { latencyMs: 0, perMinute: 1e9, perHour: 1e9, credits: 1e9 };

const person = (number) => ({ email: `p${number}@example.com` });
const people = (count) => Array.from({ length: count }, (_, number) => person(number));
const idOf = ({ email }) => `job-of-${email}`;
const mobileOf = (id) => `number of ${id}`;

const job = (request_id, fields) => ({ success: true, data: { request_id, ...fields } });
const accepted = (query) => answer(202, job(idOf(query), { status: "queued" }));
const running = (id) => answer(200, job(id, { status: "processing" }));
const done = (id) => answer(200, job(id, { status: "completed", completed: true, result: { mobile: mobileOf(id) } }));
const failed = (id) => answer(200, job(id, { status: "failed", error: "No source." }));

/**
 * A Phone Finder without a network. `submit` is given the query and the number of the submit, `poll` the id and how often
 * that job was asked for; what they return is the answer, which takes `ms`. It takes down what was sent, when by `elapsed`,
 * and how many requests were open at a time.
 */
function phoneFinder({ submit = accepted, poll = done, ms = 0, elapsed = () => 0 } = {}) {
  const polls = {};
  const finder = { posts: [], gets: [], times: [], open: 0, mostOpen: 0 };
  finder.fetch = async (url, { method, body, signal }) => {
    finder.mostOpen = Math.max(finder.mostOpen, ++finder.open);
    finder.times.push(elapsed());
    try {
      if (ms > 0) await wait(ms);
      signal?.throwIfAborted();
      if (method === "POST") {
        const query = JSON.parse(body);
        finder.posts.push(query.email);
        return await submit(query, finder.posts.length);
      }
      const id = new URL(url).searchParams.get("request_id");
      finder.gets.push(id);
      return await poll(id, (polls[id] = (polls[id] ?? 0) + 1));
    } finally {
      finder.open--;
    }
  };
  return finder;
}

/** The options of a batch that asks this Phone Finder, without limits. */
const asking = ({ keys }, finder, options) => ({ ...keys, ...QUICK, ...UNLIMITED, fetch: finder.fetch, ...options });

/** All outcomes of a batch, and what the iteration ended with, if it threw. */
async function collect(batch) {
  const outcomes = [];
  try {
    for await (const outcome of batch) outcomes.push(outcome);
    return { outcomes };
  } catch (error) {
    return { outcomes, error };
  }
}

/** The outcomes of a batch that must not throw, in the order of the queries. */
async function inOrder(batch) {
  const { outcomes, error } = await collect(batch);
  if (error) throw error;
  return outcomes.sort((one, other) => one.index - other.index);
}

/** What each outcome says, in a word: "found", or its error's code. */
const words = (outcomes) => outcomes.map(({ ok, error }) => (ok ? "found" : error.code));

/** Each outcome of one of these queries, with the number of that very person. */
function areFound(outcomes, queries) {
  equal(outcomes.map(({ index }) => index), [...queries.keys()], "the indices");
  for (const { index, query, result, error } of outcomes) {
    ok(query === queries[index], `outcome ${index} has another query`);
    equal(error?.code ?? result.mobile, mobileOf(idOf(query)), `the number of query ${index}`);
  }
}

/** A list of queries as an iterator that takes down how many were taken and how often it was told to clean up. */
function source(queries, { ends = true } = {}) {
  const self = {
    taken: 0,
    returned: 0,
    next: () => (self.taken < queries.length ? { done: false, value: queries[self.taken++] } : ends ? { done: true } : new Promise(() => {})),
    return: () => (self.returned++, { done: true }),
    [Symbol.iterator]: () => self,
  };
  return self;
}

/** A promise that is rejected, of which nobody need hear before the batch does. */
function rejected(thrown) {
  const promise = Promise.reject(thrown);
  promise.catch(() => {});
  return promise;
}

/** A gate in the way of answers. */
function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  const self = { waiting: 0, open, passed: () => (self.waiting++, opened) };
  return self;
}

const until = async (what, condition) => {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 1_000) throw new Error(`${what}: not within 2 s`);
    await wait(2);
  }
};

/** Long enough for all that may happen without a further answer. */
const settled = () => wait(30);

/** A store that keeps claims as JSON and takes down what it is asked and told. */
function memoryStore({ isAsync = false, events = [], kept = {} } = {}) {
  const later = (value) => (isAsync ? wait(2).then(() => value) : value);
  return {
    events,
    kept,
    get(key) {
      events.push(`get ${JSON.parse(key).email}`);
      return later(kept[key] === undefined ? null : JSON.parse(kept[key]));
    },
    set(key, claim) {
      const what = claim === null ? "nothing" : claim.result ? "result" : claim.requestId ? "id" : "claim";
      events.push(`${what} ${JSON.parse(key).email}`);
      if (claim === null) delete kept[key];
      else kept[key] = JSON.stringify(claim);
      return later(undefined);
    },
  };
}

const keyOf = (query) => JSON.stringify(query);
const now = () => new Date().toISOString();

/** The most of these times that are within a span. */
const mostWithin = (times, span) =>
  Math.max(...times.map((time, index) => times.slice(index).findIndex((other) => other >= time + span)).map((count, index) => (count < 0 ? times.length - index : count)));

/** Runs a batch in virtual time: its outcomes, what it threw, the Phone Finder, and when it was over. */
async function inVirtualTime(context, queries, service, options, begin = (nyne, batch) => collect(batch)) {
  let finder;
  let ended;
  const { result, error } = await inNoTime(START, async (elapsed) => {
    finder = phoneFinder({ elapsed, ...(typeof service === "function" ? service(elapsed) : service) });
    const nyne = context.api.createClient({ ...context.keys, fetch: finder.fetch, ...options });
    const end = await begin(nyne, nyne.findPhones(queries));
    ended = elapsed();
    return end;
  });
  if (error) throw error;
  return { ...result, finder, ended };
}

/** A service whose jobs take so many ms from their submit. */
const lasting = (length) => (elapsed) => {
  const submitted = {};
  return {
    ms: 200,
    submit: (query) => ((submitted[idOf(query)] = elapsed()), accepted(query)),
    poll: (id) => (elapsed() - submitted[id] >= length ? done(id) : running(id)),
  };
};

const SOURCES = [
  ["a list", (queries) => queries],
  ["a set", (queries) => new Set(queries)],
  ["the values of a map", (queries) => new Map(queries.entries()).values()],
  ["a generator", function* (queries) { yield* queries; }],
  ["an async generator", async function* (queries) { for (const query of queries) { await wait(1); yield query; } }],
  ["a list of promises", (queries) => queries.map(async (query) => (await wait(1), query))],
  ["an async iterator that gives promises of queries", (queries) => {
    let taken = 0;
    const next = async () => (taken < queries.length ? { done: false, value: Promise.resolve(queries[taken++]) } : { done: true });
    return { [Symbol.asyncIterator]: () => ({ next: () => ({ then: (resolve) => next().then(resolve) }) }) };
  }],
  ["an object with both kinds of iterator, of which the async one counts", (queries) => ({
    async *[Symbol.asyncIterator]() { yield* queries; },
    [Symbol.iterator]() { throw new Error("the wrong one"); },
  })],
];

/** For cases that wait for hours. */
const NOT_IN_A_WORKER = {
  hosts: ["node", "chromium"],
  because: "in a Worker each lookup looks for its turn ten times a second, so virtual hours take too many turns",
};

/** Rate limits, as they come in answer to one request or to several. */
const LIMITS = [
  ["Nyne's own 429", () => refusal(429, "rate_limit_exceeded")],
  ["Nyne's own 429 with Retry-After", () => refusal(429, "rate_limit_exceeded", { "Retry-After": "7" }), 7 * SECOND],
  ["Nyne's own 429 for an hour, longer than the timeout", () => refusal(429, "rate_limit_exceeded", { "Retry-After": "3600" }), HOUR],
  ["a proxy's 429 with Retry-After", () => answer(429, "<html>", { "Retry-After": "7" }), 7 * SECOND],
];

const WRONG_CALLS = [
  ["no queries", (api, options) => api.findPhones(undefined, options), /queries/i],
  ["a text", (api, options) => api.findPhones("ada@example.com", options), /queries/i],
  ["a query instead of a list", (api, options) => api.findPhones(ADA, options), /queries/i],
  ["null", (api, options) => api.findPhones(null, options), /queries/i],
  ["concurrency: 0", (api, options) => api.findPhones([], { ...options, concurrency: 0 }), /concurrency/],
  ["concurrency: 1.5", (api, options) => api.findPhones([], { ...options, concurrency: 1.5 }), /concurrency/],
  ["requestsPerMinute: 0", (api, options) => api.findPhones([], { ...options, requestsPerMinute: 0 }), /requestsPerMinute/],
  ["requestsPerHour as a text", (api, options) => api.findPhones([], { ...options, requestsPerHour: "1000" }), /requestsPerHour/],
  ["a store without get", (api, options) => api.findPhones([], { ...options, store: { set() {} } }), /store/],
  ["a store without set", (api, options) => api.findPhones([], { ...options, store: { get() {} } }), /store/],
  ["a Map as a store is fine, a list is not", (api, options) => api.findPhones([], { ...options, store: [] }), /store/],
  ["resubmitUnknown: 1", (api, options) => api.findPhones([], { ...options, resubmitUnknown: 1 }), /resubmitUnknown/],
  ["an unknown option", (api, options) => api.findPhones([], { ...options, concurency: 5 }), /concurrency/],
  ["no keys", (api) => api.findPhones([]), /apiKey/],
];

export default [
  // The queries.

  ...SOURCES.map(([what, make]) => ({
    name: `batch: ${what}: an outcome for each query, with its index and the very query`,
    async run(context) {
      const queries = people(9);
      const outcomes = await inOrder(context.api.findPhones(make(queries), asking(context, phoneFinder(), { concurrency: 4 })));
      areFound(outcomes, queries);
      for (const outcome of outcomes) equal(Object.keys(outcome), ["index", "query", "ok", "result"], "the fields of an outcome");
    },
  })),
  {
    name: "batch: over the network, a client's options bound, the numbers are found",
    world: { ...BOUNDLESS, latencyMs: 20 },
    async run(context) {
      const { findPhones } = context.api.createClient({ ...context.options, ...UNLIMITED });
      const outcomes = await inOrder(findPhones([ADA, { email: "nomobile@example.com" }, { email: "nobody@example.com" }], { concurrency: 2 }));
      equal(outcomes.map(({ result }) => result?.mobile), [MOBILE, null, null], "the numbers");
      await context.counts({ posts: 3 });
    },
  },
  {
    name: "batch: no query, no outcome",
    async run(context) {
      const finder = phoneFinder();
      equal((await collect(context.api.findPhones([], asking(context, finder)))).outcomes, []);
      equal(finder.times.length, 0, "requests");
    },
  },
  {
    name: "batch: nothing is taken before the first next(), and then no more than may be in flight",
    async run(context) {
      const everybody = people(20);
      const queries = source(everybody);
      const held = gate();
      const finder = phoneFinder({ submit: (query) => held.passed().then(() => accepted(query)) });
      const batch = context.api.findPhones(queries, asking(context, finder, { concurrency: 3 }));
      await settled();
      equal([queries.taken, finder.times.length], [0, 0], "queries taken and requests before next()");
      const first = batch.next();
      await until("three submits", () => held.waiting === 3);
      await settled();
      equal([queries.taken, held.waiting], [3, 3], "queries taken and submits");
      held.open();
      const outcomes = [(await first).value, ...(await collect(batch)).outcomes];
      areFound(outcomes.sort((one, other) => one.index - other.index), everybody);
    },
  },
  {
    name: "batch: outcomes that nobody takes count as in flight",
    async run(context) {
      const queries = source(people(30));
      const batch = context.api.findPhones(queries, asking(context, phoneFinder(), { concurrency: 4 }));
      for (let taken = 1; taken <= 30; taken++) {
        ok(!(await batch.next()).done, "the batch ended early");
        await wait(5);
        ok(queries.taken <= taken + 4, `${queries.taken} queries are taken when ${taken} outcomes are`);
      }
      equal((await batch.next()).done, true, "done");
    },
  },
  {
    name: "batch: outcomes come in the order in which lookups end",
    async run(context) {
      const poll = (id, times) => (id === idOf(person(0)) && times < 5 ? running(id) : done(id));
      const { outcomes } = await collect(context.api.findPhones(people(6), asking(context, phoneFinder({ poll, ms: 5 }))));
      equal([outcomes.length, outcomes.at(-1).index], [6, 0], "the count of outcomes, and the last");
    },
  },
  {
    name: "batch: a failed job and wrong queries are outcomes, and the others are found",
    async run(context) {
      const throwing = { get email() { throw new Error("getter"); } };
      const wrong = [throwing, 7, { company: "Example Corp" }, null, undefined, "ada@example.com", { email: 7 }, { mail: "ada@example.com" }];
      const queries = [...people(2), ...wrong, person(2)];
      const poll = (id) => (id === idOf(person(1)) ? failed(id) : done(id));
      const finder = phoneFinder({ poll });
      const outcomes = await inOrder(context.api.findPhones(queries, asking(context, finder)));
      equal(words(outcomes), ["found", "job_failed", ...wrong.map(() => "invalid_argument"), "found"]);
      for (const { index, query, error } of outcomes) {
        ok(query === queries[index], `outcome ${index} has another query`);
        if (error) context.isSound(error);
        if (error?.code === "invalid_argument") equal(error.submitted, "no", "submitted");
      }
      equal([outcomes[1].error.requestId, outcomes[1].error.data.error], [idOf(person(1)), "No source."], "the failed job's id and reason");
      equal(finder.posts.length, 3, "submits");
    },
  },
  {
    name: `batch: at most ${MOST_OPEN} requests at once, however many lookups are in flight`,
    async run(context) {
      const finder = phoneFinder({ ms: 3, poll: (id, times) => (times < 3 ? running(id) : done(id)) });
      const everybody = people(60);
      areFound(await inOrder(context.api.findPhones(everybody, asking(context, finder, { concurrency: 60 }))), everybody);
      equal(finder.mostOpen, MOST_OPEN, "the most requests at once");
    },
  },
  {
    name: "batch: equal queries are looked up once, also when that failed; a callback's address makes no difference",
    async run(context) {
      const again = { email: person(0).email, callbackUrl: "https://example.com/nyne", name: null };
      const queries = [person(0), person(1), again, person(0), person(1), { ...person(0), name: "Ada" }];
      const poll = (id) => (id === idOf(person(1)) ? failed(id) : done(id));
      for (const concurrency of [1, 6]) {
        const finder = phoneFinder({ poll, ms: 2 });
        const outcomes = await inOrder(context.api.findPhones(queries, asking(context, finder, { concurrency })));
        equal(words(outcomes), ["found", "job_failed", "found", "found", "job_failed", "found"]);
        ok(outcomes.every(({ index, query }) => query === queries[index]), "an outcome has another query");
        equal(outcomes[4].error.requestId, idOf(person(1)), "the id in the second failure");
        equal(finder.posts.length, 3, "submits");
      }
    },
  },
  ...[
    ["a generator", function* (thrown) { yield person(0); yield person(1); throw thrown; }],
    ["an async generator", async function* (thrown) { yield person(0); yield person(1); throw thrown; }],
    ["a promise that is rejected", (thrown) => [person(0), person(1), rejected(thrown), person(2)]],
    ["an iterator without objects", (thrown) => ({ [Symbol.iterator]: () => ({ queries: [person(0), person(1)], next() { return this.queries.length > 0 ? { value: this.queries.shift() } : 7; } }) }), TypeError],
  ].map(([what, make, Kind]) => ({
    name: `batch: ${what} that fails ends the batch with that very error, after the lookups in flight`,
    async run(context) {
      const thrown = new Error("no more rows");
      const batch = context.api.findPhones(make(thrown), asking(context, phoneFinder({ ms: 5 })));
      const { outcomes, error } = await collect(batch);
      equal(words(outcomes), ["found", "found"]);
      ok(Kind ? error instanceof Kind : error === thrown, `the iteration threw ${error}`);
      equal(await batch.next(), { done: true, value: undefined }, "next() after that");
    },
  })),
  {
    name: "batch: the source cleans up once on break, on abort and if a query is rejected, and never after its own end",
    async run(context) {
      const begin = (queries, options) => context.api.findPhones(queries, asking(context, phoneFinder({ ms: 2 }), { concurrency: 2, ...options }));
      const left = source(people(9));
      for await (const _ of begin(left)) break;
      equal(left.returned, 1, "after a break");
      const controller = new AbortController();
      const aborted = source(people(9));
      const batch = begin(aborted, { signal: controller.signal });
      await batch.next();
      controller.abort();
      await collect(batch);
      equal(aborted.returned, 1, "after an abort");
      const spoilt = source([person(0), rejected(new Error("no row"))]);
      ok((await collect(begin(spoilt))).error, "nothing was thrown");
      equal(spoilt.returned, 1, "after a rejected query");
      const over = source(people(3));
      equal((await collect(begin(over))).outcomes.length, 3, "outcomes");
      equal(over.returned, 0, "after its end");
      const throwing = { ...source([]), next() { throw new Error("no row"); }, [Symbol.iterator]() { return this; } };
      ok((await collect(begin(throwing))).error, "nothing was thrown");
      equal(throwing.returned, 0, "after it threw");
    },
  },

  // The limits.

  {
    name: "batch: the limits of a minute and of an hour hold, for a batch and single lookups of one client together",
    ...NOT_IN_A_WORKER,
    async run(context) {
      const limits = { requestsPerMinute: 10, requestsPerHour: 60 };
      const { outcomes, single, finder } = await inVirtualTime(context, people(60), lasting(20 * SECOND), limits, async (nyne, batch) => {
        const alone = Promise.all([100, 101, 102].map((number) => nyne.findPhone(person(number), { timeout: Infinity })));
        return { ...(await collect(batch)), single: await alone };
      });
      equal(words(outcomes), Array(60).fill("found"));
      equal(single.map(({ mobile }) => mobile), [100, 101, 102].map((number) => mobileOf(idOf(person(number)))), "the numbers of single lookups");
      const most = [mostWithin(finder.times, MINUTE), mostWithin(finder.times, HOUR)];
      ok(most[0] <= 10 && most[1] <= 60, `${most} requests in a minute and in an hour`);
      ok(most[0] >= 9 && most[1] >= 55, `only ${most} requests in a minute and in an hour`);
    },
  },
  {
    name: "batch: under 100 requests a minute, more than 30 people a minute are found, the first and the last ones included, and each with few polls",
    async run(context) {
      const { outcomes, finder, ended } = await inVirtualTime(context, people(200), lasting(30 * SECOND), { requestsPerHour: Infinity });
      equal(words(outcomes), Array(200).fill("found"));
      const rate = (200 / ended) * MINUTE;
      ok(rate > 30, `${rate} people a minute`);
      ok(finder.gets.length < 2 * 200, `${finder.gets.length} polls`);
    },
  },
  {
    name: "batch: timeout begins with the submit, not with the wait for the limits",
    async run(context) {
      const { outcomes, ended } = await inVirtualTime(context, people(12), lasting(5 * SECOND), { requestsPerMinute: 4, timeout: 150 * SECOND });
      equal(words(outcomes), Array(12).fill("found"));
      ok(ended > 4 * MINUTE, `it took ${ended} ms`);
    },
  },
  {
    name: "batch: a job that outlasts timeout is an outcome, with its id",
    async run(context) {
      const poll = (id) => (id === idOf(person(1)) ? running(id) : done(id));
      const { outcomes, error } = await inVirtualTime(context, people(3), { poll }, { timeout: 60 * SECOND });
      ok(!error, `the iteration threw ${error}`);
      const late = outcomes.find(({ index }) => index === 1);
      equal([outcomes.length, late.error.code, late.error.requestId], [3, "timeout", idOf(person(1))]);
      context.isSound(late.error);
    },
  },
  ...LIMITS.flatMap(([what, refuse, pause]) =>
    ["submit", "poll"].map((kind) => ({
      name: `batch: ${what}, in answer to a ${kind}, slows the batch down and costs no lookup`,
      ...(pause === HOUR && NOT_IN_A_WORKER),
      async run(context) {
        let refused;
        const service = (elapsed) => {
          let count = 0;
          // The fifth of them, once.
          const unless = (serve) => (subject) => (++count === 5 ? ((refused = elapsed()), refuse()) : serve(subject));
          return { ms: 50, submit: kind === "submit" ? unless(accepted) : accepted, poll: kind === "poll" ? unless(done) : done };
        };
        const { outcomes, error, finder } = await inVirtualTime(context, people(20), service, { ...UNLIMITED });
        ok(!error, `the iteration threw ${error}`);
        equal(words(outcomes), Array(20).fill("found"));
        equal(new Set(finder.posts).size + (kind === "submit"), finder.posts.length, "submits");
        // What was under way by then comes on.
        const during = finder.times.filter((time) => time > refused + 50 && time < refused + Math.min(pause ?? 0, MINUTE));
        equal(during, [], "requests during the pause");
      },
    })),
  ),
  {
    name: "batch: a service that says 429 for a quarter of an hour, more often than maxRetries, costs no lookup",
    async run(context) {
      const service = (elapsed) => {
        const limited = (serve) => (subject) => (elapsed() > 20 * SECOND && elapsed() < 15 * MINUTE ? refusal(429, "rate_limit_exceeded") : serve(subject));
        const inTime = lasting(30 * SECOND)(elapsed);
        return { ms: 200, submit: limited(inTime.submit), poll: limited(inTime.poll) };
      };
      const { outcomes, ended, finder } = await inVirtualTime(context, people(150), service, { ...UNLIMITED, maxRetries: 2 });
      equal(words(outcomes), Array(150).fill("found"));
      ok(ended > 15 * MINUTE && ended < 20 * MINUTE, `it took ${ended} ms`);
      ok(finder.times.length < 20 * 300, `${finder.times.length} requests`);
    },
  },
  ...[
    [401, "invalid_api_key"],
    [402, "insufficient_credits"],
    [403, "subscription_required"],
  ].flatMap(([status, code]) => [
    {
      name: `batch: a ${status} ends the submits; running jobs are waited for, and the rest get its code without a request`,
      async run(context) {
        const held = gate();
        const submit = (query, number) => (number <= 3 ? accepted(query) : refusal(status, code));
        const finder = phoneFinder({ ms: 2, submit, poll: (id) => held.passed().then(() => done(id)) });
        const batch = context.api.findPhones(people(40), asking(context, finder, { concurrency: 20 }));
        const collected = collect(batch);
        await until("the polls", () => held.waiting === 3);
        await settled();
        held.open();
        const { outcomes, error } = await collected;
        ok(!error, `the iteration threw ${error}`);
        equal(outcomes.filter(({ ok }) => ok).map(({ index }) => index).sort(), [0, 1, 2], "those who are found");
        const rest = outcomes.filter(({ ok }) => !ok);
        equal(rest.length, 37, "errors");
        for (const { error } of rest) {
          equal([error.code, error.status, error.submitted, error.requestId], [code, status, "no", null], "the error");
          context.isSound(error);
        }
        // As many as were open when the first was refused.
        ok(finder.posts.length <= 3 + MOST_OPEN, `${finder.posts.length} submits`);
      },
    },
    {
      name: `batch: a ${status} in answer to a submit: those who wait for a limit are not submitted either`,
      async run(context) {
        const service = { submit: (query, number) => (number < 3 ? accepted(query) : refusal(status, code)), ms: 50 };
        const store = memoryStore();
        const { outcomes, finder, ended } = await inVirtualTime(context, people(30), service, { requestsPerMinute: 4, store });
        equal(words(outcomes).sort().filter((word) => word === "found").length, 2, "found");
        ok(outcomes.every(({ error }) => !error || error.code === code), `the outcomes are ${words(outcomes)}`);
        ok(finder.posts.length <= 4 && ended < 5 * MINUTE, `${finder.posts.length} submits in ${ended} ms`);
        equal(Object.keys(store.kept).length, 2, "claims");
      },
    },
  ]),

  // Its end.

  {
    name: "batch: a signal that is aborted already: nothing is taken, and the iteration throws its reason's error",
    async run(context) {
      const [finder, queries] = [phoneFinder(), source(people(3))];
      const batch = context.api.findPhones(queries, asking(context, finder, { signal: AbortSignal.abort("enough") }));
      const { outcomes, error } = await collect(batch);
      equal([outcomes.length, queries.taken, finder.times.length], [0, 0, 0], "outcomes, queries taken, requests");
      context.isSound(error);
      equal([error.code, error.cause, error.submitted], ["aborted", "enough", "no"]);
    },
  },
  ...[
    ["while there are queries left", 40],
    ["when all queries are taken", 6],
    ["when the source has none at the moment", 6, { ends: false }],
  ].map(([what, count, ends]) => ({
    name: `batch: an abort ${what}: the lookups in flight yield their errors with their ids, then the iteration throws`,
    async run(context) {
      const { signal, controller, listeners } = countedSignal();
      const finder = phoneFinder({ ms: 2, poll: (id) => (id === idOf(person(0)) ? done(id) : running(id)) });
      const queries = source(people(count), ends);
      const batch = context.api.findPhones(queries, asking(context, finder, { signal, concurrency: 6 }));
      equal((await batch.next()).value.index, 0, "the first outcome");
      const jobs = Math.min(count, 7);
      await until("the jobs", () => finder.posts.length === jobs);
      await settled();
      const reason = { of: "this abort" };
      controller.abort(reason);
      const { outcomes, error } = await collect(batch);
      equal(outcomes.map(({ error }) => error.code), Array(jobs - 1).fill("aborted"), "the codes");
      equal(outcomes.map(({ error }) => error.requestId).sort(), people(jobs).slice(1).map(idOf), "the ids");
      for (const { error } of outcomes) ok(error.cause === reason, "the cause is not the signal's reason");
      context.isSound(error);
      equal([error.code, error.cause === reason], ["aborted", true], "what is thrown");
      equal(await batch.next(), { done: true, value: undefined }, "next() after that");
      const { length } = finder.times;
      await settled();
      equal([finder.times.length, listeners.size], [length, 0], "requests, and listeners left");
    },
  })),
  {
    name: "batch: a signal of AbortSignal.timeout ends it with timeout",
    async run(context) {
      const finder = phoneFinder({ ms: 2, poll: running });
      const { outcomes, error } = await collect(context.api.findPhones(people(3), asking(context, finder, { signal: AbortSignal.timeout(150) })));
      equal([words(outcomes), error.code], [Array(3).fill("timeout"), "timeout"]);
      equal(outcomes.map(({ error }) => error.requestId).sort(), people(3).map(idOf), "the ids");
      context.isSound(error);
    },
  },
  {
    name: "batch: break ends all at once, and leaves no timer, no listener and no request",
    async run(context) {
      await wait(50);
      const timers = watchTimers();
      const { signal, listeners } = countedSignal();
      let open = 0;
      const poll = async (id) => (id === idOf(person(0)) ? done(id) : (open++, new Promise(() => {})));
      const finder = phoneFinder({ poll });
      const aborted = [];
      const fetch = (url, init) => (init.signal.addEventListener("abort", () => aborted.push(url)), finder.fetch(url, init));
      try {
        for await (const { index } of context.api.findPhones(people(40), asking(context, finder, { fetch, signal, concurrency: 8 }))) {
          equal(index, 0, "the first outcome");
          await until("open polls", () => open > 2);
          break;
        }
        const { length } = finder.times;
        await settled();
        equal([finder.times.length, listeners.size], [length, 0], "requests, and listeners left");
        equal(timers.left(), 0, "timers left");
        equal(aborted.length, open, "requests that were aborted");
      } finally {
        timers.stop();
      }
    },
  },
  {
    name: "batch: several next() at once get an outcome each, and those beyond the end say done",
    async run(context) {
      const batch = context.api.findPhones(people(4), asking(context, phoneFinder({ ms: 2 })));
      const taken = await Promise.all(Array.from({ length: 7 }, () => batch.next()));
      equal(taken.map(({ done }) => done).sort(), [false, false, false, false, true, true, true], "done");
      equal(taken.filter(({ done }) => !done).map(({ value }) => value.index).sort(), [0, 1, 2, 3], "the indices");
      equal(await batch.next(), { done: true, value: undefined }, "next() after the end");
      equal(await batch.return(), { done: true, value: undefined }, "return() after the end");
    },
  },
  {
    name: "batch: return() before the first next(), and while a next() waits",
    async run(context) {
      const [finder, queries] = [phoneFinder({ poll: running }), source(people(4))];
      const unbegun = context.api.findPhones(queries, asking(context, finder));
      equal(await unbegun.return(), { done: true, value: undefined });
      equal(await unbegun.next(), { done: true, value: undefined });
      equal([queries.taken, queries.returned, finder.times.length], [0, 1, 0], "queries taken, clean-ups, requests");
      const batch = context.api.findPhones(people(4), asking(context, finder));
      const waiting = batch.next();
      await until("the submits", () => finder.posts.length === 4);
      await batch.return();
      equal(await waiting, { done: true, value: undefined }, "the next() that waited");
    },
  },
  ...WRONG_CALLS.map(([what, call, message]) => ({
    name: `batch: ${what}: invalid_argument at once`,
    async run(context) {
      for (const api of [context.api, ...(what === "no keys" ? [] : [context.api.createClient(context.requestOptions)])]) {
        const thrown = Promise.resolve().then(() => call(api, api === context.api ? context.requestOptions : {}));
        await context.fails(thrown, { code: "invalid_argument", submitted: "no", message, posts: 0 });
      }
    },
  })),

  // What its outcomes and functions show.

  {
    name: "batch: onStatus hears of each job, and no outcome and no iterator shows a key",
    async run(context) {
      const heard = new Set();
      const onStatus = ({ requestId }) => heard.add(requestId);
      const poll = (id) => (id === idOf(person(1)) ? failed(id) : done(id));
      const submit = (query) => (query.email === person(2).email ? answer(403, { error: { code: "forbidden", message: Object.values(context.keys).join() } }) : accepted(query));
      const batch = context.api.findPhones(people(4), asking(context, phoneFinder({ poll, submit }), { onStatus, concurrency: 2 }));
      context.showsNoKey(batch);
      for await (const outcome of batch) {
        context.showsNoKey(outcome);
        context.showsNoKey(batch);
      }
      equal([...heard].filter((id) => id !== null).sort(), [0, 1].map((number) => idOf(person(number))), "the jobs that onStatus heard of");
    },
  },

  // The store.

  ...[false, true].map((isAsync) => ({
    name: `batch: ${isAsync ? "an async" : "a"} store has the claim before the submit, the id after it, and the result before the outcome`,
    async run(context) {
      const store = memoryStore({ isAsync });
      const finder = phoneFinder({
        submit: (query) => (store.events.push(`POST ${query.email}`), accepted(query)),
        poll: (id) => (store.events.push(`GET ${id}`), done(id)),
      });
      for await (const { query } of context.api.findPhones(people(3), asking(context, finder, { store }))) store.events.push(`outcome ${query.email}`);
      for (const { email } of people(3)) {
        const own = store.events.filter((event) => event.endsWith(email)).map((event) => event.split(" ")[0]);
        equal(own, ["get", "claim", "POST", "id", "GET", "result", "outcome"], `what happened for ${email}`);
        const claim = JSON.parse(store.kept[keyOf({ email })]);
        equal([claim.requestId, claim.result.mobile], [idOf({ email }), mobileOf(idOf({ email }))], "what the store has");
        ok(Date.parse(claim.submittedAt) > 0, `submittedAt is ${claim.submittedAt}`);
        context.showsNoKey(claim);
      }
    },
  })),
  {
    name: "batch: those who wait for their turn to be submitted are not claimed yet",
    async run(context) {
      const store = memoryStore();
      const held = gate();
      const finder = phoneFinder({ submit: (query) => held.passed().then(() => accepted(query)) });
      const batch = context.api.findPhones(people(30), asking(context, finder, { store, concurrency: 20 }));
      const first = batch.next();
      await until("the submits", () => held.waiting === MOST_OPEN);
      await settled();
      equal(Object.keys(store.kept).length, MOST_OPEN, "claims");
      await batch.return();
      await first;
    },
  },
  {
    name: "batch: each refusal takes the claim back, also a 429, after which the query is claimed again",
    async run(context) {
      const store = memoryStore();
      const submit = (query, number) =>
        number === 1 ? refusal(429, "rate_limit_exceeded") : query.email === person(0).email ? refusal(400, "invalid_field") : accepted(query);
      const outcomes = await inOrder(context.api.findPhones(people(2), asking(context, phoneFinder({ submit }), { store, concurrency: 1 })));
      equal(words(outcomes), ["invalid_field", "found"]);
      equal(Object.keys(store.kept), [keyOf(person(1))], "the keys in the store");
      equal(store.events.filter((event) => event.startsWith("nothing")), Array(2).fill(`nothing ${person(0).email}`), "what was taken back");
    },
  },
  {
    name: "batch: a submit with an unknown outcome keeps its claim, and the next run does not submit it unless it is asked to",
    async run(context) {
      const store = memoryStore();
      const queries = people(2);
      const lost = phoneFinder({ submit: (query) => { if (query.email === person(0).email) throw new TypeError("fetch failed"); return accepted(query); } });
      equal(words(await inOrder(context.api.findPhones(queries, asking(context, lost, { store })))), ["submit_outcome_unknown", "found"]);
      const finder = phoneFinder();
      const [unknown, found] = await inOrder(context.api.findPhones(queries, asking(context, finder, { store })));
      context.isSound(unknown.error);
      equal([unknown.error.code, unknown.error.submitted, unknown.error.requestId, unknown.error.retryable], ["submit_outcome_unknown", "unknown", null, false]);
      equal([found.result.mobile, finder.times.length], [mobileOf(idOf(person(1))), 0], "the other's number, and requests");
      const again = await inOrder(context.api.findPhones(queries, asking(context, finder, { store, resubmitUnknown: true })));
      areFound(again, queries);
      equal(finder.posts, [person(0).email], "submits");
    },
  },
  {
    name: "batch: of a store's claims, one with an id is polled, and one with a result needs no request",
    async run(context) {
      const result = { state: "completed", requestId: "old", status: "completed", mobile: MOBILE, completedOn: null, data: {} };
      const kept = Object.fromEntries([
        [keyOf(person(0)), JSON.stringify({ submittedAt: now(), requestId: idOf(person(0)), result: null })],
        [keyOf(person(1)), JSON.stringify({ submittedAt: now(), requestId: "old", result })],
      ]);
      const finder = phoneFinder();
      const outcomes = await inOrder(context.api.findPhones(people(3), asking(context, finder, { store: memoryStore({ kept }) })));
      equal(outcomes.map(({ result }) => result.mobile), [mobileOf(idOf(person(0))), MOBILE, mobileOf(idOf(person(2)))], "the numbers");
      equal([finder.posts, [...finder.gets].sort()], [[person(2).email], [idOf(person(0)), idOf(person(2))]], "submits and polls");
    },
  },
  {
    name: "batch: what a store knows counts also when the account is refused",
    async run(context) {
      const kept = { [keyOf(person(1))]: JSON.stringify({ submittedAt: now(), requestId: idOf(person(1)), result: null }) };
      const finder = phoneFinder({ submit: () => refusal(402, "insufficient_credits") });
      const outcomes = await inOrder(context.api.findPhones(people(3), asking(context, finder, { concurrency: 1, store: memoryStore({ kept }) })));
      equal(words(outcomes), ["insufficient_credits", "found", "insufficient_credits"]);
      equal([finder.posts.length, Object.keys(kept).length], [1, 1], "submits, and claims left");
    },
  },
  {
    name: "batch: a store's claims are polled for as long as timeout says, from the first poll on",
    async run(context) {
      const queries = people(12);
      const kept = Object.fromEntries(queries.map((query) => [keyOf(query), JSON.stringify({ submittedAt: now(), requestId: idOf(query), result: null })]));
      const { outcomes, finder } = await inVirtualTime(context, queries, {}, { requestsPerMinute: 2, timeout: 30 * SECOND, store: memoryStore({ kept }) });
      equal(words(outcomes), Array(12).fill("found"));
      equal(finder.posts.length, 0, "submits");
    },
  },
  ...[
    ["throws", () => { throw new Error("the disk is gone"); }],
    ["rejects", async () => { throw new Error("the disk is gone"); }],
    ["gives a text", () => "claim"],
    ["gives a number", async () => 7],
  ].map(([what, get]) => ({
    name: `batch: a store whose get ${what}: client_fault for that query, and nothing is sent for it`,
    async run(context) {
      const store = memoryStore();
      const own = store.get;
      store.get = (key) => (key === keyOf(person(1)) ? get() : own(key));
      const finder = phoneFinder();
      const outcomes = await inOrder(context.api.findPhones(people(3), asking(context, finder, { store })));
      equal(words(outcomes), ["found", "client_fault", "found"]);
      context.isSound(outcomes[1].error);
      equal([outcomes[1].error.submitted, finder.posts.includes(person(1).email)], ["no", false], "submitted, and whether it was sent");
      ok(outcomes[1].error.message.includes("options.store.get"), outcomes[1].error.message);
    },
  })),
  ...[
    ["an empty object", {}],
    ["a list", []],
    ["an id that is no text", { submittedAt: now(), requestId: 7, result: null }],
    ["a result that is none, and no id", { submittedAt: now(), requestId: null, result: { state: "pending" } }],
  ].map(([what, claim]) => ({
    name: `batch: a claim that is ${what} counts as one without an id: nothing is sent`,
    async run(context) {
      const finder = phoneFinder();
      const [{ error }] = await inOrder(context.api.findPhones([ADA], asking(context, finder, { store: { get: () => claim, set() {} } })));
      equal([error?.code, error?.submitted, finder.times.length], ["submit_outcome_unknown", "unknown", 0]);
    },
  })),
  {
    name: "batch: a claim with an id and a result that is none is polled",
    async run(context) {
      const finder = phoneFinder();
      const claim = { submittedAt: "yesterday", requestId: "old", result: {} };
      const [{ result }] = await inOrder(context.api.findPhones([ADA], asking(context, finder, { store: { get: () => claim, set() {} } })));
      equal([result.mobile, finder.posts.length], [mobileOf("old"), 0]);
    },
  },
  ...["throws", "rejects"].map((what) => ({
    name: `batch: a store whose set ${what} before the submit: client_fault for that query, and nothing is sent for it`,
    async run(context) {
      const store = memoryStore();
      const own = store.set;
      const fail = () => { throw new Error("the disk is full"); };
      let failures = 0;
      store.set = (key, claim) => (key !== keyOf(person(1)) ? own(key, claim) : (failures++, what === "throws" ? fail() : Promise.resolve().then(fail)));
      const finder = phoneFinder();
      const outcomes = await inOrder(context.api.findPhones(people(3), asking(context, finder, { store })));
      equal(words(outcomes), ["found", "client_fault", "found"]);
      const { error } = outcomes[1];
      context.isSound(error);
      equal([error.submitted, error.requestId, finder.posts.includes(person(1).email), failures], ["no", null, false, 1], "submitted, the id, whether it was sent, and calls of set");
      ok(error.message.includes("the disk is full"), error.message);
    },
  })),
  {
    name: "batch: an abort while the store writes a claim: nothing is submitted, and the claim is taken back",
    async run(context) {
      const controller = new AbortController();
      const told = [];
      const store = {
        get: () => null,
        set(key, claim) {
          told.push(claim?.requestId === null ? "claimed" : claim);
          if (!claim) return undefined;
          controller.abort();
          return new Promise(() => {});
        },
      };
      const finder = phoneFinder();
      const { outcomes, error } = await collect(context.api.findPhones(people(1), asking(context, finder, { store, signal: controller.signal })));
      equal([outcomes[0].error.code, outcomes[0].error.submitted, error.code], ["aborted", "no", "aborted"]);
      equal([told, finder.posts], [["claimed", null], []], "what the store is told, and the submits");
    },
  },
  ...["throws", "rejects"].map((what) => ({
    name: `batch: a store whose set ${what} after the submit: console.error says so, and the lookup continues`,
    prints: true,
    async run(context) {
      const said = [];
      console.error = (...values) => said.push(values);
      const store = memoryStore();
      const own = store.set;
      const fail = () => { throw new Error("the disk is full"); };
      store.set = (key, claim) => (claim?.requestId ? (what === "throws" ? fail() : Promise.resolve().then(fail)) : own(key, claim));
      // Long enough that a rejection which nobody handles would be noticed.
      const finder = phoneFinder({ ms: 20, poll: (id, times) => (times < 3 ? running(id) : done(id)) });
      const queries = people(2);
      areFound(await inOrder(context.api.findPhones(queries, asking(context, finder, { store }))), queries);
      equal(said.length, 4, "times that it is said: of the id and of the result, for each");
      ok(said.every(([text, thrown]) => text.startsWith("nyne-phone-finder: the store failed") && thrown.message === "the disk is full"), `it says ${said[0]}`);
    },
  })),
];
