// What happens when the module itself breaks. These cases run with a build that traps, in the midst of an event, while
// `globalThis.nynePhoneFinderTrap` is true.

import { table, wait } from "../support/case.mjs";
import { equal, ok } from "../support/check.mjs";
import { ADA, ALWAYS, MOBILE, onGet, onPost } from "../support/emulator.mjs";
import { watchTimers } from "../support/leftovers.mjs";

const MANY = 100;
/** How long a request may take here, in ms: the timers of a broken instance fire as late as this. */
const REQUEST_TIMEOUT = 2_000;
const UNLIMITED = { perMinute: 1_000_000, perHour: 1_000_000, credits: 1_000_000 };
/** Answers without a length, which are read chunk by chunk: one event each all the same. */
const CHUNKED = { kind: "oversized", bytes: 2_000, chunked: true };

/** Traps at each event for which `when` is true, while `act` runs. */
async function trapping(when, act) {
  Object.defineProperty(globalThis, "nynePhoneFinderTrap", { configurable: true, get: when });
  try {
    return await act();
  } finally {
    delete globalThis.nynePhoneFinderTrap;
  }
}

/** True once, at the nth question from 0 on. */
const at = (n) => () => n-- === 0;

/** A fetch that holds back the answers to each method until it is told to let them go. */
function holdingFetch() {
  const methods = { POST: gate(), GET: gate() };
  return {
    ...methods,
    async fetch(url, init) {
      const response = await fetch(url, init);
      await methods[init.method].passed();
      return response;
    },
  };
}

function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  const self = { waiting: 0, open, passed: () => (self.waiting++, opened) };
  return self;
}

/** Starts many lookups and holds all of them at the place. */
async function startMany(context, reach) {
  const controller = new AbortController();
  const timers = watchTimers();
  const held = holdingFetch();
  const ids = [];
  const options = {
    ...context.options,
    poll: { firstDelay: 400, maxDelay: 400 },
    requestTimeout: REQUEST_TIMEOUT,
    fetch: held.fetch,
    signal: controller.signal,
    onStatus: ({ requestId, polls }) => requestId && polls === 0 && ids.push(requestId),
  };
  const lookups = Array.from({ length: MANY }, () => context.api.findPhone(ADA, options));
  const outcomes = Promise.all(lookups.map((lookup) => lookup.then((result) => ({ result }), (error) => ({ error }))));
  await reach(held, ids);
  return { outcomes, controller, timers, held };
}

const until = async (condition) => {
  while (!condition()) await wait(2);
};
const answered = async ({ POST }) => until(() => POST.waiting === MANY);
const waiting = async (held, ids) => {
  await answered(held);
  held.POST.open();
  await until(() => ids.length === MANY);
};
const polled = async (held, ids) => {
  await waiting(held, ids);
  await until(() => held.GET.waiting === MANY);
};

const IN_FLIGHT = 30;

/** A batch of which so many lookups are in flight, and what is known of those when it breaks. */
async function startBatch({ api, options }, more) {
  const submitted = new Set();
  const settings = {
    ...options, requestsPerMinute: Infinity, requestsPerHour: Infinity, concurrency: IN_FLIGHT, requestTimeout: REQUEST_TIMEOUT,
    onStatus: ({ requestId, polls }) => requestId && polls === 0 && submitted.add(requestId),
    ...more,
  };
  const people = Array.from({ length: 2 * IN_FLIGHT }, (_, number) => ({ email: `p${number}@example.com` }));
  return { batch: api.findPhones(people, settings), people, submitted };
}

/** What a batch yields from now on, and what it throws. */
async function rest(batch) {
  const outcomes = [];
  try {
    for (let next = await batch.next(); !next.done; next = await batch.next()) outcomes.push(next.value);
    return { outcomes };
  } catch (error) {
    return { outcomes, error };
  }
}

