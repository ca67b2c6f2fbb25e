// What the message of an error says, since structuredClone, IPC and step engines carry the message and drop the rest; and what
// it must not say, since messages end in logs.

import { answer, gatewayError, ID, pending, queued, refusal, reset } from "../../support/answers.mjs";
import { equal, match, ok, rejection } from "../../support/check.mjs";

const NYNE = "https://api.nyne.ai";
const PROXY = "https://proxy.example.com/nyne";
const PERSON = { name: "Ada Q. Lovelace", email: "ada.lovelace@example.com", phone: "+1-202-555-0177", company: "Analytical Engines" };
const VALUES = [PERSON.name, PERSON.email, PERSON.phone, "+1-202-555-0188", "2025550188", "Grace Hopper", "grace@example.com"];
/** What a server may put into any body, beside what the client looks for. */
const GOSSIP = { mobile: "+1-202-555-0188", number: 12025550188, person: { name: "Grace Hopper", email: "grace@example.com" }, query: PERSON };
const WORDS = `Nobody like ${PERSON.name}, ${PERSON.email}, ${PERSON.phone}; but Grace Hopper has +1-202-555-0188`;

const QUICK = { firstDelay: 1, maxDelay: 2 };
const job = (fields) => answer(200, { success: true, ...GOSSIP, data: { request_id: ID, ...GOSSIP, ...fields } });

/** A fetch that answers submits with the first and polls with the second. */
const service = (submit, poll) => async (url, { method }) => (method === "POST" ? submit() : poll());

/** Ends of a lookup whose job may still be running: the answers to its polls, its options, and the code. */
const RUNNING = [
  ["is refused", () => refusal(401, "invalid_api_key"), {}, "invalid_api_key"],
  ["meets a service that fails", () => refusal(500, "internal_error"), {}, "internal_error"],
  ["meets a gateway", () => gatewayError(502), {}, "http_error"],
  ["meets a limit", () => refusal(429, "rate_limit_exceeded", { "Retry-After": "3600" }), {}, "rate_limit_exceeded"],
  ["is not known yet", () => refusal(404, "request_not_found"), {}, "request_not_found"],
  ["loses its connection", reset, {}, "network_error"],
  ["cannot be read", () => answer(200, "{"), {}, "invalid_response"],
  ["has polled enough", pending, { poll: { ...QUICK, maxPolls: 2 } }, "poll_budget_exhausted"],
  ["is out of time", pending, { timeout: 30 }, "timeout"],
];

async function namesJob(error, id = ID) {
  ok(error.message.includes(`pollResult("${id}")`), `the message does not name pollResult("${id}"): ${error.message}`);
  const copy = structuredClone(error);
  ok(copy.message.includes(`pollResult("${id}")`), `the copy's message does not name it: ${copy.message}`);
}

const saysCode = (error) => ok(error.message.includes(error.code), `the message does not name the code ${error.code}: ${error.message}`);

function saysNothingOf(error, values = VALUES) {
  for (const value of values) ok(!error.message.includes(value), `the message says ${value}: ${error.message}`);
}

/** A body that never comes. */
const stalled = () => ({ status: 202, headers: new Headers(), body: { getReader: () => ({ read: () => new Promise(() => {}), cancel: async () => {} }) } });

/** Ends of a submit of which nobody knows whether it made a job: the answer, and the options that end the call. */
const UNKNOWN = [
  ["loses its connection", reset, {}],
  ["meets a gateway", () => gatewayError(502), {}],
  ["is answered with what cannot be read", () => answer(202, "{"), {}],
  ["is redirected", () => gatewayError(302), {}],
  ["is redirected, as a browser shows it", () => ({ status: 0, type: "opaqueredirect", headers: new Headers(), body: null, text: async () => "" }), {}],
  ["is answered, and its body does not come within requestTimeout", stalled, { requestTimeout: 20 }],
  ["is answered, and its body does not come within timeout", stalled, { timeout: 20 }],
  ["is not answered by a Response", () => "202 Accepted", {}],
];

const ANOTHER = "another job";
/** Answers to a poll, or to a submit, in which a server says what is nobody's business. */
const GOSSIPS = [
  ["a refusal", () => answer(403, { success: false, ...GOSSIP, error: { code: "forbidden", message: WORDS, detail: WORDS } })],
  ["a refusal without a code", () => answer(400, { error: WORDS, message: WORDS, detail: WORDS, ...GOSSIP })],
  ["a refusal with data", () => answer(402, { data: { error: { message: WORDS }, message: WORDS, ...GOSSIP } })],
  ["an error of the service", () => answer(500, { error: { code: "internal_error", message: WORDS } })],
  ["a failed job", () => job({ status: "failed", error: WORDS, message: WORDS })],
  ["a completed job without a number", () => job({ status: "completed", result: { mobile: { number: "+1-202-555-0188" } } })],
  ["a result that is a text", () => job({ status: "completed", result: WORDS })],
  [ANOTHER, () => job({ request_id: "Grace Hopper", status: "completed" })],
  ["no status", () => job({})],
  ["half a JSON text", () => answer(200, JSON.stringify({ data: GOSSIP }).slice(0, -3))],
  ["a JSON text", () => answer(200, JSON.stringify(WORDS))],
];

