// parseCallback reads; confirmCallback reads, and then believes Nyne only.

import { equal, match, ok } from "../../support/check.mjs";
import { inNoTime } from "../../support/clock.mjs";
import { ADA, MOBILE, onGet } from "../../support/emulator.mjs";

/** Submits a query, waits for its callback, and returns the request and the callback's body. */
async function delivered(context, query = ADA) {
  const { requestOptions, sink } = context;
  const request = await context.api.submitPhone({ ...query, callbackUrl: sink.url }, requestOptions);
  await context.eventually("the callback", async () => (await sink.requests()).length > 0);
  return { request, body: (await sink.requests())[0].body };
}

const envelope = (data) => JSON.stringify({ success: true, data, timestamp: "2026-01-01T00:00:00" });
const completed = (request_id, mobile = "+1-900-555-0199") =>
  envelope({ request_id, status: "completed", completed: true, result: { mobile }, completed_on: "2026-01-15T10:31:00Z" });

const received = (body) => new Request("https://hooks.example.com/nyne", { method: "POST", body, duplex: "half" });

const GARBAGE = [
  ["an empty text", ""],
  ["a text that is no JSON", "request_id=a1b2&status=completed"],
  ["half a JSON text", completed("a1b2").slice(0, 60)],
  ["HTML", "<!DOCTYPE html><title>Hello</title>"],
  ["a JSON list", "[]"],
  ["JSON null", "null"],
  ["a JSON number", "5"],
  ["a text in JSON", '"completed"'],
  ["an error of Nyne's", JSON.stringify({ success: false, error: { code: "invalid_api_key", message: "The API key is not valid." } })],
  ["an error of Nyne's without a code", JSON.stringify({ success: false, error: "internal_error" })],
  ["an object without an id", envelope({ status: "completed", result: { mobile: MOBILE } })],
  ["an id that is a list", envelope({ request_id: ["a1b2"], status: "completed" })],
  ["an id that is empty", envelope({ request_id: "", status: "completed" })],
  ["more than 1 MiB", completed("a1b2").replace("{", `{"padding":"${"x".repeat(1_100_000)}",`)],
];

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
/** What servers and frameworks hand over, with the callback's body in it. */
const CARRIERS = [
  ["a request whose body is text", (text) => ({ method: "POST", headers: {}, body: text })],
  ["a request whose body is bytes", (text) => ({ method: "POST", body: new TextEncoder().encode(text) })],
  ["a request whose body is an ArrayBuffer", (text) => ({ body: new TextEncoder().encode(text).buffer })],
  ["a request whose body is parsed already", (text) => ({ method: "POST", query: {}, body: JSON.parse(text) })],
  ["a request whose body is parsed already and bare", (text) => ({ body: JSON.parse(text).data })],
  ["an event of API Gateway", (text) => ({ version: "2.0", rawPath: "/hook", body: text, isBase64Encoded: false })],
  ["an event of API Gateway in base64", (text) => ({ version: "2.0", rawPath: "/hook", body: base64(text), isBase64Encoded: true })],
  ["a message of a queue", (text) => ({ id: "m1", timestamp: new Date(), attempts: 1, body: JSON.parse(text), ack() {}, retry() {} })],
  ["a request whose body is a getter of its class", (text) => new (class { get body() { return JSON.parse(text); } })()],
  ["a request whose status is a number", (text) => ({ status: 404, body: text })],
  ["a Blob", (text) => new Blob([text])],
];
/** What looks like a callback and holds none that could be read. */
const NO_BODIES = [
  ["an empty object", () => ({})],
  ["a Map", () => new Map([["request_id", "a1b2"]])],
  ["a stream", () => new ReadableStream()],
  ["a stream of Node's", () => ({ pipe() {}, on() {} })],
  ["a request with an empty object as its body", () => ({ method: "POST", body: {} })],
  ["a request with a stream as its body", () => ({ method: "POST", body: new ReadableStream() })],
  ["a request without a body", () => ({ method: "POST", pipe() {}, body: undefined })],
  ["a request whose body cannot be got", () => ({ get body() { throw new Error("Invalid JSON"); } })],
  ["an event without a body", () => ({ version: "2.0", rawPath: "/hook", body: null, isBase64Encoded: false })],
  ["a context of Koa's", () => ({ request: { body: JSON.parse(completed("a1b2")) }, response: {}, status: 404, body: undefined, toJSON: () => ({ request: {} }) })],
  ["a context of Hono's", () => ({ req: { text: async () => completed("a1b2") }, body() {}, text: (text) => new Response(text) })],
  ["an event of SvelteKit's", () => ({ request: received(completed("a1b2")), params: {}, url: "/hook" })],
  ["an event that writes itself as a text", () => ({ toJSON: () => "[POST] /hook" })],
  ["a promise", () => Promise.resolve(JSON.parse(completed("a1b2")))],
  ["a Date", () => new Date()],
  ["a function", () => () => completed("a1b2")],
  ["an object that refers to itself", () => { const circle = { a: 1 }; return Object.assign(circle, { circle }); }],
];

