// Any headers that ask to wait. An input is a value a line: Retry-After, RateLimit-Reset, X-RateLimit-Reset, Date, and the
// time by the client's own clock. An empty line is a header that is missing.

import { answer, api, ends, has, headersOf, ID, isSound, KEYS, nothingIsUnhandled, stub } from "../calls.mjs";
import { equal, ok } from "../../support/check.mjs";
import { inNoTime } from "../../support/clock.mjs";

export const corpus = "retry_after";
const WAITS = ["none", "no wait", "a wait", "a wait beyond the deadline", "who knows"];
export const endings = ["checkStatus", "pollResult"].flatMap((name) => WAITS.map((wait) => `${name}: ${wait}`));

const NAMES = ["retry-after", "ratelimit-reset", "x-ratelimit-reset", "date"];
const NOW = 784_111_777_000;
/** What a client waits for a lookup by default. */
const TIMEOUT = 300_000;

const PENDING = '{"request_id":"a1","status":"queued"}';
const COMPLETED = '{"request_id":"a1","status":"completed"}';
/** Statuses and bodies, and the code of the error that they make; none where the answer is a good one. */
const ANSWERS = [
  [429, '{"error":{"code":"rate_limit_exceeded"}}', "rate_limit_exceeded"],
  [429, "<html>", "rate_limit_exceeded"],
  [503, "", "service_unavailable"],
  [500, '{"error":"internal_error"}', "internal_error"],
  [200, "<html>", "invalid_response"],
  [200, PENDING, undefined],
];

/** What is no number and no date. */
const ODD = [
  ...["soon", "-", "1.5", "1e9", "Infinity", "NaN", "5, 10", "0x10", "+5", "-5", "- 5", " 7 ", "\u00a07", "7\0", "٧"],
  ...["999999999999999", "99999999999999999999", "2030-01-01T00:00:00Z"],
];
/** What a caller's own fetch may give in place of a header's text. */
const NO_TEXTS = [7, {}, [], Symbol("odd"), true, { toString: () => { throw new Error("out of toString"); } }];

function date(chance, now) {
  const time = now + chance.pick([-1, 1]) * chance.pick([0, 500, chance.magnitude(1, 1e15)]);
  // Years of four digits, as a date has them.
  const text = new Date(Math.min(Math.max(time, 0), 253_402_300_799_000)).toUTCString();
  const [, day, month, year, clock] = text.split(/[ ,]+/);
  const old = [`${text.slice(0, 3)} ${month} ${day} ${clock} ${year}`, `Monday, ${day}-${month}-${year.slice(2)} ${clock} GMT`];
  return chance.likely(0.7) ? text : chance.pick(old);
}

export function make(chance) {
  const now = chance.likely(0.5) ? NOW : Math.floor(chance.magnitude(1, 4e12));
  const seconds = () => String(Math.floor(chance.magnitude(1, chance.pick([10, 400, 1e15])) - 1));
  const some = (likely, ...makers) => (chance.likely(likely) ? (chance.likely(0.1) ? chance.pick(ODD) : chance.pick(makers)()) : "");
  const dated = () => date(chance, now);
  const stamp = () => String(Math.floor(now / 1000) + chance.below(1000) - 200);
  return Buffer.from([some(0.8, seconds, dated), some(0.3, seconds), some(0.3, stamp, seconds), some(0.6, dated), now].join("\n"));
}

export async function check(bytes, chance) {
  const lines = bytes.toString().split("\n");
  const headers = Object.fromEntries(NAMES.map((name, index) => [name, lines[index]]).filter(([, line]) => line));
  const told = Number(lines[4] || NaN);
  const now = Math.abs(told) < 1e14 ? Math.floor(told) : NOW;
  const [status, body, code] = chance.pick(ANSWERS);
  if (chance.likely(0.03)) headers[chance.pick(NAMES)] = chance.pick(NO_TEXTS);
  const asked = askedFor(status, headers, now);

  const checks = chance.likely(0.5);
  if (checks) await checked({ status, body, code, headers, now, asked }, chance);
  else await lookedUp({ status, body, code, headers, now, asked });
  return `${checks ? "checkStatus" : "pollResult"}: ${inWords(asked)}`;
}

function inWords(asked) {
  if (asked === undefined) return "who knows";
  if (asked === null) return "none";
  if (asked === 0) return "no wait";
  return asked < TIMEOUT ? "a wait" : "a wait beyond the deadline";
}

