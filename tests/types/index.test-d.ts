// The types, as a compiler sees them. Needs no types of any host: compile with `lib: ["ES2022"]` and `types: []`.
// Each `@ts-expect-error` is itself an error when the line below it compiles.

import {
  checkStatus,
  confirmCallback,
  createClient,
  findPhone,
  findPhones,
  isNyneError,
  NyneError,
  parseCallback,
  pollResult,
  submitPhone,
} from "nyne-phone-finder";
import type {
  AbortSignalLike,
  BatchOptions,
  ByteStream,
  CallbackInput,
  FetchFunction,
  FetchInit,
  FetchResponse,
  LookupClaim,
  LookupOptions,
  LookupStore,
  NyneClient,
  NyneErrorCode,
  PhoneFailure,
  PhoneOutcome,
  PhonePending,
  PhoneQuery,
  PhoneRequest,
  PhoneRequestLike,
  PhoneResult,
  PhoneStatus,
  PhoneUpdate,
  PollOptions,
  RequestLike,
} from "nyne-phone-finder";

// Types are compared field by field and exactly: a field that is missing, or may be missing, or is wider than it should be, is
// an error.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(verdict: Equal<A, B>): void;
/** All fields of a type, as one object. */
type Fields<T> = { [Name in keyof T]: T[Name] };

// @ts-expect-error `same` must tell different types apart, or nothing below is proved.
same<string, string | null>(true);
// @ts-expect-error and `any` must not pass for another type.
same<any, string>(true);
// @ts-expect-error nor a field that may be missing for one that is there.
same<{ a?: string }, { a: string | undefined }>(true);

declare const query: PhoneQuery;
declare const request: PhoneRequest;
declare const status: PhoneStatus;
declare const signal: AbortSignalLike;
declare const ownFetch: FetchFunction;

// What each function takes and returns.

same<typeof findPhone, (query: PhoneQuery, options?: LookupOptions) => Promise<PhoneResult>>(true);
same<typeof pollResult, (request: string | PhoneRequestLike, options?: LookupOptions) => Promise<PhoneResult>>(true);
same<typeof submitPhone, (query: PhoneQuery, options?: LookupOptions) => Promise<PhoneRequest>>(true);
same<typeof checkStatus, (request: string | PhoneRequestLike, options?: LookupOptions) => Promise<PhoneStatus>>(true);
same<typeof parseCallback, (input: CallbackInput) => Promise<PhoneStatus>>(true);
same<typeof confirmCallback, (input: CallbackInput, options?: LookupOptions) => Promise<PhoneStatus>>(true);
same<
  typeof findPhones,
  (queries: Iterable<PhoneQuery> | AsyncIterable<PhoneQuery>, options?: BatchOptions) => AsyncIterableIterator<PhoneOutcome>
>(true);
same<typeof createClient, (defaults: BatchOptions) => NyneClient>(true);
same<typeof isNyneError, (value: unknown) => value is NyneError>(true);

// A client has the same functions.
same<
  Fields<NyneClient>,
  {
    findPhone: typeof findPhone;
    pollResult: typeof pollResult;
    submitPhone: typeof submitPhone;
    checkStatus: typeof checkStatus;
    findPhones: typeof findPhones;
    parseCallback: typeof parseCallback;
    confirmCallback: typeof confirmCallback;
  }
>(true);

// What they give, field by field.

type Data = Record<string, unknown>;
same<Fields<PhoneRequest>, { requestId: string; submittedAt: string }>(true);
same<PhoneStatus, PhonePending | PhoneResult | PhoneFailure>(true);
same<Fields<PhonePending>, { state: "pending"; requestId: string; status: string; pollAfter: number }>(true);
same<
  Fields<PhoneResult>,
  { state: "completed"; requestId: string; status: "completed"; mobile: string | null; completedOn: string | null; data: Data }
>(true);
same<Fields<PhoneFailure>, { state: "failed"; requestId: string; status: "failed"; error: string; data: Data }>(true);
same<
  Fields<PhoneUpdate>,
  {
    requestId: string | null;
    status: string;
    polls: number;
    elapsed: number;
    nextPollIn: number | null;
    problem: { code: string; message: string } | null;
  }
>(true);

// What they take, field by field.

type Text = string | null | undefined;
same<
  Fields<Partial<Extract<PhoneQuery, { email: unknown }>>>,
  {
    name?: Text;
    company?: Text;
    email?: Text;
    phone?: Text;
    socialMediaUrl?: Text;
    social_media_url?: Text;
    callbackUrl?: Text;
    callback_url?: Text;
  }
