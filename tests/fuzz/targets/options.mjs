// Any options. An input is an option a line, its name before the first `=`; `headers.X=…` is a header.

import { api, BASE_URL, ends, has, stub } from "../calls.mjs";
import { equal, ok } from "../../support/check.mjs";

/** There is no corpus of these. */
export const corpus = undefined;
export const endings = [
  ...["accepted", "an unknown name", "an unknown name that no message can show"],
  ...["apiKey", "apiSecret", "baseUrl", "headers", "maxRetries", "requestTimeout", "timeout"],
];

const TEXTS = {
  apiKey: ["nyne_live_0000", "k", "", "hush hush", "hush\u0000hush", "hüsh", "~!", "secret\r"],
  apiSecret: ["nyne_sec_0000", "s", "", "hush hush", "é"],
  baseUrl: [
    ...["https://proxy.example.com/api/", "https://H//", "https://h/😀 b", "  https://h  ", "https://api.nyne.ai/", "https://api.nyne.ai./"],
    ...["http://localhost:1/x", "http://127.1", "http://[::1]", "http://0x7f.1/", "http://example.com", "http://localhost.example.com"],
    ...["https://u@h", "https://:p@h", "https://h?", "https://h/#", "ftp://h", "", "/x", "javascript:1"],
  ],
  requestTimeout: ["1", "15000", "0", "-1", "NaN", "Infinity", "1e308"],
  maxRetries: ["0", "1.5", "Infinity", "-1", "9007199254740993"],
  timeout: ["5"],
  "headers.X-Session": ["1", "", "é", "a\tb", "a\u0000b", "–", "\x7f", "\r"],
  "headers.x-session": ["2"],
  "headers.Content-Type": ["text/plain"],
  "headers.X-API-Key": ["k"],
  "headers.x-api-\u212aey": ["k"],
  "headers.a b": ["1"],
  "headers.constructor": ["1"],
  "headers.__proto__": ["1"],
  "headers.": ["1"],
  "headers.É": ["1"],
  api_key: ["1"],
  ["x\u2028y"]: ["1"],
  ["z".repeat(50)]: ["1"],
  constructor: ["1"],
};

export function make(chance) {
  const line = (name) => `${name}=${chance.pick(TEXTS[name])}`;
  const keys = chance.likely(0.7) ? ["apiKey=nyne_live_0123", "apiSecret=nyne_sec_0123"] : [];
  return Buffer.from([...keys, ...Array.from({ length: chance.below(4) }, () => line(chance.pick(Object.keys(TEXTS))))].join("\n"));
}

const NUMBERS = {
  requestTimeout: (value) => value >= 1,
  maxRetries: (value) => value === Infinity || (Number.isInteger(value) && value >= 0),
};
const KNOWN = ["apiKey", "apiSecret", "baseUrl", "headers", ...Object.keys(NUMBERS)];

export async function check(bytes) {
  const options = {};
  for (const line of bytes.toString().split("\n").filter(Boolean)) {
    const at = line.indexOf("=");
    const [name, text] = at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
    if (["fetch", "signal", "poll", "onStatus", "headers"].includes(name)) continue;
    // Defined and not assigned: some names mean something to an assignment.
    const holder = name.startsWith("headers.") ? (options.headers ??= {}) : options;
    Object.defineProperty(holder, name.replace(/^headers\./, ""), {
      value: Object.hasOwn(NUMBERS, name) ? Number(text) : text,
      enumerable: true,
      configurable: true,
    });
  }
  const { sent, fetch } = stub(() => new Response('{"request_id":"a1","status":"queued"}'));
  const call = api.submitPhone({ email: "ada@example.com" }, { ...options, fetch });
  const { result, error } = await ends(call, { knowsKeys: false });

  const names = [...Object.keys(options), ...Object.keys(options.headers ?? {})];
  const { wrong, url, headers } = read(options);
  if (error) {
    has(error, { code: "invalid_argument", status: null, requestId: null, submitted: "no", retryable: false, retryAfter: null });
    equal(sent.length, 0, "the count of requests");
    ok(error.message.length < 400, `the message is as long as ${error.message.length}`);
    ok(wrong.length > 0, `good options are refused: ${error.message}`);
    const named = wrong.find(({ says }) => says.test(error.message));
    ok(named, `the message names nothing that is wrong (${wrong.map(({ says }) => says).join(", ")}): ${error.message}`);
    for (const key of [options.apiKey, options.apiSecret]) {
      // A short one may stand there by chance, and a caller who gives a key as a name is shown the name.
      const isSecret = key?.length >= 8 && !names.some((name) => name.toLowerCase().includes(key.toLowerCase()));
      ok(!isSecret || !error.message.includes(key), `a key is shown: ${error.message}`);
    }
    return named.what;
  }
  equal(wrong, [], "what is wrong with options that are accepted");
  equal(result.requestId, "a1", "requestId");
  equal(sent.map(({ method, url }) => [method, url]), [["POST", url]], "the requests");
  equal(Object.entries(sent[0].headers).sort(byName), Object.entries(headers).sort(byName), "the headers");
  return "accepted";
}

const byName = ([a], [b]) => (a < b ? -1 : 1);

/** What is wrong with options, and what a message then says; and what a request goes to and carries. */
function read(options) {
  const wrong = [];
  const isWrong = (what) => wrong.push({ what, says: new RegExp(what) });
  for (const name of Object.keys(options)) {
    // It is a text here.
    if (name === "timeout") isWrong(name);
    else if (KNOWN.includes(name)) continue;
    else if (/^[!-~]{1,40}$/.test(name)) wrong.push({ what: "an unknown name", says: new RegExp(RegExp.escape(`"${name}"`)) });
    else wrong.push({ what: "an unknown name that no message can show", says: /unknown/i });
  }
  for (const [name, isGood] of Object.entries(NUMBERS)) if (name in options && !isGood(options[name])) isWrong(name);
  for (const name of ["apiKey", "apiSecret"]) if (name in options && !/^[!-~]+$/.test(options[name])) isWrong(name);

  const headers = {};
  for (const [given, value] of Object.entries(options.headers ?? {})) {
    const name = given.toLowerCase();
    const isTaken = ["content-type", "x-api-key", "x-api-secret", "__proto__"].includes(name);
    if (isTaken || !/^[-!#$%&'*+.^`|~\w]+$/.test(given) || !/^[\t -~\xa0-\xff]*$/.test(value)) isWrong("headers");
    Object.defineProperty(headers, name, { value, enumerable: true, configurable: true });
  }

  const url = Object.hasOwn(options, "baseUrl") ? urlOf(options.baseUrl) : BASE_URL;
  if (url === undefined) isWrong("baseUrl");
  const { apiKey, apiSecret } = options;
  if (apiKey === undefined && (apiSecret !== undefined || url === BASE_URL)) isWrong("apiKey");
  if (apiKey !== undefined && apiSecret === undefined) isWrong("apiSecret");
  const keys = apiKey === undefined ? {} : { "X-API-Key": apiKey, "X-API-Secret": apiSecret };
  return { wrong, url: `${url}/person/phone`, headers: { accept: "application/json", ...headers, ...keys, "Content-Type": "application/json" } };
}

/** A base URL in its normal form; undefined for one that is to be refused. */
function urlOf(text) {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, hostname, href } = new URL(text);
  const own = hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
  if (!(protocol === "https:" || (protocol === "http:" && own)) || username || password || /[?#]/.test(href)) return undefined;
  return href.replace(/\/+$/, "");
}
