// checkStatus: one GET, whatever comes back.

import { equal, ok } from "../../support/check.mjs";
import { ADA, MOBILE, nyneError, onGet } from "../../support/emulator.mjs";

export default [
  {
    name: "checkStatus tells of a pending job, and when to ask again",
    world: { statuses: ["processing", "weird"] },
    async run(context) {
      const request = await context.api.submitPhone(ADA, context.requestOptions);
      const { requestOptions } = context;
      for (const expected of ["processing", "weird"]) {
        const { state, requestId, status, pollAfter, ...rest } = await context.api.checkStatus(request, requestOptions);
        equal({ state, requestId, status }, { state: "pending", requestId: request.requestId, status: expected });
        ok(Number.isFinite(pollAfter) && pollAfter > 0, `pollAfter is ${pollAfter}`);
        equal(rest, {}, "further fields");
      }
      await context.counts({ posts: 1, gets: 2 });
    },
  },
  {
    name: "checkStatus returns the result of a completed job",
    world: { latencyMs: 0 },
    async run(context) {
      const { requestOptions } = context;
      const { requestId } = await context.api.submitPhone(ADA, requestOptions);
      const { state, mobile, ...rest } = await context.api.checkStatus(requestId, requestOptions);
      equal([state, mobile, rest.requestId, rest.data.result], ["completed", MOBILE, requestId, { mobile: MOBILE }]);
      await context.counts({ posts: 1, gets: 1 });
    },
  },
  {
    name: "checkStatus returns a failed job, with its reason, and does not throw it",
    world: { latencyMs: 3_600_000, faults: [onGet({ kind: "jobFailed", error: "The carrier did not answer." })] },
    async run(context) {
      const { requestOptions } = context;
      const { requestId } = await context.api.submitPhone(ADA, requestOptions);
      const { data, ...status } = await context.api.checkStatus(requestId, requestOptions);
      equal(status, { state: "failed", requestId, status: "failed", error: "The carrier did not answer." });
      equal([data.request_id, data.status], [requestId, "failed"], "data");
    },
  },
  {
    name: "checkStatus gives a text as the error also where Nyne gives no reason",
    world: { latencyMs: 3_600_000, faults: [onGet({ kind: "jobFailed", error: null })] },
    async run(context) {
      const { requestOptions } = context;
      const { error } = await context.api.checkStatus(await context.api.submitPhone(ADA, requestOptions), requestOptions);
      ok(typeof error === "string" && error !== "", `the error is ${JSON.stringify(error)}`);
    },
  },
  {
    name: "checkStatus of an id that Nyne does not know is request_not_found",
    async run(context) {
      const { requestOptions } = context;
      await context.fails(context.api.checkStatus("no-such-id", requestOptions), {
        code: "request_not_found", status: 404, requestId: "no-such-id", submitted: "unknown", posts: 0, gets: 1,
      });
    },
  },
  ...[
    ["a 500", nyneError(500, "internal_error"), { code: "internal_error", status: 500 }],
    ["a 503", nyneError(503, "service_unavailable"), { code: "service_unavailable", status: 503 }],
    [
      "a 429",
      nyneError(429, "rate_limit_exceeded", { "Retry-After": "7" }),
      { code: "rate_limit_exceeded", status: 429, retryAfter: 7_000 },
    ],
    ["a lost connection", { kind: "reset", at: "body" }, { code: "network_error", status: null }],
    ["an unreadable answer", { kind: "truncate" }, { code: "invalid_response" }],
  ].map(([what, fault, expected]) => ({
    name: `checkStatus sends one GET, also after ${what}, whatever maxRetries says`,
    world: { faults: [onGet(fault, { to: null })] },
    async run(context) {
      const { requestOptions } = context;
      const { requestId } = await context.api.submitPhone(ADA, requestOptions);
      const call = context.api.checkStatus(requestId, { ...requestOptions, maxRetries: 3 });
      await context.fails(call, { ...expected, requestId, submitted: "yes", retryable: true, gets: 1 });
    },
  })),
  {
    name: "checkStatus gives up after requestTimeout",
    world: { faults: [onGet({ kind: "hang", at: "start" })] },
    async run(context) {
      const { requestOptions } = context;
      const { requestId } = await context.api.submitPhone(ADA, requestOptions);
      const call = context.api.checkStatus(requestId, { ...requestOptions, requestTimeout: 50 });
      await context.fails(call, { code: "timeout", requestId, submitted: "yes", gets: 1 });
    },
  },
];
