// A `fetch` of the caller's that breaks its promises. Each befalls a submit and a poll, which is repeated once.

import { wait } from "../../support/case.mjs";
import { equal } from "../../support/check.mjs";
import { MOBILE } from "../../support/emulator.mjs";

const json = (value, init) => new Response(JSON.stringify(value), init);

const NOTHING = { done: false, value: new Uint8Array(0) };

/** A response of the caller's own making, whose body gives these chunks. */
function streamed(read, { status = 200, headers = {} } = {}) {
  const body = { getReader: () => ({ read, cancel: async () => {} }) };
  return { status, headers: new Headers(headers), body, text: async () => "never asked for" };
}

const BREAKS = { post: "submit_outcome_unknown", get: "network_error" };
const IS_TOO_LARGE = { post: "submit_outcome_unknown", get: "invalid_response" };
/** Nothing of it can be used: whether it is an answer is a matter of opinion. */
const SPEAKS_NONSENSE = { post: "submit_outcome_unknown", get: ["invalid_response", "network_error"] };
/** What a browser shows of a redirect has no status either. */
const REDIRECTS = { post: "submit_outcome_unknown", get: ["http_error", "invalid_response", "network_error"] };
const STANDS_STILL = { post: "submit_outcome_unknown", get: "timeout" };

const HOSTILE = [
  ["throws", BREAKS, () => { throw new Error("at once"); }],
  ["throws undefined", BREAKS, () => { throw undefined; }],
  ["rejects with a text", BREAKS, () => Promise.reject("no network today")],
  ["rejects with undefined", BREAKS, () => Promise.reject(undefined)],
  ["rejects with an object whose getters throw", BREAKS, () => Promise.reject({ get message() { throw new Error("no message"); } })],
  ["rejects with an error that is its own cause", BREAKS, async () => {
    const error = new Error("round and round");
    error.cause = error;
    throw error;
  }],
  ["rejects with an error that holds the keys", BREAKS, async (url, init, { keys }) => {
    const error = new TypeError(`no route for ${keys.apiKey}`);
    throw Object.assign(error, { code: keys.apiSecret, config: init, cause: new Error(keys.apiSecret) });
  }],
  ["rejects with a text that holds the keys", BREAKS, (url, init, { keys }) => Promise.reject(`${keys.apiKey}:${keys.apiSecret}`)],
  ["never settles, and ignores its signal", STANDS_STILL, () => new Promise(() => {})],
  ["returns a thenable that throws", BREAKS, () => ({ then() { throw new Error("no promise"); } })],
  ["returns undefined", SPEAKS_NONSENSE, () => undefined],
  ["resolves with null", SPEAKS_NONSENSE, async () => null],
  ["resolves with a text", SPEAKS_NONSENSE, async () => "200 OK"],
  ["resolves with an object without headers", SPEAKS_NONSENSE, async () => ({ status: 200, text: async () => "{}" })],
  ["resolves with a status that is a text", SPEAKS_NONSENSE, async () => ({ status: "200", headers: new Headers(), body: null })],
  ["resolves with a status that is no status", REDIRECTS, async () => ({ status: NaN, headers: new Headers(), text: async () => "{}" })],
  ["resolves with an object whose getters throw", SPEAKS_NONSENSE, async () => ({ get status() { throw new Error("no status"); } })],
  ["resolves with headers that throw", SPEAKS_NONSENSE, async () => ({ status: 200, headers: { get() { throw new Error("no headers"); } } })],
  ["resolves with a response without text()", SPEAKS_NONSENSE, async () => ({ status: 200, headers: new Headers(), body: null })],
  ["rejects with an error whose cause is a revoked proxy", BREAKS, async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    throw Object.assign(new Error("with a cause"), { cause: proxy });
  }],
  ["resolves with a status that is a bigint", SPEAKS_NONSENSE, async () => ({ status: 200n, headers: new Headers(), text: async () => "{}" })],
  ["resolves with a text() that gives nothing", SPEAKS_NONSENSE, async () => ({ status: 200, headers: new Headers(), text: async () => undefined })],
  ["resolves with a text() that gives no text", SPEAKS_NONSENSE, async () => ({ status: 200, headers: new Headers(), text: async () => 7 })],
  ["resolves with headers that throw, beside a body", SPEAKS_NONSENSE, async () => ({ status: 200, body: {}, headers: { get() { throw new Error("no headers"); } }, text: async () => "{}" })],
  ["resolves with Response.error()", REDIRECTS, async () => Response.error()],
  ["resolves with a body that was used already", SPEAKS_NONSENSE, async () => {
    const response = json({ data: { request_id: "some-id", status: "completed" } });
    await response.text();
    return response;
  }],
  ["resolves with a body that is being read already", SPEAKS_NONSENSE, async () => {
    const response = json({ data: { request_id: "some-id", status: "completed" } });
    response.body.getReader();
    return response;
  }],
  ["resolves with a body that breaks off", BREAKS, async () => streamed(async () => { throw new Error("cut"); })],
  ["resolves with a body whose read() throws", SPEAKS_NONSENSE, async () => streamed(() => { throw new Error("cut"); })],
  ["resolves with a body whose read() gives nothing", SPEAKS_NONSENSE, async () => streamed(async () => undefined)],
  ["resolves with a body of texts", SPEAKS_NONSENSE, async () => streamed(async () => ({ done: false, value: "text" }))],
  ["resolves with a body that never ends", STANDS_STILL, async () => streamed(() => new Promise(() => {}))],
  ["resolves with a body that gives nothing, as fast as it can", { ...SPEAKS_NONSENSE, get: ["invalid_response", "network_error", "timeout"] }, async () => streamed(async () => NOTHING)],
  ["resolves with a body that gives more and more", IS_TOO_LARGE, async () => {
    const more = { done: false, value: new Uint8Array(65_536).fill(32) };
    return streamed(async () => more);
  }],
];

