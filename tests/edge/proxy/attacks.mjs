// The attacks on the proxy, as a table: `{ name, proxy, request, status, code?, reaches?, harmless?, check? }`.
//
// `proxy` names one of PROXIES, "main" unless told otherwise. `request` makes the bytes of the request of what served.mjs gives
// and of `ids`: Ada's job at main as she knows it (`ada`) and as Nyne does (`nyne`), and a job of hers elsewhere. `reaches`
// says how many requests may reach Nyne: none, unless the attack is harmless or comes from Nyne's side.

import { gzipSync } from "node:zlib";

import { onGet, onPost } from "../../support/emulator.mjs";
import { written } from "./served.mjs";

export const ADA = { Authorization: "Bearer session-of-ada" };
export const BOB = { Authorization: "Bearer session-of-bob" };
/** Stands in what attackers send. It must not get to Nyne, except as what a query says of a person. */
export const MARK = "smuggled";
const DONE = { latencyMs: 0, statuses: [] };
const PAGE = "https://app.example.com";
const HOOKS = "https://hooks.example.com/nyne";
const CORS = { Origin: "https://evil.example", "Content-Type": "application/json" };

/** What Nyne answers to each request of one method, although it does what was asked. */
const always = (fault) => ({ ...DONE, faults: [onPost(fault, { to: null }), onGet(fault, { to: null })] });
const echoing = (path, { apiKey, apiSecret }) => ({ kind: "replace", path, value: `${apiKey} "${apiSecret}"` });

export const PROXIES = {
  main: { world: DONE, options: { origins: [PAGE] } },
  other: { world: DONE },
  callbacks: { world: DONE, options: { callbackUrls: [HOOKS] } },
  throwing: { of: "main", options: { authorize: "throws" } },
  everybody: { of: "main", options: { authorize: "everybody" } },
  nobody: { of: "main", options: { authorize: "nobody" } },
  readsTheBody: { of: "main", options: { authorize: "readsTheBody" } },
  limited: { of: "main", options: { limit: "later" } },
  limitedByNonsense: { of: "main", options: { limit: "nonsense" } },
  cookies: {
    world: always({
      kind: "headers",
      headers: {
        "Set-Cookie": "a=b", "Cache-Control": "max-age=3600", "Content-Security-Policy": "none", Location: "https://evil.example",
        "X-Internal": "1", "Retry-After": "7",
      },
    }),
  },
  gzip: { world: always({ kind: "gzip" }) },
  redirect: { world: ({ sink }) => always({ kind: "redirect", status: 307, location: sink.url }) },
  html: { world: always({ kind: "html", status: 200 }) },
  oversized: { world: always({ kind: "oversized", chunked: true }) },
  echoError: { world: always({ kind: "echoSecrets" }) },
  echoData: { world: ({ keys }) => ({ ...DONE, faults: [onGet(echoing("data.result.note", keys), { to: null })] }) },
  echoId: { world: ({ keys }) => always(echoing("data.request_id", keys)) },
  echoHeaders: {
    world: ({ keys: { apiKey, apiSecret } }) => always({ kind: "headers", headers: { "Retry-After": apiSecret, "X-RateLimit-Limit": `x${apiKey}` } }),
  },
  echoReason: { world: ({ keys }) => ({ ...DONE, faults: [onGet({ kind: "jobFailed", error: `refused ${keys.apiSecret}` }, { to: null })] }) },
};

const at = (name) => (name === "main" ? "/api/nyne/person/phone" : `/w/${name}/api/nyne/person/phone`);
const id = (id) => `request_id=${encodeURIComponent(id)}`;
const JSON_TYPE = { "Content-Type": "application/json" };
const QUERY = { email: "ada@example.com" };

/** A submit of Ada's, in which anything may be different. */
const submit = (host, { headers, ...more } = {}) =>
  written({ method: "POST", target: at("main"), host, headers: { ...ADA, ...JSON_TYPE, ...headers }, ...more });
