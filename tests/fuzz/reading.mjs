// What an answer means, read a second time from what is published of it, without a line of the package's.

import { KEYS } from "./calls.mjs";

/** Codes that amount to a status, whatever status they came with. */
const STATUSES = {
  missing_parameters: 400, invalid_request: 400,
  missing_api_key: 401, invalid_api_key: 401, missing_api_secret: 401, invalid_api_secret: 401, invalid_credentials: 401,
  insufficient_credits: 402,
  subscription_required: 403, ip_not_allowed: 403, api_key_disabled: 403, permission_denied: 403, forbidden: 403,
  request_not_found: 404, rate_limit_exceeded: 429, internal_error: 500, service_unavailable: 503,
};
/** The code of an answer that names none. */
const CODES = {
  400: "invalid_request", 401: "invalid_credentials", 402: "insufficient_credits", 403: "forbidden", 404: "request_not_found",
  429: "rate_limit_exceeded", 503: "service_unavailable",
};

/** The client's own codes, which a server cannot lend itself. */
const OWN = [
  ...["invalid_argument", "aborted", "timeout", "network_error", "invalid_response", "submit_outcome_unknown", "job_failed"],
  ...["poll_budget_exhausted", "client_fault"],
];

const isText = (value) => typeof value === "string";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** Null is as good as missing. */
const member = (value, name) => (isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined);

export const holdsKey = (text) => Object.values(KEYS).some((key) => text.includes(key));

/** Takes keys out of a text. Half a surrogate pair becomes U+FFFD, as it would on any wire. */
const redactor = (keys) => (text) => keys.reduce((clean, key) => clean.split(key).join("[redacted]"), text.toWellFormed());

/** Whether an id can be used: it must fit one line and a URL. */
const isUsable = (id, clean) => isText(id) && id.trim() !== "" && Buffer.byteLength(id) <= 1024 && !/\p{Cc}/u.test(id) && clean(id) === id;

/** The JSON of a body, as `{ value }`: the service puts raw control characters into texts. */
export function jsonOf(text) {
  const unmarked = text.startsWith("\ufeff") ? text.slice(1) : text;
  for (const candidate of [unmarked, unmarked.replace(/[\0-\x1f]/g, " ")]) {
    try {
      return { value: JSON.parse(candidate) };
    } catch {}
  }
}

/**
 * Reads an answer with a status, or a callback (status 200). `known` is the id that is asked for, undefined where the answer
 * has to tell it. Gives one of
 *
 *   { error }       the service's error: `code`, whether it is the body's `own`, and the `status` that it amounts to
 *   { unreadable }  nothing usable
 *   { unusable }    the data of a job that is completed with a mobile that is no text: final
 *   { job }         the result that it makes
 *   { open }        what can be read in more than one way
 *
 * and beside `unreadable`, `unusable` and `job` the `requestId`, if there is a good one.
 */
export function read(status, text, known, keys = Object.values(KEYS)) {
  const clean = redactor(keys);
  const success = status >= 200 && status < 300;
  const json = jsonOf(text)?.value;
  if (!isObject(json)) return success ? { unreadable: true } : { error: errorOf(status, {}, clean) };
  const data = isObject(json.data) ? json.data : json;
  // Beside the status, or else beside the data.
  const ids = [member(data, "request_id"), member(json, "request_id")].filter((id) => id !== undefined);
  const refuses = !success || (!isText(member(data, "status")) && member(json, "success") === false);
  if (isOpen(ids, refuses, known, clean)) return { open: true };
  if (refuses) return { error: errorOf(status, json, clean) };

  const id = ids.map(textOf).find((id) => isUsable(id, clean));
  if (id === undefined && (ids.length > 0 || known === undefined)) return { unreadable: true };
  if ((known ?? id) !== (id ?? known)) return { unreadable: true };
  const requestId = known ?? id;
  return { requestId, ...jobOf(data, requestId, clean) };
}

/** A text, or a whole number as one. */
const textOf = (value) => (Number.isSafeInteger(value) && value >= 0 ? String(value) : isText(value) ? value : undefined);

/** What more or less care may make of an answer, without losing a job or a number that it tells plainly. */
function isOpen(ids, refuses, known, clean) {
  // An id in what is no success, or of an odd form.
  if (refuses) return known === undefined && ids.length > 0;
  return ids.some((id) => isText(id) && id.trim() !== "" && clean(id) === id.toWellFormed() && !isUsable(id, clean));
}

function jobOf(data, requestId, clean) {
  const told = member(data, "status");
  // Neither case nor blanks count.
  const word = isText(told) ? told.trim().toLowerCase() : undefined;
  if (word === "failed") return { job: { state: "failed", requestId, status: "failed", error: reasonOf(data, clean), data } };
  const done = member(data, "completed") === true;
  const mobile = mobileOf(data);
  const isThere = (isText(mobile) && mobile.trim() !== "") || (mobile === UNUSABLE && isObject(member(data, "result")));
  // The job's own flag counts where there is no word, or a number, if perhaps in a form that cannot be read.
  if (word === "completed" || (done && (word === undefined || isThere))) {
    if (mobile === UNUSABLE) return { unusable: data };
    const on = member(data, "completed_on");
    return {
      job: {
        state: "completed",
        requestId,
        status: "completed",
        mobile: clean(mobile ?? "").trim() || null,
        completedOn: isText(on) ? clean(on) : null,
        data,
      },
    };
  }
  return isText(told) ? { job: { state: "pending", requestId, status: clean(told) } } : { unreadable: true };
}

const UNUSABLE = Symbol("unusable");

/** The mobile of a job: a text, a whole number, or a list's first text. Undefined if there is none. */
function mobileOf(data) {
  const result = member(data, "result");
  if (result !== undefined && !isObject(result)) return UNUSABLE;
  const mobile = member(result, "mobile");
  if (mobile === undefined) return undefined;
  return textOf(mobile) ?? (Array.isArray(mobile) ? mobile.find(isText) : undefined) ?? UNUSABLE;
}

function reasonOf(data, clean) {
  const error = member(data, "error");
  const reason = [error, member(error, "message"), member(data, "message")].find(isText) ?? "";
  return clean(reason).split(/[\p{Cc}\s]+/u).join(" ").trim() || undefined;
}

function errorOf(status, json, clean) {
  const [error, data] = [member(json, "error"), member(json, "data")];
  const inner = member(data, "error");
  const own = [member(error, "code"), error, member(inner, "code"), inner, member(json, "code")].find(
    (code) => isText(code) && /^[a-z][a-z0-9_]{0,63}$/.test(clean(code)) && !OWN.includes(code),
  );
  const code = own ?? CODES[status] ?? "http_error";
  return { code, own: own !== undefined, status: Object.hasOwn(STATUSES, code) ? STATUSES[code] : status };
}

/** Whether a poll with this error is repeated. */
export const mayPass = (status) => (status >= 200 && status < 300) || [408, 425, 429].includes(status) || status >= 500;

/** How deep a text nests at most: what walks a value may be less patient than what parses it. */
export function depthOf(text) {
  let [depth, most] = [0, 0];
  for (const letter of text) {
    if (letter === "[" || letter === "{") most = Math.max(most, ++depth);
    else if (letter === "]" || letter === "}") depth--;
  }
  return most;
}