>(true);
same<Fields<PhoneRequestLike>, { requestId: string; submittedAt?: string | Date | null | undefined }>(true);
same<
  Fields<LookupOptions>,
  {
    apiKey?: string | undefined;
    apiSecret?: string | undefined;
    baseUrl?: string | undefined;
    headers?: Record<string, string> | undefined;
    fetch?: FetchFunction | undefined;
    signal?: AbortSignalLike | null | undefined;
    requestTimeout?: number | undefined;
    maxRetries?: number | undefined;
    timeout?: number | undefined;
    poll?: PollOptions | undefined;
    onStatus?: ((update: PhoneUpdate) => void) | undefined;
  }
>(true);
same<
  Fields<PollOptions>,
  { firstDelay?: number | undefined; maxDelay?: number | undefined; maxPolls?: number | undefined }
>(true);
same<CallbackInput, RequestLike | string | ArrayBuffer | ArrayBufferView | object>(true);
same<
  Fields<AbortSignalLike>,
  {
    readonly aborted: boolean;
    readonly reason: unknown;
    addEventListener(type: "abort", listener: () => void): void;
    removeEventListener(type: "abort", listener: () => void): void;
  }
>(true);

// Queries.

findPhone({ name: "", company: "", email: "", phone: "", socialMediaUrl: "", callbackUrl: "" });
findPhone({ social_media_url: "", callback_url: "" });
findPhone({ name: "" });
findPhone({ email: "" });
findPhone({ phone: "" });
findPhone({ socialMediaUrl: "" });
// Rows of a database and fields of a form.
findPhone({ name: null, email: "", phone: undefined });
declare const row: { name: string | null; email: string | null };
findPhone(row);
declare const form: { name: string | undefined; phone: string | undefined };
findPhone(form);
// A query that is put together step by step.
const parts: Partial<PhoneQuery> = {};
parts.email = "";
// @ts-expect-error nobody is named
findPhone({});
// @ts-expect-error a company alone names nobody
findPhone({ company: "" });
// @ts-expect-error nor does the callback's address
submitPhone({ company: "", callbackUrl: "" });
// @ts-expect-error no such field
findPhone({ mail: "ada@example.com" });
// @ts-expect-error not a string
findPhone({ email: 1 });
// @ts-expect-error a query is an object
findPhone("ada@example.com");
// @ts-expect-error a query is required
findPhone();

// Options.

const options: Required<LookupOptions> = {
  apiKey: "",
  apiSecret: "",
  baseUrl: "/api/nyne",
  headers: { Authorization: "" },
  fetch: ownFetch,
  signal,
  requestTimeout: 15_000,
  maxRetries: 5,
  timeout: Infinity,
  poll: { firstDelay: 3_000, maxDelay: 15_000, maxPolls: 10 } satisfies Required<PollOptions>,
  onStatus: (update) => same<typeof update, PhoneUpdate>(true),
};
// One set for every function.
findPhone(query, options);
pollResult("id", options);
submitPhone(query, options);
checkStatus("id", options);
confirmCallback("{}", options);
createClient(options);
createClient(options).findPhone(query, options);
createClient({});
// What may be missing from an environment or a form needs no special care, whatever `exactOptionalPropertyTypes` says.
findPhone({ email: "", name: undefined }, { apiKey: undefined, poll: { maxPolls: undefined }, onStatus: undefined });
findPhone(query, { signal: null });
findPhone(query, { onStatus: async () => {} });

// Requests.

pollResult(request, options);
checkStatus(request, options);
pollResult({ requestId: "a1b2" });
pollResult({ requestId: "a1b2", submittedAt: null });
pollResult({ requestId: "a1b2", submittedAt: new Date() });
checkStatus(status);
// @ts-expect-error an id or a request
pollResult({ id: "a1b2" });
// @ts-expect-error an id is text
pollResult(1);
// @ts-expect-error a date, or its text
pollResult({ requestId: "a1b2", submittedAt: 0 });

// @ts-expect-error no such option
findPhone(query, { timeoutMs: 1 });
// @ts-expect-error not a number
findPhone(query, { timeout: "1m" });
// @ts-expect-error no such poll option
findPhone(query, { poll: { interval: 1 } });
// @ts-expect-error header values are strings
findPhone(query, { headers: { "X-Retry": 1 } });
// @ts-expect-error not a signal
findPhone(query, { signal: { aborted: false } });
// @ts-expect-error a fetch returns a promise of a response
findPhone(query, { fetch: () => "response" });
// @ts-expect-error a response has a status
findPhone(query, { fetch: async () => ({ headers: { get: () => null }, text: async () => "{}" }) });
// @ts-expect-error and a body
findPhone(query, { fetch: async () => ({ status: 200, headers: { get: () => null }, body: null }) });
// @ts-expect-error reading a callback needs no options
parseCallback("{}", { apiKey: "" });
// @ts-expect-error no such option
createClient({ key: "" });
// @ts-expect-error a client needs its options, if only an empty object
createClient();
// @ts-expect-error options are an object
createClient(null);