/** Callbacks that are no better, but name a job. */
const USELESS = [
  ["has no status", envelope({ request_id: "a1b2" })],
  ["has a mobile that is an object", completed("a1b2", { number: MOBILE })],
];

/** Callbacks whose body never ends, as what reads them sees it. */
const ENDLESS = [
  ["does not come", () => new Promise(() => {})],
  ["drips for ever", (controller) => new Promise((resolve) => setTimeout(() => resolve(controller.enqueue(new Uint8Array([32]))), 1_000))],
];
/** What a refusal of the argument must say: what to pass instead. */
const UNUSABLE = /Request.*text or bytes.*object.*body/;
/** How long a callback's body may take, in ms. */
const LIMIT = 15_000;

export default [
  {
    name: "parseCallback reads what Nyne delivers, as text, as an object and as a Request",
    async run(context) {
      const { request, body } = await delivered(context);
      const { data } = JSON.parse(body);
      for (const input of [body, JSON.parse(body), received(body), { text: async () => body }]) {
        equal({ ...(await context.api.parseCallback(input)) }, {
          state: "completed", requestId: request.requestId, status: "completed", mobile: MOBILE,
          completedOn: data.completed_on, data,
        });
      }
      await context.counts({ posts: 1, gets: 0 });
    },
  },
  {
    name: "a callback's text in any language comes whole out of every carrier",
    async run({ api }) {
      const name = "Zoë 张伟 👩‍💻";
      const text = envelope({ request_id: "a1b2", status: "completed", name });
      for (const [what, carrier] of CARRIERS) equal((await api.parseCallback(carrier(text))).data.name, name, `the name out of ${what}`);
    },
  },
  {
    name: "bytes of another realm are read as a callback",
    hosts: ["node"],
    because: "node:vm makes the realm",
    async run({ api }) {
      const { runInNewContext } = process.getBuiltinModule("node:vm");
      const bytes = [...new TextEncoder().encode(completed("a1b2"))];
      for (const make of ["(bytes) => Uint8Array.from(bytes).buffer", "(bytes) => Uint8Array.from(bytes)"]) {
        equal((await api.parseCallback(runInNewContext(make)(bytes))).requestId, "a1b2", make);
      }
    },
  },
  {
    name: "parseCallback reads bytes, whatever holds them",
    async run({ api }) {
      const bytes = new TextEncoder().encode(`  ${completed("a1b2")}`);
      const forms = [bytes, bytes.buffer, new DataView(bytes.buffer), bytes.subarray(2), new DataView(bytes.buffer, 2), new Uint8Array(bytes).buffer];
      if (typeof Buffer !== "undefined") forms.push(Buffer.from(bytes));
      for (const form of forms) equal((await api.parseCallback(form)).requestId, "a1b2", "requestId");
    },
  },
  ...CARRIERS.map(([what, carrier]) => ({
    name: `parseCallback and confirmCallback read ${what}`,
    world: { latencyMs: 0 },
    async run({ api, requestOptions }) {
      const { requestId } = await api.submitPhone(ADA, requestOptions);
      const status = await api.parseCallback(carrier(completed(requestId)));
      equal([status.state, status.requestId, status.mobile], ["completed", requestId, "+1-900-555-0199"]);
      equal((await api.confirmCallback(carrier(completed(requestId)), requestOptions)).mobile, MOBILE, "confirmCallback's mobile");
    },
  })),
  ...NO_BODIES.map(([what, input]) => ({
    name: `a callback that is ${what} is invalid_argument, which says what to pass`,
    async run(context) {
      const expected = { code: "invalid_argument", requestId: null, submitted: "no", message: UNUSABLE, posts: 0, gets: 0 };
      await context.fails(context.api.parseCallback(input()), expected);
      await context.fails(context.api.confirmCallback(input(), context.requestOptions), expected);
    },
  })),
  {
    name: "parseCallback reads a failed job",
    world: { failureShare: 1 },
    async run(context) {
      const { request, body } = await delivered(context);
      const { data, error, ...status } = await context.api.parseCallback(body);
      equal(status, { state: "failed", requestId: request.requestId, status: "failed" });
      equal([error, data], [JSON.parse(body).data.error, JSON.parse(body).data], "the reason and the data");
    },
  },
  {
    name: "parseCallback reads a job without a number",
    async run(context) {
      const { body } = await delivered(context, { email: "nomobile@example.com" });
      const { state, mobile } = await context.api.parseCallback(body);
      equal([state, mobile], ["completed", null]);
    },
  },
  {
    name: "parseCallback reads a job that still runs",
    async run({ api }) {
      const body = envelope({ request_id: "a1b2", status: "processing" });
      const { state, requestId, status, pollAfter } = await api.parseCallback(body);
      equal([state, requestId, status], ["pending", "a1b2", "processing"]);
      ok(Number.isFinite(pollAfter) && pollAfter > 0, `pollAfter is ${pollAfter}`);
    },
  },
  {
    name: "parseCallback reads the bare object, and a text with control characters",
    async run({ api }) {
      const bare = JSON.parse(completed("a1b2")).data;
      equal((await api.parseCallback(bare)).requestId, "a1b2", "the bare object's id");
      const raw = completed("a1b2").replace("2026-01-15", "2026\u0001\t-01-15");
      equal((await api.parseCallback(raw)).requestId, "a1b2", "the id beside control characters");
    },
  },
  ...GARBAGE.map(([what, body]) => ({
    name: `a callback that is ${what} is invalid_response, and Nyne is not asked about it`,
    async run(context) {
      const expected = { code: "invalid_response", requestId: null, posts: 0, gets: 0 };
      await context.fails(context.api.parseCallback(body), expected);
      await context.fails(context.api.parseCallback(received(body)), expected);
      await context.fails(context.api.confirmCallback(body, context.requestOptions), expected);
    },
  })),
  ...USELESS.map(([what, body]) => ({
    name: `a callback that ${what} is invalid_response`,
    async run(context) {
      for (const input of [body, received(body)]) await context.fails(context.api.parseCallback(input), { code: "invalid_response", posts: 0, gets: 0 });
    },
  })),
  ...ENDLESS.map(([what, pull]) => ({
    name: `a callback whose body ${what} is given up`,
    async run(context) {
      for (const read of [(input) => context.api.parseCallback(input), (input) => context.api.confirmCallback(input, context.requestOptions)]) {
        let ended;
        const { error } = await inNoTime(Date.now(), (elapsed) => read(received(new ReadableStream({ pull }))).finally(() => (ended = elapsed())));
        await context.fails(Promise.reject(error), { code: "invalid_response", submitted: "no", requestId: null, posts: 0, gets: 0 });
        // Timers are rounded up to the millisecond.
        ok(ended >= LIMIT && ended <= LIMIT + 1, `it is given up after ${ended} ms`);
        match(error.message, /did not arrive within 15 s/, "error.message");
      }
    },
  })),
  {
    name: "a callback that is no text and no object is refused",
    async run(context) {
      for (const input of [undefined, null, 5, true, Symbol("callback")]) {
        await context.fails(context.api.parseCallback(input), { code: "invalid_argument", requestId: null, message: UNUSABLE });
      }
    },
  },
  {
    name: "a callback whose Request was read already is refused, and the next one is read",
    async run(context) {
      const request = received(completed("a1b2"));
      await request.text();
      await context.fails(context.api.parseCallback(request), { code: "invalid_response", requestId: null });
      equal((await context.api.parseCallback(received(completed("a1b2")))).requestId, "a1b2", "the next one's id");
    },
  },

  {
    name: "confirmCallback returns Nyne's own answer, after one GET",
    async run(context) {
      const { request, body } = await delivered(context);
      for (const input of [body, JSON.parse(body), received(body)]) {
        const status = await context.api.confirmCallback(input, context.requestOptions);
        equal([status.state, status.mobile, status.requestId], ["completed", MOBILE, request.requestId]);
      }
      await context.counts({ posts: 1, gets: 3 });
      const bound = await context.api.createClient(context.requestOptions).confirmCallback(body);
      equal(bound.mobile, MOBILE, "a client's answer");
    },
  },
  {
    name: "confirmCallback exposes a forged number",
    world: { latencyMs: 0 },
    async run(context) {
      const { requestId } = await context.api.submitPhone(ADA, context.requestOptions);
      equal((await context.api.parseCallback(completed(requestId))).mobile, "+1-900-555-0199", "the forged number");
      equal((await context.api.confirmCallback(completed(requestId), context.requestOptions)).mobile, MOBILE, "the true number");
    },
  },
  {
    name: "confirmCallback exposes a forged completion",
    world: { latencyMs: 3_600_000 },
    async run(context) {
      const { requestId } = await context.api.submitPhone(ADA, context.requestOptions);
      const status = await context.api.confirmCallback(completed(requestId), context.requestOptions);
      equal([status.state, status.mobile], ["pending", undefined]);
    },
  },
  {
    name: "confirmCallback exposes a job that never was",
    async run(context) {
      await context.fails(context.api.confirmCallback(completed("never-was"), context.requestOptions), {
        code: "request_not_found", status: 404, requestId: "never-was", submitted: "unknown", posts: 0, gets: 1,
      });
    },
  },
  {
    name: "confirmCallback asks once, also when the answer is a 500",
    world: { faults: [onGet({ kind: "error", status: 500, code: "internal_error" }, { to: null })] },
    async run(context) {
      await context.fails(context.api.confirmCallback(completed("a1b2"), context.requestOptions), {
        code: "internal_error", requestId: "a1b2", retryable: true, posts: 0, gets: 1,
      });
    },
  },
];
