// advance: one request at a time, from one state to the next, each of which is plain JSON.

import { wait } from "../../support/case.mjs";
import { equal, match, ok } from "../../support/check.mjs";
import { ADA, ALWAYS, gateway, MOBILE, nyneError, onGet, onPost, REQUEST_ID } from "../../support/emulator.mjs";
import { watchTimers } from "../../support/leftovers.mjs";

const LIMITED = nyneError(429, "rate_limit_exceeded", { "Retry-After": "3000" });
/** The job was made, and the answer to its submit is lost. */
const LOST = onPost({ kind: "reset", at: "start", thenJob: true });

/** A lookup whose claims are kept, as an engine that runs steps keeps them. */
class Steps {
  claimed = [];
  constructor(context, options) {
    this.context = context;
    this.options = { ...context.requestOptions, claim: async (key) => !this.claimed.includes(key) && this.claimed.push(key) > 0, ...options };
  }

  /** One step: what it returns has been through a store, and one request at most was sent. */
  async advance(state, options) {
    const { context } = this;
    const before = await context.log();
    const next = await context.api.advance(state, { ...this.options, ...options });
    const { posts, gets } = await context.log();
    ok(posts + gets - before.posts - before.gets <= 1, "a step has sent more than one request");
    context.showsNoKey(next);
    const stored = JSON.parse(JSON.stringify(next));
    equal(stored, next, "the state as JSON");
    return stored;
  }

  /** Steps until the lookup no longer goes on. */
  async end(state, options) {
    for (let steps = 0; steps < 20; steps++) {
      state = await this.advance(state, options);
      if (state.state !== "pending") return state;
    }
    throw new Error("it goes on after 20 steps");
  }
}

async function counts(context, posts, gets) {
  await context.counts({ posts, gets });
}

const WRONG_STATES = [
  ["nothing", undefined, /^State must be an object\./],
  ["a list", [], /^State must be an object\./],
  ["no query", {}, /^State needs a query\./],
  ["a query of nobody", { query: { company: "Example Corp" } }, /email/],
  ["a misspelt query", { query: { emial: "ada@example.com" } }, /Did you mean "email"\?/],
  ["a misspelt field, without which it would submit", { query: ADA, requestID: "a1b2" }, /Did you mean "requestId"\?/],
  ["an id that is none", { query: ADA, requestId: "a\nb" }, /requestId/],
  ["an id that is a number", { query: ADA, requestId: 5 }, /requestId/],
  ["an empty key", { query: ADA, key: "" }, /key/],
  ["a key that is a number", { query: ADA, key: 5 }, /key/],
  ["a key that is that of a further submit", { query: ADA, key: "k#2" }, /key/],
  ["an unknown stage", { query: ADA, state: "done" }, /"pending"/],
  ["a count that is a text", { query: ADA, state: "pending", submits: "1" }, /submits/],
  ["a count below 0", { query: ADA, state: "pending", polls: -1 }, /polls/],
  ["a time that is none", { query: ADA, state: "pending", submittedAt: "soon" }, /submittedAt/],
];