export default [
  ...RUNNING.map(([what, poll, options, code]) => ({
    name: `message: of a lookup that ${what}, it names pollResult and the id, also in a copy`,
    async run(context) {
      const fetch = service(queued, poll);
      const call = context.api.findPhone(PERSON, { ...context.keys, fetch, maxRetries: 1, poll: QUICK, ...options });
      const error = await context.fails(call, { code, submitted: "yes", requestId: ID });
      await namesJob(error);
      saysCode(error);
    },
  })),
  ...UNKNOWN.map(([what, submit, options]) => ({
    name: `message: of a submit that ${what}, it says that a job may exist, and claims no more`,
    async run(context) {
      const fetch = service(submit, pending);
      const call = context.api.findPhone(PERSON, { ...context.keys, fetch, ...options });
      const { message } = await context.fails(call, { code: "submit_outcome_unknown", submitted: "unknown", requestId: null });
      match(message, /A job may exist and may be charged.*dashboard/, "message");
      // It may have arrived, it may have been answered, and it has no callback.
      ok(!/not answered|reached|callback|pollResult|call again|keeps running/i.test(message), message);
    },
  })),
  ...[402, 400, 503, 429].map((status) => ({
    name: `message: of a poll that is answered with ${status}, it never says to call again: that would be paid for twice`,
    async run(context) {
      const fetch = service(queued, () => refusal(status, { 402: "insufficient_credits", 400: "invalid_request", 503: "service_unavailable", 429: "rate_limit_exceeded" }[status]));
      const call = context.api.findPhone(PERSON, { ...context.keys, fetch, maxRetries: 0, poll: QUICK });
      const error = await context.fails(call, { status, submitted: "yes", requestId: ID });
      await namesJob(error);
      ok(!/call again|correct the query/i.test(error.message), error.message);
    },
  })),
  {
    name: "message: of an abort in a wait, it names pollResult and the id",
    async run(context) {
      const controller = new AbortController();
      const onStatus = ({ requestId }) => requestId && controller.abort();
      const call = context.api.findPhone(PERSON, { ...context.keys, fetch: service(queued, pending), onStatus, signal: controller.signal });
      const error = await context.fails(call, { code: "aborted", submitted: "yes", requestId: ID });
      await namesJob(error);
      saysCode(error);
    },
  },
  {
    name: "message: of a wrong option beside an id, and of checkStatus, it names pollResult and the id",
    async run(context) {
      const wrong = await context.fails(context.api.pollResult(ID, { timeOut: 1 }), { code: "invalid_argument", requestId: ID });
      const checked = await context.fails(context.api.checkStatus(ID, { ...context.keys, fetch: reset }), { code: "network_error", requestId: ID });
      for (const error of [wrong, checked]) await namesJob(error), saysCode(error);
    },
  },
  {
    name: "message: of a job that is over, it holds the id",
    async run(context) {
      for (const fields of [{ status: "failed", error: "No source." }, { status: "completed", result: { mobile: true } }]) {
        const error = await rejection(context.api.pollResult(ID, { ...context.keys, fetch: async () => job(fields) }));
        equal(error.retryable, false, "error.retryable");
        ok(structuredClone(error).message.includes(ID), error.message);
        saysCode(error);
      }
    },
  },
  {
    name: "message: an id stands in it on one line, as a string of JavaScript",
    async run(context) {
      const id = 'a"b\\c\u2028d';
      const error = await rejection(context.api.pollResult(id, { ...context.keys, fetch: reset, maxRetries: 0 }));
      equal(error.requestId, id, "requestId");
      ok(error.message.includes('pollResult("a\\"b\\\\c\\u2028d")'), error.message);
    },
  },

  ...[
    ["Nyne's own origin", {}, /^Nyne answered/, /The server/],
    ["Nyne's own origin, given as baseUrl", { baseUrl: `${NYNE}/` }, /^Nyne answered/, /The server/],
    ["a proxy", { baseUrl: PROXY }, /^The server answered/, /Nyne answered/],
  ].map(([what, options, says, saysNot]) => ({
    name: `message: of an answer of ${what}, it says who answered`,
    async run(context) {
      for (const reply of [() => refusal(401, "invalid_api_key"), () => gatewayError(503), () => answer(200, "{}")]) {
        const call = context.api.checkStatus(ID, { ...context.keys, ...options, fetch: async () => reply() });
        const { message } = await context.fails(call, { requestId: ID });
        match(message, says, "message");
        ok(!saysNot.test(message), message);
      }
    },
  })),

  ...GOSSIPS.map(([what, reply]) => ({
    name: `message: no value out of a body stands in it, nor what the query says: ${what}`,
    async run(context) {
      const problems = [];
      const onStatus = ({ problem }) => problem && problems.push(problem);
      const options = { ...context.keys, onStatus, maxRetries: 1, poll: QUICK };
      const errorOf = (fetch) => rejection(context.api.findPhone(PERSON, { ...options, fetch }));
      const errors = [await errorOf(service(queued, reply))];
      // A submit that is answered so may be one that is completed.
      if (what !== ANOTHER) errors.push(await errorOf(service(reply, reply)));
      for (const error of errors) {
        context.isSound(error);
        saysNothingOf(error);
        saysCode(error);
      }
      for (const problem of problems) saysNothingOf(problem);
      const callback = await context.api.parseCallback(await textOf(reply())).catch((error) => error);
      saysNothingOf({ message: String(callback.message) });
    },
  })),
  {
    name: "message: a page of HTML is quoted without what the query says of a person",
    async run(context) {
      const fetch = async () => answer(403, `<p>No access for ${PERSON.email}, ${PERSON.name}, ${PERSON.phone}</p>`);
      const error = await context.fails(context.api.findPhone(PERSON, { ...context.keys, fetch }), { code: "forbidden" });
      saysNothingOf(error);
    },
  },
];

/** The body of a hand-made answer. */
async function textOf({ body }) {
  const { value } = await body.getReader().read();
  return new TextDecoder().decode(value);
}
