// Every answer of the contract that is not a result: what the lookup then says, and what it does not send again.

import { wait } from "../../support/case.mjs";
import { equal, ok } from "../../support/check.mjs";
import { ADA, ALWAYS, gateway, MOBILE, nyneError, onGet, onPost } from "../../support/emulator.mjs";

/** Refusals that are final, for a submit and for a poll. */
const FINAL = [
  [400, "missing_parameters"],
  [401, "missing_api_key"],
  [401, "invalid_api_key"],
  [401, "missing_api_secret"],
  [401, "invalid_api_secret"],
  [401, "invalid_credentials"],
  [402, "insufficient_credits"],
  [403, "subscription_required"],
  [403, "ip_not_allowed"],
  [403, "api_key_disabled"],
  [403, "permission_denied"],
  [404, "request_not_found"],
  // An older endpoint answers so. The code counts: waiting brings no credits.
  [429, "insufficient_credits"],
  // Codes that this version does not know pass through.
  [400, "field_of_next_year"],
  [409, "conflict_of_next_year"],
];

/** What a status amounts to where the body holds no code. */
const CODES_BY_STATUS = [
  [400, "invalid_request"],
  [401, "invalid_credentials"],
  [402, "insufficient_credits"],
  [403, "forbidden"],
  [404, "request_not_found"],
  [410, "http_error"],
  [418, "http_error"],
];

/** Where the count of requests is the package's doing alone. */
const NOT_RESENT = {
  hosts: ["node", "workerd"],
  because: "on a connection that was used before, Chromium itself sends a request again after a reset or a 408",
};

const UNKNOWN = { code: "submit_outcome_unknown", submitted: "unknown", requestId: null, retryable: false, posts: 1, gets: 0 };

/** Answers to a submit after which nobody knows whether a job was made. */
const HIDE_THE_OUTCOME = [
  ["Nyne's own 500", nyneError(500, "internal_error"), 500],
  ["a gateway's 500", gateway(500), 500],
  ["a gateway's 502", gateway(502), 502],
  ["a gateway's 503, which is not Nyne's service_unavailable", gateway(503), 503],
  ["a 503 without a body", { kind: "status", status: 503 }, 503],
  ["a gateway's 504", gateway(504), 504],
  ["a 408", gateway(408), 408, NOT_RESENT],
  ["a 202 that is no JSON", { kind: "html", status: 202 }],
  ["a 202 with an empty body", { kind: "empty", status: 202 }],
  ["a 202 without an id", { kind: "replace", path: "data.request_id" }],
  ["a lost connection", { kind: "reset", at: "start", thenJob: true }, null, NOT_RESENT],
  ["a connection lost in the headers", { kind: "reset", at: "headers", thenJob: true }, null, NOT_RESENT],
  ["a connection lost in the body", { kind: "reset", at: "body", thenJob: true }],
];

/** Answers to a poll after which it is repeated. */
const PASSING = [
  ["a 408", gateway(408)],
  ["a 425", gateway(425)],
  ["a 429", nyneError(429, "rate_limit_exceeded")],
  ["Nyne's own 500", nyneError(500, "internal_error")],
  ["a gateway's 502", gateway(502)],
  ["Nyne's own 503", nyneError(503, "service_unavailable")],
  ["a gateway's 504", gateway(504)],
  ["a lost connection", { kind: "reset", at: "start" }],
  ["a connection lost in the body", { kind: "reset", at: "body" }],
  ["half a JSON text", { kind: "truncate" }],
  ["a page of HTML with status 200", { kind: "html", status: 200 }],
  ["an empty body", { kind: "empty", status: 200 }],
  ["a 204", { kind: "noContent" }],
  ["a body over the limit", { kind: "oversized", bytes: 2_097_152, chunked: true }],
  ["a status that is a number", { kind: "replace", path: "data", value: { status: 7 } }],
  ["another job's answer", { kind: "replace", path: "data.request_id", value: "another" }],
];

const submitRefused = (name, fault, expected) => ({
  name: `a submit that is answered with ${name}`,
  world: { faults: [onPost(fault, ALWAYS)] },
  async run(context) {
    await context.fails(context.api.findPhone(ADA, context.options), { requestId: null, posts: 1, gets: 0, ...expected });
  },
});

/** A job that was submitted just now may not be known everywhere yet, so a 404 is asked about again, as often as by default. */
const NOT_FOUND_YET = { gets: 6, retryable: true };

const pollRefused = (name, fault, expected) => ({
  name: `a poll that is answered with ${name}`,
  world: { faults: [onGet(fault, ALWAYS)] },
  async run(context) {
    await context.fails(context.api.findPhone(ADA, context.options), {
      submitted: "yes", requestId: "known", posts: 1, gets: 1, ...expected, ...(expected.status === 404 && NOT_FOUND_YET),
    });
  },
});