export default [
  {
    name: "advance finds a number: one submit, then one poll at a time",
    world: { statuses: ["queued", "processing"] },
    async run(context) {
      const steps = new Steps(context);
      const submitted = await steps.advance({ query: ADA, key: "k" });
      const { requestId, submittedAt, pollAfter, ...rest } = submitted;
      equal(rest, { state: "pending", query: ADA, key: "k", submits: 1, status: "queued", polls: 0, failures: 0, problem: null });
      match(requestId, REQUEST_ID, "requestId");
      ok(Math.abs(Date.now() - Date.parse(submittedAt)) < 60_000, `submittedAt is ${submittedAt}`);
      ok(pollAfter >= 6_000 && pollAfter <= 7_200, `pollAfter is ${pollAfter}`);
      await counts(context, 1, 0);

      const polled = await steps.advance(submitted);
      equal([polled.state, polled.requestId, polled.submittedAt, polled.polls], ["pending", requestId, submittedAt, 1]);
      await counts(context, 1, 1);

      const { data, completedOn, ...result } = await steps.end(polled);
      equal(result, { state: "completed", query: ADA, key: "k", requestId, submittedAt, submits: 1, status: "completed", polls: 3, failures: 0, mobile: MOBILE });
      equal([data.request_id, data.result, data.completed_on], [requestId, { mobile: MOBILE }, completedOn]);
      await counts(context, 1, 3);
      equal(steps.claimed, ["k"]);
    },
  },
  {
    name: "advance returns a completed state as it is, and sends nothing",
    world: { statuses: [] },
    async run(context) {
      const steps = new Steps(context);
      const completed = await steps.end({ query: ADA });
      equal(await steps.advance(completed), completed);
      await counts(context, 1, 1);
    },
  },
  {
    name: "advance leaves no timer",
    world: { statuses: ["queued"] },
    async run(context) {
      const { options } = new Steps(context);
      const timers = watchTimers();
      let state = { query: ADA };
      try {
        while (state.state !== "completed") {
          state = await context.api.advance(state, options);
          equal(timers.left(), 0, `timers when it is ${state.state}`);
        }
      } finally {
        timers.stop();
      }
    },
  },
  {
    name: "advance without a key claims by the query, whatever its callbackUrl and its spellings",
    world: { statuses: [] },
    async run(context) {
      const steps = new Steps(context);
      const profile = "https://www.linkedin.com/in/ada-example";
      const first = await steps.advance({ query: { socialMediaUrl: profile, callbackUrl: context.sink.url } });
      const second = await steps.advance({ query: { social_media_url: profile } });
      equal([first.key === second.key, second.state, second.error.code], [true, "failed", "submit_outcome_unknown"]);
      await counts(context, 1, 0);
    },
  },
  {
    name: "advance of a step that was interrupted in its submit sends nothing and says that the outcome is unknown",
    world: { statuses: [] },
    async run(context) {
      const steps = new Steps(context);
      const start = { query: ADA, key: "k" };
      await steps.advance(start);
      const again = await steps.advance(start);
      const { code, submitted, requestId, retryable, message } = again.error;
      equal([again.state, code, submitted, requestId, retryable], ["failed", "submit_outcome_unknown", "unknown", null, false]);
      match(message, /broke off.*A job may exist/s);
      equal(await steps.advance(again), again, "what it ends as");
      await counts(context, 1, 0);
    },
  },
  {
    name: "advance with a lost answer ends as unknown, and goes on with the id that a callback brings",
    world: ({ sink }) => ({ statuses: [], latencyMs: 0, faults: [LOST], callbackHosts: [new URL(sink.url).hostname] }),
    // Chromium itself resends a POST on a connection that is reset.
    hosts: ["node", "workerd"],
    because: "a browser resends a POST whose kept-alive connection is reset",
    async run(context) {
      const { sink, api } = context;
      const steps = new Steps(context);
      const lost = await steps.advance({ query: { ...ADA, callbackUrl: `${sink.url}/k` }, key: "k" });
      equal([lost.state, lost.error.code, lost.requestId], ["failed", "submit_outcome_unknown", null]);
      await context.eventually("the callback", async () => (await sink.requests()).length > 0);
      const [{ url, body }] = await sink.requests();
      ok(url.endsWith("/k"), url);
      const { requestId } = await api.parseCallback(body);
      const { state, mobile, error, ...rest } = await steps.advance({ ...lost, requestId });
      equal([state, mobile, error, rest.requestId], ["completed", MOBILE, undefined, requestId]);
      await counts(context, 1, 1);
    },
  },
  {
    name: "advance of a lookup whose id is known needs no claim and only polls",
    world: { statuses: ["queued"] },
    async run(context) {
      const { requestId } = await context.api.submitPhone(ADA, context.requestOptions);
      const { state, mobile, submits } = await new Steps(context, { claim: undefined }).end({ query: ADA, requestId });
      equal([state, mobile, submits], ["completed", MOBILE, 0]);
      await counts(context, 1, 2);
    },
  },
  {
    name: "advance after a rate limit waits as asked, and each further submit has a claim of its own",
    world: { statuses: [], faults: [onPost(LIMITED, { to: 2 })] },
    async run(context) {
      const steps = new Steps(context);
      const start = { query: ADA, key: "k" };
      const limited = await steps.advance(start);
      const { state, requestId, submittedAt, submits, failures, pollAfter, problem } = limited;
      equal([state, requestId, submittedAt, submits, failures, problem.code], ["pending", null, null, 1, 1, "rate_limit_exceeded"]);
      ok(pollAfter >= 3_000_000, `pollAfter is ${pollAfter}`);
      const twice = await steps.advance(limited);
      equal([twice.state, twice.submits, twice.failures], ["pending", 2, 2]);
      // Both steps are run again: their claims are taken.
      for (const step of [start, limited]) equal((await steps.advance(step)).error.code, "submit_outcome_unknown");
      const { mobile } = await steps.end(twice);
      equal([mobile, steps.claimed], [MOBILE, ["k", "k#2", "k#3"]]);
      await counts(context, 3, 1);
    },
  },
  {
    name: "advance gives up a submit that stays limited after maxRetries, and submits again if it is advanced all the same",
    world: { statuses: [], faults: [onPost(LIMITED, { to: 2 })] },
    async run(context) {
      const steps = new Steps(context, { maxRetries: 1 });
      const failed = await steps.end({ query: ADA });
      equal([failed.state, failed.error.code, failed.error.submitted, failed.error.retryAfter], ["failed", "rate_limit_exceeded", "no", 3_000_000]);
      equal((await steps.end(failed)).mobile, MOBILE);
      await counts(context, 3, 1);
    },
  },
  {
    name: "advance of a submit that Nyne refuses ends, and submits again if it is advanced all the same",
    world: { statuses: [], faults: [onPost(nyneError(402, "insufficient_credits"))] },
    async run(context) {
      const steps = new Steps(context);
      const refused = await steps.advance({ query: ADA, key: "k" });
      equal([refused.state, refused.error.code, refused.error.submitted, refused.error.status], ["failed", "insufficient_credits", "no", 402]);
      equal([(await steps.end(refused)).mobile, steps.claimed], [MOBILE, ["k", "k#2"]]);
    },
  },
  {
    name: "advance after a failed poll goes on, and after maxRetries ends with the id",
    world: { statuses: [], faults: [onGet(gateway(502), { to: 3 })] },
    async run(context) {
      const steps = new Steps(context, { maxRetries: 2 });
      const submitted = await steps.advance({ query: ADA });
      const failing = await steps.advance(submitted);
      equal([failing.state, failing.requestId, failing.failures, failing.problem.code, failing.status], ["pending", submitted.requestId, 1, "http_error", "queued"]);
      ok(failing.pollAfter >= 6_000 && failing.pollAfter <= 30_000, `pollAfter is ${failing.pollAfter}`);
      const failed = await steps.end(failing);
      const { code, requestId, retryable, submitted: exists } = failed.error;
      equal([failed.state, code, requestId, failed.requestId, retryable, exists], ["failed", "http_error", submitted.requestId, submitted.requestId, true, "yes"]);
      equal((await steps.end(failed)).mobile, MOBILE, "the number, if it is advanced all the same");
      await counts(context, 1, 4);
    },
  },
  {
    name: "advance ends with a failed job, and has what Nyne said of it",
    world: { faults: [onGet({ kind: "jobFailed", error: "no such person" })] },
    async run(context) {
      const { state, requestId, error, data, status, polls } = await new Steps(context).end({ query: ADA });
      equal([state, error.code, error.requestId, data.error, status, polls], ["failed", "job_failed", requestId, "no such person", "failed", 1]);
      ok(!error.message.includes("no such person"), error.message);
    },
  },
  {
    name: "advance ends as timeout once a job is found running after its time, not before it was asked",
    world: { statuses: ["queued", "queued"] },
    async run(context) {
      const steps = new Steps(context);
      const submitted = await steps.advance({ query: ADA });
      const old = { ...submitted, submittedAt: new Date(Date.now() - 300_001).toISOString() };
      const { state, error, requestId } = await steps.advance(old);
      equal([state, error.code, error.name, error.requestId], ["failed", "timeout", "TimeoutError", requestId]);
      const { state: unlimited } = await steps.advance(old, { timeout: Infinity });
      equal(unlimited, "pending");
      // A job that has finished meanwhile is a result, however late it is asked for.
      equal((await steps.advance(old)).mobile, MOBILE);
    },
  },
  {
    name: "advance ends after poll.maxPolls",
    world: { statuses: ["queued", "queued"] },
    async run(context) {
      const { state, error, polls, status } = await new Steps(context, { poll: { maxPolls: 2 } }).end({ query: ADA });
      equal([state, error.code, polls, status], ["failed", "poll_budget_exhausted", 2, "queued"]);
    },
  },
  {
    name: "advance retries a 404 for a job that was just submitted, and ends with one for an id that was given",
    world: { statuses: [], faults: [onGet({ kind: "notFound" })] },
    async run(context) {
      const steps = new Steps(context);
      const young = await steps.advance(await steps.advance({ query: ADA }));
      equal([young.state, young.problem.code], ["pending", "request_not_found"]);
      const forged = await steps.advance({ query: ADA, requestId: "a1b2" });
      equal([forged.state, forged.error.code, forged.error.submitted], ["failed", "request_not_found", "unknown"]);
      // The true id may still come.
      equal((await steps.advance({ ...forged, requestId: young.requestId })).mobile, MOBILE);
    },
  },
  {
    name: "advance keeps what the caller sets of the schedule",
    world: { statuses: ["queued"] },
    async run(context) {
      const steps = new Steps(context, { poll: { firstDelay: 30, maxDelay: 40 } });
      const submitted = await steps.advance({ query: ADA });
      ok(submitted.pollAfter >= 30 && submitted.pollAfter <= 36, `after the submit ${submitted.pollAfter}`);
      const polled = await steps.advance(submitted);
      ok(polled.pollAfter >= 24 && polled.pollAfter <= 40, `after a poll ${polled.pollAfter}`);
    },
  },
  {
    name: "advance needs a claim to submit",
    async run(context) {
      const { api, requestOptions } = context;
      await context.fails(api.advance({ query: ADA }, requestOptions), { code: "invalid_argument", message: /claim is missing/, posts: 0, gets: 0 });
      await context.fails(api.advance({ query: ADA }, { ...requestOptions, claim: true }), { code: "invalid_argument", message: /claim must be a function/ });
      await context.fails(api.advance({ query: ADA }), { code: "invalid_argument" });
    },
  },
  {
    name: "advance sends nothing if the claim fails, and can be called again",
    world: { statuses: [] },
    async run(context) {
      const steps = new Steps(context);
      const claims = [
        () => {
          throw new Error("the table is gone");
        },
        async () => {
          throw new Error("the table is gone");
        },
        () => undefined,
        async () => 1,
      ];
      for (const claim of claims) {
        await context.fails(context.api.advance({ query: ADA }, { ...steps.options, claim }), {
          code: "client_fault",
          submitted: "no",
          message: /options\.claim failed: (the table is gone|it gave neither true nor false)/,
          posts: 0,
        });
      }
      equal((await steps.end({ query: ADA })).mobile, MOBILE);
    },
  },
  {
    name: "advance waits for a claim that takes longer than requestTimeout, and then submits",
    world: { statuses: [] },
    async run(context) {
      const steps = new Steps(context);
      const claim = async () => (await wait(250), true);
      const { state } = await steps.advance({ query: ADA }, { claim, requestTimeout: 200 });
      equal(state, "pending");
      await counts(context, 1, 0);
    },
  },
  {
    name: "advance that is aborted while it takes its claim has submitted nothing, and says so",
    async run(context) {
      const controller = new AbortController();
      const claim = () => (controller.abort(), new Promise(() => {}));
      await context.fails(context.api.advance({ query: ADA }, { ...context.requestOptions, claim, signal: controller.signal }), {
        code: "aborted",
        submitted: "no",
        posts: 0,
      });
    },
  },
  {
    name: "a claim is refused by every function that would not take it",
    async run(context) {
      const { api, requestOptions } = context;
      const options = { ...requestOptions, claim: () => true };
      const calls = [() => api.findPhone(ADA, options), () => api.submitPhone(ADA, options), () => api.createClient(options).findPhone(ADA)];
      for (const call of calls) await context.fails(call(), { code: "invalid_argument", message: /claim is for advance/, posts: 0 });
      let thrown;
      try {
        api.findPhones([ADA], options);
      } catch (error) {
        thrown = error;
      }
      equal(thrown?.code, "invalid_argument");
    },
  },
  {
    name: "advance that is aborted rejects and leaves the state to be advanced again",
    world: { statuses: [], faults: [onGet({ kind: "hang", at: "start" }, { to: 1 })] },
    async run(context) {
      const steps = new Steps(context);
      await context.fails(context.api.advance({ query: ADA }, { ...steps.options, signal: AbortSignal.abort() }), { code: "aborted", submitted: "no", posts: 0 });
      equal(steps.claimed, [], "claims");
      const submitted = await steps.advance({ query: ADA });
      const controller = new AbortController();
      const polling = context.api.advance(submitted, { ...steps.options, signal: controller.signal });
      await context.eventually("the poll", async () => (await context.log()).gets === 1);
      controller.abort();
      await context.fails(polling, { code: "aborted", requestId: submitted.requestId, submitted: "yes" });
      equal((await steps.advance(submitted)).mobile, MOBILE);
    },
  },
  {
    name: "advance shows no key, not even of a server that repeats them",
    world: { statuses: [], faults: [onGet({ kind: "echoSecrets" }), onPost({ kind: "echoSecrets", status: 500 })] },
    async run(context) {
      const steps = new Steps(context);
      equal((await steps.advance({ query: ADA })).state, "failed");
      equal((await steps.advance({ query: ADA, requestId: "a1b2" })).state, "failed");
    },
  },
  {
    name: "advance never throws at once, and rejects states that it cannot read",
    async run(context) {
      const { options } = new Steps(context);
      for (const [what, state, message] of WRONG_STATES) {
        const error = await context.fails(context.api.advance(state, options), { code: "invalid_argument" });
        match(error.message, message, `the message for ${what}`);
      }
      await counts(context, 0, 0);
    },
  },
  {
    name: "advance knows the id of a job that is submitted twice at the same moment, of one of the two",
    world: { statuses: [] },
    async run(context) {
      const steps = new Steps(context);
      const start = { query: ADA, key: "k" };
      const both = await Promise.all([context.api.advance(start, steps.options), context.api.advance(start, steps.options)]);
      equal(both.map(({ state }) => state).sort(), ["failed", "pending"]);
      await counts(context, 1, 0);
    },
  },
  {
    name: "advance repeats nothing of a server that always fails",
    world: { faults: [onPost(gateway(503), ALWAYS)] },
    async run(context) {
      const { state, error } = await new Steps(context).end({ query: ADA });
      equal([state, error.code, error.submitted], ["failed", "submit_outcome_unknown", "unknown"]);
      await counts(context, 1, 0);
    },
  },
];
