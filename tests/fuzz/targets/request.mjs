// Any id that the caller asks for. An input is the id, in the form of a query's lines; a second line is when it was submitted.

import { api, ends, has, KEYS, stub, URL_SENT } from "../calls.mjs";
import { equal, match, ok } from "../../support/check.mjs";
import { holdsKey } from "../reading.mjs";

export const corpus = "query";
export const endings = ["asked", "the id is refused", "the time is refused"];

const IDS = [
  ...["a1", "a1_17.5-~", "a b", "../x?request_id=b2#c", "é/&=%", "\\ud800", "a\\udc00b", "😀", "", " ", "\0", "\\u0000", "a\\u0085"],
  ...["\\u2028", "\\ufeff", "__proto__", "x".repeat(1024), "x".repeat(1025)],
];
const TIMES = ["2026-01-01T00:00:00.000Z", "", "yesterday", "1", "9999-12-31", "+275760-09-13T00:00:00.001Z", "\\ud800"];

export function make(chance) {
  const id = chance.pick(IDS) + (chance.likely(0.3) ? chance.pick(IDS) : "");
  return Buffer.from(chance.likely(0.3) ? `${id}\n${chance.pick(TIMES)}` : id);
}

export async function check(bytes, chance) {
  const [id, submittedAt] = bytes.toString().split("\n").map(unescaped);
  // The error of a caller who asks for their own key shows it: in requestId, as it was given.
  if (holdsKey(id)) return "not tried";
  const { sent, fetch } = stub(() => new Response(JSON.stringify({ request_id: chance.pick([id, null]), status: "queued" })));
  const request = submittedAt === undefined ? chance.pick([id, { requestId: id }]) : { requestId: id, submittedAt };
  const { result, error } = await ends(api.checkStatus(request, { ...KEYS, fetch }));

  const usable = id.trim() !== "" && Buffer.byteLength(id) <= 1024 && !/\p{Cc}/u.test(id);
  const timely = submittedAt === undefined || !Number.isNaN(Date.parse(submittedAt));
  if (error) {
    equal([error.code, sent.length], ["invalid_argument", 0], "the refusal");
    has(error, { status: null, retryable: false, retryAfter: null });
    // An id that can be read is not withheld.
    ok(error.requestId === null || error.requestId === id, `error.requestId is ${error.requestId}`);
    ok(!usable || !timely || !id.isWellFormed(), `a good request is refused: ${error.message}`);
    match(error.message, /request/i, "the message");
    return usable && id.isWellFormed() ? "the time is refused" : "the id is refused";
  }
  ok(usable && timely, `accepted: ${JSON.stringify(request)}`);
  has(result, { state: "pending", requestId: id, status: "queued" });
  ok(result.pollAfter >= 4_800 && result.pollAfter <= 15_000, `pollAfter is ${result.pollAfter}`);
  equal(sent.length, 1, "the count of requests");
  const url = new URL(sent[0].url);
  equal([sent[0].method, url.origin + url.pathname, url.hash], ["GET", URL_SENT, ""], "the request");
  equal([...url.searchParams], [["request_id", id.toWellFormed()]], "what it asks for");
  return "asked";
}

const unescaped = (text) => text.replace(/\\u([\da-f]{4})/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
