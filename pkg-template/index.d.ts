/**
 * Finds a person's mobile number through Nyne's Phone Finder.
 *
 * Start with {@link findPhone}. All times are milliseconds.
 * This file needs no types of any host: it compiles with `"lib": ["ES2022"]` alone.
 *
 * @packageDocumentation
 */

/**
 * Submits a query, then waits for the number.
 *
 * Allow up to a minute. A job for which Nyne found no number resolves with `mobile: null`: that is a result, and it is not
 * charged. `findPhone` also waits if the query has a `callbackUrl`; {@link submitPhone} does not wait.
 *
 * @throws {@link NyneError}: `job_failed` if the job failed, `timeout` after {@link LookupOptions.timeout}, `aborted` if
 * {@link LookupOptions.signal} was aborted, `submit_outcome_unknown` if a job may exist but its id never arrived, or a code of
 * the API. If the error has a `requestId`, {@link pollResult} resumes the lookup.
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
 * Waits for a job that was submitted before, by this program or by another one. It never submits, so it costs nothing.
 *
 * Given an id, it polls at once. Given a {@link PhoneRequest}, it continues the poll schedule from its `submittedAt`. The
 * `timeout` begins with this call in either case.
 *
 * @throws {@link NyneError}: as {@link findPhone}, and `request_not_found` if Nyne does not know the id. Every error has the
 * `requestId`.
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
export function pollResult(request: string | PhoneRequestLike, options?: LookupOptions): Promise<PhoneResult>;

/**
 * Submits a query and returns as soon as Nyne has accepted it: for callbacks, queues and workflows.
 *
 * The result is plain JSON and holds no secret. Store it until the job has finished; {@link pollResult} and
 * {@link checkStatus} take it.
 *
 * @throws {@link NyneError}. Read `submitted` before you call again: with `submit_outcome_unknown` a job may exist, and a
 * second submit may be charged as well.
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
export function submitPhone(query: PhoneQuery, options?: LookupOptions): Promise<PhoneRequest>;

/**
 * Asks once how a job stands. It sends exactly one GET, which is never retried and costs nothing.
 *
 * A failed job is returned, as `state: "failed"`, and not thrown.
 *
 * @throws {@link NyneError} if the reply is not a status: `request_not_found`, `network_error`, `timeout` after
 * {@link LookupOptions.requestTimeout}, `invalid_response`, or a code of the API.
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
export function checkStatus(request: string | PhoneRequestLike, options?: LookupOptions): Promise<PhoneStatus>;

/**
 * Reads a callback. It sends nothing, and it does not authenticate the sender: anyone who knows your callback address can send
 * such a body. {@link confirmCallback} asks Nyne.
 *
 * @throws {@link NyneError}: `invalid_response` if the body is not a callback of the Phone Finder or has not arrived after 15 s,
 * `invalid_argument` if the input does not give a body.
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
 * Reads the request id of a callback, then asks Nyne for that job with one free GET and returns Nyne's reply. Nothing else
 * of the callback is used. A forged callback ends as `request_not_found` or as the true status.
 *
 * @throws {@link NyneError}: as {@link parseCallback}, then as {@link checkStatus}.
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
export function confirmCallback(input: CallbackInput, options?: LookupOptions): Promise<PhoneStatus>;

/**
 * Looks up many people under the limits of the account, and yields an outcome for each, in the order in which they end. One
 * failure does not stop the others.
 *
 * Queries are taken as they are needed, from any iterable. Each request that the limits allow goes where it is worth most: to
 * a job that has most likely finished, or else to the next submit. Equal queries are looked up once. With a
 * {@link BatchOptions.store}, a batch that was interrupted goes on where it stopped.
 *
 * An error that concerns the account (401, 402, 403) ends the submits: jobs that run are waited for, and each query that is
 * left gets that error with `submitted: "no"`. If {@link LookupOptions.signal} is aborted, the lookups in flight yield their
 * errors, with their ids, and then the iteration throws `aborted`. `break` ends all at once and yields nothing more: the store
 * has the ids, except of submits that were under way.
 *
 * @throws {@link NyneError} at once, not as a rejection: `invalid_argument` if an option is wrong or `queries` cannot be
 * iterated over. A query that is wrong is an outcome. What the iterable throws ends the iteration, after the lookups in flight.
 *
 * @example
 * ```ts
 * import { findPhones } from "nyne-phone-finder";
 *
 * const people = [{ email: "ada@example.com" }, { email: "grace@example.com" }];
 * const keys = { apiKey: process.env.NYNE_API_KEY, apiSecret: process.env.NYNE_API_SECRET };
 * for await (const outcome of findPhones(people, keys)) {
 *   const email = people[outcome.index]?.email;
 *   console.log(email, outcome.ok ? outcome.result.mobile : outcome.error.code);
 * }
 * ```
 */
