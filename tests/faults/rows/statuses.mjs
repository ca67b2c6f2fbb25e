// Every status that HTTP assigns from 400 to 504, redirects, and what Retry-After can say.

import { ALWAYS, gateway, MOBILE, nyneError, onGet, onPost } from "../../support/emulator.mjs";

const ASSIGNED = [
  400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425,
  426, 428, 429, 431, 451, 500, 501, 502, 503, 504,
];
const NAMED = {
  400: "invalid_request",
  401: "invalid_credentials",
  402: "insufficient_credits",
  403: "forbidden",
  404: "request_not_found",
  429: "rate_limit_exceeded",
  503: "service_unavailable",
};
/** Polls are repeated after these. After 404 too: a job that was submitted just now may not be known everywhere yet. */
const passes = (status) => [404, 408, 425, 429].includes(status) || status >= 500;
/** A submit answered so may have made a job. */
const hides = (status) => status === 408 || status >= 500;

const HOST_RESENDS = "on a 408 Chromium itself sends a request again, and on a 421 Chromium and Node do, as the Fetch standard has it";
const HOST_HIDES = "a 407 is for proxies only: Node and browsers make a network error of it";

const UNKNOWN = { code: "submit_outcome_unknown", submitted: "unknown", requestId: null, retryable: false };

/** What hosts do with some statuses before the package sees them. */
function peculiarities(status, method) {
  if (status === 407) {
    const ends = method === "POST" ? { ...UNKNOWN, status: null } : { code: "network_error", status: null, retryable: true, gets: 2 };
    return { unlike: { node: ends, chromium: ends, because: HOST_HIDES } };
  }
  const twice = method === "POST" ? { posts: [1, 4] } : { gets: [1, 8] };
  if (status === 408) return { unlike: { chromium: twice, because: HOST_RESENDS } };
  if (status === 421) return { unlike: { node: twice, chromium: twice, because: HOST_RESENDS } };
  return {};
}

const onSubmit = (status, what, fault, code) => ({
  name: `POST: ${status} ${what}`,
  world: { faults: [onPost(fault, ALWAYS)] },
  options: { maxRetries: 1 },
  ends: hides(status)
    ? { ...UNKNOWN, status, posts: 1, gets: 0 }
    : { code, status, submitted: "no", requestId: null, posts: code === "rate_limit_exceeded" ? 2 : 1, gets: 0 },
  ...peculiarities(status, "POST"),
});

const onPoll = (status, what, fault, code) => ({
  name: `GET: ${status} ${what}`,
  world: { faults: [onGet(fault, ALWAYS)] },
  options: { maxRetries: 1 },
  ends: {
    code, status, submitted: "yes", requestId: "known", posts: 1,
    retryable: passes(status), gets: passes(status) ? 2 : 1,
  },
  ...peculiarities(status, "GET"),
});

/**
 * A Retry-After, and what a 429 or 503 with it comes to. The server's clock says 08:49:37. Its other forms, and how long the
 * waits are, are tested in virtual time: see tests/contract/cases/schedule.mjs.
 */
const CLOCK = { Date: "Sun, 06 Nov 1994 08:49:37 GMT" };
const BEARABLE = [
  ["of 0 s", { "Retry-After": "0" }],
  ["of 1 s", { "Retry-After": "1" }],
  ["that is negative", { "Retry-After": "-5" }],
  ["of a date that is past", { "Retry-After": "Sat, 05 Nov 1994 08:49:37 GMT", ...CLOCK }],
  ["of a date that is past by the caller's clock too", { "Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT" }],
  ["that cannot be read", { "Retry-After": "soon" }],
  ["that is empty", { "Retry-After": "" }],
  ["that is no date", { "Retry-After": "Sun, 99 Nov 1994 08:49:37 GMT", ...CLOCK }],
  ["too long to be a number", { "Retry-After": "9".repeat(40) }],
];
const UNBEARABLE = [
  ["of an hour", { "Retry-After": "3600" }, 3_600_000],
  ["of a date an hour ahead", { "Retry-After": "Sun, 06 Nov 1994 09:49:37 GMT", ...CLOCK }, 3_600_000],
  ["in RateLimit-Reset, of an hour", { "RateLimit-Reset": "3600" }, 3_600_000],
];

