// The types, as a compiler sees them. Needs no types of any host: compile with `lib: ["ES2022"]` and `types: []`.
// Each `@ts-expect-error` is itself an error when the line below it compiles.

import {
  checkStatus,
  confirmCallback,
  createClient,
  findPhone,
  isNyneError,
  NyneError,
  parseCallback,
  pollResult,
  submitPhone,
} from "nyne-phone-finder";
import type {
  AbortSignalLike,
  ByteStream,
  CallbackInput,
  FetchFunction,
  FetchInit,
  FetchResponse,
  LookupOptions,
  NyneClient,
  NyneErrorCode,
  PhoneFailure,
  PhonePending,
  PhoneQuery,
  PhoneRequest,
  PhoneResult,
  PhoneStatus,
  PollOptions,
  RequestLike,
} from "nyne-phone-finder";

// A field of a type is compared as a whole and exactly: one that is missing, or may be missing, or is wider than it should
// be, is an error. Names of types that follow from others are not relied upon.
type Update = Parameters<NonNullable<LookupOptions["onStatus"]>>[0];
type SubmitOptions = NonNullable<Parameters<typeof submitPhone>[1]>;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(verdict: Equal<A, B>): void;
/** Equal to one of two. */
declare function either<A, B, C>(verdict: Equal<A, B> extends true ? true : Equal<A, C>): void;

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
same<typeof pollResult, (request: string | PhoneRequest, options?: LookupOptions) => Promise<PhoneResult>>(true);
same<typeof submitPhone, (query: PhoneQuery, options?: SubmitOptions) => Promise<PhoneRequest>>(true);
same<typeof checkStatus, (request: string | PhoneRequest, options?: SubmitOptions) => Promise<PhoneStatus>>(true);
same<typeof parseCallback, (input: CallbackInput) => Promise<PhoneStatus>>(true);
same<typeof confirmCallback, (input: CallbackInput, options?: SubmitOptions) => Promise<PhoneStatus>>(true);
same<ReturnType<typeof createClient>, NyneClient>(true);
same<Parameters<typeof createClient>["length"], 1>(true);

// A client has the same functions.
same<NyneClient["findPhone"], typeof findPhone>(true);
same<NyneClient["pollResult"], typeof pollResult>(true);
same<NyneClient["submitPhone"], typeof submitPhone>(true);
same<NyneClient["checkStatus"], typeof checkStatus>(true);
same<NyneClient["parseCallback"], typeof parseCallback>(true);
same<NyneClient["confirmCallback"], typeof confirmCallback>(true);

// What they give, field by field.

same<{ [Name in keyof PhoneRequest]: PhoneRequest[Name] }, { requestId: string; submittedAt: string }>(true);
same<PhoneStatus, PhonePending | PhoneResult | PhoneFailure>(true);
same<{ [Name in keyof PhonePending]: PhonePending[Name] }, { state: "pending"; requestId: string; status: string; pollAfter: number }>(true);
same<keyof PhoneResult, "state" | "requestId" | "status" | "mobile" | "completedOn" | "data">(true);
same<{ [Name in Exclude<keyof PhoneResult, "data">]: PhoneResult[Name] }, { state: "completed"; requestId: string; status: "completed"; mobile: string | null; completedOn: string | null }>(true);
same<keyof PhoneFailure, "state" | "requestId" | "status" | "error" | "data">(true);
same<{ [Name in Exclude<keyof PhoneFailure, "data">]: PhoneFailure[Name] }, { state: "failed"; requestId: string; status: "failed"; error: string }>(true);
either<PhoneResult["data"], Record<string, unknown>, object>(true);
same<PhoneFailure["data"], PhoneResult["data"]>(true);

same<Pick<Update, "status" | "polls" | "elapsed" | "nextPollIn">, { status: string; polls: number; elapsed: number; nextPollIn: number | null }>(true);
// Before the submit is answered there may be updates without an id.
either<Update["requestId"], string, string | null>(true);
either<Exclude<keyof Update, "status" | "polls" | "elapsed" | "nextPollIn">, "requestId", "requestId" | "problem">(true);

// What they take, field by field. All of it may be left out.

same<keyof PhoneQuery & ("name" | "company" | "email" | "phone" | "socialMediaUrl" | "callbackUrl"), "name" | "company" | "email" | "phone" | "socialMediaUrl" | "callbackUrl">(true);
either<PhoneQuery[keyof PhoneQuery], string | undefined, string | null | undefined>(true);
same<PhoneQuery, Partial<PhoneQuery>>(true);
same<LookupOptions, Partial<LookupOptions>>(true);
same<keyof LookupOptions, "apiKey" | "apiSecret" | "baseUrl" | "headers" | "fetch" | "signal" | "requestTimeout" | "maxRetries" | "timeout" | "poll" | "onStatus">(true);
same<
  { [Name in "apiKey" | "apiSecret" | "baseUrl" | "headers" | "requestTimeout" | "maxRetries" | "timeout"]: LookupOptions[Name] },
  {
    apiKey: string | undefined;
    apiSecret: string | undefined;
    baseUrl: string | undefined;
    headers: Record<string, string> | undefined;
    requestTimeout: number | undefined;
    maxRetries: number | undefined;
    timeout: number | undefined;
  }
