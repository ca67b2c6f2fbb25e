/**
 * Finds a person's mobile number through Nyne's Phone Finder.
 *
 * Start with {@link findPhone}. All times are milliseconds unless a name or comment says otherwise.
 * This file needs no types of any host: it compiles with `"lib": ["ES2022"]` alone.
 *
 * @packageDocumentation
 */

/**
 * Submits a query and waits for the number.
 *
 * Resolves when the job has completed, with `mobile: null` when Nyne found no number: that is a result, and costs
 * nothing. It waits for the job even when the query has a `callbackUrl`; use {@link submitPhone} to submit only.
 *
 * @throws {@link NyneError} for everything else. `job_failed` when the job ends as failed, `timeout` after
 * {@link LookupOptions.timeout}, `aborted` by {@link RequestOptions.signal}, `submit_outcome_unknown` when a job may
 * exist but its id is unknown. When the error has a `requestId`, {@link pollResult} takes the lookup up again.
 *
 * @example
 * ```ts
 * import { findPhone } from "nyne-phone-finder";
 *
 * const { mobile } = await findPhone(
 *   { email: "ada@example.com" },
 *   { apiKey: process.env.NYNE_API_KEY, apiSecret: process.env.NYNE_API_SECRET },
 * );
 * console.log(mobile ?? "no number found");
 * ```
 */
export function findPhone(query: PhoneQuery, options?: LookupOptions): Promise<PhoneResult>;

/**
 * Waits for a request that was submitted before, by this program or another one. It never submits, so it costs nothing.
 *
 * Given an id it polls at once. Given a {@link PhoneRequest} it continues that request's poll schedule from
 * `submittedAt`. The `timeout` starts with this call either way.
 *
 * @throws {@link NyneError}: as {@link findPhone}, and `request_not_found` when Nyne does not know the id or no longer
 * keeps it. Every error carries the `requestId`.
 *
 * @example
 * ```ts
 * import { findPhone, isNyneError, pollResult } from "nyne-phone-finder";
 *
 * const keys = { apiKey: process.env.NYNE_API_KEY, apiSecret: process.env.NYNE_API_SECRET };
 * const result = await findPhone({ email: "ada@example.com" }, { ...keys, timeout: 60_000 }).catch((error) => {
 *   if (isNyneError(error) && error.code === "timeout" && error.requestId) return pollResult(error.requestId, keys);
 *   throw error;
 * });
 * console.log(result.mobile);
 * ```
 */
export function pollResult(request: string | PhoneRequest, options?: LookupOptions): Promise<PhoneResult>;

/**
 * Submits a query and returns without waiting for the job: for callbacks, queues and workflows.
 *
 * What it returns is plain JSON without a secret. Keep it until the result has arrived: {@link pollResult} and
 * {@link checkStatus} take it. Rate-limit waits (429) are limited to five minutes in all.
 *
 * @throws {@link NyneError}. Look at `submitted` before you call again: `submit_outcome_unknown` means that a job may
 * have been made and that a second call may be charged a second time.
 *
 * @example
 * ```ts
 * import { submitPhone } from "nyne-phone-finder";
 *
 * const request = await submitPhone(
 *   { socialMediaUrl: "https://www.linkedin.com/in/ada", callbackUrl: "https://example.com/nyne" },
 *   { apiKey: process.env.NYNE_API_KEY, apiSecret: process.env.NYNE_API_SECRET },
 * );
 * console.log(JSON.stringify(request)); // {"requestId":"…","submittedAt":"…"}
 * ```
 */
export function submitPhone(query: PhoneQuery, options?: RequestOptions): Promise<PhoneRequest>;

/**
 * Asks once how a request stands. It sends exactly one GET, whatever `maxRetries` says, and costs nothing.
 *
 * A failed job is returned here, as `state: "failed"`; it is not thrown.
 *
 * @throws {@link NyneError} when the answer is not a status: `request_not_found`, `network_error`, `timeout` after
 * {@link RequestOptions.requestTimeout}, an error of the API.
 *
 * @example
 * ```ts
 * import { checkStatus } from "nyne-phone-finder";
 *
 * const status = await checkStatus("a1b2c3d4_1717000000_4271", {
 *   apiKey: process.env.NYNE_API_KEY,
 *   apiSecret: process.env.NYNE_API_SECRET,
 * });
 * if (status.state === "completed") console.log(status.mobile);
 * else if (status.state === "failed") console.log(status.error);
 * else console.log(`${status.status}: ask again in ${status.pollAfter} ms`);
 * ```
 */
export function checkStatus(request: string | PhoneRequest, options?: RequestOptions): Promise<PhoneStatus>;