/** Where a batch breaks: further options, when all of its lookups are there, and how many jobs have an id. Six requests are open at most. */
const BATCH_PLACES = [
  ["in the waits for a poll", { poll: { firstDelay: 300, maxDelay: 300 } }, ({ submitted }) => submitted.size === IN_FLIGHT, IN_FLIGHT],
  ["while submits wait for their answers", {}, (_, held) => held.POST.waiting === 6, 0],
  ["while polls wait for their answers", {}, ({ submitted }, held) => submitted.size === IN_FLIGHT && held.GET.waiting === 6, IN_FLIGHT],
];

/** Each place, how lookups are brought there and what is known then. */
const PLACES = [
  ["when the submit is answered", answered, { submitted: "unknown", requestId: null }],
  ["in the wait for a poll", waiting, { submitted: "yes", requestId: "known" }],
  ["when a poll is answered", polled, { submitted: "yes", requestId: "known" }],
];

/** Lets all that is held go on, into the trap. */
const release = ({ outcomes, held }) => (held.POST.open(), held.GET.open(), outcomes);

const isFault = (context, error, known) => context.fails(Promise.reject(error), { code: "client_fault", ...known });

/**
 * That a broken instance does nothing more: its timers still fire, and its listener may still stand at the caller's signal.
 * An error that leaves either of them uncaught would fail the case.
 */
async function staysDead(context, { timers, controller }) {
  const { posts, gets } = await context.log();
  controller.abort();
  await until(() => timers.left() === 0);
  await wait(20);
  await context.counts({ posts, gets });
  timers.stop();
}

async function nextCallWorks({ api, options, log }) {
  equal((await api.findPhone(ADA, options)).mobile, MOBILE, "the next call's number");
}

async function newBatchWorks({ api, options }) {
  const { outcomes, error } = await rest(api.findPhones([ADA, { email: "nobody@example.com" }], options));
  equal([error, outcomes.map(({ result }) => result.mobile).sort()], [undefined, [MOBILE, null].sort()], "the next batch's error and numbers");
}