export default [
  ...FINAL.flatMap(([status, code]) => [
    submitRefused(`${status} ${code} ends as that`, nyneError(status, code), {
      code, status, submitted: "no", retryable: false, message: new RegExp(code),
    }),
    pollRefused(`${status} ${code} ends the lookup as that`, nyneError(status, code), { code, status, retryable: false }),
  ]),
  ...CODES_BY_STATUS.flatMap(([status, code]) => [
    submitRefused(`${status} without a code ends as ${code}`, gateway(status), { code, status, submitted: "no" }),
    pollRefused(`${status} without a code ends the lookup as ${code}`, gateway(status), { code, status }),
  ]),
  ...HIDE_THE_OUTCOME.map(([name, fault, status, hosts]) => ({
    ...submitRefused(`${name} is not sent again: submit_outcome_unknown`, fault, {
      ...UNKNOWN, ...(status !== undefined && { status }),
    }),
    ...hosts,
  })),
  {
    name: "a submit whose connection is lost is handed to fetch once",
    world: { faults: [onPost({ kind: "reset", at: "start", thenJob: true }, ALWAYS)] },
    async run(context) {
      let calls = 0;
      const request = (...values) => (calls++, fetch(...values));
      await context.fails(context.api.findPhone(ADA, { ...context.options, fetch: request }), { ...UNKNOWN, posts: undefined });
      equal(calls, 1, "calls of fetch");
    },
  },

  {
    name: "an error's body is read in each form that was seen",
    world: {
      faults: [
        { success: false, error: { code: "ip_not_allowed", message: "Not from here" } },
        { error: "Not from here" },
        { message: "Not from here" },
        { detail: "Not from here" },
        { data: { error: "Not from here" } },
      ].map((body, index) => onPost({ kind: "status", status: 403, body }, { from: index + 1 })),
    },
    async run(context) {
      for (const code of ["ip_not_allowed", "forbidden", "forbidden", "forbidden", "forbidden"]) {
        const call = context.api.submitPhone(ADA, context.requestOptions);
        await context.fails(call, { code, status: 403 });
      }
    },
  },
  {
    name: "wrong keys are refused with the code of what is wrong",
    async run(context) {
      const { apiKey, apiSecret, baseUrl } = context.options;
      for (const [code, options] of [
        ["invalid_api_key", { apiKey: "nyne_live_other", apiSecret }],
        ["invalid_api_secret", { apiKey, apiSecret: "nyne_sec_other" }],
        ["missing_api_key", {}],
      ]) {
        const call = context.api.findPhone(ADA, { ...options, baseUrl });
        await context.fails(call, { code, status: 401, submitted: "no", requestId: null });
      }
      await context.counts({ posts: 3, gets: 0 });
    },
  },
  {
    name: "an account without credits is refused with insufficient_credits",
    world: { credits: 0 },
    async run(context) {
      const call = context.api.findPhone(ADA, context.options);
      await context.fails(call, { code: "insufficient_credits", status: 402, submitted: "no", requestId: null, posts: 1 });
    },
  },
  {
    name: "a callbackUrl on a host that Nyne does not allow is Nyne's error",
    world: { callbackHosts: ["hooks.example.com"] },
    async run(context) {
      const query = { ...ADA, callbackUrl: "https://elsewhere.example.com/" };
      await context.fails(context.api.findPhone(query, context.options), { status: 400, submitted: "no", posts: 1, gets: 0 });
    },
  },
  {
    name: "an id that Nyne does not know is request_not_found, with the id",
    async run(context) {
      await context.fails(context.api.pollResult("no-such-id", context.options), {
        code: "request_not_found", status: 404, requestId: "no-such-id", retryable: false, posts: 0, gets: 1,
      });
    },
  },
  {
    name: "an id that Nyne no longer keeps is request_not_found, with the id",
    world: { latencyMs: 0, expireAfterMs: 1 },
    async run(context) {
      const { requestId } = await context.api.submitPhone(ADA, context.requestOptions);
      await wait(50);
      const call = context.api.pollResult(requestId, context.options);
      await context.fails(call, { code: "request_not_found", status: 404, requestId });
    },
  },

  {
    name: "a submit that is answered with 429 is sent again and succeeds",
    world: { faults: [onPost(nyneError(429, "rate_limit_exceeded"), { to: 2 })] },
    async run(context) {
      equal((await context.api.findPhone(ADA, context.options)).mobile, MOBILE, "mobile");
      const log = await context.log();
      equal([log.posts, log.jobs], [3, 1], "POSTs and jobs");
    },
  },
  {
    name: "a submit that is answered with Nyne's own 503 is sent again and succeeds",
    world: { faults: [onPost(nyneError(503, "service_unavailable"), { to: 2 })] },
    async run(context) {
      equal((await context.api.findPhone(ADA, context.options)).mobile, MOBILE, "mobile");
      const log = await context.log();
      equal([log.posts, log.jobs], [3, 1], "POSTs and jobs");
    },
  },
  {
    name: "a 429 whose Retry-After the host hides is repeated all the same",
    world: {
      exposeHeaders: false,
      faults: [onPost(nyneError(429, "rate_limit_exceeded", { "Retry-After": "1" }))],
    },
    async run(context) {
      equal((await context.api.findPhone(ADA, context.options)).mobile, MOBILE, "mobile");
      await context.counts({ posts: 2 });
    },
  },
  ...[429, 503].map((status) => {
    const code = status === 429 ? "rate_limit_exceeded" : "service_unavailable";
    return {
      name: `a submit that is always answered with ${status} ${code} ends after maxRetries repeats`,
      world: { faults: [onPost(nyneError(status, code), ALWAYS)] },
      async run(context) {
        for (const maxRetries of [0, 2]) {
          const call = context.api.findPhone(ADA, { ...context.options, maxRetries });
          await context.fails(call, { code, status, submitted: "no", requestId: null, retryable: true });
        }
        await context.counts({ posts: 1 + 3, gets: 0 });
      },
    };
  }),
  {
    name: "without maxRetries an exchange is repeated five times",
    world: { faults: [onPost(nyneError(429, "rate_limit_exceeded"), ALWAYS)] },
    async run(context) {
      await context.fails(context.api.findPhone(ADA, context.options), { code: "rate_limit_exceeded", posts: 6 });
    },
  },
  {
    name: "a repeated submit waits for as long as Retry-After says",
    world: { faults: [onPost(nyneError(429, "rate_limit_exceeded", { "Retry-After": "1" }))] },
    async run(context) {
      await context.api.findPhone(ADA, context.options);
      const [first, second] = await context.requests("POST");
      ok(second.atMs - first.atMs >= 990, `the second submit came after ${second.atMs - first.atMs} ms`);
    },
  },
  {
    name: "a repeated poll waits for as long as Retry-After says",
    world: { latencyMs: 0, faults: [onGet(nyneError(503, "service_unavailable", { "Retry-After": "1" }))] },
    async run(context) {
      await context.api.findPhone(ADA, context.options);
      const [first, second] = await context.requests("GET");
      ok(second.atMs - first.atMs >= 990, `the second poll came after ${second.atMs - first.atMs} ms`);
    },
  },
  ...[
    ["seconds", { "Retry-After": "3600" }],
    // By the server's own clock, which is years behind.
    ["a date", { "Retry-After": "Sun, 06 Nov 1994 09:49:37 GMT", Date: "Sun, 06 Nov 1994 08:49:37 GMT" }],
  ].flatMap(([form, headers]) => [
    {
      name: `a submit's Retry-After, as ${form}, beyond the deadline ends the lookup at once`,
      world: { faults: [onPost(nyneError(429, "rate_limit_exceeded", headers), ALWAYS)] },
      async run(context) {
        await context.fails(context.api.findPhone(ADA, context.options), {
          code: "rate_limit_exceeded", status: 429, submitted: "no", requestId: null, retryAfter: 3_600_000,
          posts: 1, gets: 0,
        });
      },
    },
    {
      name: `a poll's Retry-After, as ${form}, beyond the deadline ends the lookup at once, with the id`,
      world: { faults: [onGet(nyneError(429, "rate_limit_exceeded", headers), ALWAYS)] },
      async run(context) {
        await context.fails(context.api.findPhone(ADA, context.options), {
          code: "rate_limit_exceeded", status: 429, submitted: "yes", requestId: "known", retryAfter: 3_600_000,
          posts: 1, gets: 1,
        });
      },
    },
  ]),

  ...PASSING.map(([what, fault]) => ({
    name: `a poll is repeated after ${what}`,
    world: { latencyMs: 0, faults: [onGet(fault, { to: 2 })] },
    async run(context) {
      equal((await context.api.findPhone(ADA, context.options)).mobile, MOBILE, "mobile");
      await context.counts({ posts: 1, gets: 3 });
    },
  })),
  ...[
    ["the API's error", nyneError(500, "internal_error"), { code: "internal_error", status: 500 }],
    ["the gateway's error", gateway(502), { code: "http_error", status: 502 }],
    ["network_error", { kind: "reset", at: "body" }, { code: "network_error", status: null }],
    ["invalid_response", { kind: "truncate" }, { code: "invalid_response" }],
  ].map(([what, fault, expected]) => ({
    name: `polls that fail until no repeat is left end as ${what}, with the id`,
    world: { faults: [onGet(fault, ALWAYS)] },
    async run(context) {
      const call = context.api.findPhone(ADA, { ...context.options, maxRetries: 2 });
      await context.fails(call, { ...expected, submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: 3 });
    },
  })),
  {
    name: "a good poll starts the count of repeats again",
    world: {
      statuses: ["queued", "queued"],
      faults: [1, 2, 4, 5, 7, 8].map((from) => onGet(gateway(502), { from })),
    },
    async run(context) {
      equal((await context.api.findPhone(ADA, { ...context.options, maxRetries: 2 })).mobile, MOBILE, "mobile");
      await context.counts({ gets: 9 });
    },
  },
  {
    name: "onStatus is told of each successful poll once",
    world: { statuses: ["queued"], faults: [onGet(gateway(502)), onGet(gateway(502), { from: 3 })] },
    async run(context) {
      const seen = [];
      // Beside these there may be updates that tell a problem.
      const onStatus = ({ requestId, polls, status, problem }) => requestId && !problem && seen.push([polls, status]);
      await context.api.findPhone(ADA, { ...context.options, onStatus });
      equal(seen, [[0, "queued"], [1, "queued"], [2, "completed"]]);
    },
  },

  {
    name: "onStatus is told of a problem with a submit and with a poll, and of none beside",
    world: { latencyMs: 0, faults: [onPost(nyneError(429, "rate_limit_exceeded")), onGet(gateway(502)), onGet({ kind: "truncate" }, { from: 2 })] },
    async run(context) {
      const updates = [];
      const { requestId } = await context.api.findPhone(ADA, { ...context.options, onStatus: (update) => updates.push(update) });
      const told = updates.map(({ requestId, status, polls, problem }) => [requestId, status, polls, problem?.code ?? problem]);
      equal(told, [
        [null, "submitting", 0, "rate_limit_exceeded"],
        [requestId, "queued", 0, null],
        [requestId, "queued", 0, "http_error"],
        [requestId, "queued", 0, "invalid_response"],
        [requestId, "completed", 1, null],
      ]);
      for (const { problem, nextPollIn } of updates.filter(({ problem }) => problem)) {
        equal(Object.keys(problem).sort(), ["code", "message"], "the fields of a problem");
        ok(typeof problem.message === "string" && problem.message !== "", `the problem's message is ${problem.message}`);
        ok(nextPollIn > 0, `nextPollIn is ${nextPollIn}`);
      }
    },
  },
  ...[
    ["a mobile that is a number", 12025550100, "12025550100"],
    ["a list of mobiles", [null, 7, "+1-202-555-0100", "+1-202-555-0101"], "+1-202-555-0100"],
  ].map(([what, value, mobile]) => ({
    name: `${what} is a result`,
    world: { latencyMs: 0, faults: [onGet({ kind: "replace", path: "data.result.mobile", value })] },
    async run(context) {
      const result = await context.api.findPhone(ADA, context.options);
      equal([result.mobile, result.data.result.mobile], [mobile, value], "the mobile, and as it came");
    },
  })),
  {
    name: "a mobile that cannot be used is final also if only the flag says that the job is completed",
    async run(context) {
      let asked = 0;
      const data = { request_id: "a1b2", status: "processing", completed: true, result: { mobile: { number: MOBILE } } };
      const call = context.api.pollResult("a1b2", { ...context.options, fetch: async () => (asked++, Response.json({ data })) });
      await context.fails(call, { code: "invalid_response", requestId: "a1b2", retryable: false });
      equal(asked, 1, "polls");
    },
  },
  {
    name: "a mobile that cannot be used is final, and the error has what the job said",
    world: { latencyMs: 0, faults: [onGet({ kind: "replace", path: "data.result.mobile", value: { number: MOBILE } }, ALWAYS)] },
    async run(context) {
      const error = await context.fails(context.api.findPhone(ADA, context.options), {
        code: "invalid_response", submitted: "yes", requestId: "known", retryable: false, posts: 1, gets: 1,
      });
      equal(error.data?.result, { mobile: { number: MOBILE } }, "error.data.result");
      ok(!Object.keys(error).includes("data"), "data is enumerable");
    },
  },
  ...[
    ["a number in both", 4217, 4217],
    ["a number, and a text in the status", 4217, "4217"],
    ["a text, and a number in the status", "4217", 4217],
    ["zero", 0, 0],
  ].map(([what, submitted, echoed]) => ({
    name: `an id that is ${what} is followed to its number`,
    async run(context) {
      const job = (fields) => Response.json({ success: true, data: fields });
      const fetch = async (url, { method }) =>
        method === "POST"
          ? job({ request_id: submitted, status: "queued" })
          : job({ request_id: echoed, status: "completed", result: { mobile: MOBILE } });
      const { requestId, mobile } = await context.api.findPhone(ADA, { ...context.options, fetch });
      equal([requestId, mobile], [String(submitted), MOBILE]);
    },
  })),
  {
    name: "an id that stands beside data, or is a number, is an id",
    world: { faults: [onPost({ kind: "status", status: 202, body: { success: true, request_id: 4217, data: { status: "queued" } } })] },
    async run(context) {
      const { requestId } = await context.api.submitPhone(ADA, context.requestOptions);
      equal(requestId, "4217", "requestId");
    },
  },
  ...[
    ["COMPLETED", { status: "COMPLETED" }],
    [" Completed ", { status: " Completed " }],
    ["processing, and completed by its flag", { status: "processing", completed: true }],
  ].map(([what, fields]) => ({
    name: `a job that is ${what} is completed`,
    async run(context) {
      const data = { request_id: "a1b2", result: { mobile: MOBILE }, ...fields };
      const call = context.api.pollResult("a1b2", { ...context.options, fetch: async () => Response.json({ data }) });
      const { status, mobile } = await call;
      equal([status, mobile], ["completed", MOBILE]);
    },
  })),
  {
    name: "a job that is FAILED is failed",
    async run(context) {
      const data = { request_id: "a1b2", status: "FAILED", error: "No source." };
      const call = context.api.pollResult("a1b2", { ...context.options, fetch: async () => Response.json({ data }) });
      await context.fails(call, { code: "job_failed", requestId: "a1b2", retryable: false });
    },
  },
  {
    name: "a failed job is job_failed, with Nyne's reason and the id",
    world: { latencyMs: 3_600_000, faults: [onGet({ kind: "jobFailed", error: "The carrier did not answer." })] },
    async run(context) {
      const seen = [];
      const onStatus = ({ status, nextPollIn }) => seen.push([status, nextPollIn]);
      const error = await context.fails(context.api.findPhone(ADA, { ...context.options, onStatus }), {
        code: "job_failed", submitted: "yes", requestId: "known", retryable: false, posts: 1, gets: 1,
      });
      equal(error.data?.error, "The carrier did not answer.", "the reason");
      equal(seen.at(-1), ["failed", null], "the last update");
      // The job stays failed: asking again says the same.
      await context.fails(context.api.pollResult(error.requestId, context.options), {
        code: "job_failed", requestId: error.requestId, posts: 1, gets: 2,
      });
    },
  },
  {
    name: "a failed job without a reason is job_failed too",
    world: { latencyMs: 3_600_000, faults: [onGet({ kind: "jobFailed", error: null })] },
    async run(context) {
      const call = context.api.findPhone(ADA, context.options);
      await context.fails(call, { code: "job_failed", submitted: "yes", requestId: "known", gets: 1 });
    },
  },
  {
    name: "a job that fails by itself costs nothing",
    world: { failureShare: 1, credits: 10 },
    async run(context) {
      const call = context.api.findPhone(ADA, context.options);
      await context.fails(call, { code: "job_failed", submitted: "yes", requestId: "known", posts: 1 });
      equal((await context.log()).creditsLeft, 10, "credits left");
    },
  },
  {
    name: "an address that refuses connections: network_error for a poll, and for a submit too where the host proves it",
    async run(context) {
      // Nothing listens here: it is outside the range that systems hand out.
      const elsewhere = { baseUrl: "http://127.0.0.1:61999", maxRetries: 1 };
      const submit = context.api.submitPhone(ADA, { ...context.requestOptions, ...elsewhere });
      // Node tells that no connection was made, so nothing was sent. The others say only that the request failed.
      const isProven = context.host === "node";
      const expected = isProven ? { code: "network_error", submitted: "no" } : { code: "submit_outcome_unknown", submitted: "unknown" };
      await context.fails(submit, { ...expected, requestId: null, retryable: isProven, posts: 0, status: null });
      const error = await context.fails(context.api.pollResult("some-id", { ...context.options, ...elsewhere }), {
        code: "network_error", submitted: "yes", requestId: "some-id", status: null,
      });
      ok(error.cause instanceof Error, `the cause is ${error.cause}`);
    },
  },
];