/**
 * Reads the body of a callback. It sends nothing and checks no sender: anyone who knows your callback address can send
 * such a body, so decide nothing on its word alone. {@link confirmCallback} asks Nyne.
 *
 * @throws {@link NyneError}: `invalid_response` when the input is not a callback of the Phone Finder.
 *
 * @example
 * ```ts
 * import { parseCallback } from "nyne-phone-finder";
 *
 * const status = await parseCallback('{"success":true,"data":{"request_id":"a1b2","status":"completed"}}');
 * console.log(status.requestId, status.state);
 * ```
 */
export function parseCallback(input: CallbackInput): Promise<PhoneStatus>;

/**
 * Reads a callback for its request id, then asks Nyne for that request's status with one free GET, and returns Nyne's
 * answer. Nothing else of the callback is used. A forged callback ends as `request_not_found` or as the true status.
 *
 * @throws {@link NyneError}: `invalid_response` as {@link parseCallback}, and the errors of {@link checkStatus}.
 *
 * @example
 * ```ts
 * import { confirmCallback } from "nyne-phone-finder";
 *
 * export async function POST(request: Request): Promise<Response> {
 *   const status = await confirmCallback(request, {
 *     apiKey: process.env.NYNE_API_KEY,
 *     apiSecret: process.env.NYNE_API_SECRET,
 *   });
 *   if (status.state === "completed") console.log(status.requestId, status.mobile);
 *   return new Response(null, { status: 204 });
 * }
 * ```
 */
export function confirmCallback(input: CallbackInput, options?: RequestOptions): Promise<PhoneStatus>;

/**
 * Binds options once. The client's calls share what they learn: how long jobs take, and the pause that a rate limit asks
 * for. Options of a call override the client's; `headers` are merged by name. Printing a client shows no key.
 *
 * @throws {@link NyneError} at once, not as a rejection: `invalid_argument` when an option is wrong.
 *
 * @example
 * ```ts
 * import { createClient } from "nyne-phone-finder";
 *
 * const nyne = createClient({
 *   apiKey: process.env.NYNE_API_KEY,
 *   apiSecret: process.env.NYNE_API_SECRET,
 *   timeout: 120_000,
 * });
 * const { mobile } = await nyne.findPhone({ name: "Ada Lovelace", company: "Analytical Engines" });
 * console.log(mobile);
 * ```
 */
export function createClient(defaults: ClientOptions): NyneClient;

/**
 * Whether a value is a {@link NyneError}. Unlike `instanceof` it also recognises an error of a second copy of this
 * package, as bundlers sometimes make one.
 *
 * @example
 * ```ts
 * import { findPhone, isNyneError } from "nyne-phone-finder";
 *
 * try {
 *   await findPhone({ email: "ada@example.com" });
 * } catch (error) {
 *   if (!isNyneError(error)) throw error;
 *   console.error(error.code, error.submitted, error.requestId);
 * }
 * ```
 */
export function isNyneError(value: unknown): value is NyneError;

/** The functions of this package with options bound; see {@link createClient}. */
export interface NyneClient {
  /** {@link findPhone} with the client's options. */
  findPhone(query: PhoneQuery, options?: LookupOptions): Promise<PhoneResult>;
  /** {@link pollResult} with the client's options. */
  pollResult(request: string | PhoneRequest, options?: LookupOptions): Promise<PhoneResult>;
  /** {@link submitPhone} with the client's options. */
  submitPhone(query: PhoneQuery, options?: RequestOptions): Promise<PhoneRequest>;
  /** {@link checkStatus} with the client's options. */
  checkStatus(request: string | PhoneRequest, options?: RequestOptions): Promise<PhoneStatus>;
  /** {@link parseCallback}; it needs no options. */
  parseCallback(input: CallbackInput): Promise<PhoneStatus>;
  /** {@link confirmCallback} with the client's options. */
  confirmCallback(input: CallbackInput, options?: RequestOptions): Promise<PhoneStatus>;
}

/**
 * Whom to look for. At least one of `email`, `phone`, `socialMediaUrl` and `name` is required; an empty query, or one with
 * only a company, is `invalid_argument` and sends nothing.
 */
export interface PhoneQuery {
  /** Full name. */
  name?: string | undefined;
  /** The employer: context for the other fields, not enough alone. */
  company?: string | undefined;
  /** Email address. */
  email?: string | undefined;
  /** A phone number of the person that is known already. */
  phone?: string | undefined;
  /** Address of a profile, for example on LinkedIn. */
  socialMediaUrl?: string | undefined;
  /**
   * An http(s) address to which Nyne also POSTs the result when the job has finished. Read what arrives there with
   * {@link confirmCallback}.
   */
  callbackUrl?: string | undefined;
}

/** A submitted request. Plain JSON without a secret or an address: store it anywhere. */
export interface PhoneRequest {
  /** Nyne's id of the request. Opaque: its form varies. */
  requestId: string;
  /** When it was submitted, as an ISO 8601 date. */
  submittedAt: string;
}

