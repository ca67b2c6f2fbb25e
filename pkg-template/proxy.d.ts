/**
 * A server-side handler that keeps the keys: a page calls `findPhone(query, { baseUrl: "/api/nyne" })` and holds none.
 *
 * Start with {@link createProxy}. All times are milliseconds.
 * This file needs no types of any host: without them, requests and responses are `any`.
 *
 * @packageDocumentation
 */

import type { FetchFunction } from "nyne-phone-finder";

/**
 * Makes a handler for `POST ${path}/person/phone` and `GET ${path}/person/phone?request_id=…`, the two requests that this package
 * sends. It asks Nyne by `submitPhone` and `checkStatus`, once each, and answers in Nyne's own form.
 *
 * A request id is bound to the caller whose submit made the job: to all others it is `request_not_found`. The page's client
 * ends as it would without a proxy; above all it never takes a submit that may have made a job for one that made none.
 *
 * The handler never rejects. If a function of yours throws or returns nonsense, `console.error` says so and the answer is 503
 * `service_unavailable`: nothing was submitted, and the page's client tries again.
 *
 * @throws {@link NyneError} at once: `invalid_argument` if an option is wrong or unknown.
 *
 * @example
 * ```ts
 * import { createProxy } from "nyne-phone-finder/proxy";
 *
 * // Your own: who is signed in?
 * declare function userOf(request: Request): Promise<{ id: string } | null>;
 *
 * const proxy = createProxy({
 *   apiKey: process.env.NYNE_API_KEY ?? "",
 *   apiSecret: process.env.NYNE_API_SECRET ?? "",
 *   authorize: async (request) => (await userOf(request))?.id ?? null,
 * });
 * export default { fetch: proxy };
 * ```
 */
export function createProxy(options: ProxyOptions): (request: HostRequest) => Promise<HostResponse>;

/** Options of {@link createProxy}. An undefined option counts as left out; an unknown one is refused. */
export interface ProxyOptions {
  /** Your key of Nyne's. It goes to `baseUrl` and nowhere else. */
  apiKey: string;
  /** The key's secret. Request ids are bound to their callers with a key that is derived from it. */
  apiSecret: string;
  /**
   * Secrets that were replaced. Ids that were bound with them are still recognised; new ids are bound with `apiSecret`.
   * @defaultValue none
   */
  previousSecrets?: readonly string[] | undefined;
  /**
   * Names the caller, such as by the id of the user who is signed in, or returns null for somebody who may not spend your
   * credits: the answer is then 401 `invalid_credentials`. It is asked for every request but a preflight. Do not read the
   * request's body here, or read that of `request.clone()`.
   */
  authorize: (request: HostRequest) => string | null | undefined | Promise<string | null | undefined>;
  /**
   * How long this caller must wait, in milliseconds; 0 or null to let the request pass. The answer is otherwise 429
   * `rate_limit_exceeded` with `Retry-After`, after which the page's client waits and tries again.
   * @defaultValue no limit but Nyne's, which all callers share
   */
  limit?: ((caller: string, request: HostRequest) => number | null | undefined | Promise<number | null | undefined>) | undefined;
  /**
   * Where the proxy is: the path of the page's `baseUrl`. `""` is the root.
   * @defaultValue "/api/nyne"
   */
  path?: string | undefined;
  /**
   * Origins of other pages that may call, such as `"https://app.example.com"` or an extension's, with their cookies. Pages of the
   * proxy's own origin always may; any other one gets 403 `forbidden`.
   * @defaultValue none
   */
  origins?: readonly string[] | undefined;
  /**
   * What a `callbackUrl` of a query may be: one of these URLs, or below it. Any other one gets 400 `invalid_request`, and so does
   * a path with a semicolon, a segment that begins with two dots, or an encoded dot, slash, backslash, semicolon, percent sign
   * or control character, which a server might take for a way out of the folder. A query is allowed, whatever it says; a
   * fragment is dropped.
   * @defaultValue none
   */
  callbackUrls?: readonly string[] | undefined;
  /**
   * Nyne's address, or that of what stands in for it: see `LookupOptions` of `nyne-phone-finder`.
   * @defaultValue "https://api.nyne.ai"
   */
  baseUrl?: string | undefined;
  /**
   * Used instead of the host's `fetch` to ask Nyne.
   * @defaultValue the global `fetch` at the time of the request
   */
  fetch?: FetchFunction | undefined;
  /**
   * Limit of one request to Nyne, its reply's body included, in milliseconds. `Infinity` for none. Keep it below the
   * `requestTimeout` of the pages, or they give up an answer that is still to come.
   * @defaultValue 15_000
   */
  requestTimeout?: number | undefined;
}

/** The host's own `Request`. */
type HostRequest = typeof globalThis extends { Request: { prototype: infer Instance } } ? Instance : any;
/** The host's own `Response`. */
type HostResponse = typeof globalThis extends { Response: { prototype: infer Instance } } ? Instance : any;

export {};
