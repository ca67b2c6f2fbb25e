// @ts-check
// The entry for the tests of those who use the package: Nyne's Phone Finder, emulated, as a `fetch`; and any rejection.

import { compile } from "#emulator";
import { NyneError } from "#module";

import { Service } from "./emulator/service.js";

/** What the emulator's own settings have as defaults. */
const KEYS = { apiKey: "nyne_live_emulator", apiSecret: "nyne_sec_emulator" };

/** Faults by a name in words. @type {Record<string, object>} */
const FAULTS = {
  "network error": { kind: "reset", at: "start" },
  "lost answer": { kind: "reset", at: "start", thenJob: true },
  "no answer": { kind: "hang", at: "start" },
};

/** @param {Record<string, any>} [options] */
export function createEmulator({ latency = 0, onCallback, ...settings } = {}) {
  const service = new Service(compile, {}, onCallback);
  const { path } = service.control("POST", "/emulator/worlds", { latencyMs: latency, ...settings });
  const log = () => service.control("GET", path);

  /** @param {any} input @param {any} [init] */
  async function fetch(input, init = {}) {
    const request = typeof input === "string" || input instanceof URL ? {} : input;
    // Only the path counts, so that the origin may be Nyne's, a proxy's or a page's.
    const { pathname, search } = new URL(request.url ?? input, "https://api.nyne.ai");
    const method = (init.method ?? request.method ?? "GET").toUpperCase();
    const headers = [...new Headers(init.headers ?? request.headers)];
    const body = await bytes(init.body ?? (request.body && request));
    const answer = await service.answer({ method, url: path + pathname + search, headers, body, signal: init.signal ?? request.signal });
    return response(method, answer);
  }

  return Object.freeze({
    fetch,
    options: {
      apiKey: settings.apiKey ?? KEYS.apiKey,
      apiSecret: settings.apiSecret ?? KEYS.apiSecret,
      baseUrl: "https://api.nyne.ai",
      fetch,
      // Later polls wait longer, so that no latency uses up the minute's limit of requests.
      poll: { firstDelay: 1, maxDelay: 1_000 },
    },
    get requests() {
      return log().requests.map((/** @type {any} */ request) => ({ ...request, url: request.url.slice(path.length) }));
    },
    get jobs() {
      return log().jobs;
    },
    get credits() {
      return log().creditsLeft;
    },
    get callbacks() {
      if (!onCallback) service.deliver();
      return log().callbacks;
    },
    /** @param {string | object} fault @param {{ on?: string, times?: number }} [which] */
    fail(fault, { on = "any", times = 1, ...others } = {}) {
      const meant = typeof fault === "string" ? (FAULTS[fault] ?? { kind: "error", code: fault }) : fault;
      service.control("PATCH", path, { faults: [{ ...others, on, times: times === Infinity ? null : times, fault: meant }] });
    },
    /** @param {number} ms */
    advance: (ms) => service.advance(ms),
  });
}

/** @param {any} body */
async function bytes(body) {
  if (typeof body === "string") return new TextEncoder().encode(body);
  return new Uint8Array(body ? await (body.arrayBuffer ? body : new Response(body)).arrayBuffer() : 0);
}

/** As `fetch` gives it: decoded. @param {string} method @param {import("./emulator/service.js").Answered} answer */
function response(method, { status, headers: pairs, body }) {
  const headers = new Headers(pairs);
  if (headers.get("content-encoding") === "gzip") {
    // Mocking tools would decode it again, and its length is another.
    for (const name of ["content-encoding", "content-length"]) headers.delete(name);
    body = body.pipeThrough(/** @type {any} */ (new DecompressionStream("gzip")));
  }
  return new Response(method === "HEAD" || [204, 205, 304].includes(status) ? null : body, { status, headers });
}

/** A job as it stands in the emulator's ids. */
const REQUEST_ID = "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1780000000_4271";

/** No job was made; one runs; it is over; Nyne does not know it; one may have been made. @typedef {"none" | "runs" | "over" | "forgotten" | "unknown"} Job */

/**
 * The client's own codes: the status, whether a retry may help, what is known of a job, and what happened.
 * @type {Record<string, [status: number | null, retryable: boolean, job: Job, what: string]>}
 */
const OWN = {
  invalid_argument: [null, false, "none", "Query needs email, phone, socialMediaUrl or name."],
  aborted: [null, false, "none", "The call was aborted."],
  timeout: [null, true, "runs", "Timed out after 300000 ms."],
  network_error: [null, true, "runs", "The request failed: fetch failed."],
  invalid_response: [200, true, "runs", "Nyne answered 200, but its body is not JSON."],
  submit_outcome_unknown: [null, false, "unknown", "The request failed: fetch failed."],
  job_failed: [null, false, "over", "Nyne could not complete the job. The error's `data` says why."],
  poll_budget_exhausted: [null, true, "runs", "The job is still running after 10 polls, the limit that poll.maxPolls sets."],
  client_fault: [null, false, "none", "This host cannot run the call."],
};

/** The codes of the API, by the status that they stand for. @type {Record<number, string[]>} */
const API = {
  400: ["invalid_request", "missing_parameters"],
  401: ["missing_api_key", "invalid_api_key", "missing_api_secret", "invalid_api_secret", "invalid_credentials"],
  402: ["insufficient_credits"],
  403: ["subscription_required", "ip_not_allowed", "api_key_disabled", "permission_denied", "forbidden"],
  404: ["request_not_found"],
  429: ["rate_limit_exceeded"],
  500: ["internal_error"],
  502: ["http_error"],
  503: ["service_unavailable"],
};

/** @param {string} code @param {number | undefined} given @returns {[number | null, boolean, Job, string]} */
function known(code, given) {
  if (OWN[code]) return OWN[code];
  const [status] = Object.entries(API).find(([, codes]) => codes.includes(code)) ?? [];
  const number = given ?? Number(status ?? 400);
  // A submit that meets a 5xx of another kind ends as submit_outcome_unknown, so these are about a poll.
  const job = number === 404 ? "forgotten" : number >= 500 && number !== 503 ? "runs" : "none";
  return [number, number === 429 || number >= 500, job, `Nyne answered ${number}${code === "http_error" ? "" : ` ${code}`}.`];
}

/** @param {string} code @param {Record<string, any>} [fields] */
export function nyneError(code, { message, cause, data, ...others } = {}) {
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  const [status, retryable, job, what] = known(code, given.status);
  const { requestId = job === "none" || job === "unknown" ? null : REQUEST_ID } = given;
  const submitted = job === "unknown" || job === "forgotten" ? "unknown" : requestId === null ? "no" : "yes";
  const fields = { code, status, requestId, submitted, retryable, retryAfter: null, ...given };
  return new /** @type {any} */ (NyneError)(message ?? `${what} ${advice(fields, job)}Code: ${code}.`, fields, cause, data);
}

/** @param {{ requestId: string | null, submitted: string }} fields @param {Job} job */
function advice({ requestId, submitted }, job) {
  if (requestId !== null) return job === "over" || job === "forgotten" ? `Request id: ${requestId}. ` : `The job keeps running. Resume it: pollResult(${JSON.stringify(requestId)}). `;
  if (submitted !== "unknown") return "";
  return "A job may exist and may be charged, so the submit was not sent again. Before you submit again, look for it in Nyne's dashboard. ";
}