/** How a request stands. Tell the three apart by `state`. */
export type PhoneStatus = PhonePending | PhoneResult | PhoneFailure;

/** The job is still running. */
export interface PhonePending {
  state: "pending";
  requestId: string;
  /** Nyne's own word: `queued`, `processing`, `pending`, or one that this version does not know. */
  status: string;
  /** How long to wait before asking again, in milliseconds. */
  pollAfter: number;
}

/** The job has finished. */
export interface PhoneResult {
  state: "completed";
  requestId: string;
  status: "completed";
  /** The number as Nyne wrote it, or null when none was found; then no credit was spent. */
  mobile: string | null;
  /** When the job finished, as Nyne wrote it (a date with or without a zone), or null when it did not say. */
  completedOn: string | null;
  /** The API's `data` object, unchanged. */
  data: Record<string, unknown>;
}

/** The job has ended without a result. */
export interface PhoneFailure {
  state: "failed";
  requestId: string;
  status: "failed";
  /** Nyne's reason. */
  error: string;
  /** The API's `data` object, unchanged. */
  data: Record<string, unknown>;
}

/**
 * What a callback delivered: the request as the server received it (anything with `text()`), its body as text, or its body
 * as a parsed object.
 */
export type CallbackInput = RequestLike | string | object;

/** Options of every function that sends requests. An undefined option, here or in a query, counts as left out. */
export interface RequestOptions {
  /**
   * Sent as `X-API-Key`, to `baseUrl` and nowhere else. Required for Nyne itself. With another `baseUrl` give both keys or
   * neither. Never put keys into a page: let the page call a proxy of yours.
   */
  apiKey?: string | undefined;
  /** Sent as `X-API-Secret`; see `apiKey`. */
  apiSecret?: string | undefined;
  /**
   * Requests go to `${baseUrl}/person/phone`. May be relative (`"/api/nyne"`) where there is a location to resolve it
   * against. Must be `https:`, except on loopback, and end with its path: no query, no fragment.
   * @defaultValue "https://api.nyne.ai"
   */
  baseUrl?: string | undefined;
  /** Further request headers, for a proxy's own session. `X-API-Key`, `X-API-Secret` and `Content-Type` are refused here. */
  headers?: Record<string, string> | undefined;
  /**
   * Used instead of the host's `fetch`, for tests or a service binding.
   * @defaultValue the global `fetch`
   */
  fetch?: FetchFunction | undefined;
  /** Ends the call with `aborted`, wherever it stands. An abort does not cancel the job at Nyne. */
  signal?: AbortSignalLike | undefined;
  /**
   * Limit for one HTTP exchange, the reading of its body included, in milliseconds.
   * @defaultValue 15_000
   */
  requestTimeout?: number | undefined;
  /**
   * How often one exchange is repeated after a failure. Submits are repeated only after an answer that proves that no job
   * was made; polls after anything that may pass. A good poll starts the count again. {@link checkStatus} never repeats.
   * @defaultValue 5
   */
  maxRetries?: number | undefined;
}

/** Options of the functions that wait for a result. */
export interface LookupOptions extends RequestOptions {
  /**
   * Limit for the whole call (submit, waits and polls), in milliseconds. `Infinity` for none.
   * @defaultValue 300_000
   */
  timeout?: number | undefined;
  /** When to poll. */
  poll?: PollOptions | undefined;
  /**
   * Called once when the submit has given the request id (`polls: 0`), and after every good poll, also the last one. What
   * it throws is reported with `console.error` and does not end the lookup.
   */
  onStatus?: ((update: StatusUpdate) => void) | undefined;
}

/**
 * The poll schedule. The first poll comes after `firstDelay`, lengthened at random by up to 20 %. Each later wait is a third
 * of the time already waited, at least `firstDelay` and at most `maxDelay`, then shortened at random by up to 20 %. A failed
 * poll adds a random backoff, and a server's `Retry-After` can only lengthen a wait.
 */
export interface PollOptions {
  /**
   * Milliseconds before the first poll, and the shortest wait of the schedule.
   * @defaultValue 3_000
   */
  firstDelay?: number | undefined;
  /**
   * The longest wait of the schedule, in milliseconds.
   * @defaultValue 15_000
   */
  maxDelay?: number | undefined;
  /**
   * Limit for the number of good polls; when it is used up the call ends with `poll_budget_exhausted`.
   * @defaultValue no limit
   */
  maxPolls?: number | undefined;
}

/** What {@link LookupOptions.onStatus} is given. */
export interface StatusUpdate {
  /** Nyne's id of the request: enough to take the lookup up again with {@link pollResult}. */
  requestId: string;
  /** Nyne's own word for the job's status. */
  status: string;
  /** Good polls so far. */
  polls: number;
  /** Milliseconds since the call began. */
  elapsed: number;
  /** Milliseconds until the next poll, or null when none will come. */
  nextPollIn: number | null;
}