export function findPhones(
  queries: Iterable<PhoneQuery> | AsyncIterable<PhoneQuery>,
  options?: BatchOptions,
): AsyncIterableIterator<PhoneOutcome>;

/**
 * Binds options once. The calls of one client share its limits and the pause that a rate limit asks for, and learn from
 * finished jobs when a poll is worth making. Options of a call override the client's; `headers` are merged by name. Printing a client
 * shows no key.
 *
 * @throws {@link NyneError} at once, not as a rejection: `invalid_argument` if an option is wrong.
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
export function createClient(defaults: BatchOptions): NyneClient;

/**
 * Returns true if a value is a {@link NyneError}, also one of a second copy of this package, as bundlers sometimes make one.
 * `instanceof` does not recognise that.
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

/** The functions of this package with options bound: see {@link createClient}. Each works apart from the client, too. */
export interface NyneClient {
  /** {@link findPhone} with the client's options. */
  findPhone(query: PhoneQuery, options?: LookupOptions): Promise<PhoneResult>;
  /** {@link pollResult} with the client's options. */
  pollResult(request: string | PhoneRequestLike, options?: LookupOptions): Promise<PhoneResult>;
  /** {@link submitPhone} with the client's options. */
  submitPhone(query: PhoneQuery, options?: LookupOptions): Promise<PhoneRequest>;
  /** {@link checkStatus} with the client's options. */
  checkStatus(request: string | PhoneRequestLike, options?: LookupOptions): Promise<PhoneStatus>;
  /** {@link findPhones} with the client's options. */
  findPhones(
    queries: Iterable<PhoneQuery> | AsyncIterable<PhoneQuery>,
    options?: BatchOptions,
  ): AsyncIterableIterator<PhoneOutcome>;
  /** {@link parseCallback}, which takes no options. */
  parseCallback(input: CallbackInput): Promise<PhoneStatus>;
  /** {@link confirmCallback} with the client's options. */
  confirmCallback(input: CallbackInput, options?: LookupOptions): Promise<PhoneStatus>;
}

/**
 * The person to look for. At least one of `name`, `email`, `phone` and `socialMediaUrl` is required: a company alone is
 * `invalid_argument`, and nothing is sent. A field that is null or undefined counts as left out.
 */
export type PhoneQuery = QueryFields &
  (Having<"name"> | Having<"phone"> | Having<"social_media_url"> | Having<"socialMediaUrl"> | Having<"email">);

type Having<Field extends keyof QueryFields> = { [Name in Field]: QueryFields[Name] };

interface QueryFields {
  /** Full name. */
  name?: string | null | undefined;
  /** Employer. It narrows the search and does not identify a person by itself. */
  company?: string | null | undefined;
  /** Email address. */
  email?: string | null | undefined;
  /** A phone number of the person that is known already. */
  phone?: string | null | undefined;
  /** Address of a profile, for example on LinkedIn. */
  socialMediaUrl?: string | null | undefined;
  /** Nyne's own spelling of `socialMediaUrl`. Give one of the two. */
  social_media_url?: string | null | undefined;
  /**
   * An http: or https: URL to which Nyne POSTs the finished job. Read what arrives there with {@link confirmCallback}.
   */
  callbackUrl?: string | null | undefined;
  /** Nyne's own spelling of `callbackUrl`. Give one of the two. */
  callback_url?: string | null | undefined;
}

/** A submitted job. Plain JSON without a secret or an address: store it anywhere. */
export interface PhoneRequest {
  /** The job's id. Its form varies: don't parse it. */
  requestId: string;
  /** The time of the submit, as an ISO 8601 date. */
  submittedAt: string;
}

/** A job to ask about: a {@link PhoneRequest}, or a row of yours that holds one. */
export interface PhoneRequestLike {
  /** The job's id. */
  requestId: string;
  /** The time of the submit: a Date, or a date and time as ISO 8601 text. Without it the job is polled at once. */
  submittedAt?: string | Date | null | undefined;
}