// A wrapper receives all that it needs to call the real one.
const logged: FetchFunction = async (url, init) => {
  same<typeof url, string>(true);
  same<typeof init, FetchInit>(true);
  same<Fields<Omit<FetchInit, "signal">>, {
    method: "GET" | "POST";
    headers: Record<string, string>;
    body?: string;
    redirect: "manual";
    cache?: "no-store";
  }>(true);
  same<FetchInit["signal"], AbortSignalLike | undefined>(true);
  return ownFetch(url, init);
};
findPhone(query, { fetch: logged });

// What it returns may be made by hand.
const body: ByteStream = {
  getReader: () => ({ read: async () => ({ done: false, value: new Uint8Array(1) }), cancel: async () => {} }),
};
const response = { status: 202, headers: { get: () => null }, body } satisfies FetchResponse;
findPhone(query, { fetch: async () => response });
findPhone(query, { fetch: async () => ({ status: 202, text: async () => "{}" }) });
findPhone(query, { fetch: async () => ({ status: 202, json: async () => ({}) }) });
// That of node-fetch has a Node stream.
declare const piped: { pipe(): void };
findPhone(query, { fetch: async () => ({ ...response, body: piped, text: async () => "{}" }) });
// @ts-expect-error a body gives bytes, not text
const texts: ByteStream = { getReader: () => ({ read: async () => ({ done: false, value: "" }), cancel: async () => {} }) };
// @ts-expect-error a body is a stream, not text
findPhone(query, { fetch: async () => ({ ...response, body: "{}" }) });

// Callbacks.

parseCallback("{}");
parseCallback({ success: true });
const received: RequestLike = { text: async () => "{}" };
parseCallback(received);
parseCallback(new ArrayBuffer(1));
parseCallback(new Uint8Array(1));
parseCallback({ body: "{}", isBase64Encoded: false });
confirmCallback(received, options);
// @ts-expect-error text comes as a promise
const atOnce: RequestLike = { text: () => "{}" };
// @ts-expect-error not a callback
parseCallback(1);
// @ts-expect-error not a callback
parseCallback(null);

// `state` tells statuses apart.

switch (status.state) {
  case "pending":
    same<typeof status, PhonePending>(true);
    same<typeof status.pollAfter, number>(true);
    // @ts-expect-error no number yet
    status.mobile;
    break;
  case "completed":
    same<typeof status, PhoneResult>(true);
    same<typeof status.mobile, string | null>(true);
    // @ts-expect-error nothing to wait for
    status.pollAfter;
    break;
  case "failed":
    same<typeof status, PhoneFailure>(true);
    same<typeof status.error, string>(true);
    break;
  default:
    same<typeof status, never>(true);
}
// @ts-expect-error a result need not have a number
findPhone(query).then((result) => result.mobile.length);

findPhone(query, {
  onStatus({ nextPollIn }) {
    same<typeof nextPollIn, number | null>(true);
  },
});

// Batches.

declare const store: LookupStore;
same<
  Omit<Fields<BatchOptions>, keyof LookupOptions>,
  {
    concurrency?: number | undefined;
    requestsPerMinute?: number | undefined;
    requestsPerHour?: number | undefined;
    store?: LookupStore | undefined;
    resubmitUnknown?: boolean | undefined;
  }
>(true);
same<Pick<BatchOptions, keyof LookupOptions>, Fields<LookupOptions>>(true);
same<Fields<LookupClaim>, { submittedAt: string; requestId: string | null; result: PhoneResult | null }>(true);

findPhones([query]);
findPhones(new Set([query]), { concurrency: 8, requestsPerMinute: Infinity, store, resubmitUnknown: true });
findPhones((function* () { yield query; })(), options);
findPhones((async function* () { yield query; })(), options);
// @ts-expect-error a list of queries, not one
findPhones(query);
// @ts-expect-error a text has no queries in it
findPhones("ada@example.com");
// @ts-expect-error a company alone identifies nobody
findPhones([{ company: "Example Corp" }]);
// @ts-expect-error a number
findPhones([query], { concurrency: "8" });
// @ts-expect-error an option of a batch
findPhone(query, { store });

