// What the caller passes misbehaves: nothing hangs, nothing else breaks, and no paid job is lost.

import { wait } from "../../support/case.mjs";
import { equal, ok } from "../../support/check.mjs";
import { ADA, ALWAYS, MOBILE, onGet, onPost } from "../../support/emulator.mjs";

const ID = "a1b2c3";
const json = (status, data) => ({ status, text: JSON.stringify({ success: true, data }) });
const QUEUED = json(202, { request_id: ID, status: "queued" });
const DONE = json(200, { request_id: ID, status: "completed", completed: true, result: { mobile: MOBILE } });

/** A fetch that answers with Responses, submits with the first and polls with the others. */
const answering = (...answers) => async () => {
  const { status, text } = answers.length > 1 ? answers.shift() : answers[0];
  return new Response(text, { status });
};

/** A stream that is none of the platform's. */
const stream = (read) => ({ getReader: () => ({ read, cancel() {} }) });

const bytesOf = (text) => new TextEncoder().encode(text);
/** A stream that somebody reads already. */
function lockedStream() {
  const locked = new ReadableStream();
  locked.getReader();
  return locked;
}

/** Responses of mocks and of other libraries, of a text. What they have can be read, so no id is lost. */
const MOCKS = [
  ["text() alone", (text) => ({ text: async () => text })],
  ["json() alone", (text) => ({ json: async () => JSON.parse(text) })],
  ["a text() that returns at once", (text) => ({ text: () => text })],
  ["a json() that returns at once", (text) => ({ json: () => JSON.parse(text) })],
  ["a stream of Node's and text()", (text) => ({ body: { pipe() {}, on() {} }, headers: new Headers(), text: async () => text })],
  ["a stream of Node's and json()", (text) => ({ body: { pipe() {}, on() {} }, json: async () => JSON.parse(text) })],
  ["a stream that is read already and text()", (text) => ({ body: lockedStream(), text: async () => text })],
  ["a body that cannot be got and text()", (text) => ({ get body() { throw new Error("mine"); }, text: async () => text })],
  ["a text that cannot be got and json()", (text) => ({ get text() { throw new Error("mine"); }, json: async () => JSON.parse(text) })],
  ["a text as its body", (text) => ({ body: text })],
  ["bytes as its body", (text) => ({ body: bytesOf(text) })],
  ["an ArrayBuffer as its body", (text) => ({ body: bytesOf(text).buffer })],
  ["headers that are a plain object", (text) => ({ headers: { "content-type": "application/json" }, text: async () => text })],
  ["headers that are a Map", (text) => ({ headers: new Map([["content-type", "application/json"]]), text: async () => text })],
  ["a byte order mark", (text) => ({ text: async () => `\ufeff${text}` })],
  ["getters of its class", (text) => new (class { get body() { return null; } async text() { return text; } })()],
];
/** The same, of which something is missing. */
const LACKING = [
  ["no status", (text) => ({ ok: true, text: async () => text }), /status/],
  ["a status that is a text", (text) => ({ status: "200", text: async () => text }), /status/],
  ["neither text() nor json()", (text) => ({ status: 200, data: JSON.parse(text) }), /neither text\(\) nor json\(\)/],
  ["a text() that gives an object", (text) => ({ status: 200, text: async () => JSON.parse(text) }), /text\(\)/],
];

