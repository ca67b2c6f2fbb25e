// @ts-check
// A server-side handler that keeps the keys. It is this package's own client, served: each request becomes one call of
// `submitPhone` or `checkStatus`, whose outcome is written as Nyne would write it. No byte of a reply is passed on unread, and
// a status is chosen by what the page's own client concludes from it: see `ofSubmit` and `ofPoll`.

import { checkStatus, createClient, isNyneError, NyneError, submitPhone } from "#module";

/** @typedef {import("./proxy.js").ProxyOptions} ProxyOptions @typedef {import("./index.js").NyneError} Failure */
/** @typedef {{ status: number, body?: object, headers?: Record<string, string> }} Reply */

const OPTIONS = [
  "apiKey", "apiSecret", "previousSecrets", "authorize", "limit", "path", "origins", "callbackUrls", "baseUrl", "fetch", "requestTimeout",
];
const REQUIRED = ["apiKey", "apiSecret", "authorize"];
const METHODS = "GET, POST, OPTIONS";
/** In bytes. Nyne's fields are a name, a company, an address or two. */
const MAX_BODY = 16 * 1024;
/** In bytes: the client takes no longer one. */
const MAX_ID = 1024;
/** In seconds. Each poll of another origin's page would otherwise need a preflight. */
const PREFLIGHT_AGE = 600;
/** The headers of Nyne's replies that callers get. */
const PASSED = [
  "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
  "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy", "RateLimit",
];
/** A tag is 32 bytes in base64url, in the one spelling whose spare bits are zero. */
const BOUND = /^(.+)\.([\w-]{42}[AEIMQUYcgkosw048])$/s;
/**
 * In the path of a callback URL: an encoded control character, percent sign, dot, slash, semicolon or backslash, a semicolon, or a
 * segment that begins with two dots. Some servers decode these or cut them off, and so leave the folder.
 */
const ODD_PATH = /%([01].|2[5ef]|3b|5c|7f)|;|\/\.\./i;

/** Why a request is answered with an error. */
class Refusal {
  /** @param {number} status @param {string} code @param {string} message @param {Record<string, string>} [headers] */
  constructor(status, code, message, headers) {
    const timestamp = new Date().toISOString().slice(0, 19);
    /** @type {Reply} */
    this.reply = { status, body: { success: false, error: { code, message }, timestamp }, headers };
  }
}

/** Also for an id of another caller: that it exists is nobody else's business. */
const notFound = () => new Refusal(404, "request_not_found", "The request id is unknown or has expired.");
const invalid = (/** @type {string} */ message) => new Refusal(400, "invalid_request", message);