export default [
  ...HOSTILE.flatMap(([what, { post, get }, fetch]) => [
    {
      name: `POST: a fetch that ${what}`,
      options: { requestTimeout: 100 },
      fetch,
      ends: { code: post, submitted: "unknown", requestId: null, retryable: false, posts: 1, gets: 0 },
    },
    {
      name: `GET: a fetch that ${what}`,
      options: { requestTimeout: 100, maxRetries: 1 },
      call: ({ api }, options) => api.pollResult("some-id", options),
      fetch,
      ends: { code: get, submitted: "yes", requestId: "some-id", posts: 0, gets: get === REDIRECTS.get ? [1, 2] : 2 },
    },
  ]),
  {
    name: "a body that gives nothing, now and again, and goes on after it was cancelled",
    options: { requestTimeout: 100, maxRetries: 0 },
    async call(context, options) {
      let reads = 0;
      const body = streamed(() => (reads++, wait(5).then(() => NOTHING)));
      const lookup = context.api.pollResult("some-id", { ...options, fetch: async () => body });
      await lookup.catch(() => {});
      await wait(20);
      const before = reads;
      await wait(50);
      equal(reads, before, "reads of a body that nobody waits for");
      return lookup;
    },
    ends: { code: "timeout", submitted: "yes", requestId: "some-id", posts: 0, gets: 0 },
  },
  {
    name: "a fetch of another realm's making: plain objects that do what a Response does",
    world: { latencyMs: 0 },
    async fetch(url, init) {
      const response = await fetch(url, init);
      const chunks = [{ done: false, value: new Uint8Array(await response.arrayBuffer()) }, { done: true }];
      return streamed(async () => chunks.shift(), { status: response.status });
    },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 1 },
  },
  {
    name: "a body in chunks of one byte, cut inside characters",
    fetch(url, init) {
      const job = { request_id: "é👩‍💻", status: init.method === "POST" ? "queued" : "completed", result: { mobile: "☎" } };
      const bytes = [...new TextEncoder().encode(JSON.stringify({ data: job }))];
      return streamed(async () => {
        const byte = bytes.shift();
        return byte === undefined ? { done: true } : { done: false, value: Uint8Array.of(byte) };
      });
    },
    ends: { mobile: "☎", requestId: "é👩‍💻", posts: 1, gets: 1 },
  },
];