>(true);
same<{ [Name in keyof PollOptions]: PollOptions[Name] }, { firstDelay?: number | undefined; maxDelay?: number | undefined; maxPolls?: number | undefined }>(true);
same<ReturnType<NonNullable<LookupOptions["onStatus"]>>, void>(true);

// Queries.

findPhone({ name: "", company: "", email: "", phone: "", socialMediaUrl: "", callbackUrl: "" });
// @ts-expect-error no such field
findPhone({ mail: "ada@example.com" });
// @ts-expect-error not a string
findPhone({ email: 1 });
// @ts-expect-error a query is an object
findPhone("ada@example.com");
// @ts-expect-error a query is required
findPhone();

// Options.

const requestOptions = {
  apiKey: "",
  apiSecret: "",
  baseUrl: "/api/nyne",
  headers: { Authorization: "" },
  fetch: ownFetch,
  signal,
  requestTimeout: 15_000,
  maxRetries: 5,
};
const lookupOptions: Required<LookupOptions> = {
  ...requestOptions,
  timeout: Infinity,
  poll: { firstDelay: 3_000, maxDelay: 15_000, maxPolls: 10 } satisfies Required<PollOptions>,
  onStatus: (update) => same<typeof update, Update>(true),
};
findPhone(query, lookupOptions);
pollResult("id", lookupOptions);
pollResult(request, lookupOptions);
submitPhone(query, requestOptions);
checkStatus("id", requestOptions);
checkStatus(request, requestOptions);
confirmCallback("{}", requestOptions);
// What may be missing from an environment or a form needs no special care, whatever `exactOptionalPropertyTypes` says.
findPhone({ email: "", name: undefined }, { apiKey: undefined, poll: { maxPolls: undefined }, onStatus: undefined });
createClient(lookupOptions).findPhone(query, lookupOptions);
createClient(lookupOptions);

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
findPhone(query, { fetch: async () => ({ headers: { get: () => null }, body: null }) });
// @ts-expect-error reading a callback needs no options
parseCallback("{}", { apiKey: "" });
// @ts-expect-error no such option
createClient({ key: "" });
// @ts-expect-error a client needs its options
createClient();
// @ts-expect-error an id or a request
pollResult({ id: "a1b2" });
// @ts-expect-error a request that lacks a part
pollResult({ requestId: "a1b2" });

// A wrapper receives all that it needs to call the real one.
const logged: FetchFunction = async (url, init) => {
  same<typeof url, string>(true);
  same<typeof init, FetchInit>(true);
  same<typeof init.method, "GET" | "POST">(true);
  same<typeof init.headers, Record<string, string>>(true);
  same<typeof init.body, string | undefined>(true);
  init.redirect satisfies "manual" | "error" | "follow" | undefined;
  init.signal satisfies AbortSignalLike;
  return ownFetch(url, init);
};
findPhone(query, { fetch: logged });

// What it returns may be made by hand.
const body: ByteStream = {
  getReader: () => ({ read: async () => ({ done: false, value: new Uint8Array(1) }), cancel: async () => {} }),
};
const response: FetchResponse = { status: 202, headers: { get: () => null }, body };
findPhone(query, { fetch: async () => response });
findPhone(query, { fetch: async () => ({ ...response, body: null }) });
// @ts-expect-error a body gives bytes, not text
const texts: ByteStream = { getReader: () => ({ read: async () => ({ done: false, value: "" }), cancel: async () => {} }) };
// @ts-expect-error a body is a stream, not text
findPhone(query, { fetch: async () => ({ ...response, body: "{}" }) });

// Callbacks.

parseCallback("{}");
parseCallback({ success: true });
const received: RequestLike = { text: async () => "{}" };
parseCallback(received);
confirmCallback(received, requestOptions);
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

// Errors.

same<
  Pick<NyneError, "name" | "message" | "code" | "status" | "requestId" | "submitted" | "retryable" | "retryAfter">,
  {
    readonly name: "NyneError" | "AbortError" | "TimeoutError";
    message: string;
    readonly code: NyneErrorCode;
    readonly status: number | null;
    readonly requestId: string | null;
    readonly submitted: "no" | "yes" | "unknown";
    readonly retryable: boolean;
    readonly retryAfter: number | null;
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
