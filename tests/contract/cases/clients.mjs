// createClient: bound defaults, and what its calls share.

import { wait } from "../../support/case.mjs";
import { equal, ok } from "../../support/check.mjs";
import { ADA, MOBILE, nyneError, onGet, onPost } from "../../support/emulator.mjs";

export default [
  {
    name: "onStatus gets the update and nothing else: the options hold the keys",
    world: { latencyMs: 0 },
    async run({ api, options }) {
      const seen = [];
      const nyne = api.createClient({ ...options, onStatus(...given) { seen.push(this, given.length); } });
      equal((await nyne.findPhone(ADA)).mobile, MOBILE, "mobile");
      ok(seen.length >= 4 && seen.every((one) => one === undefined || one === 1), `\`this\` and the number of arguments: ${seen}`);
    },
  },
  {
    name: "keys of eight characters are kept out of messages",
    async run(context) {
      const keys = { apiKey: "a1b2c3d4", apiSecret: "s3cr3t/0" };
      for (const body of [
        JSON.stringify({ error: { code: "forbidden", message: "a1b2c3d4 and s3cr3t/0" } }),
        JSON.stringify({ error: { code: "a1b2c3d4", message: "s3cr3t/0" } }),
        "a1b2c3d4 and s3cr3t/0",
        // As some servers write a slash.
        '["s3cr3t\\/0"]',
      ]) {
        const fetch = async () => new Response(body, { status: 403 });
        const error = await context.fails(context.api.checkStatus("some-id", { ...context.requestOptions, ...keys, fetch }), { status: 403 });
        for (const text of [String(error), error.code, JSON.stringify(error)]) ok(!/a1b2c3d4|s3cr3t/.test(text), `a key is shown: ${text}`);
      }
    },
  },
  {
    name: "a short key that happens to be a part of an id does not spoil it",
    async run(context) {
      const keys = { apiKey: "a1b2", apiSecret: "c3" };
      const fetch = async () => Response.json({ data: { request_id: "a1b2c3d4", status: "queued" } }, { status: 202 });
      equal((await context.api.submitPhone(ADA, { ...context.requestOptions, ...keys, fetch })).requestId, "a1b2c3d4", "requestId");
    },
  },
  {
    name: "a request whose body cannot be read is cancelled",
    async run(context) {
      let signal;
      const fetch = async (url, init) => {
        ({ signal } = init);
        const response = new Response(new ReadableStream());
        response.body.getReader();
        return response;
      };
      await context.fails(context.api.checkStatus("some-id", { ...context.requestOptions, fetch }), { code: ["network_error", "invalid_response"] });
      ok(signal.aborted, "the request goes on");
    },
  },
  {
    name: "what an application makes of stacks is its own business",
    hosts: ["node", "chromium"],
    because: "Error.prepareStackTrace is V8's, and a Worker's is taken",
    async run(context) {
      const before = Error.prepareStackTrace;
      Error.prepareStackTrace = (error, frames) => frames;
      try {
        const fetch = async () => new Response("{}", { status: 404 });
        await context.fails(context.api.checkStatus("some-id", { ...context.requestOptions, fetch }), { code: "request_not_found" });
      } finally {
        Error.prepareStackTrace = before;
      }
    },
  },
  {
    name: "a client has every function, with its options bound, also apart from the client",
    world: { latencyMs: 0 },
    async run({ api, options }) {
      const { findPhone, submitPhone, pollResult, checkStatus } = api.createClient({ ...options, timeout: 5_000 });
      equal((await findPhone(ADA)).mobile, MOBILE, "findPhone");
      const request = await submitPhone(ADA);
      equal((await pollResult(request)).mobile, MOBILE, "pollResult");
      equal((await checkStatus(request)).mobile, MOBILE, "checkStatus");
    },
  },
  {
    name: "a call's options override the client's",
    async run({ api, options, keys, baseUrl }) {
      const nyne = api.createClient({ ...options, apiKey: "nyne_live_other", maxRetries: 0, timeout: 1 });
      equal((await nyne.findPhone(ADA, { apiKey: keys.apiKey, timeout: 5_000, baseUrl })).mobile, MOBILE, "mobile");
    },
  },
  {
    name: "a call's headers are merged with the client's by name, whatever their case",
    async run(context) {
      const nyne = context.api.createClient({ ...context.options, headers: { "X-Session": "client", "X-Tenant": "client" } });
      await nyne.submitPhone(ADA, { headers: { "x-session": "call", "X-Trace": "call" } });
      await nyne.submitPhone(ADA);
      const [merged, bound] = (await context.requests("POST")).map(({ headers }) =>
        ["x-session", "x-tenant", "x-trace"].map((name) => headers[name] ?? null),
      );
      equal(merged, ["call", "client", "call"], "the merged headers");
      equal(bound, ["client", "client", null], "the client's own headers");
    },
  },
  {
    name: "a wrong option of a call on a client is invalid_argument",
    async run(context) {
      const nyne = context.api.createClient(context.options);
      await context.fails(nyne.findPhone(ADA, { timeOut: 5 }), { code: "invalid_argument", message: /timeOut/, posts: 0 });
    },
  },
  {
    name: "changing the defaults after createClient does not change the client",
    async run({ api, options }) {
      const defaults = { ...options };
      const nyne = api.createClient(defaults);
      defaults.apiKey = "nyne_live_other";
      equal((await nyne.findPhone(ADA)).mobile, MOBILE, "mobile");
    },
  },
  {
    name: "printing a client shows no key",
    async run(context) {
      const nyne = context.api.createClient(context.options);
      await nyne.findPhone(ADA);
      context.showsNoKey(nyne);
      context.showsNoKey(nyne.findPhone);
    },
  },
  {
    name: "calls of a client share the pause that a 429 asks for, and other calls do not",
    world: { latencyMs: 0, faults: [onPost(nyneError(429, "rate_limit_exceeded", { "Retry-After": "1" }))] },
    async run(context) {
      const nyne = context.api.createClient(context.options);
      const first = nyne.findPhone({ email: "first@example.com" });
      await context.eventually("the 429", async () => (await context.log()).posts === 1);
      // The log runs ahead of the client.
      await wait(100);
      const second = nyne.findPhone({ email: "second@example.com" });
      await context.api.findPhone({ email: "other@example.com" }, context.options);
      await Promise.all([first, second]);
      const posts = await context.requests("POST");
      const at = (name) => posts.filter(({ body }) => body.includes(name)).map(({ atMs }) => atMs - posts[0].atMs);
      equal([at("first").length, at("second").length, at("other").length], [2, 1, 1], "the counts of submits");
      const waits = [at("first")[1], at("second")[0]];
      ok(waits.every((ms) => ms >= 990), `the client's next submits came after ${waits} ms`);
      ok(at("other")[0] < Math.min(...waits), `the other call's submit came after ${at("other")} ms`);
    },
  },
  {
    name: "a client's lookups over the account's rate limit all succeed, later",
    // One of the emulator's minutes lasts a second.
    world: { latencyMs: 0, perMinute: 4, speed: 60 },
    async run(context) {
      const nyne = context.api.createClient({ ...context.options, maxRetries: 20 });
      const results = await Promise.all([1, 2, 3].map(() => nyne.findPhone(ADA)));
      equal(results.map(({ mobile }) => mobile), [MOBILE, MOBILE, MOBILE], "the numbers");
      const { requests, jobs } = await context.log();
      ok(requests.some(({ answered }) => answered === 429), "the limit was never met");
      equal(jobs, 3, "jobs");
    },
  },
  {
    name: "checkStatus is not held up by a client's pause",
    world: { latencyMs: 0, faults: [onGet(nyneError(429, "rate_limit_exceeded", { "Retry-After": "3600" }))] },
    async run(context) {
      const nyne = context.api.createClient(context.options);
      const request = await nyne.submitPhone(ADA);
      await context.fails(nyne.checkStatus(request), { code: "rate_limit_exceeded", retryAfter: 3_600_000, gets: 1 });
      equal((await nyne.checkStatus(request)).mobile, MOBILE, "mobile");
      await context.fails(nyne.findPhone(ADA), { code: "rate_limit_exceeded", submitted: "no", posts: 1 });
    },
  },
  {
    name: "a client learns from jobs that have finished when the first poll is worth making",
    hosts: ["workerd"],
    because: "elsewhere virtual time shows the same (schedule.mjs), and a Worker's clock has its own ways",
    // Long beside what a busy machine may take off: a job counts from the answer to its submit.
    world: { latencyMs: 500, perMinute: 100_000, perHour: 100_000 },
    async run({ api, options }) {
      const nyne = api.createClient({ ...options, poll: { firstDelay: 5, maxDelay: 600 }, requestsPerMinute: Infinity, requestsPerHour: Infinity });
      const firstWait = async () => {
        const waits = [];
        await nyne.findPhone(ADA, { onStatus: ({ requestId, nextPollIn }) => requestId && waits.push(nextPollIn) });
        return waits[0];
      };
      const before = await firstWait();
      ok(before <= 6, `the first lookup's first wait is ${before} ms`);
      await Promise.all(Array.from({ length: 10 }, () => nyne.findPhone(ADA)));
      const after = await firstWait();
      ok(after >= 60 && after <= 720, `a later lookup's first wait is ${after} ms, for jobs of 500 ms`);
    },
  },
];