/** That checkStatus tells how long to wait. */
async function checked({ status, body, code, headers, now, asked }, chance) {
  const { sent, fetch } = stub(() => answer(chance, { status, headers, bytes: Buffer.from(body) }));
  const clock = Date.now;
  Date.now = () => now;
  let outcome;
  try {
    outcome = await ends(api.checkStatus(ID, { ...KEYS, fetch }));
  } finally {
    Date.now = clock;
  }
  equal(sent.length, 1, "the count of requests");
  const { result, error } = outcome;
  if (code === undefined) {
    has(result, { state: "pending", requestId: ID, status: "queued" });
    const { pollAfter } = result;
    const isAsAsked = asked === undefined || (pollAfter >= asked && pollAfter <= 1.2 * Math.max(6_000, asked));
    ok(Number.isInteger(pollAfter) && pollAfter >= 4_800 && isAsAsked, `pollAfter is ${pollAfter}, where the answer asks for ${asked}`);
    return;
  }
  has(error, { code, submitted: "yes", requestId: ID, retryable: true });
  isAsked(error, asked);
}

/** A wait of nothing is as good as none. */
const isAsked = ({ retryAfter }, asked) => asked !== undefined && equal(retryAfter || null, asked || null, "error.retryAfter");

/** That a lookup waits so long, and no shorter than it would have; or, if that is past its deadline, ends at once. */
async function lookedUp({ status, body, code, headers, now, asked }) {
  const times = [];
  const first = { status, headers: headersOf(headers), text: async () => body };
  const second = { status: 200, headers: headersOf({}), text: async () => COMPLETED };
  const poll = (elapsed) => {
    const fetch = async () => (times.push(elapsed()) === 1 ? first : second);
    return api.pollResult(ID, { ...KEYS, fetch });
  };
  const outcome = await inNoTime(now, poll, { turns: 1000, eachTurn: nothingIsUnhandled });
  isSound(outcome);
  const { result, error } = outcome;
  const beyond = asked === undefined ? error !== undefined : asked >= TIMEOUT;
  if (beyond) {
    ok(error, `a wait of ${asked} ms ends with ${JSON.stringify(result)}`);
    has(error, { code: code ?? "timeout", submitted: "yes", requestId: ID, retryable: true });
    ok(error.retryAfter >= TIMEOUT, `error.retryAfter is ${error.retryAfter}`);
    isAsked(error, asked);
    equal(times, [0], "the times of the requests");
    return;
  }
  has(result, { state: "completed", requestId: ID, mobile: null });
  equal(times.length, 2, "the count of requests");
  const wait = times[1] - times[0];
  ok(wait >= 4_800 && wait >= (asked ?? 0), `the wait is ${wait}, where the answer asks for ${asked}`);
  if (asked !== undefined) ok(wait <= 1.2 * Math.max(asked, 6_000) + 6_001, `the wait is ${wait}, where the answer asks for ${asked}`);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const IMF_DATE = new RegExp(
  `^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\\d\\d) (${MONTHS.join("|")}) (\\d{4}) (\\d\\d):(\\d\\d):(\\d\\d) GMT$`,
);

/** The time that a text of the preferred form of HTTP dates names; undefined where it is not of that form, or no such time. */
function timeOf(text) {
  if (typeof text !== "string") return undefined;
  const [, day, month, ...numbers] = IMF_DATE.exec(text) ?? [];
  const [year, hour, minute, second] = numbers.map(Number);
  if (!(year >= 1970 && hour < 24 && minute < 60 && second < 60)) return undefined;
  const time = Date.UTC(year, MONTHS.indexOf(month), Number(day), hour, minute, second);
  return new Date(time).getUTCDate() === Number(day) ? time : undefined;
}

/**
 * How long an answer asks to wait, in ms: null if it does not ask; undefined where one of its headers is in no form that is
 * sure to be understood.
 */
function askedFor(status, headers, now) {
  const limited = status === 429 || status === 503;
  const { "retry-after": retryAfter, "ratelimit-reset": reset, "x-ratelimit-reset": resetAt, date } = headers;
  const serverNow = date === undefined ? now : timeOf(date);
  /** What is more than a day off may be taken for a mistake. */
  const believed = (wait) => (Math.abs(wait) > DAY ? undefined : Math.max(wait, 0));
  const until = (time) => (serverNow === undefined ? undefined : believed(time - serverNow));
  if (retryAfter !== undefined) {
    if (isSeconds(retryAfter)) return believed(retryAfter * 1000);
    const time = timeOf(retryAfter);
    if (time !== undefined) return until(time);
    if (!isNothing(retryAfter)) return undefined;
  }
  if (!limited) return null;
  if (reset !== undefined) {
    if (isSeconds(reset)) return believed(reset * 1000);
    if (!isNothing(reset)) return undefined;
  }
  if (resetAt !== undefined) {
    // A small number may be the seconds until then.
    if (isSeconds(resetAt)) return resetAt < 1e9 ? undefined : until(resetAt * 1000);
    if (!isNothing(resetAt)) return undefined;
  }
  return null;
}

const DAY = 86_400_000;
const isSeconds = (value) => typeof value === "string" && /^\d{1,15}$/.test(value);
/** What has no digit tells no time. */
const isNothing = (value) => typeof value === "string" && !/\d/.test(value);
