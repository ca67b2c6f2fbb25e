// Calls of the installed package with a `fetch` of our own, and what holds of every one of them.

import { inspect } from "node:util";
import { pathToFileURL } from "node:url";

import { Context } from "../support/case.mjs";
import { equal, ok } from "../support/check.mjs";
import { turn } from "../support/clock.mjs";
import { entry } from "../support/places.mjs";

export const api = await import(pathToFileURL(entry("import")));
export const { advance } = await import(pathToFileURL(entry("import", "nyne-phone-finder/durable")));

/** The keys that the kept inputs know. */
export const KEYS = { apiKey: "nyne_live_0123456789abcdef", apiSecret: "nyne_sec_0123456789abcdef" };
/** The job that is asked for. */
export const ID = "a1";
export const BASE_URL = "https://api.nyne.ai";
export const URL_SENT = `${BASE_URL}/person/phone`;

/** The rules of the cases, without the walk through all that a value inherits: it takes ten times as long as the call itself. */
class Rules extends Context {
  showsNoKey(value) {
    const { apiKey, apiSecret } = this.keys;
    const printed = `${String(value)} ${JSON.stringify(value)} ${inspect(value, { depth: Infinity, showHidden: true })}`;
    ok(!printed.includes(apiKey) && !printed.includes(apiSecret), `a key is shown: ${printed}`);
  }
}

const knowing = new Rules({ keys: KEYS }, { api });
/** For the one function that is given no keys, and so cannot know one from another text. */
const keyless = new Rules({ keys: { apiKey: "\0none", apiSecret: "\0none" } }, { api });

/** As the platform reads the bytes of a body. */
export const decode = (bytes) => new TextDecoder().decode(bytes);

const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));

export function nothingIsUnhandled() {
  if (unhandled.length > 0) throw new Error(`an unhandled rejection: ${unhandled.splice(0)[0]}`);
}

/** How a call ends, `{ result }` or `{ error }`, when all that it waits for is there. */
export async function ends(promise, { knowsKeys = true } = {}) {
  let outcome;
  promise.then(
    (result) => (outcome = { result }),
    (error) => (outcome = { error }),
  );
  for (let turns = 0; outcome === undefined; turns++) {
    // Counted in turns of the event loop and not in time: a slow machine is no failure.
    ok(turns < 1000, "the call does not settle");
    await turn();
    nothingIsUnhandled();
  }
  isSound(outcome, knowsKeys ? knowing : keyless);
  return outcome;
}

/** What holds of any outcome. */
export function isSound({ result, error }, context = knowing) {
  if (error === undefined) {
    // Only in `data`, which is the server's own, may a result hold what a server has echoed.
    const { data, ...rest } = result;
    return context.showsNoKey(rest);
  }
  context.isSound(error);
  isOneLine(error.message);
  ok(error.retryAfter === null || Number.isFinite(error.retryAfter), `error.retryAfter is ${error.retryAfter}`);
}

export const isOneLine = (text) => ok(!/[\p{Cc}\u2028\u2029]/u.test(text), `not one line: ${JSON.stringify(text)}`);

/** Compares the named fields. */
export function has(actual, expected, what) {
  for (const [name, value] of Object.entries(expected)) equal(actual[name], value, `${name} of ${what ?? actual}`);
}

/** A `fetch` that takes down what it is sent, and answers with what `answer` makes. */
export function stub(answer) {
  const sent = [];
  return { sent, fetch: async (url, init) => (sent.push({ url, ...init }), answer(sent.length)) };
}

/** An answer, in any of the forms in which a host or a caller's own `fetch` gives one. They all mean the same. */
export function answer(chance, { status, headers = {}, bytes }) {
  const form = chance.below(5);
  const text = () => Promise.resolve(decode(bytes));
  const length = { "content-length": String(bytes.length) };
  switch (form) {
    case 0:
    case 1:
      try {
        return new Response(bytes, { status, headers: form === 0 ? headers : { ...headers, ...length } });
      } catch {
        // Not every status has a body, and not every text fits a header: what no host can give, a caller's own fetch can.
      }
    // Falls through.
    case 2:
      return { status, headers: headersOf(headers), body: null, text };
    case 3:
      return { status, headers: headersOf({ ...headers, ...length }), body: stream(chance, bytes), text };
    default:
      return { status, headers: headersOf(headers), body: stream(chance, bytes) };
  }
}

export const headersOf = (headers) => ({
  get: (name) => headers[name.toLowerCase()] ?? null,
});

/** A body in chunks of any size. */
export function stream(chance, bytes) {
  const most = chance.pick([1, 3, 64, 4096, bytes.length]);
  const large = bytes.length > 10_000;
  const least = large ? 1000 : 1;
  let at = 0;
  // A few empty ones, which count for many bytes and so must not be among those of a body near the limit.
  let empty = large ? 0 : 20;
  const read = async () => {
    if (at >= bytes.length) return { done: true };
    const length = empty > 0 && chance.likely(0.1) ? (empty--, 0) : Math.max(least, 1 + chance.below(most));
    const value = new Uint8Array(bytes.subarray(at, at + length));
    at += length;
    return { done: false, value };
  };
  return { getReader: () => ({ read, cancel: async () => {} }) };
}