const retryAfter = (status, code, bearable) => [
  ...bearable.map(([what, headers]) => ({
    name: `POST and GET: ${status} with a Retry-After ${what}`,
    world: { latencyMs: 0, faults: [onPost(nyneError(status, code, headers)), onGet(nyneError(status, code, headers))] },
    ends: { mobile: MOBILE, requestId: "known", posts: 2, gets: 2 },
  })),
  ...UNBEARABLE.flatMap(([what, headers, ms]) => [
    {
      name: `POST: ${status} with a Retry-After ${what}`,
      world: { faults: [onPost(nyneError(status, code, headers), ALWAYS)] },
      ends: { code, status, retryAfter: ms, submitted: "no", requestId: null, retryable: true, posts: 1, gets: 0 },
    },
    {
      name: `GET: ${status} with a Retry-After ${what}`,
      world: { faults: [onGet(nyneError(status, code, headers), ALWAYS)] },
      ends: { code, status, retryAfter: ms, submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: 1 },
    },
  ]),
];

/** The same server under another name is another origin. */
const elsewhere = ({ url }) => url.replace("127.0.0.1", "localhost");
const LOCATIONS = [
  ["another origin", ({ sink }) => elsewhere(sink)],
  ["the same origin", ({ sink }) => sink.url],
  ["a path", ({ sink }) => new URL(sink.url).pathname],
  ["another origin without a scheme", ({ sink }) => elsewhere(sink).replace("http:", "")],
];

export default [
  ...ASSIGNED.flatMap((status) => [
    onSubmit(status, "without a code", gateway(status), NAMED[status] ?? "http_error"),
    onPoll(status, "without a code", gateway(status), NAMED[status] ?? "http_error"),
    onSubmit(status, "with a code that is not known", nyneError(status, "code_of_next_year"), "code_of_next_year"),
    onPoll(status, "with a code that is not known", nyneError(status, "code_of_next_year"), "code_of_next_year"),
  ]),
  {
    name: "POST: Nyne's own 503, always",
    world: { faults: [onPost(nyneError(503, "service_unavailable"), ALWAYS)] },
    options: { maxRetries: 2 },
    ends: { code: "service_unavailable", status: 503, submitted: "no", requestId: null, retryable: true, posts: 3, gets: 0 },
  },
  {
    name: "POST: 429 insufficient_credits",
    world: { faults: [onPost(nyneError(429, "insufficient_credits"), ALWAYS)] },
    ends: { code: "insufficient_credits", status: 429, submitted: "no", requestId: null, retryable: false, posts: 1, gets: 0 },
  },
  {
    name: "GET: 429 insufficient_credits",
    world: { faults: [onGet(nyneError(429, "insufficient_credits"), ALWAYS)] },
    ends: { code: "insufficient_credits", status: 429, submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },

  ...retryAfter(429, "rate_limit_exceeded", BEARABLE),
  ...retryAfter(503, "service_unavailable", BEARABLE.slice(0, 1)),
  {
    // It counts as unreadable.
    name: "GET: 429 with a Retry-After of 300 years",
    world: { faults: [onGet(nyneError(429, "rate_limit_exceeded", { "Retry-After": "9999999999" }), ALWAYS)] },
    options: { maxRetries: 1 },
    ends: { code: "rate_limit_exceeded", status: 429, retryAfter: null, submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: 2 },
  },
  {
    name: "GET: a Retry-After that no timer can hold, and no deadline: no poll before it",
    world: { faults: [onGet(nyneError(429, "rate_limit_exceeded", { "Retry-After": "2147484" }), ALWAYS)] },
    options: { timeout: Infinity },
    abortWhen: ({ gets }) => gets === 1,
    ends: { code: "aborted", submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },

  ...[301, 302, 303, 307, 308].flatMap((status) =>
    LOCATIONS.flatMap(([where, location]) => [
      {
        name: `POST: redirected with ${status} to ${where}`,
        world: (known) => ({ faults: [onPost({ kind: "redirect", status, location: location(known) }, ALWAYS)] }),
        ends: { ...UNKNOWN, posts: 1, gets: 0 },
      },
      {
        name: `GET: redirected with ${status} to ${where}`,
        world: (known) => ({ faults: [onGet({ kind: "redirect", status, location: location(known) }, ALWAYS)] }),
        ends: { code: "http_error", submitted: "yes", requestId: "known", retryable: false, posts: 1, gets: 1 },
      },
    ]),
  ),
];
