// What a job, or an answer that is lost, can do.

import { ADA, ALWAYS, MOBILE, onGet, onPost } from "../../support/emulator.mjs";

const LOST = [
  ["in a reset", { kind: "reset", at: "body" }],
  ["behind a gateway's 502", { kind: "html", status: 502 }],
  ["behind a page of HTML with status 200", { kind: "html", status: 200 }],
  ["in an empty 202", { kind: "empty", status: 202 }],
];

export default [
  {
    name: "a status that is not known",
    world: { statuses: ["weird", "Processing", "done"] },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 4 },
  },
  {
    name: "a status that goes backwards",
    world: { statuses: ["pending", "processing", "queued", "processing", "queued"] },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 6 },
  },
  {
    name: "an empty status",
    world: { statuses: [""] },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 2 },
  },
  {
    name: "a status that never ends, and maxPolls",
    world: { faults: [onGet({ kind: "jobStatus", status: "pending" }, ALWAYS)] },
    options: { poll: { firstDelay: 5, maxDelay: 20, maxPolls: 4 } },
    ends: { code: "poll_budget_exhausted", submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: 4 },
  },
  {
    name: "a status that never ends, and timeout",
    world: { faults: [onGet({ kind: "jobStatus", status: "pending" }, ALWAYS)] },
    options: { timeout: 200, poll: { firstDelay: 20, maxDelay: 20 } },
    // Waits of 16 to 20 ms, and the last poll 20 ms before the end.
    ends: { code: "timeout", submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: [1, 12] },
  },
  {
    name: "a failed job with its reason",
    world: { faults: [onGet({ kind: "jobFailed", error: "The carrier did not answer" })] },
    ends: {
      code: "job_failed", submitted: "yes", requestId: "known", retryable: false,
      posts: 1, gets: 1,
    },
  },
  ...[null, "", 7, { message: "The carrier did not answer" }].map((error) => ({
    name: `a failed job whose error is ${JSON.stringify(error)}`,
    world: { faults: [onGet({ kind: "jobFailed", error })] },
    ends: { code: "job_failed", submitted: "yes", requestId: "known", retryable: false, posts: 1, gets: 1 },
  })),
  {
    name: "a job that fails at once",
    world: { faults: [onPost({ kind: "jobFailed", error: "No." })] },
    ends: { code: "job_failed", submitted: "yes", requestId: "known", retryable: false, posts: 1, gets: 0 },
  },
  {
    name: "a job that is completed at once",
    world: { faults: [onPost({ kind: "completedAtOnce" })] },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 0 },
  },
  {
    name: "a job that is not found any more in mid-poll",
    world: { statuses: ["queued", "queued"], faults: [onGet({ kind: "notFound" }, { from: 2, to: null })] },
    ends: { code: "request_not_found", status: 404, submitted: "yes", requestId: "known", posts: 1, gets: 2 },
  },
  ...["missing", "null", "empty"].map((form) => ({
    name: `a completed job whose mobile is ${form}`,
    world: { latencyMs: 0, faults: [onGet({ kind: "noMatch", form })] },
    ends: { mobile: null, requestId: "known", posts: 1, gets: 1 },
  })),
  {
    name: "a completed job whose result is null",
    world: { latencyMs: 0, faults: [onGet({ kind: "replace", path: "data.result", value: null })] },
    ends: { mobile: null, requestId: "known", posts: 1, gets: 1 },
  },

  // The emulator counts the jobs: there must be no second one.
  ...LOST.map(([what, fault]) => ({
    name: `the submit's answer is lost ${what}, its job is made`,
    world: { faults: [onPost({ ...fault, thenJob: true }, ALWAYS)] },
    ends: { code: "submit_outcome_unknown", submitted: "unknown", requestId: null, retryable: false, posts: 1, gets: 0, jobs: 1 },
  })),
  {
    name: "the submit is refused twice, then answered: one job",
    world: { latencyMs: 0, faults: [onPost({ kind: "error", status: 429, code: "rate_limit_exceeded" }, { to: 2 })] },
    ends: { mobile: MOBILE, requestId: "known", posts: 3, gets: 1, jobs: 1 },
  },
  {
    name: "polls that fail between good ones: one job",
    world: {
      statuses: ["queued", "queued", "queued"],
      faults: [1, 3, 5].map((from) => onGet({ kind: "reset", at: "headers" }, { from })),
    },
    options: { maxRetries: 1 },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 7, jobs: 1 },
  },
  {
    name: "submitPhone: the answer is lost",
    world: { faults: [onPost({ kind: "truncate" }, ALWAYS)] },
    call: ({ api }, { poll, onStatus, ...options }) => api.submitPhone(ADA, options),
    ends: { code: "submit_outcome_unknown", submitted: "unknown", requestId: null, posts: 1, gets: 0, jobs: 1 },
  },
];