const post = (body, headers, target = at("main")) => ({ host }) =>
  submit(host, { target, headers, body: typeof body === "string" ? body : JSON.stringify(body) });
const withoutType = (body, headers) => ({ host }) => written({ method: "POST", target: at("main"), host, headers: { ...ADA, ...headers }, body });
const bytes = (body, headers) => ({ host }) => [submit(host, { headers: { ...headers, "Content-Length": `${body.length}` } }), body];
const chunked = (host, headers) => submit(host, { headers: { ...headers, "Transfer-Encoding": "chunked" } });
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
/** It never ends: the answer must not wait for that. */
const endless = (host) => `${chunked(host)}${chunk('{"name":"')}${chunk("a".repeat(4096)).repeat(5)}`;

const get = (search, headers = ADA, target = at("main")) => ({ host, ids }) =>
  written({ target: `${target}?${typeof search === "function" ? search(ids) : search}`, host, headers });
/** A poll of Ada's, in which the method or headers are different. */
const poll = (headers, method = "GET") => ({ host, ids }) =>
  written({ method, target: `${at("main")}?${id(ids.ada)}`, host, headers: { ...ADA, ...headers } });
/** The last character of `text` replaced by another one. */
const changed = (text, by = text.endsWith("A") ? "E" : "A") => text.slice(0, -1) + by;

const denied = { status: 401, code: "invalid_credentials" };
const unknown = { status: 404, code: "request_not_found" };
const nowhere = { status: 404, code: "not_found" };
const bad = { status: 400, code: "invalid_request" };
const failed = { status: 503, code: "service_unavailable" };
const foreign = { status: 403, code: "forbidden" };
const wrongType = { status: 415, code: "unsupported_media_type" };
const large = { status: 413, code: "payload_too_large" };
const lost = { status: 502, code: "submit_outcome_unknown", reaches: 1 };
const harmless = { harmless: true, reaches: 1 };
const callback = (name, url, field = "callbackUrl") => ({
  name: `callback URL: ${name}`, proxy: "callbacks",
  request: post({ ...QUERY, [field]: url }, {}, at("callbacks")),
  ...bad,
});
const atPath = (name, target) => ({ name: `path: ${name}`, request: post(QUERY, {}, target), ...nowhere });