export default [
  ...MOCKS.map(([what, make]) => ({
    name: `a fetch whose responses have ${what} finds the number`,
    async run({ api, options }) {
      const answers = [QUEUED, DONE];
      const fetch = async () => {
        const { status, text } = answers.shift();
        return Object.defineProperty(make(text), "status", { value: status });
      };
      equal((await api.findPhone(ADA, { ...options, fetch })).mobile, MOBILE, "mobile");
    },
  })),
  ...LACKING.map(([what, make, names]) => ({
    name: `a fetch whose responses have ${what} ends in an error that names it`,
    async run(context) {
      const fetch = async () => make(DONE.text);
      const options = { ...context.options, fetch, maxRetries: 0 };
      await context.fails(context.api.findPhone(ADA, options), { code: "submit_outcome_unknown", message: names });
      await context.fails(context.api.pollResult(ID, options), { code: "invalid_response", requestId: ID, message: names });
    },
  })),
  {
    name: "a fetch whose responses have a stream and no text() finds the number",
    async run({ api, options }) {
      const answers = [QUEUED, DONE];
      const fetch = async () => {
        const { status, text } = answers.shift();
        return { status, headers: new Headers({ "content-length": String(text.length) }), body: new Response(text).body };
      };
      equal((await api.findPhone(ADA, { ...options, fetch })).mobile, MOBILE, "mobile");
    },
  },
  ...[
    ["a thenable that calls back at once", (response) => ({ then: (resolve) => resolve(response) })],
    ["a thenable that calls back twice, and then throws", (response) => ({ then(resolve) { resolve(response); resolve(undefined); throw new Error("mine"); } })],
    ["what is no promise", (response) => response],
  ].map(([what, give]) => ({
    name: `a fetch that returns ${what} finds the number`,
    async run({ api, options }) {
      const answers = [QUEUED, DONE];
      const fetch = () => {
        const { status, text } = answers.shift();
        return give(new Response(text, { status }));
      };
      equal((await api.findPhone(ADA, { ...options, fetch })).mobile, MOBILE, "mobile");
    },
  })),
  {
    name: "a signal that cannot be let go of does not keep the result back",
    async run({ api, options }) {
      const { signal } = new AbortController();
      signal.removeEventListener = () => {
        throw new Error("mine");
      };
      equal((await api.findPhone(ADA, { ...options, signal, fetch: answering(QUEUED, DONE) })).mobile, MOBILE, "mobile");
    },
  },
  {
    name: "an onStatus that rejects later is reported and does not end the lookup",
    async run({ api, options }) {
      const reported = [];
      const { error } = console;
      console.error = (...values) => reported.push(values.at(-1)?.message);
      try {
        const onStatus = async () => {
          throw new Error("later");
        };
        equal((await api.findPhone(ADA, { ...options, onStatus, fetch: answering(QUEUED, DONE) })).mobile, MOBILE, "mobile");
        await new Promise((resolve) => setTimeout(resolve, 1));
        ok(reported.length >= 2 && reported.every((message) => message === "later"), `what was reported is ${reported}`);
      } finally {
        console.error = error;
      }
    },
  },
  ...[
    ["whose read() gives no promise", () => undefined],
    ["whose read() throws", () => { throw new Error("mine"); }],
    ["whose chunks are no bytes", async () => ({ done: false, value: { length: 2 ** 40 } })],
    ["whose chunks are empty for ever", async () => ({ done: false, value: new Uint8Array(0) })],
  ].map(([what, read]) => ({
    name: `a stream ${what} ends the call it belongs to and no other`,
    async run(context) {
      const { api, options } = context;
      await context.fails(api.parseCallback({ text() {}, body: stream(read) }), { code: "invalid_response" });
      const fetch = async () => ({ status: 200, headers: new Headers(), body: stream(read) });
      const error = await context.fails(api.pollResult(ID, { ...options, maxRetries: 0, fetch }), { submitted: "yes", requestId: ID });
      ok(["network_error", "invalid_response"].includes(error.code), error.code);
      equal((await api.findPhone(ADA, options)).mobile, MOBILE, "mobile of the next call");
    },
  })),
  {
    name: "a clearTimeout that throws: every call settles, and the next one works",
    async run(context) {
      const { api, options } = context;
      const { clearTimeout } = globalThis;
      globalThis.clearTimeout = () => {
        throw new Error("no timers here");
      };
      try {
        const calls = [
          api.findPhone(ADA, { ...options, fetch: answering(QUEUED, DONE) }),
          api.checkStatus(ID, { ...context.requestOptions, fetch: answering(DONE) }),
        ];
        for (const { reason } of await Promise.allSettled(calls)) if (reason) context.isSound(reason);
      } finally {
        globalThis.clearTimeout = clearTimeout;
      }
      equal((await api.findPhone(ADA, options)).mobile, MOBILE, "mobile of the next call");
    },
  },
  {
    name: "options that cannot be read are invalid_argument, however often",
    async run(context) {
      const { api, options } = context;
      const unreadable = () => new Proxy({}, { ownKeys() { throw new Error("mine"); } });
      for (let i = 0; i < 300; i++) {
        let thrown;
        try {
          api.createClient(unreadable());
        } catch (error) {
          thrown = error;
        }
        equal(thrown?.code, "invalid_argument", "the code");
      }
      await context.fails(api.findPhone(unreadable(), options), { code: "invalid_argument", posts: 0 });
      await context.fails(api.pollResult(ID, unreadable()), { code: "invalid_argument", requestId: ID });
      equal((await api.findPhone(ADA, options)).mobile, MOBILE, "mobile of the next call");
    },
  },
  {
    name: "createClient refuses a wrong baseUrl at once",
    async run({ api, keys }) {
      for (const baseUrl of ["ftp://nyne.example", "http://nyne.example", "https://user:word@nyne.example"]) {
        let thrown;
        try {
          api.createClient({ ...keys, baseUrl });
        } catch (error) {
          thrown = error;
        }
        equal(thrown?.code, "invalid_argument", baseUrl);
        ok(thrown.message.includes("baseUrl"), thrown.message);
      }
    },
  },
  {
    name: "a client's timeout is for those who wait: it does not cut submitPhone",
    world: { faults: [onPost({ kind: "delay", ms: 150 })] },
    async run(context) {
      const nyne = context.api.createClient({ ...context.options, timeout: 30 });
      ok((await nyne.submitPhone(ADA)).requestId, "an id");
      await context.counts({ posts: 1, gets: 0 });
    },
  },
  {
    name: "a client's timeout is for those who wait: it does not cut checkStatus and confirmCallback",
    world: { latencyMs: 0, faults: [onGet({ kind: "delay", ms: 150 }, ALWAYS)] },
    async run(context) {
      const nyne = context.api.createClient({ ...context.options, timeout: 30 });
      const { requestId } = await context.api.submitPhone(ADA, context.requestOptions);
      equal((await nyne.checkStatus(requestId)).mobile, MOBILE, "checkStatus");
      equal((await nyne.confirmCallback({ request_id: requestId, status: "completed" })).mobile, MOBILE, "confirmCallback");
      await context.counts({ posts: 1, gets: 2 });
    },
  },
  {
    name: "a stream without an end is read up to the limit, then cancelled, and so is its request",
    async run(context) {
      const chunk = new Uint8Array(65_536).fill(32);
      let [reads, cancelled] = [0, false];
      const body = {
        getReader: () => ({ read: async () => (reads++, { done: false, value: chunk }), cancel: async () => void (cancelled = true) }),
      };
      let signal;
      const fetch = async (url, init) => (({ signal } = init), { status: 200, headers: new Headers(), body });
      await context.fails(context.api.checkStatus(ID, { ...context.requestOptions, fetch }), { code: "invalid_response", requestId: ID });
      ok(cancelled || signal.aborted, "the body is not cancelled");
      ok(reads <= 2 ** 20 / chunk.length + 2, `${reads} chunks were read`);
      const before = reads;
      await wait(20);
      equal(reads, before, "reads after the end");
    },
  },
  {
    name: "a confirmCallback that is aborted before its id is known speaks of no job",
    async run(context) {
      const abort = new AbortController();
      const pending = context.api.confirmCallback({ text: () => new Promise(() => {}) }, { ...context.requestOptions, signal: abort.signal });
      abort.abort();
      await context.fails(pending, { code: "aborted", submitted: "no", requestId: null, posts: 0, gets: 0 });
    },
  },
  {
    name: "jobs that were over long ago teach a client nothing",
    async run({ api, options }) {
      const nyne = api.createClient({ ...options, poll: { firstDelay: 5 } });
      const old = { requestId: ID, submittedAt: "2020-01-01T00:00:00Z" };
      for (let i = 0; i < 8; i++) await nyne.pollResult(old, { fetch: answering(DONE) });
      let next;
      const onStatus = ({ requestId, nextPollIn }) => requestId && (next ??= nextPollIn);
      await nyne.findPhone(ADA, { onStatus, fetch: answering(QUEUED, DONE) });
      ok(next <= 6, `the first poll is ${next} ms away`);
    },
  },
];
