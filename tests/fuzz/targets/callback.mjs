// Any callback. An input is its body.

import { isDeepStrictEqual } from "node:util";

import { answer, api, decode, ends, has, KEYS, stream, stub, URL_SENT } from "../calls.mjs";
import { equal, ok } from "../../support/check.mjs";
import { body } from "../making.mjs";
import { agreesWithJob } from "./envelope.mjs";
import { depthOf, jsonOf, read } from "../reading.mjs";

export const corpus = "callback";
export const endings = ["pending", "failed", "completed", "an error", "unusable"];

export const make = (chance) => Buffer.from(body(chance));

export async function check(bytes, chance) {
  const text = decode(bytes);
  const outcome = await ends(api.parseCallback(text), { knowsKeys: false });
  agrees(outcome, read(200, text, undefined, []), text);

  const forms = {
    "a Request": new Request("https://hooks.example.com/nyne", { method: "POST", body: bytes }),
    "what has text() alone": { text: async () => text },
    // Of the bytes of a body it is taken away already.
    "a text with a byte order mark": text.startsWith("\ufeff") ? text : `\ufeff${text}`,
    "a stream": { body: stream(chance, bytes), text: () => Promise.reject(new Error("it is read as a stream")) },
  };
  const form = chance.pick(Object.keys(forms));
  const other = await ends(api.parseCallback(forms[form]), { knowsKeys: false });
  ok(same(outcome, other), `as ${form} it is ${show(other)}, as a text ${show(outcome)}`);

  const json = jsonOf(text)?.value;
  // An infinite number, or -0, is another one when it is written.
  if (typeof json === "object" && json !== null && depthOf(text) < 500 && isDeepStrictEqual(JSON.parse(JSON.stringify(json)), json)) {
    const parsed = await ends(api.parseCallback(json), { knowsKeys: false });
    // Of an empty object, as a middleware leaves behind that has parsed nothing, the caller is told.
    if (Object.keys(json).length === 0 && !Array.isArray(json)) equal(parsed.error?.code, "invalid_argument", "the code for an empty object");
    else ok(same(withoutMessage(outcome), withoutMessage(parsed)), `parsed it is ${show(parsed)}, as a text ${show(outcome)}`);
  }
  await isConfirmed(outcome, text, chance);
  return outcome.result?.state ?? (read(200, text, undefined, []).error?.own ? "an error" : "unusable");
}

function agrees({ result, error }, { job, open }, text) {
  if (open) return;
  if (job) {
    // What a lone surrogate makes of an id cannot be asked for, and may be refused.
    if (error && !job.requestId.isWellFormed()) return;
    return agreesWithJob(result, job, text, error);
  }
  ok(error, `a result where there is none: ${JSON.stringify(result)}`);
  has(error, { code: "invalid_response", status: null, retryable: false, retryAfter: null });
  // The id of a job may be told all the same.
  ok(error.requestId === null || text.includes("request_id"), `error.requestId is ${error.requestId}`);
}

/** That confirmCallback asks for the callback's job and for nothing else, or, where there is none, for nothing. */
async function isConfirmed({ result }, text, chance) {
  const { sent, fetch } = stub(() => answer(chance, { status: 404, bytes: Buffer.from("") }));
  const { error } = await ends(api.confirmCallback(text, { ...KEYS, fetch }));
  // With keys at hand, an id that holds one is none.
  const { requestId, open, job } = read(200, text, undefined);
  // Whether Nyne is asked about a callback that is useless but for its id is left to the package.
  if (open || (requestId !== undefined && !job)) return;
  if (result === undefined || requestId === undefined || (error.code === "invalid_response" && !requestId.isWellFormed())) {
    equal([error.code, error.requestId, sent.length], ["invalid_response", null, 0], "the error of a callback without a job");
    return;
  }
  equal([error.code, error.requestId], ["request_not_found", requestId], "the error of a job that is not known");
  const url = `${URL_SENT}?request_id=${encodeURIComponent(requestId.toWellFormed())}`;
  equal(sent.map(({ method, url }) => [method, url]), [["GET", url]], "the requests");
}

const withoutMessage = ({ result, error }) => (error ? { error: { ...error, message: "" } } : { result });
const plain = ({ result, error }) => (error ? { error: { ...error, message: error.message } } : { result });
const show = ({ result, error }) => (error ? String(error) : JSON.stringify(result));

function same(left, right) {
  try {
    return isDeepStrictEqual(plain(left), plain(right));
  } catch (error) {
    // It is deeper than the comparison can go.
    if (error instanceof RangeError) return left.result?.requestId === right.result?.requestId;
    throw error;
  }
}