/** @param {ProxyOptions} options */
export function createProxy(options) {
  check(options);
  const { apiKey, apiSecret, previousSecrets = [], authorize, limit, path = "/api/nyne", origins = [], baseUrl, requestTimeout } = options;
  const callbackUrls = (options.callbackUrls ?? []).map((url) => new URL(url));
  const upstream = { apiKey, apiSecret, baseUrl, requestTimeout };
  // Only to check the options: a client of its own would delay submits, while the page waits for an answer.
  createClient({ ...upstream, fetch: options.fetch });
  const ids = new Ids([apiSecret, ...previousSecrets]);
  const redact = redactor([apiKey, apiSecret, ...previousSecrets]);

  /** @param {Request} request */
  return async function proxy(request) {
    const origin = request.headers.get("Origin") ?? "";
    const { status, body, headers } = await answer(request).catch((thrown) => {
      if (thrown instanceof Refusal) return thrown.reply;
      const what = request.method === "POST" ? "a submit could not be answered, and was not sent to Nyne" : "a poll could not be answered";
      console.error(`nyne-phone-finder/proxy: ${what}.`, thrown);
      // Not 500: after that the page's client could not know that no job was made.
      return new Refusal(503, "service_unavailable", "The proxy could not answer. Its log says why.").reply;
    });
    const all = new Headers({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", Vary: "Origin" });
    if (body) all.set("Content-Type", "application/json");
    for (const [name, value] of Object.entries(headers ?? {})) all.set(name, value);
    if (origins.includes(origin)) {
      all.set("Access-Control-Allow-Origin", origin);
      all.set("Access-Control-Allow-Credentials", "true");
      all.set("Access-Control-Expose-Headers", PASSED.join(", "));
    }
    return new Response(body ? redact(JSON.stringify(body)) : null, { status, headers: all });
  };

  /** @param {Request} request @returns {Promise<Reply>} */
  async function answer(request) {
    const { pathname, origin, searchParams } = new URL(request.url);
    if (pathname !== `${path}/person/phone`) throw new Refusal(404, "not_found", "There is nothing at this path.");
    checkOrigin(request, origin);
    if (request.method === "OPTIONS") return preflight(request);
    if (request.method !== "POST" && request.method !== "GET") {
      throw new Refusal(405, "method_not_allowed", `Use one of ${METHODS}.`, { Allow: METHODS });
    }
    const caller = await authorize(request);
    if (!caller) throw new Refusal(401, "invalid_credentials", "The proxy does not know the caller. Sign in again.");
    if (typeof caller !== "string") throw new TypeError("authorize must return the caller's name as text, or null");
    await checkLimit(caller, request);
    if (request.method === "POST") return submit(caller, await queryOf(request, searchParams));
    const parameters = [...searchParams];
    const [[name, bound] = []] = parameters;
    if (parameters.length !== 1 || name !== "request_id" || !bound) throw invalid("Send one parameter, request_id, and no other.");
    return poll(caller, bound);
  }

  /** @param {Request} request @param {string} own */
  function checkOrigin(request, own) {
    const origin = request.headers.get("Origin");
    if (origin === null || origin === own || origins.includes(origin)) return;
    // Behind a server that ends TLS, `own` begins with http:. A page cannot set this header, browsers do.
    if (request.headers.get("Sec-Fetch-Site") === "same-origin") return;
    throw new Refusal(403, "forbidden", "The page's origin is not one of the proxy's `origins`.");
  }

  /** @param {Request} request @returns {Reply} */
  function preflight({ headers }) {
    if (!headers.has("Access-Control-Request-Method")) return { status: 204, headers: { Allow: METHODS } };
    return {
      status: 204,
      headers: {
        "Access-Control-Allow-Methods": METHODS,
        // Whatever `authorize` reads. A browser heeds this only if the origin is allowed.
        "Access-Control-Allow-Headers": headers.get("Access-Control-Request-Headers") ?? "Content-Type",
        "Access-Control-Max-Age": `${PREFLIGHT_AGE}`,
      },
    };
  }

  /** @param {string} caller @param {Request} request */
  async function checkLimit(caller, request) {
    const wait = (await limit?.(caller, request)) ?? 0;
    if (!Number.isFinite(wait)) throw new TypeError("limit must return the ms to wait, or null");
    // The page's client knows by this code that no job was made.
    if (wait > 0) throw new Refusal(429, "rate_limit_exceeded", "Too many requests of this caller.", retryAfter(wait));
  }

  /** The query that a request brings. @param {Request} request @param {URLSearchParams} parameters @returns {Promise<object>} */
  async function queryOf(request, parameters) {
    // A page of another origin may send this type only after a preflight.
    const type = request.headers.get("Content-Type")?.split(";")[0].trim().toLowerCase();
    if (type !== "application/json") throw new Refusal(415, "unsupported_media_type", "Send the query as application/json.");
    if (parameters.size > 0) throw invalid("A submit has no parameters.");
    const query = await json(request);
    if (typeof query !== "object" || query === null || Array.isArray(query)) throw invalid("The body must be a JSON object.");
    for (const name of ["callbackUrl", "callback_url"]) {
      if (Object.hasOwn(query, name) && query[name] !== null) query[name] = allowedCallback(query[name]);
    }
    return query;
  }

  /** The URL as it was read here: Nyne might read another spelling differently. Nyne has no use for a fragment. @param {unknown} text */
  function allowedCallback(text) {
    const refusal = invalid("The callback URL is not one of the proxy's `callbackUrls`.");
    if (typeof text !== "string" || !URL.canParse(text)) throw refusal;
    const wanted = new URL(text);
    const { origin, pathname, username, password } = wanted;
    const allowed = callbackUrls.some((url) => {
      const folder = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
      return url.origin === origin && (pathname === url.pathname || pathname.startsWith(folder));
    });
    if (!allowed || username || password || ODD_PATH.test(pathname)) throw refusal;
    wanted.hash = "";
    return wanted.href;
  }

  /** @param {string} caller @param {object} query @returns {Promise<Reply>} */
  async function submit(caller, query) {
    const exchange = listening();
    /** @type {Promise<any>} */
    const submitted = submitPhone(query, exchange.options);
    const { requestId } = await submitted.catch((error) => {
      // The job is there, whatever went wrong after that.
      if (isNyneError(error) && error.requestId !== null) return error;
      throw ofSubmit(error, exchange.headers());
    });
    try {
      const data = { request_id: await ids.bind(caller, requestId), status: "queued", completed: false };
      return { status: 202, body: envelope(data), headers: exchange.headers() };
    } catch (error) {
      console.error(`nyne-phone-finder/proxy: the id of a job could not be handed to its caller. Request id: ${requestId}.`, error);
      throw new Refusal(502, "submit_outcome_unknown", "A job was made, and its id cannot be used.");
    }
  }

  /** @param {string} caller @param {string} bound @returns {Promise<Reply>} */
  async function poll(caller, bound) {
    const id = await ids.read(caller, bound);
    if (id === undefined) throw notFound();
    const exchange = listening();
    /** @type {Promise<any>} */
    const checked = checkStatus(id, exchange.options);
    const { state, status, data } = await checked.catch((error) => {
      // It is done, and its number cannot be read: the page's client will find that, too.
      if (isNyneError(error) && error.code === "invalid_response" && error.data) return { status: "completed", data: error.data };
      throw ofPoll(error, exchange.headers());
    });
    const job = state === "pending" ? { completed: false } : data;
    return { status: 200, body: envelope({ ...job, request_id: bound, status }), headers: exchange.headers() };
  }

  /** The options of one exchange with Nyne, and the headers of its reply that callers get. */
  function listening() {
    /** @type {any} */
    let reply;
    const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
      const send = /** @type {any} */ (options.fetch ?? globalThis.fetch);
      return (reply = await send(url, init));
    };
    return {
      options: { ...upstream, fetch, maxRetries: 0 },
      headers() {
        const get = (/** @type {string} */ name) => {
          try {
            return reply.headers.get(name);
          } catch {
            // A `fetch` of the owner's may give anything, and the job's id must get through all the same.
          }
        };
        const isPlain = (/** @type {unknown} */ value) => typeof value === "string" && /^[ -~]+$/.test(value) && redact(value) === value;
        return Object.fromEntries(PASSED.map((name) => [name, get(name)]).filter(([, value]) => isPlain(value)));
      },
    };
  }
}

/** @param {object} data */
const envelope = (data) => ({ success: true, data, timestamp: new Date().toISOString().slice(0, 19) });

/** @param {number} ms */
const retryAfter = (ms) => ({ "Retry-After": `${Math.ceil(ms / 1000)}` });

/**
 * The answer to a submit that failed. The page's client submits again after 429 `rate_limit_exceeded` and 503
 * `service_unavailable`, takes any other 4xx as a refusal, and everything else as a job that may exist.
 * @param {Failure} error @param {Record<string, string>} headers
 */
function ofSubmit(error, headers) {
  if (!isNyneError(error) || error.submitted !== "no") {
    return new Refusal(502, "submit_outcome_unknown", "A job may exist and may be charged.", headersOf(error, headers));
  }
  const { code, status } = error;
  if (code === "invalid_argument") return invalid(error.message);
  if (status !== null && status < 500) return new Refusal(status, code, `Nyne answered ${status} ${code}.`, headersOf(error, headers));
  return new Refusal(503, "service_unavailable", "Nothing was submitted. Try again later.", headersOf(error, headers));
}

/**
 * The answer to a poll that failed. The page's client polls again after 408, 425, 429 and 5xx, and a code that it knows counts
 * before the status.
 * @param {Failure} error @param {Record<string, string>} headers
 */
function ofPoll(error, headers) {
  if (!isNyneError(error)) return error;
  const { code, status, retryable } = error;
  // A checkStatus that fails by itself does so for this one call.
  const passes = retryable || code === "client_fault";
  if (code === "request_not_found") return notFound();
  if (status !== null && status >= 400 && status < 600) {
    return new Refusal(status, code, `Nyne answered ${status} ${code}.`, headersOf(error, headers));
  }
  const instead = code === "timeout" ? 504 : passes ? 502 : 400;
  return new Refusal(instead, code, "Nyne gave no reply that can be used.", headersOf(error, headers));
}

/**
 * The headers of an answer to an error. Nyne's dates are read here, by Nyne's clock.
 * @param {Failure} error @param {Record<string, string>} headers
 */
const headersOf = (error, headers) => (error?.retryAfter ? { ...headers, ...retryAfter(error.retryAfter) } : headers);

/** Reads a JSON body, up to the limit, whatever Content-Length says. @param {Request} request */
async function json(request) {
  if (request.bodyUsed) throw new TypeError("authorize or limit has read the request's body: let it read request.clone()");
  const reader = request.body?.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  try {
    for (let part; reader && !(part = await reader.read()).done; ) {
      size += part.value.length;
      if (size > MAX_BODY) break;
      text += decoder.decode(part.value, { stream: true });
    }
    if (size <= MAX_BODY) return JSON.parse(text + decoder.decode());
  } catch {
    throw invalid("The body is not JSON.");
  }
  reader?.cancel().catch(() => {});
  throw new Refusal(413, "payload_too_large", `The body is larger than ${MAX_BODY} bytes.`);
}

/**
 * Ids that only the caller can use who has made the job: `ID.TAG`. The tag authenticates the id and the caller, so nothing has
 * to be stored.
 */
class Ids {
  /** @param {string[]} secrets the first binds, all are recognised */
  constructor(secrets) {
    this.#secrets = secrets;
  }
  #secrets;
  /** Not promises: a Worker's request must not wait for another one's. @type {CryptoKey[]} */
  #keys = [];

  /** @param {string} caller @param {string} id */
  async bind(caller, id) {
    const tag = await crypto.subtle.sign("HMAC", await this.#key(0), framed(caller, id));
    const text = btoa(String.fromCharCode(...new Uint8Array(tag))).replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
    const bound = `${id}.${text}`;
    if (new TextEncoder().encode(bound).length > MAX_ID) throw new RangeError("the id is too long");
    return bound;
  }

  /** The id in `bound`, if it is bound to this caller. @param {string} caller @param {string} bound */
  async read(caller, bound) {
    const [, id, text] = BOUND.exec(bound) ?? [];
    if (id === undefined) return undefined;
    const tag = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    for (const number of this.#secrets.keys()) {
      if (await crypto.subtle.verify("HMAC", await this.#key(number), tag, framed(caller, id))) return id;
    }
    return undefined;
  }

  /** @param {number} number */
  async #key(number) {
    return (this.#keys[number] ??= await derive(this.#secrets[number]));
  }
}

/** A caller and an id as bytes, in one way only: JSON tells where the one ends, and keeps half surrogates apart. @param {string[]} texts */
const framed = (...texts) => new TextEncoder().encode(JSON.stringify(texts));

/** @param {string} secret */
async function derive(secret) {
  const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", bytes(secret), "HKDF", false, ["deriveKey"]);
  const purpose = { name: "HKDF", hash: "SHA-256", salt: bytes(""), info: bytes("nyne-phone-finder/proxy: the caller of a request id") };
  return crypto.subtle.deriveKey(purpose, key, { name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign", "verify"]);
}

/** Takes keys out of a text, in which Nyne may echo them, as the rest of the package does. @param {string[]} keys */
function redactor(keys) {
  const written = keys.map((key) => JSON.stringify(key).slice(1, -1)).filter((key) => key.length >= 8);
  // A key may contain another one.
  written.sort((one, other) => other.length - one.length);
  return (/** @type {string} */ text) => written.reduce((clean, key) => clean.replaceAll(key, "[redacted]"), text);
}

/** Throws if an option is wrong. Those of the client's are left to it. @param {any} options */
function check(options) {
  const wrong = (/** @type {string} */ message) =>
    new NyneError(message, { code: "invalid_argument", status: null, requestId: null, submitted: "no", retryable: false, retryAfter: null });
  if (typeof options !== "object" || options === null) throw wrong("createProxy needs options.");
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw wrong(`Unknown option ${JSON.stringify(unknown)}. createProxy takes ${OPTIONS.join(", ")}.`);
  const isText = (/** @type {unknown} */ value) => typeof value === "string" && value !== "";
  const isList = (/** @type {unknown} */ list, /** @type {(text: string) => boolean} */ holds) =>
    Array.isArray(list) && list.every((item) => isText(item) && holds(item));
  /** @type {Record<string, [(value: any) => boolean, string]>} */
  const rules = {
    apiKey: [isText, "must be a text: your key of Nyne's"],
    apiSecret: [isText, "must be a text: the secret of the key"],
    previousSecrets: [(list) => isList(list, () => true), "must be a list of texts"],
    authorize: [(value) => typeof value === "function", "must be a function that names the caller: it decides who may spend your credits"],
    limit: [(value) => typeof value === "function", "must be a function"],
    path: [isPath, "must be a path such as \"/api/nyne\", without a slash at its end"],
    origins: [(list) => isList(list, isOrigin), "must be a list of origins in full, such as \"https://example.com\": \"*\" would let any page in"],
    callbackUrls: [(list) => isList(list, isFolder), "must be a list of https: URLs of plain paths, without user, password, query and fragment"],
  };
  for (const [name, [holds, text]] of Object.entries(rules)) {
    const isLeftOut = options[name] === undefined && !REQUIRED.includes(name);
    if (!isLeftOut && !holds(options[name])) throw wrong(`Option ${name} ${text}.`);
  }
}

/** @param {unknown} path */
const isPath = (path) =>
  path === "" || (typeof path === "string" && !path.endsWith("/") && new URL(path, "http://localhost").pathname === path);

/** @param {string} text */
function isOrigin(text) {
  if (!URL.canParse(text) || text.includes("*")) return false;
  const { origin, protocol, host } = new URL(text);
  // That of an extension is none to the URL parser.
  return origin === text || (host !== "" && text === `${protocol}//${host}` && origin === "null");
}

/** @param {string} text */
function isFolder(text) {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, username, password, search, hash } = new URL(text);
  const isLoopback = /^(localhost|.+\.localhost|\[::1\]|127\.[\d.]+)$/.test(hostname);
  if (username || password || search || hash || ODD_PATH.test(pathname)) return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback);
}