// A Map does for a store, and so does a table behind promises.
findPhones([query], { store: new Map<string, LookupClaim | null>() });
findPhones([query], { store: { get: async (key) => (key === "" ? null : undefined), set: async (key, claim) => void claim?.result } });
// @ts-expect-error it must have both functions
findPhones([query], { store: { get: () => null } });
// @ts-expect-error it gives claims
findPhones([query], { store: { get: () => "claim", set() {} } });

// `ok` tells outcomes apart.
(async () => {
  for await (const outcome of findPhones([query])) {
    same<typeof outcome, PhoneOutcome>(true);
    same<typeof outcome.index, number>(true);
    same<typeof outcome.query, PhoneQuery>(true);
    if (outcome.ok) {
      same<typeof outcome.result, PhoneResult>(true);
      // @ts-expect-error it did not fail
      outcome.error;
    } else {
      same<typeof outcome.error, NyneError>(true);
      // @ts-expect-error it did not succeed
      outcome.result;
    }
    // @ts-expect-error there may be no result
    outcome.result.mobile;
  }
});

// Errors.

same<
  Omit<Fields<NyneError>, keyof Error>,
  {
    readonly code: NyneErrorCode;
    readonly status: number | null;
    readonly requestId: string | null;
    readonly submitted: "no" | "yes" | "unknown";
    readonly retryable: boolean;
    readonly retryAfter: number | null;
    readonly data?: Record<string, unknown> | undefined;
    toJSON: () => Record<string, unknown>;
  }
>(true);
same<
  Pick<NyneError, "name" | "message" | "cause">,
  {
    readonly name: "NyneError" | "AbortError" | "TimeoutError";
    message: string;
    readonly cause?: unknown;
  }
>(true);
declare const thrown: unknown;
if (isNyneError(thrown)) {
  same<typeof thrown, NyneError>(true);
  thrown satisfies Error;
  same<typeof thrown.code, NyneErrorCode>(true);
  same<typeof thrown.submitted, "no" | "yes" | "unknown">(true);
  same<typeof thrown.status, number | null>(true);
  same<typeof thrown.retryAfter, number | null>(true);
  same<typeof thrown.retryable, boolean>(true);
  same<typeof thrown.cause, unknown>(true);
  switch (thrown.code) {
    case "timeout":
      // Text that no code describes might say the same, so it remains.
      same<typeof thrown.code, "timeout" | (string & {})>(true);
      break;
    // @ts-expect-error codes are text
    case 408:
      break;
    default:
      same<typeof thrown.code, Exclude<NyneErrorCode, "timeout">>(true);
  }
  if (thrown.submitted === "no") same<typeof thrown.submitted, "no">(true);
  else same<typeof thrown.submitted, "yes" | "unknown">(true);
  if (thrown.requestId !== null) pollResult(thrown.requestId);
  // @ts-expect-error there may be no data
  thrown.data.result;
  // @ts-expect-error there may be no id
  pollResult(thrown.requestId);
  // @ts-expect-error read-only
  thrown.code = "aborted";
  // @ts-expect-error not one of the three
  thrown.submitted === "maybe";
}
if (thrown instanceof NyneError) same<typeof thrown, NyneError>(true);
// @ts-expect-error made by the package only
new NyneError("message");

// A code can be compared with one that this version does not know, and is always text.
declare const code: NyneErrorCode;
code === "a_code_of_next_year";
code satisfies string;
// @ts-expect-error not text
code satisfies number;

// The known codes are offered by name: each of these is a member of the union, not merely some text.
type KnownCode = NyneErrorCode extends infer Code ? (Code extends string ? (string extends Code ? never : Code) : never) : never;
declare function known<Code extends KnownCode>(): void;
known<
  | "invalid_argument"
  | "aborted"
  | "timeout"
  | "network_error"
  | "invalid_response"
  | "submit_outcome_unknown"
  | "job_failed"
  | "poll_budget_exhausted"
  | "client_fault"
>();
known<
  | "invalid_request"
  | "missing_parameters"
  | "missing_api_key"
  | "invalid_api_key"
  | "missing_api_secret"
  | "invalid_api_secret"
  | "invalid_credentials"
  | "insufficient_credits"
  | "subscription_required"
  | "ip_not_allowed"
  | "api_key_disabled"
  | "permission_denied"
  | "forbidden"
  | "request_not_found"
  | "rate_limit_exceeded"
  | "internal_error"
  | "service_unavailable"
  | "http_error"
>();
// @ts-expect-error not a known code
known<"no_such_code">();
