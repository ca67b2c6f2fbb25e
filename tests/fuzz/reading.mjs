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

const isText = (value) => typeof value === "string";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** Null is as good as missing. */
const member = (value, name) => (isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined);

export const holdsKey = (text) => Object.values(KEYS).some((key) => text.includes(key));

/** Takes keys out of a text. */
const redactor = (keys) => (text) => keys.reduce((clean, key) => clean.split(key).join("[redacted]"), text);

/** Whether an id can be used: it must fit one line and a URL. */
const isUsable = (id, clean) => isText(id) && id.trim() !== "" && id.length <= 1024 && !/\p{Cc}/u.test(id) && clean(id) === id;

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
 *   { job }         the result that it makes
 *   { open }        what can be read in more than one way
 *
 * and beside `unreadable` and `job` the `requestId`, if there is a good one.
 */
export function read(status, text, known, keys = Object.values(KEYS)) {
  const clean = redactor(keys);
  const success = status >= 200 && status < 300;
  const json = jsonOf(text)?.value;
  if (!isObject(json)) return success ? { unreadable: true } : { error: errorOf(status, {}, clean) };
  const data = isObject(json.data) ? json.data : json;
  const told = member(data, "status");
  if (isOpen(json, data, success, known, clean)) return { open: true };
  if (!success || (!isText(told) && member(json, "success") === false)) return { error: errorOf(status, json, clean) };

  const id = member(data, "request_id");
  if (id !== undefined && (!isUsable(id, clean) || (known ?? id) !== id)) return { unreadable: true };
  const requestId = known ?? id;
  if (requestId === undefined) return { unreadable: true };
  return { requestId, ...jobOf(data, requestId, clean) };
}

/** What more or less care may make of an answer, without losing a job or a number that it tells plainly. */
function isOpen(json, data, success, known, clean) {
  const [id, beside] = [member(data, "request_id"), member(json, "request_id")];
  // An id that is a number, of an odd form, beside the data, or in what is no success.
  if (typeof id === "number" || (isText(id) && id.trim() !== "" && clean(id) === id && !isUsable(id, clean))) return true;
  if (data !== json && beside !== undefined && !isUsable(id, clean)) return true;
  const [told, mobile] = [member(data, "status"), member(member(data, "result"), "mobile")];
  const refuses = !success || (!isText(told) && member(json, "success") === false);
  if (refuses && known === undefined && (id !== undefined || beside !== undefined)) return true;
  if (refuses) return false;
  // A word in another case or with blanks around it, or one that the job's own flag contradicts.
  const word = isText(told) ? told.trim().toLowerCase() : undefined;
  if (word !== told && ["completed", "failed"].includes(word)) return true;
  if (isText(told) && !["completed", "failed"].includes(told) && member(data, "completed") === true && mobile !== undefined) return true;
  // A number that is no text.
  const completed = told === "completed" || (!isText(told) && member(data, "completed") === true);
  const result = member(data, "result");
  return completed && ((result !== undefined && !isObject(result)) || (mobile !== undefined && !isText(mobile)));
}

function jobOf(data, requestId, clean) {
  const told = member(data, "status");
  if (told === "failed") return { job: { state: "failed", requestId, status: "failed", error: reasonOf(data, clean), data } };
  if (told === "completed" || (!isText(told) && member(data, "completed") === true)) {
    const mobile = member(member(data, "result"), "mobile");
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

function reasonOf(data, clean) {
  const error = member(data, "error");
  const reason = [error, member(error, "message"), member(data, "message")].find(isText) ?? "";
  return clean(reason).split(/[\p{Cc}\s]+/u).join(" ").trim() || undefined;
}

function errorOf(status, json, clean) {
  const [error, data] = [member(json, "error"), member(json, "data")];
  const inner = member(data, "error");
  const own = [member(error, "code"), error, member(inner, "code"), inner, member(json, "code")].find(
    (code) => isText(code) && /^[a-z0-9_]{1,64}$/.test(clean(code)),
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
