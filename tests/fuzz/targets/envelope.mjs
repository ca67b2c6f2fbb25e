// Any answer. An input is two bytes for the status, one for what is asked (a submit if it is even), then the body.

import { isDeepStrictEqual } from "node:util";

import { answer, api, decode, ends, has, ID, KEYS, stub } from "../calls.mjs";
import { equal, match, ok } from "../../support/check.mjs";
import { body } from "../making.mjs";
import { depthOf, holdsKey, jsonOf, mayPass, read } from "../reading.mjs";

const STATUSES = [
  ...[200, 200, 200, 200, 200, 200, 200, 201, 202, 204, 299, 0, 100, 199, 302, 304, 400, 401, 402, 403, 404, 408, 409, 422],
  ...[425, 429, 429, 500, 502, 503, 503, 599, 600, 65535],
];

export const corpus = "envelope";
/** Beside these, "open": it is left to the package. */
export const endings = Object.entries({
  submitPhone: ["accepted", "submit_outcome_unknown", "rate_limit_exceeded", "service_unavailable", "invalid_request", "a_new_one"],
  checkStatus: ["pending", "failed", "completed", "no match", "invalid_response", "http_error", "request_not_found", "a_new_one"],
}).flatMap(([name, endings]) => endings.map((ending) => `${name}: ${ending}`));

export function make(chance) {
  const status = chance.pick(STATUSES);
  return Buffer.concat([Buffer.of(status >> 8, status & 255, chance.below(2)), Buffer.from(body(chance))]);
}

export async function check(bytes, chance) {
  if (bytes.length < 3) return "too short";
  return checkAnswer(bytes.readUInt16BE(0), bytes[2] % 2 === 0, bytes.subarray(3), chance);
}

export async function checkAnswer(status, submits, bytes, chance) {
  const text = decode(bytes);
  const headers = { "x-echo": `${KEYS.apiKey} ${KEYS.apiSecret}` };
  const { sent, fetch } = stub(() => answer(chance, { status, headers, bytes }));
  const options = { ...KEYS, fetch, maxRetries: 0 };
  const outcome = await ends(submits ? api.submitPhone({ email: "ada@example.com" }, options) : api.checkStatus(ID, options));
  equal(sent.length, 1, "the count of requests");
  showsNoEscapedKey(outcome, text);

  const meaning = read(status, text, submits ? undefined : ID);
  if (meaning.open) return "open";
  if (submits) agreesWithSubmit(outcome, status, meaning, text);
  else agreesWithStatus(outcome, status, meaning, text);
  return `${submits ? "submitPhone" : "checkStatus"}: ${endingOf(outcome)}`;
}

const endingOf = ({ result, error }) => error?.code ?? (result.mobile === null ? "no match" : (result.state ?? "accepted"));

function agreesWithSubmit({ result, error }, status, { requestId, ...meaning }, text) {
  // Losing an id is losing a paid job, so nothing else that may be wrong with a good answer gets in its way.
  if (requestId !== undefined) {
    // What a lone surrogate makes of an id cannot be asked for, and may be refused.
    if (error && !requestId.isWellFormed()) return;
    ok(result, `the id ${JSON.stringify(requestId)} is lost: ${error}`);
    equal(result.requestId, requestId, "requestId");
    match(result.submittedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "submittedAt");
    equal(Object.keys(result), ["requestId", "submittedAt"], "the members");
    return;
  }
  ok(error, `a job without an id: ${JSON.stringify(result)} of ${text}`);
  has(error, { requestId: null, retryAfter: null, ...submitError(status, meaning) });
}

function submitError(status, { error }) {
  if (error === undefined) return { code: "submit_outcome_unknown", status: status || null, submitted: "unknown", retryable: false };
  const { code, own } = error;
  // Only these prove that no job was made and may pass.
  const retryable = (status === 429 && code === "rate_limit_exceeded") || (status === 503 && own && code === "service_unavailable");
  if (retryable || (status >= 400 && status < 500 && status !== 408)) return { code, status, submitted: "no", retryable };
  return { code: "submit_outcome_unknown", status: status || null, submitted: "unknown", retryable: false };
}

function agreesWithStatus({ result, error }, status, { job, unusable, error: told }, text) {
  if (job) return agreesWithJob(result, job, text, error);
  ok(error, `a result where there is none: ${JSON.stringify(result)}`);
  const expected = told
    ? // Where a code contradicts its status, it is left to the package which of them counts.
      { code: told.code, status: status || null, ...(told.status === status && { retryable: mayPass(status) }) }
    : // Of a finished job it is the job that counts, not which status of success it came with.
      { code: "invalid_response", ...(unusable === undefined && { status: status || null }), retryable: unusable === undefined };
  has(error, { requestId: ID, retryAfter: null, ...expected });
  if (unusable === undefined || depthOf(text) >= 500 || holdsKey(JSON.stringify(unusable))) return;
  ok(isDeepStrictEqual(error.data, unusable), `error.data is ${JSON.stringify(error.data)}, expected ${JSON.stringify(unusable)}`);
}

/** That a result is what the job's JSON says. */
export function agreesWithJob(result, { data, ...job }, text, error) {
  ok(result, `no result but ${error}`);
  const { data: given, pollAfter, ...rest } = result;
  if (job.state === "failed" && !isPlainReason(job.error)) {
    // How much of a long reason is told, and in what words that there is none, is left to the package.
    ok(typeof rest.error === "string" && rest.error.trim() !== "", `the reason is ${rest.error}`);
    equal({ ...rest, error: "" }, { ...job, error: "" }, "the result");
  } else equal(rest, job, "the result");
  if (job.state === "pending") ok(pollAfter >= 4_800 && pollAfter <= 6_000, `pollAfter is ${pollAfter}`);
  else equal(pollAfter, undefined, "pollAfter");
  const { mobile } = rest;
  if (job.state === "completed") ok(mobile === null || (mobile !== "" && mobile.trim() === mobile), `mobile is "${mobile}"`);
  if (depthOf(text) < 500) ok(isDeepStrictEqual(given, data), `data is ${JSON.stringify(given)}, expected ${JSON.stringify(data)}`);
}

const isPlainReason = (reason) => reason !== undefined && /^[ -~]{1,200}$/.test(reason);

/** That a key which the body holds in JSON's escapes is not repeated in them: anybody can read it there as well. */
function showsNoEscapedKey({ error }, text) {
  if (!error?.message.includes("\\u")) return;
  const shown = error.message.replace(/\\u([\da-f]{4})/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
  for (const key of Object.values(KEYS)) {
    // What is escaped twice is another text, and no key.
    if (shown.includes(key)) ok(!JSON.stringify(jsonOf(text)?.value ?? "").includes(key), `a key is shown, in escapes: ${error.message}`);
  }
}
