// Any state of a lookup that outlives its program. An input is a field a line: its name, `=`, and its value as JSON.

import { advance, ends, has, KEYS, stub, URL_SENT } from "../calls.mjs";
import { equal, match, ok } from "../../support/check.mjs";
import { holdsKey } from "../reading.mjs";

/** There is no corpus of these. */
export const corpus = undefined;
export const endings = ["refused", "submitted", "polled", "returned as it is"];

const NONE = ["null", "[]", "{}", "true", "5", '""'];
const VALUES = {
  state: ['"pending"', '"completed"', '"failed"', '"done"', ...NONE],
  query: ['{"email":"a@b.c"}', '{"name":"Ada","callbackUrl":"https://x.y/k"}', '{"company":"x"}', '{"emial":"x"}', '{"email":5}', ...NONE],
  key: ['"k"', '"k#2"', '"\\ud800"', '"a\\nb"', ...NONE],
  requestId: ['"a1"', '"a\\u0000b"', '" "', '"a b/../?#"', '"\\udc00"', `"${"x".repeat(1025)}"`, ...NONE],
  submittedAt: ['"2026-01-01T00:00:00.000Z"', '"9999-12-31"', '"soon"', "1700000000000", ...NONE],
  submits: ["0", "1", "4294967295", "-1", "0.5", "1e300", '"1"', ...NONE],
  polls: ["0", "7", "-1", ...NONE],
  failures: ["0", "5", "6", "4294967294", "1.5", ...NONE],
  status: ['"queued"', '"a\\nb"', ...NONE],
  pollAfter: ["1", ...NONE],
  problem: ['{"code":"x","message":"y"}', ...NONE],
  error: ['{"submitted":"no"}', '{"submitted":"yes"}', '{"submitted":"unknown"}', '{"submitted":5}', ...NONE],
  mobile: ['"+1"', ...NONE],
  completedOn: NONE,
  data: ['{"a":1}', ...NONE],
  requestID: ['"a1"'],
  __proto__: ['{"requestId":"a1"}'],
  [""]: NONE,
};

export function make(chance) {
  const names = ["query", ...Array.from({ length: chance.below(6) }, () => chance.pick(Object.keys(VALUES)))];
  const value = (name) => (chance.likely(0.5) ? VALUES[name][0] : chance.pick(VALUES[name]));
  return Buffer.from(names.map((name) => `${name}=${value(name)}`).join("\n"));
}

export async function check(bytes, chance) {
  const state = {};
  for (const line of bytes.toString().split("\n")) {
    const at = line.indexOf("=");
    try {
      // Defined and not assigned: some names mean something to an assignment.
      Object.defineProperty(state, line.slice(0, at), { value: JSON.parse(line.slice(at + 1)), enumerable: true, configurable: true, writable: true });
    } catch {
      // Not a state that any store gives back.
    }
  }
  const before = JSON.stringify(state);
  // The state that is returned, and the message on a wrong name, show a key that the caller has put there.
  if (holdsKey(before)) return "not tried";
  const bodies = ['{"request_id":"a1","status":"queued"}', '{"request_id":"a1","status":"completed","result":{"mobile":"+1"}}', "", "{}"];
  const { sent, fetch } = stub(() => new Response(chance.pick(bodies), { status: chance.pick([200, 202, 402, 404, 429, 500, 503]) }));
  const claimed = [];
  const claim = async (key) => (claimed.push(key), chance.likely(0.9));
  const { result, error } = await ends(advance(state, { ...KEYS, fetch, claim }));

  equal(JSON.stringify(state), before, "the state that was passed");
  if (error) {
    equal([error.code, sent.length, claimed.length], ["invalid_argument", 0, 0], "the refusal");
    match(error.message, /state|query/i, "the message");
    return "refused";
  }
  equal(JSON.parse(JSON.stringify(result)), result, "the next state as JSON");
  if (sent.length === 0 && claimed.length === 0) {
    ok(result === state && ["completed", "failed"].includes(state.state), `nothing was done for ${before}`);
    return "returned as it is";
  }
  ok(state.state !== "completed", "a completed lookup goes on");
  ok(["pending", "completed", "failed"].includes(result.state), `it became ${result.state}`);
  has(result, { query: state.query, ...(state.key !== null && "key" in state && { key: state.key }) });
  ok(sent.length <= 1 && claimed.length <= 1, `${sent.length} requests, ${claimed.length} claims`);
  if (claimed.length === 1) {
    ok(state.requestId === undefined || state.requestId === null, `a job that is known is submitted: ${before}`);
    const submits = (state.submits ?? 0) + 1;
    equal(claimed, [submits === 1 ? result.key : `${result.key}#${submits}`], "the claim");
    equal(result.submits, submits, "submits");
    ok(sent.every(({ method }) => method === "POST"), "a submit is a POST");
    return "submitted";
  }
  const url = new URL(sent[0].url);
  equal([sent[0].method, url.origin + url.pathname, [...url.searchParams]], ["GET", URL_SENT, [["request_id", state.requestId]]], "the poll");
  equal([result.requestId, result.submits], [state.requestId, state.submits ?? 0], "the job");
  return "polled";
}