/** How a job stands. `state` tells the three apart. */
export type PhoneStatus = PhonePending | PhoneResult | PhoneFailure;

/** The job is still running. */
export interface PhonePending {
  /** Tells this from the other states. */
  state: "pending";
  /** The job's id. */
  requestId: string;
  /** Nyne's own word: `queued`, `processing`, `pending`, or one that this version does not know. */
  status: string;
  /** When to ask again, in milliseconds from now. */
  pollAfter: number;
}

/** The job is done. */
export interface PhoneResult {
  /** Tells this from the other states. */
  state: "completed";
  /** The job's id. */
  requestId: string;
  /** Nyne's own word. */
  status: "completed";
  /** The number as Nyne wrote it, or null if none was found; then nothing was charged. */
  mobile: string | null;
  /** When the job finished, as Nyne wrote it (a date with or without a zone), or null if it did not say. */
  completedOn: string | null;
  /** The API's `data` object, as it came. */
  data: Record<string, unknown>;
}

/** The job has failed. */
export interface PhoneFailure {
  /** Tells this from the other states. */
  state: "failed";
  /** The job's id. */
  requestId: string;
  /** Nyne's own word. */
  status: "failed";
  /** Nyne's reason, or "no reason was given". */
  error: string;
  /** The API's `data` object, as it came. */
  data: Record<string, unknown>;
}

/**
 * A callback, in any form in which a server hands one over: the `Request` (anything with a `text()`), the body as text or
 * bytes, the object parsed from it, or an object whose `body` is one of these, such as the request of Express, Koa or Fastify
 * after a body parser, or an event of API Gateway. A stream that nobody has read is refused.
 */
export type CallbackInput = RequestLike | string | ArrayBuffer | ArrayBufferView | object;

/**
 * Options, the same for every function. An option that a function has no use for does no harm there. An undefined option
 * counts as left out; an unknown one is `invalid_argument`.
 */
export interface LookupOptions {
  /**
   * Sent as `X-API-Key` to `baseUrl` and nowhere else. Nyne itself needs it; with another `baseUrl`, give both keys or none.
   * Keys never belong in a page: let the page call a proxy of yours.
   */
  apiKey?: string | undefined;
  /** Sent as `X-API-Secret`: see `apiKey`. */
  apiSecret?: string | undefined;
  /**
   * Requests go to `${baseUrl}/person/phone`. A path such as `"/api/nyne"` is resolved against the page's address. Must be
   * `https:`, except on loopback, and must have no query and no fragment.
   * @defaultValue "https://api.nyne.ai"
   */
  baseUrl?: string | undefined;
  /** Extra request headers, such as a proxy's session. `X-API-Key`, `X-API-Secret` and `Content-Type` are refused here. */
  headers?: Record<string, string> | undefined;
  /**
   * Used instead of the host's `fetch`: in tests, or to call a service binding.
   * @defaultValue the global `fetch` at the time of the call
   */
  fetch?: FetchFunction | undefined;
  /**
   * Ends the call at once, wherever it stands: with `aborted`, or with `timeout` if it is a signal of `AbortSignal.timeout`. It
   * does not cancel the job at Nyne.
   */
  signal?: AbortSignalLike | null | undefined;
  /**
   * Limit of one request, its reply's body included, in milliseconds. `Infinity` for none.
   * @defaultValue 15_000
   */
  requestTimeout?: number | undefined;
  /**
   * How often one request is retried. A submit is retried only after proof that no job was made, a poll after anything that
   * may pass. A successful poll starts the count again. {@link checkStatus} never retries. `Infinity` for no limit.
   * @defaultValue 5
   */
  maxRetries?: number | undefined;
  /**
   * Limit of the whole call (submit, waits, polls and bodies), in milliseconds. `Infinity` for none. It applies to
   * {@link findPhone} and {@link pollResult}; {@link submitPhone} gives up after 300_000, whatever it says. In
   * {@link findPhones} it applies to each lookup, from its first request on: the wait for that does not count.
   * @defaultValue 300_000
   */
  timeout?: number | undefined;
  /** When to poll. */
  poll?: PollOptions | undefined;
  /**
   * Called when the submit has given the request id, after every successful poll, and after every failed request that will be
   * retried. If it throws or rejects, `console.error` says so and the lookup continues.
   */
  onStatus?: ((update: PhoneUpdate) => void) | undefined;
}