/** Options that {@link createClient} binds. Those for waiting apply only to the functions that wait. */
export interface ClientOptions extends LookupOptions {}

/**
 * Every error of this package. No key is in its message, its stack or any other part of it.
 *
 * Made by this package only; it has no public constructor.
 */
export class NyneError extends Error {
  private constructor();
  /** `"AbortError"` for `aborted`, `"TimeoutError"` for `timeout`, as the platform names them. */
  readonly name: "NyneError" | "AbortError" | "TimeoutError";
  /** What happened, in a stable word. Branch on this. */
  readonly code: NyneErrorCode;
  /** HTTP status of the answer that caused the error, or null. */
  readonly status: number | null;
  /** Nyne's id of the request, whenever one is known, or null. */
  readonly requestId: string | null;
  /**
   * Whether a job was made that may cost credits. `"no"`: none was, a new call is safe. `"yes"`: one was, `requestId` names
   * it; wait for it with {@link pollResult}. `"unknown"`: one may have been; a new call may be charged a second time.
   */
  readonly submitted: "no" | "yes" | "unknown";
  /**
   * Whether going on may help and cannot cost a second time: with {@link pollResult} when `requestId` is set, otherwise with
   * the same call again.
   */
  readonly retryable: boolean;
  /** How long the server asked to wait, in milliseconds, or null. */
  readonly retryAfter: number | null;
  /**
   * For `aborted`, the signal's own reason. For network errors, a copy of the name, message and code of what `fetch` threw,
   * so that no request header can leak through it.
   */
  readonly cause?: unknown;
  /** The error as a plain object, for logs: its message included, its stack and cause left out. */
  toJSON(): Record<string, unknown>;
}

/**
 * Codes of the client, then the known codes of the API. Codes of the API that are not listed are passed through as they
 * are.
 */
export type NyneErrorCode =
  /** A query or option is wrong; the message names it. Nothing was sent. */
  | "invalid_argument"
  /** The signal was aborted. */
  | "aborted"
  /** `timeout` or, for one exchange, `requestTimeout` has passed. */
  | "timeout"
  /** No answer: connection, name resolution, TLS, CORS. */
  | "network_error"
  /** The answer, or callback, cannot be read as one of the Phone Finder. */
  | "invalid_response"
  /** The submit was sent and its outcome is unknown: it may have made a job that is charged. */
  | "submit_outcome_unknown"
  /** The job ended as failed; the message gives Nyne's reason. */
  | "job_failed"
  /** `poll.maxPolls` good polls were made and the job still runs. */
  | "poll_budget_exhausted"
  /** This package itself broke. Other calls are not affected. */
  | "client_fault"
  /** 400: malformed, without a code of its own. */
  | "invalid_request"
  /** 400: a required parameter is missing. */
  | "missing_parameters"
  /** 401 */
  | "missing_api_key"
  /** 401 */
  | "invalid_api_key"
  /** 401 */
  | "missing_api_secret"
  /** 401 */
  | "invalid_api_secret"
  /** 401 */
  | "invalid_credentials"
  /** 402: the account has no balance. */
  | "insufficient_credits"
  /** 403: the plan does not include the Phone Finder. */
  | "subscription_required"
  /** 403: the key may not be used from this address. */
  | "ip_not_allowed"
  /** 403 */
  | "api_key_disabled"
  /** 403 */
  | "permission_denied"
  /** 403, without a code of its own. */
  | "forbidden"
  /** 404: Nyne does not know the request, or no longer keeps it. */
  | "request_not_found"
  /** 429 */
  | "rate_limit_exceeded"
  /** 500 */
  | "internal_error"
  /** 503 */
  | "service_unavailable"
  /** Any other HTTP status without a code of its own. */
  | "http_error"
  | (string & {});

/** A `fetch`: the host's own, a service binding's, or yours. */
export type FetchFunction = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** What {@link FetchFunction} is called with. */
export interface FetchInit {
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
  /** Aborted when the exchange must stop. */
  signal: HostAbortSignal;
  redirect: "manual";
}

/** What this package reads of a `Response`. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: ByteStream | null;
}

/** What this package uses of a `ReadableStream`. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** What this package uses of a `Request`. */
export interface RequestLike {
  text(): Promise<string>;
}

/** What this package uses of an `AbortSignal`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * The signal that the host's `fetch` takes. It is read from `fetch` itself because this file cannot name `AbortSignal`
 * where the host's types do not declare it, and a lesser type would make the host's `fetch` unassignable.
 */
type HostAbortSignal = typeof globalThis extends { fetch: (url: string, init?: infer Init) => unknown }
  ? Init extends { signal?: infer Signal }
    ? NonNullable<Signal>
    : AbortSignalLike
  : AbortSignalLike;

export {};