export const ATTACKS = [
  // Who calls
  { name: "a submit without a session", request: post(QUERY, { Authorization: "" }), ...denied },
  { name: "a poll without a session", request: get(({ ada }) => id(ada), {}), ...denied },
  { name: "a session that nobody has", request: post(QUERY, { Authorization: "Bearer session-of-eve" }), ...denied },
  { name: "a session named like a member of every object", request: post(QUERY, { Authorization: "Bearer constructor" }), ...denied },
  { name: "a caller whose name is empty", proxy: "nobody", request: post(QUERY, {}, at("nobody")), ...denied },
  {
    name: "authorize throws, and the answer does not say what", proxy: "throwing",
    request: post(QUERY, {}, at("throwing")),
    ...failed, lacks: ["database", "internal"], prints: /a submit could not be answered, and was not sent to Nyne\..*db\.internal/s,
  },
  {
    name: "authorize throws for a poll, and the log does not speak of a submit", proxy: "throwing",
    request: get(({ ada }) => id(ada), ADA, at("throwing")),
    ...failed, lacks: ["database", "internal"], prints: /a poll could not be answered\..*db\.internal/s,
  },
  {
    name: "authorize returns true, which would make all callers one", proxy: "everybody",
    request: post(QUERY, {}, at("everybody")),
    ...failed, prints: /name as text/,
  },
  {
    name: "authorize has read the body", proxy: "readsTheBody",
    request: post(QUERY, {}, at("readsTheBody")),
    ...failed, prints: /request\.clone\(\)/,
  },
  {
    name: "a caller beyond the limit", proxy: "limited",
    request: post(QUERY, {}, at("limited")),
    status: 429, code: "rate_limit_exceeded", headers: { "retry-after": "2" },
  },
  {
    name: "a limit that is not a number", proxy: "limitedByNonsense",
    request: post(QUERY, {}, at("limitedByNonsense")),
    ...failed, prints: /ms to wait/,
  },

  // Ids
  { name: "another caller's id", request: get(({ ada }) => id(ada), BOB), ...unknown },
  { name: "an id that is not bound", request: get(({ nyne }) => id(nyne)), ...unknown },
  { name: "an id with one character changed", request: get(({ ada }) => id(`f${ada}`)), ...unknown },
  { name: "a tag with one character changed", request: get(({ ada }) => id(changed(ada))), ...unknown },
  {
    name: "another spelling of the same tag",
    request: get(({ ada }) => id(changed(ada, String.fromCharCode(ada.at(-1).charCodeAt(0) + 1)))),
    ...unknown,
  },
  { name: "a tag cut short", request: get(({ ada }) => id(ada.slice(0, -1))), ...unknown },
  { name: "an empty tag", request: get(({ nyne }) => id(`${nyne}.`)), ...unknown },
  { name: "a tag of zeros", request: get(({ nyne }) => id(`${nyne}.${"A".repeat(43)}`)), ...unknown },
  {
    name: "the tag of another job of the same caller",
    request: get(({ ada, adasNext }) => id(ada.replace(/[^.]+$/, adasNext.split(".").at(-1)))),
    ...unknown,
  },
  { name: "an id bound with the secret of another proxy", request: get(({ elsewhere }) => id(elsewhere)), ...unknown },
  { name: "an id bound twice", request: get(({ ada }) => id(`${ada}.${ada.split(".").at(-1)}`)), ...unknown },
  { name: "an id that names another host", request: get(() => id("@evil.example/")), ...unknown },
  { name: "an id with a line break and a header", request: get(() => `request_id=a%0d%0aX-API-Key:%20${MARK}`), ...unknown },
  { name: "an id that is not UTF-8", request: get(({ ada }) => `${id(ada)}%ff`), ...unknown },
  { name: "an id of 8 kB", request: get(() => id("a".repeat(8_000))), ...unknown },
  { name: "no id", request: get(() => ""), ...bad },
  { name: "an empty id", request: get(() => "request_id="), ...bad },
  { name: "two ids", request: get(({ ada, adasNext }) => `${id(ada)}&${id(adasNext)}`), ...bad },
  { name: "a parameter beside the id", request: get(({ ada }) => `${id(ada)}&callback_url=https://evil.example`), ...bad },
  { name: "an id in the spelling of a list", request: get(({ ada }) => id(ada).replace("=", "[]=")), ...bad },
  { name: "a submit with a parameter", request: post(QUERY, {}, `${at("main")}?fields=all`), ...bad },

  // Headers to Nyne
  { name: "keys of the caller's own", request: post(QUERY, { "X-API-Key": MARK, "X-API-Secret": MARK }), status: 202, ...harmless },
  {
    name: "the caller's session and cookies",
    request: post(QUERY, { Cookie: `a=${MARK}`, "Proxy-Authorization": MARK }),
    status: 202, ...harmless,
  },
  {
    name: "headers of proxies",
    request: poll({ "X-Forwarded-For": MARK, "X-Forwarded-Host": MARK, "X-Real-IP": MARK, Forwarded: `for=${MARK}`, Via: `1.1 ${MARK}` }),
    status: 200, ...harmless,
  },
  { name: "another host", request: get(({ ada }) => id(ada), { ...ADA, Host: `${MARK}.example` }), status: 200, ...harmless },
  {
    name: "headers that ask for half a reply, another type or another encoding",
    request: poll({ Range: "bytes=0-1", "If-None-Match": `"${MARK}"`, Accept: `text/${MARK}`, "Accept-Encoding": MARK }),
    status: 200, ...harmless,
  },
  { name: "a line break and a header in the query", request: post({ name: `Ada Example\r\nX-API-Key: x` }), status: 202, ...harmless },
  {
    name: "a second request inside the first one's body, by two lengths",
    request: ({ host }) =>
      `${chunked(host, { "Content-Length": "4" })}0\r\n\r\n${written({ method: "POST", target: at("main"), host, headers: JSON_TYPE, body: "{}" })}`,
    status: [400, 401, 501],
  },
  {
    name: "a method in a header",
    request: poll({ "X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST" }),
    status: 200, ...harmless,
  },

  // Callback URLs
  { name: "callback URL: any, without an allow-list", request: post({ ...QUERY, callbackUrl: HOOKS }), ...bad },
  callback("another host", "https://evil.example/nyne"),
  callback("the host as a user", "https://hooks.example.com@evil.example/nyne"),
  callback("a user", "https://me:secret@hooks.example.com/nyne"),
  callback("a host that begins like the right one", "https://hooks.example.com.evil.example/nyne"),
  callback("a host that ends like the right one", "https://evil-hooks.example.com/nyne"),
  callback("the host with a dot at its end", "https://hooks.example.com./nyne"),
  callback("a folder that begins like the right one", "https://hooks.example.com/nyne-evil"),
  callback("dots that leave the folder", "https://hooks.example.com/nyne/../admin"),
  callback("encoded dots that leave the folder", "https://hooks.example.com/nyne/%2e%2E/admin"),
  callback("an encoded slash", "https://hooks.example.com/nyne/..%2fadmin"),
  callback("an encoded backslash", "https://hooks.example.com/nyne/..%5Cadmin"),
  callback("dots with a parameter, which some servers cut off", "https://hooks.example.com/nyne/..;/admin"),
  callback("dots with an encoded parameter", "https://hooks.example.com/nyne/..%3b/admin"),
  callback("a segment with a parameter", "https://hooks.example.com/nyne/x;y=1"),
  callback("dots encoded twice", "https://hooks.example.com/nyne/%252e%252e/admin"),
  callback("dots before an encoded tab", "https://hooks.example.com/nyne/..%09/admin"),
  callback("dots before a space", "https://hooks.example.com/nyne/.. /admin"),
  callback("an encoded tab between dots", "https://hooks.example.com/nyne/.%09./admin"),
  callback("an encoded null byte", "https://hooks.example.com/nyne/%00"),
  callback("an encoded line break", "https://hooks.example.com/nyne/%0d%0a"),
  callback("backslashes", "https:\\\\evil.example\\nyne"),
  callback("http", "http://hooks.example.com/nyne"),
  callback("another port", "https://hooks.example.com:8443/nyne"),
  callback("another scheme", "javascript:fetch('https://hooks.example.com/nyne')"),
  callback("a cloud's metadata", "http://169.254.169.254/latest/meta-data"),
  callback("an address as one number", "http://2130706433/"),
  callback("a path alone", "/nyne"),
  callback("Nyne's spelling", "https://evil.example/nyne", "callback_url"),
  callback("a list", [HOOKS, "https://evil.example"]),
  callback("an object", { href: HOOKS }),
  {
    name: "callback URL: a good one beside a bad one", proxy: "callbacks",
    request: post({ ...QUERY, callbackUrl: HOOKS, callback_url: "https://evil.example" }, {}, at("callbacks")),
    ...bad,
  },
  {
    name: "callback URL: the right one in another spelling, which Nyne gets in the usual one", proxy: "callbacks",
    request: post({ ...QUERY, callbackUrl: "HTTPS://hooks.EXAMPLE.com:443\\nyne\\x/..\\y" }, {}, at("callbacks")),
    status: 202, ...harmless, sent: { email: QUERY.email, callback_url: `${HOOKS}/y` },
  },
  {
    name: "callback URL: a fragment, which Nyne does not get", proxy: "callbacks",
    request: post({ ...QUERY, callbackUrl: `${HOOKS}?key=1#/../admin` }, {}, at("callbacks")),
    status: 202, ...harmless, sent: { email: QUERY.email, callback_url: `${HOOKS}?key=1` },
  },

  // Paths and hosts
  atPath("another host", "//evil.example/person/phone"),
  atPath("another endpoint", "/api/nyne/person/lookup-fields"),
  atPath("another endpoint by dots", "/api/nyne/person/phone/../lookup-fields"),
  atPath("another endpoint by encoded dots", "/api/nyne/person/phone/%2e%2e/lookup-fields"),
  atPath("encoded slashes", "/api/nyne%2fperson%2fphone"),
  atPath("something below", "/api/nyne/person/phone/x"),
  atPath("a slash at the end", "/api/nyne/person/phone/"),
  atPath("a slash too many", "/api/nyne//person/phone"),
  atPath("another case", "/API/nyne/person/phone"),
  atPath("a null byte", "/api/nyne/person/phone%00"),
  atPath("a parameter of a segment", "/api/nyne/person/phone;x=1"),
  // workerd itself reads no address in full.
  ...["https://api.nyne.ai/person/phone", `http://evil.example${at("main")}`].map((target) => ({
    ...atPath(`${target}, in full`, target), status: [404, 500], code: undefined,
  })),

  // Bodies
  { name: "a body of 17 kB", request: post({ name: "a".repeat(17_000) }), ...large },
  {
    name: "a body of 17 kB in chunks",
    request: ({ host }) => `${chunked(host)}${chunk(JSON.stringify({ name: "a".repeat(17_000) }))}0\r\n\r\n`,
    ...large,
  },
  { name: "an endless body", request: ({ host }) => endless(host), ...large },
  { name: "a body that is longer than it says", request: post('{"email":"ada@example.com"}', { "Content-Length": "9" }), ...bad },
  { name: "a body of spaces", request: post(" ".repeat(20_000)), ...large },
  {
    name: "a form's type, which needs no preflight",
    request: withoutType(JSON.stringify(QUERY), { "Content-Type": "text/plain" }),
    ...wrongType,
  },
  { name: "no type", request: withoutType(JSON.stringify(QUERY)), ...wrongType },
  {
    name: "two types in one header",
    request: withoutType(JSON.stringify(QUERY), { "Content-Type": "text/plain, application/json" }),
    ...wrongType,
  },
  {
    name: "a type behind another one",
    request: withoutType(JSON.stringify(QUERY), { "Content-Type": "text/plain; x=application/json" }),
    ...wrongType,
  },
  { name: "a body that is not JSON", request: post("{"), ...bad },
  {
    name: "a body that is not UTF-8",
    request: bytes(Buffer.from('{"name":"\xff"}', "latin1")),
    ...bad,
  },
  { name: "an empty body", request: post(""), ...bad },
  { name: "a list of queries", request: post([QUERY, QUERY]), ...bad },
  { name: "null", request: post("null"), ...bad },
  { name: "a text", request: post('"ada@example.com"'), ...bad },
  { name: "a query that names nobody", request: post({ company: "Example Corp" }), ...bad },
  { name: "a field that Nyne does not know", request: post({ ...QUERY, fields: ["email"] }), ...bad },
  { name: "a prototype", request: post('{"email":"ada@example.com","__proto__":{"callbackUrl":"https://evil.example"}}'), ...bad },
  { name: "a prototype alone", request: post('{"__proto__":{"email":"ada@example.com"}}'), ...bad },
  { name: "a field that is an object", request: post({ email: { toString: "ada@example.com" } }), ...bad },
  { name: "options among the query", request: post({ ...QUERY, baseUrl: "https://evil.example", apiKey: MARK }), ...bad },
  { name: "a deep body", request: post(`{"name":${"[".repeat(8_000)}${"]".repeat(8_000)}}`), ...bad },
  { name: "a compressed body", request: bytes(gzipSync(JSON.stringify(QUERY)), { "Content-Encoding": "gzip" }), ...bad },

  // Methods
  ...["PUT", "PATCH", "DELETE", "HEAD"].map((method) => ({
    name: `the method ${method}`, request: poll({}, method), status: 405, headers: { allow: "GET, POST, OPTIONS" },
  })),
  // workerd itself knows no other.
  ...["TRACE", "CONNECT", "get"].map((method) => ({ name: `the method ${method}`, request: poll({}, method), status: [400, 405, 500, 501] })),

  // Pages of other origins
  { name: "a page of another origin", request: post(QUERY, { ...CORS, Cookie: "session=session-of-ada" }), ...foreign, open: false },
  { name: "a page of another origin that polls", request: get(({ ada }) => id(ada), { ...ADA, ...CORS }), ...foreign, open: false },
  {
    name: "a page of another origin that asks first",
    request: ({ host }) => submit(host, { method: "OPTIONS", headers: { ...CORS, "Access-Control-Request-Method": "POST" } }),
    ...foreign, open: false,
  },
  { name: "a page without an origin", request: post(QUERY, { Origin: "null" }), ...foreign, open: false },
  ...[`${PAGE}.evil.example`, "http://app.example.com", `${PAGE}:8443`, "https://sub.app.example.com", `${PAGE}/`, "*"].map((origin) => ({
    name: `a page of ${origin}`, request: post(QUERY, { Origin: origin }), ...foreign, open: false,
  })),
  {
    name: "a page of another origin that says it is another site's",
    request: post(QUERY, { ...CORS, "Sec-Fetch-Site": "cross-site" }),
    ...foreign, open: false,
  },

  // From Nyne, or from what answers in its place
  {
    name: "Nyne sets cookies, lets caches keep its reply, and names a place", proxy: "cookies",
    request: post(QUERY, {}, at("cookies")),
    status: 202, reaches: 1, headers: { "retry-after": "7" }, harmless: true,
  },
  { name: "Nyne compresses its reply", proxy: "gzip", request: post(QUERY, {}, at("gzip")), status: 202, reaches: 1, harmless: true },
  { name: "Nyne redirects, and the keys stay", proxy: "redirect", request: post(QUERY, {}, at("redirect")), ...lost, sink: 0 },
  { name: "Nyne answers with a page", proxy: "html", request: post(QUERY, {}, at("html")), ...lost },
  { name: "Nyne answers with 2 MiB", proxy: "oversized", request: post(QUERY, {}, at("oversized")), ...lost },
  {
    name: "Nyne repeats the keys in an error and its headers", proxy: "echoError",
    request: post(QUERY, {}, at("echoError")),
    status: 401, reaches: 1,
  },
  { name: "Nyne repeats the keys as the id", proxy: "echoId", request: post(QUERY, {}, at("echoId")), ...lost },
  {
    name: "Nyne repeats the keys in its rate headers", proxy: "echoHeaders",
    request: post(QUERY, {}, at("echoHeaders")),
    status: 202, reaches: 1, harmless: true,
  },
  {
    name: "Nyne repeats the keys in a result", proxy: "echoData", polls: true,
    status: 200, reaches: 1, harmless: true, has: "[redacted] \\\"[redacted]\\\"",
  },
  {
    name: "Nyne repeats the keys in the reason of a failed job", proxy: "echoReason", polls: true,
    status: 200, reaches: 1, harmless: true, has: "refused [redacted]",
  },
];

/** The poll of a row that `polls`: of a job that Ada has just submitted there. */
export const pollOf = (proxy, bound) => get(() => id(bound), ADA, at(proxy));
export const submitOf = (proxy) => post(QUERY, {}, at(proxy));