/** Options of {@link findPhones} and of a client. The limits hold for all calls of a client together, single lookups included. */
export interface BatchOptions extends LookupOptions {
  /**
   * How many lookups may be in flight, outcomes that nobody has taken yet included.
   * @defaultValue 64
   */
  concurrency?: number | undefined;
  /**
   * Requests in any minute, submits and polls together. `Infinity` for no limit.
   * @defaultValue 100
   */
  requestsPerMinute?: number | undefined;
  /**
   * Requests in any hour, submits and polls together. `Infinity` for no limit.
   * @defaultValue 1_000
   */
  requestsPerHour?: number | undefined;
  /**
   * Where {@link findPhones} writes down what it submits, so that the same batch can be started again and submits nobody
   * twice: people who have a result there get that, those who have an id are polled, and those who were being submitted when
   * the last run broke off get an error with `submitted: "unknown"`. Two batches must not use one store at the same time.
   */
  store?: LookupStore | undefined;
  /**
   * Submits those again, too, of whom the store does not know whether they were submitted. They may be charged twice.
   * @defaultValue false
   */
  resubmitUnknown?: boolean | undefined;
}

/**
 * A place that outlives the program: a file, a table, a key-value store. Both functions may return a promise. If `get` or the
 * `set` before a submit fails, nobody is submitted.
 */
export interface LookupStore {
  /** The claim under a key, or null or undefined if there is none. */
  get(key: string): LookupClaim | null | undefined | Promise<LookupClaim | null | undefined>;
  /**
   * Keeps a claim: just before the submit, with the id after it, and with the result in the end. Null takes it back, if it is
   * certain that no job was made. If it fails after the submit, `console.error` says so and the lookup continues.
   */
  set(key: string, claim: LookupClaim | null): unknown;
}

/** What a {@link LookupStore} keeps of one lookup. Plain JSON without a key. */
export interface LookupClaim {
  /** The time of the claim, then that of the submit, as an ISO 8601 date. */
  submittedAt: string;
  /** The job's id, or null while nobody knows whether there is a job. */
  requestId: string | null;
  /** The result, once there is one. */
  result: PhoneResult | null;
}

/** What became of one query of {@link findPhones}. */
export type PhoneOutcome = {
  /** The place of the query among all, from 0. */
  index: number;
  /** The query as it was given. */
  query: PhoneQuery;
} & ({ ok: true; result: PhoneResult } | { ok: false; error: NyneError });

/**
 * The poll schedule. The first poll comes `firstDelay` after the submit, or up to 20 % later. Each later wait is two thirds of
 * the time since the submit, at least `firstDelay` and at most `maxDelay`, or up to 20 % shorter. A client that has seen eight
 * jobs finish polls when that is worth most by their lengths, within the same bounds; only its first poll may come later than
 * the default `maxDelay`, and is up to 10 % earlier or later than learned. A failed poll adds a random backoff. `Retry-After` only lengthens a wait.
 */
export interface PollOptions {
  /**
   * The time from the submit to the first poll, and the shortest wait between polls, in milliseconds.
   * @defaultValue 6_000
   */
  firstDelay?: number | undefined;
  /**
   * The longest wait between polls, in milliseconds.
   * @defaultValue 15_000
   */
  maxDelay?: number | undefined;
  /**
   * After so many successful polls a job that still runs ends the call with `poll_budget_exhausted`.
   * @defaultValue no limit
   */
  maxPolls?: number | undefined;
}

/** An update for {@link LookupOptions.onStatus}. */
export interface PhoneUpdate {
  /** The job's id, or null before Nyne has accepted the submit. With it {@link pollResult} can resume the lookup. */
  requestId: string | null;
  /** Nyne's own word for the job's status; "submitting" before there is one. */
  status: string;
  /** Successful polls so far. */
  polls: number;
  /** Time since the call began, in milliseconds. */
  elapsed: number;
  /** Time until the next request, in milliseconds, or null if none will follow. */
  nextPollIn: number | null;
  /** Why the last request failed, if it did and will be retried; otherwise null. */
  problem: { code: string; message: string } | null;
}

/**
 * Every error of this package. No key is in its message, its stack or any other part of it.
 *
 * Made by this package only: it has no public constructor.
 */