export default table(
  ...PLACES.map(([place, reach, known]) => [
    {
      name: `each of ${MANY} lookups traps ${place}: all end, and no job is lost`,
      world: { ...UNLIMITED, latencyMs: 0 },
      async run(context) {
        const many = await startMany(context, reach);
        const errors = (await trapping(() => true, () => release(many))).map(({ error }) => error);
        for (const error of errors) await isFault(context, error, known);
        await staysDead(context, many);
        await nextCallWorks(context);
        const ids = new Set(errors.map(({ requestId }) => requestId).filter((id) => id !== null));
        equal(ids.size, known.requestId === null ? 0 : MANY, "different ids");
        const again = await Promise.all([...ids].map((id) => context.api.pollResult(id, context.options)));
        ok(again.every(({ mobile }) => mobile === MOBILE), "a job was lost");
        await context.counts({ posts: MANY + 1 });
      },
    },
    {
      name: `one of ${MANY} lookups traps ${place}: all end so, each with its id`,
      world: { ...UNLIMITED, latencyMs: 0 },
      async run(context) {
        const many = await startMany(context, reach);
        const errors = (await trapping(at(0), () => release(many))).map(({ error }) => error);
        for (const error of errors) await isFault(context, error, known);
        const ids = errors.map(({ requestId }) => requestId).filter((id) => id !== null);
        equal([ids.length, new Set(ids).size], Array(2).fill(known.requestId === null ? 0 : MANY), "ids, and different ones");
        await staysDead(context, many);
        await context.counts({ posts: MANY });
        await nextCallWorks(context);
      },
    },
  ]),
  {
    name: "a lookup that traps at any one of its events ends there, and the next call works",
    world: { ...UNLIMITED, latencyMs: 0, statuses: ["queued"], faults: [onPost(CHUNKED, ALWAYS), onGet(CHUNKED, ALWAYS)] },
    async run(context) {
      const faults = [];
      for (let n = 0; ; n++) {
        ok(n < 300, "the lookup has no end");
        const timers = watchTimers();
        const controller = new AbortController();
        const options = { ...context.options, signal: controller.signal, requestTimeout: 250 };
        try {
          const { mobile } = await trapping(at(n), () => context.api.findPhone(ADA, options));
          equal(mobile, MOBILE, "mobile");
          break;
        } catch (error) {
          await isFault(context, error, {});
          await staysDead(context, { timers, controller });
          faults.push(error);
        } finally {
          timers.stop();
        }
        await nextCallWorks(context);
      }
      ok(faults.length > 0, "nothing has trapped");
      // First nothing is submitted, then nobody knows, then the id is known.
      const stages = faults.map(({ submitted }) => ["no", "unknown", "yes"].indexOf(submitted));
      ok(stages.every((stage, n) => n === 0 || stage >= stages[n - 1]), `submitted is ${faults.map(({ submitted }) => submitted)}`);
      // One that trapped before its submit submitted nothing. Each of the others did once, and so did each next call, and
      // the last lookup.
      const { posts } = await context.log();
      const submitted = faults.filter(({ submitted }) => submitted === "yes").length;
      const least = faults.length + submitted + 1;
      const most = least + faults.filter(({ submitted }) => submitted === "unknown").length;
      ok(posts >= least && posts <= most, `${posts} POSTs, expected ${least} to ${most}`);
    },
  },
  {
    name: "a trap while a call begins: nothing is sent",
    async run(context) {
      const { api, options, requestOptions } = context;
      for (const [call, known] of [
        [() => api.findPhone(ADA, options), { submitted: "no", requestId: null }],
        [() => api.submitPhone(ADA, requestOptions), { submitted: "no", requestId: null }],
        [() => api.createClient(options).findPhone(ADA), { submitted: "no", requestId: null }],
        [() => api.pollResult("some-id", options), { submitted: "yes", requestId: "some-id" }],
        [() => api.checkStatus("some-id", requestOptions), { submitted: "yes", requestId: "some-id" }],
        [() => api.advance({ query: ADA }, { ...requestOptions, claim: () => true }), { submitted: "no", requestId: null }],
        [() => api.advance({ query: ADA, requestId: "some-id" }, requestOptions), { submitted: "yes", requestId: "some-id" }],
      ]) {
        await trapping(at(0), () => context.fails(call(), { code: "client_fault", ...known, posts: 0, gets: 0 }));
      }
      await nextCallWorks(context);
    },
  },
  {
    name: "a trap while an abort is handled ends the call all the same",
    world: { faults: [onPost({ kind: "hang", at: "start" })] },
    async run(context) {
      const controller = new AbortController();
      const timers = watchTimers();
      const lookup = context.api.findPhone(ADA, { ...context.options, signal: controller.signal, requestTimeout: REQUEST_TIMEOUT });
      lookup.catch(() => {});
      await context.eventually("the submit is sent", async () => (await context.log()).posts === 1);
      await trapping(at(0), async () => controller.abort());
      await context.fails(lookup, { code: "client_fault", submitted: "unknown", requestId: null, posts: 1 });
      await staysDead(context, { timers, controller });
      await context.eventually("the connection is closed", async () => (await context.requests("POST"))[0].closedEarly);
      await nextCallWorks(context);
    },
  },
  ...BATCH_PLACES.map(([place, more, isThere, known]) => ({
    name: `a batch of which ${IN_FLIGHT} lookups are in flight breaks ${place}: each yields what is known of it, then the fault comes`,
    world: { ...UNLIMITED, latencyMs: 0 },
    async run(context) {
      const held = holdingFetch();
      if (!place.includes("submits")) held.POST.open();
      const started = await startBatch(context, { fetch: held.fetch, ...more });
      const { batch, people, submitted } = started;
      const collected = rest(batch);
      await until(() => isThere(started, held));
      await wait(20);
      const { outcomes, error } = await trapping(at(0), () => (held.POST.open(), held.GET.open(), collected));
      await isFault(context, error, {});
      equal([outcomes.length, new Set(outcomes.map(({ index }) => index)).size], [IN_FLIGHT, IN_FLIGHT], "outcomes, and different ones");
      for (const { index, query, ok: isOk, error } of outcomes) {
        ok(query === people[index] && !isOk, `outcome ${index}`);
        await isFault(context, error, {});
        equal(error.requestId === null, error.submitted !== "yes", `submitted with the id ${error.requestId}`);
      }
      const count = (word) => outcomes.filter(({ error }) => error.submitted === word).length;
      const ids = outcomes.map(({ error }) => error.requestId).filter((id) => id !== null);
      equal(new Set(ids).size, count("yes"), "different ids");
      ok([...submitted].every((id) => ids.includes(id)), "an id that was told is in no outcome");
      const unknown = known === 0 ? 6 : 0;
      equal([count("yes"), count("unknown")], [known, unknown], "those with an id, and those of whom nobody knows");
      equal(await batch.next(), { done: true, value: undefined }, "next() after that");
      await context.counts({ posts: known + unknown });
      await newBatchWorks(context);
    },
  })),
  {
    name: "a batch that breaks keeps the outcomes that nobody has taken, and tells equal queries the same",
    world: { ...UNLIMITED, latencyMs: 0 },
    async run(context) {
      const held = holdingFetch();
      held.POST.open();
      const [slow, quick] = [{ email: "slow@example.com" }, { ...ADA }];
      let slowId;
      const fetch = async (url, init) => {
        const response = await globalThis.fetch(url, init);
        if (init.body?.includes(slow.email)) slowId = (await response.clone().json()).data.request_id;
        if (slowId !== undefined && url.includes(slowId)) await held.GET.passed();
        return response;
      };
      const queries = [slow, quick, { ...slow }, { ...quick }];
      const batch = context.api.findPhones(queries, { ...context.options, fetch, requestTimeout: REQUEST_TIMEOUT });
      equal((await batch.next()).value.index, 1, "the first outcome");
      await until(() => held.GET.waiting === 1);
      await wait(20);
      const collected = await trapping(at(0), () => (held.GET.open(), wait(50).then(() => rest(batch))));
      const { outcomes, error } = collected;
      await isFault(context, error, {});
      const told = outcomes.map(({ index, result, error }) => [index, result?.mobile ?? [error.code, error.submitted, error.requestId]]);
      equal(told, [[3, MOBILE], [0, ["client_fault", "yes", slowId]], [2, ["client_fault", "yes", slowId]]], "the outcomes");
      ok(outcomes.every(({ index, query }) => query === queries[index]), "an outcome has another query");
      await newBatchWorks(context);
    },
  },
  {
    name: "a batch that breaks while it begins: its first next() throws the fault, and nothing is sent",
    async run(context) {
      const { batch } = await startBatch(context);
      const { outcomes, error } = await trapping(at(0), () => rest(batch));
      await isFault(context, error, {});
      ok(outcomes.every(({ error }) => error.submitted === "no"), "something was submitted");
      await context.counts({ posts: 0 });
      const broken = await startBatch(context);
      await trapping(at(0), () => context.api.findPhone(ADA, context.options).catch(() => {}));
      await isFault(context, (await rest(broken.batch)).error, { submitted: "no" });
      equal(await broken.batch.return(), { done: true, value: undefined }, "return()");
      await newBatchWorks(context);
    },
  },
  {
    name: "a batch that was left by break does nothing more when the module breaks",
    world: { ...UNLIMITED, latencyMs: 0 },
    async run(context) {
      const { batch } = await startBatch(context);
      for await (const { ok: isOk } of batch) {
        ok(isOk, "the first outcome");
        break;
      }
      await trapping(at(0), () => context.api.findPhone(ADA, context.options).catch(() => {}));
      equal(await rest(batch), { outcomes: [] }, "what comes after the break");
      await newBatchWorks(context);
    },
  },
);