export class NyneError extends Error {
  private constructor();
  /** `"AbortError"` for `aborted`, `"TimeoutError"` for `timeout`, as the platform names them. */
  readonly name: "NyneError" | "AbortError" | "TimeoutError";
  /** What happened, as a stable word. Branch on this. */
  readonly code: NyneErrorCode;
  /** HTTP status of the reply that ended the call, or null. */
  readonly status: number | null;
  /** The job's id, whenever it is known, or null. */
  readonly requestId: string | null;
  /**
   * Whether a job exists that may be charged. `"no"`: none does, and a new call is safe. `"yes"`: one does; `requestId` is its id.
   * `"unknown"`: one may, and a new submit may be charged as well.
   */
  readonly submitted: "no" | "yes" | "unknown";
  /**
   * True if a retry may help and cannot be charged twice: {@link pollResult} if there is a `requestId`, otherwise the same
   * call.
   */
  readonly retryable: boolean;
  /** How long the server asked to wait, in milliseconds, or null. */
  readonly retryAfter: number | null;
  /**
   * For `aborted`, the signal's own reason. For a failed request, a copy of what `fetch` threw with its name, message, code and
   * cause, and nothing else: the original may hold the keys.
   */
  readonly cause?: unknown;
  /**
   * The finished job's `data` object, if the job failed or its number cannot be read; for an error that the service answered,
   * the JSON body, with the service's own description. Not enumerable, since it may name a person: logs leave it out.
   */
  readonly data?: Record<string, unknown> | undefined;
  /** The error as a plain object, for logs: with its message, without its stack, cause and data. */
  toJSON(): Record<string, unknown>;
}

/**
 * Codes of this package, then known codes of the API. Other codes of the API are passed through.
 */
export type NyneErrorCode =
  /** A query or an option is wrong; the message names it. Nothing was sent. */
  | "invalid_argument"
  /** The signal was aborted. */
  | "aborted"
  /** `timeout`, the `requestTimeout` of the last retry, or the time of the caller's own signal is over. */
  | "timeout"
  /** A request got no reply, or could not be sent at all (`submitted` is then "no"). */
  | "network_error"
  /** A reply, or a callback, cannot be used. */
  | "invalid_response"
  /** The submit failed, and it may have made a job that is charged. */
  | "submit_outcome_unknown"
  /** The job failed; the error's `data` has Nyne's reason. */
  | "job_failed"
  /** The job is still running after `poll.maxPolls` successful polls. */
  | "poll_budget_exhausted"
  /** The host cannot run the call, or the WebAssembly module broke. */
  | "client_fault"
  /** 400, without a code of its own. */
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
  /** 402: the account has no credits. */
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
  /** 429, or a pause that an earlier 429 of this client asked for. */
  | "rate_limit_exceeded"
  /** 500 */
  | "internal_error"
  /** 503 */
  | "service_unavailable"
  /** Any other HTTP status, without a code of its own. */
  | "http_error"
  | (string & {});

/** A `fetch`: the host's own, a service binding's, or yours. */
export type FetchFunction = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** The second argument of a {@link FetchFunction}. */
export interface FetchInit {
  method: "GET" | "POST";
  headers: Record<string, string>;
  /** JSON; missing from a GET. */
  body?: string;
  /** Aborted when the request must stop. Missing if this host's `fetch` has refused the signals that the host makes. */
  signal?: HostAbortSignal;
  redirect: "manual";
  /** Missing on hosts whose `Request` has no `cache`. */
  cache?: "no-store";
}

/**
 * A `Response`, or the part of one that this package reads: its status, its headers, and its body as a stream of bytes, as text
 * or as parsed JSON.
 */
export type FetchResponse = ResponseHead & ({ readonly body: ByteStream } | RequestLike | { json(): Promise<unknown> });

interface ResponseHead {
  readonly status: number;
  readonly headers?: { get(name: string): string | null } | undefined;
}

/** The part of a `ReadableStream` that this package uses. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** The part of a `Request` that this package uses. */
export interface RequestLike {
  text(): Promise<string>;
}

/** The part of an `AbortSignal` that this package uses. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * The signal that the host's `fetch` takes. It is read from `fetch` itself because this file cannot name `AbortSignal`
 * if the host's types do not declare it, and a lesser type would make the host's `fetch` unassignable.
 */
type HostAbortSignal = typeof globalThis extends { fetch: (url: string, init?: infer Init) => unknown }
  ? Init extends { signal?: infer Signal }
    ? NonNullable<Signal>
    : AbortSignalLike
  : AbortSignalLike;

export {};
