// @ts-check
// One call, and the one way into the module.
//
// The module keeps nothing between two events: all that a call is stands in its `Call`, which belongs to JavaScript. So
// a call whose host has dropped it (as a Worker drops an abandoned request) is garbage like anything else; and a fault
// ends only the call that met it, since any fresh instance can go on with the others.

import { isId, readOptions, readQuery, readRequest, setLimits as setLimitsOf } from "./arguments.js";
import { NyneError, clientFault, invalidArgument, plainError } from "./errors.js";

/** What is kept of one call. */
export class Call {
  /** @param {Client} client */
  constructor(client) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.client = client;
    /** @type {Record<string, any>} */
    this.options = NONE;
    /** @type {any} */
    this.fetch = undefined;
    /** What the submit says. Gone as soon as the id is known. @type {Record<string, string> | undefined} */
    this.fields = undefined;
    /** @type {string | null} */
    this.id = null;
    /** When the job was submitted, a Unix time in ms; NaN if that is not known. */
    this.submittedAt = NaN;

    /** The state machine, as numbers. @type {number[] | undefined} */
    this.state = undefined;
    /** Counts the actions; an event that belongs to an earlier one comes too late and changes nothing. */
    this.turn = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {(() => void) | undefined} */
    this.onabort = undefined;

    /** Cancels the request under way. @type {AbortController | undefined} */
    this.controller = undefined;
    /** What it was answered with, until that is read. @type {any} */
    this.response = undefined;
    /** Reads a body chunk by chunk. @type {any} */
    this.reader = undefined;
    /** The body, as far as it was read. */
    this.text = "";
    /** What an error that comes of the present event has as its cause. @type {unknown} */
    this.cause = undefined;
  }
}

/** A client's options, and what its calls share. @param {Record<string, any>} options */
export const clientOf = (options) => ({ options, shared: new Float64Array(SHARED) });

/** @typedef {ReturnType<typeof clientOf>} Client */

/** The options of a call that has none yet. */
const NONE = { request: { secrets: [] } };

// What a call is for, as in src/host/mod.rs.
export const FIND = 0;
export const POLL = 1;
export const SUBMIT = 2;
export const CHECK = 3;
export const PARSE = 4;
export const CONFIRM = 5;

// The kinds of events, as in src/host/event.rs.
const START = 0;
const ABORT = 1;
const TICK = 2;
const BODY = 3;
const UNREADABLE = 4;
const BROKEN = 5;
const FAULT = 6;

/** How many numbers the state machine has, and how many the calls of a client share: see src/host/call.rs. */
const STATE = 12;
const SHARED = 9;

/** The largest body that is read, in bytes. */
const LARGEST = 1 << 20;
/** How long the sender of a callback may take for its body, in ms. */
const CALLBACK_LIMIT = 15_000;

/** The living instance's way in. @type {((call: Call, kind: number, number: number, value: unknown) => void) | undefined} */
let handle;
let renew = () => {};
/** The words that the module knows by their numbers, as in src/host/values.rs. @type {string[][]} */
let vocabulary;
/** What `look` says of a text. @type {Map<string, number>} */
let kinds;

/** The module's numbers on their way in or out: see src/host/call.rs. @type {() => Float64Array} */
let frame;

/** @param {any} exports @param {string[]} lists @param {number} place */
export function register(exports, lists, place) {
  ({ handle } = exports);
  let view = new Float64Array();
  frame = () => {
    // Memory that has grown is another one.
    if (view.length === 0) view = new Float64Array(exports.memory.buffer, place, STATE + SHARED);
    return view;
  };
  vocabulary = lists.map((list) => list.split("|"));
  // The last code stands for any that is not known.
  kinds = new Map(["completed", "failed", ...vocabulary[1].slice(0, -1)].map((word, index) => [word, index + 6]));
}

/** Says how to get a fresh instance, which registers itself. @param {() => void} renewal */
export const renewWith = (renewal) => {
  renew = renewal;
};

/** @param {number} task @param {unknown} input @param {unknown} given the caller's options @param {Client} [client] */
export function begin(task, input, given, client = clientOf({})) {
  const call = new Call(client);
  try {
    if (task === FIND || task === SUBMIT) call.fields = readQuery(input);
    else if (task === POLL || task === CHECK) readRequest(call, input);
    if (task !== PARSE) {
      call.options = readOptions(given, client.options, task === FIND || task === POLL);
      call.fetch = call.options.fetch ?? globalThis.fetch;
    }
    if (isStarted(call)) {
      if (task !== PARSE) enter(call, START, 0, undefined, task);
      if (task >= PARSE && call.turn === 0) openCallback(call, input);
    }
  } catch (what) {
    // What is wrong with the arguments is thrown in words.
    end(call, false, invalidArgument(String(what), call.id));
  }
  return call.promise;
}

/** Whether there is an instance, or a fresh one can be had; if not, the call ends. @param {Call} call */
function isStarted(call) {
  try {
    if (!handle) renew();
    return true;
  } catch (cause) {
    const message =
      "WebAssembly could not be started here. Where a Content-Security-Policy applies, add 'wasm-unsafe-eval' to its script-src; in an extension's manifest: " +
      '"content_security_policy": { "extension_pages": "script-src \'self\' \'wasm-unsafe-eval\'" }. Nothing was sent.';
    end(call, false, clientFault(message, call.id === null ? "no" : "yes", call.id, cause));
    return false;
  }
}

/**
 * Hands an event to the module. Whatever goes wrong in there, also an exception out of the host's own functions, ends in
 * this call's promise.
 * @param {Call} call @param {number} kind @param {number} turn the one that the event belongs to
 * @param {unknown} [value] @param {number} [number]
 */
export function enter(call, kind, turn, value, number = 0) {
  if (turn !== call.turn) return;
  try {
    // One that has fired need not be cleared.
    if (kind === TICK) call.timer = undefined;
    if (!handle) renew();
    handle?.(call, kind, number, value);
  } catch (fault) {
    handle = undefined;
    const [, cause] = copyError(call, fault);
    if (kind !== FAULT) {
      call.cause = cause;
      enter(call, FAULT, call.turn);
    }
    giveUp(call, cause);
  }
  call.cause = undefined;
  if (kind >= BODY) {
    call.text = "";
    call.response = undefined;
  }
}

/**
 * Ends a call that the module could not end. Where it could, this does nothing any more.
 * @param {Call} call @param {unknown} cause
 */
function giveUp(call, cause) {
  const submitted = call.id === null ? "unknown" : "yes";
  end(call, false, clientFault("The client's own module broke; the next call works again.", submitted, call.id, cause));
  try {
    stop(call);
  } catch {
    // Even clearTimeout throws here. What comes of the present turn is too late all the same.
    call.turn++;
  }
}

/** @param {Call} call */
export function load({ state, client }) {
  const numbers = frame();
  numbers.set(client.shared, STATE);
  if (state) numbers.set(state);
  return state !== undefined;
}

/** @param {Call} call */
export function save(call) {
  const numbers = frame();
  const state = (call.state ??= []);
  for (let i = 0; i < STATE; i++) state[i] = numbers[i];
  for (let i = 0; i < SHARED; i++) call.client.shared[i] = numbers[STATE + i];
}

/**
 * Begins the next turn: saves the state, ends what is under way, and ticks after `ms` unless that is negative.
 * @param {Call} call @param {number} ms
 */
export function next(call, ms) {
  clearTimeout(call.timer);
  // The timer first: where the host has none, nothing is sent, and the call's state says so.
  call.timer = ms < 0 ? undefined : setTimeout(enter, ms, call, TICK, call.turn + 1);
  call.turn++;
  save(call);
  // Listeners of the caller's own hear of it, and may come back in.
  cut(call);
}

/** Ends the call outside of its state machine. @param {Call} call */
export function stop(call) {
  clearTimeout(call.timer);
  call.turn++;
  cut(call);
}

/** Ends what is under way. @param {Call} call */
function cut(call) {
  const { controller, reader } = call;
  call.controller = call.reader = undefined;
  controller?.abort();
  if (reader) cancel(reader);
}

/** Sets the timer of the present turn again: it fired early. @param {Call} call @param {number} ms */
export function again(call, ms) {
  call.timer = setTimeout(enter, ms, call, TICK, call.turn);
}

/**
 * Settles the call, which is then over.
 * @param {Call} call @param {boolean} ok @param {unknown} value
 */
function end(call, ok, value) {
  (ok ? call.resolve : call.reject)(value);
  const { onabort } = call;
  call.onabort = undefined;
  if (onabort) call.options.signal.removeEventListener("abort", onabort);
}

/** @param {Call} call */
export const resolveRequest = (call) => end(call, true, { requestId: call.id, submittedAt: new Date().toISOString() });

/**
 * @param {Call} call @param {number} state as in src/protocol/reply.rs @param {unknown} status @param {unknown} text
 * @param {unknown} completedOn @param {number} pollAfter @param {unknown} data
 */
export function resolveStatus(call, state, status, text, completedOn, pollAfter, data) {
  const requestId = call.id;
  end(
    call,
    true,
    state === 0
      ? { state: "pending", requestId, status: statusOf(call, state, status), pollAfter }
      : state === 1
        ? { state: "completed", requestId, status: "completed", mobile: textOf(call, text)?.trim() || null, completedOn: textOf(call, completedOn) ?? null, data }
        : { state: "failed", requestId, status: "failed", error: reasonOf(call, text), data },
  );
}

/** Rejects with the numbers of src/host/values.rs. @param {Call} call @param {unknown} text @param {unknown} code */
export function reject(call, text, code) {
  const [codeNumber, what, advice, named, submitted, retryable, status, n, retryAfter] = frame();
  const [, codes, whats, advices, submissions] = vocabulary;
  /** @type {Record<string, unknown>} */
  const gaps = {
    n: Math.ceil(n),
    code: codes[named] || textOf(call, code),
    text: lineOf(call, text),
    reason: reasonOf(call, text),
    // Also a key that is written with escapes is one.
    body: lineOf(call, call.text.replace(/\\(?:u([0-9a-f]{4})|(["\\/]))/gi, (_, code, itself) => itself ?? String.fromCharCode(parseInt(code, 16)))),
    it: call.response ? "The answer" : "The callback",
  };
  const words = whats[what].replace(/(:? ?)\{(\w+)\}/g, (_, before, gap) => (gaps[gap] ? before + gaps[gap] : ""));
  const name = codes[codeNumber] || String(gaps.code);
  const before = name === "submit_outcome_unknown" && submitted === 2 ? `${whats.at(-1)} ` : "";
  const message = `${before}${words}${/[.!?…]$/.test(words) ? "" : "."} ${advices[advice]}`.trim();
  const error = {
    code: name,
    message,
    status: status || null,
    requestId: call.id,
    submitted: submissions[submitted],
    retryable: retryable === 1,
    retryAfter: retryAfter < 0 ? null : retryAfter,
  };
  end(call, false, new NyneError(error, call.cause));
}

/** Whether the caller wants updates. @param {Call} call */
export const listening = (call) => call.options.onStatus !== undefined;

/** @param {Call} call @param {number} state @param {unknown} status @param {number} polls @param {number} elapsed @param {number} next */
export async function tell(call, state, status, polls, elapsed, next) {
  // Not as a method: the options hold the keys.
  const { onStatus } = call.options;
  try {
    await onStatus({ requestId: call.id, status: statusOf(call, state, status), polls, elapsed, nextPollIn: next < 0 ? null : next });
  } catch (error) {
    try {
      console.error("nyne-phone-finder: onStatus failed; the lookup goes on.", error);
    } catch {}
  }
}

/** Lets the caller's signal abort the call. Returns whether it has done so already. @param {Call} call */
export function listen(call) {
  const { signal } = call.options;
  if (signal?.aborted) {
    call.cause = signal.reason;
    return true;
  }
  if (signal) {
    call.onabort = () => {
      call.cause = signal.reason;
      enter(call, ABORT, call.turn);
    };
    signal.addEventListener("abort", call.onabort);
  }
  return false;
}

/** @param {Call} call */
export const answered = (call) => call.response !== undefined;

/** @param {Call} call */
export const knowsId = (call) => call.id !== null;

/** From now on the call asks for the job of this id, and submits nothing. @param {Call} call @param {any} id */
export function askFor(call, id) {
  call.id = id;
  call.fields = undefined;
}

/** @param {Call} call */
export const setLimits = (call) => setLimitsOf(call.options, frame());

/** @param {Call} call */
export const age = (call) => Date.now() - call.submittedAt;

/**
 * Sends the call's request and enters with what comes of it.
 * @param {Call} call
 */
export async function send(call) {
  const { turn, options, fetch, id, fields } = call;
  const controller = (call.controller = new AbortController());
  const { signal } = controller;
  let { url, headers } = options.request;
  headers = { ...headers };
  // One plain object: building Headers and a Request costs several times as much.
  let init;
  if (id === null) {
    headers["Content-Type"] = "application/json";
    init = { method: "POST", headers, body: JSON.stringify(fields), signal, redirect: "manual" };
  } else {
    url += `?request_id=${encodeURIComponent(id)}`;
    init = { method: "GET", headers, signal, redirect: "manual" };
  }
  let text;
  try {
    const response = await fetch(url, init);
    if (turn !== call.turn) return;
    if (typeof response?.status !== "number" || typeof response.headers?.get !== "function") {
      // What was answered has neither status nor headers.
      call.response = {};
      return enter(call, UNREADABLE, turn, "fetch did not give a Response");
    }
    call.response = response;
    const whole = typeof response.text === "function" && (!response.body || isShort(response));
    text = whole ? await response.text() : response.body ? await readChunks(call, response.body) : "";
  } catch (error) {
    if (turn !== call.turn) return;
    return broken(call, error);
  }
  if (turn === call.turn) receive(call, text);
}

/**
 * Whether the body is known to end within the limit, so that the host may read it in one piece. That holds for a declared
 * length, unless the body is compressed; and where headers are hidden, nobody knows whether it is.
 * @param {Response} response
 */
function isShort({ type, headers }) {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= LARGEST && type !== "cors" && headers.get("content-encoding") === null;
}

/** What stands for a body that is too large. */
const TOO_LARGE = {};

/** Enters with a body that is complete, or too large. @param {Call} call @param {unknown} text */
function receive(call, text) {
  if (text === TOO_LARGE || (typeof text === "string" && text.length > LARGEST)) {
    return enter(call, UNREADABLE, call.turn, "the body is larger than 1 MiB");
  }
  // There is nothing to cancel any more.
  call.controller = call.reader = undefined;
  if (typeof text !== "string") return enter(call, UNREADABLE, call.turn, "the body is no text");
  call.text = text;
  const json = parse(text);
  const kind = kindOf(json);
  enter(call, BODY, call.turn, json, kind === 3 ? 0 : json !== undefined ? 1 : text.trim() ? 2 : 3);
}

/**
 * A body's JSON: as it is, or else with raw control characters, which the service has been seen to put inside strings,
 * replaced by spaces. `undefined` if it is not JSON either way.
 * @param {string} text
 */
function parse(text) {
  const json = text.replace(/^\ufeff/, "");
  try {
    return JSON.parse(json);
  } catch {
    try {
      return JSON.parse(json.replace(/[\0-\x1f]/g, " "));
    } catch {}
  }
}

/** A header of the last answer. @param {Call} call @param {string} name */
function header({ response }, name) {
  try {
    const value = response.headers.get(name);
    if (typeof value === "string") return value;
  } catch {}
  // There is none, or the response is of the caller's own making.
  return "";
}

/** @param {Call} call */
export const asksToWait = (call) => header(call, "retry-after") !== "";

/** Reads those headers that ask to wait: see src/protocol/retry_after.rs. @param {Call} call */
export function readWaitHeaders(call) {
  /** A plain decimal number. @param {string} name */
  const seconds = (name) => (/^\s*-?\d{1,15}\s*$/.test(header(call, name)) ? Number(header(call, name)) : NaN);
  /** An HTTP date, of which one old form does not say that it is GMT. A leap second is not for Date.parse. @param {string} name */
  const date = (name) => {
    const [, start, leap, end] = /^(.*\d\d:\d\d:)(?:(60)|(?=\d\d))(.*)$/.exec(header(call, name)) ?? [];
    if (start === undefined) return NaN;
    return Date.parse(`${start}${leap ? 59 : ""}${end}${/GMT/.test(end) ? "" : " GMT"}`) + (leap ? 1000 : 0);
  };
  const headers = [seconds("retry-after"), date("retry-after"), seconds("ratelimit-reset"), seconds("x-ratelimit-reset"), date("date")];
  frame().set(headers);
}

/** Enters with what broke. @param {Call} call @param {unknown} thrown */
function broken(call, thrown) {
  const [words, cause] = copyError(call, thrown);
  call.cause = cause;
  enter(call, BROKEN, call.turn, words);
}

/**
 * Reads a body chunk by chunk, up to the limit.
 * @param {Call} call @param {ReadableStream} body
 */
async function readChunks(call, body) {
  const { turn } = call;
  const reader = (call.reader = body.getReader());
  const decoder = new TextDecoder();
  let text = "";
  let rest = LARGEST;
  for (;;) {
    const { done, value } = await reader.read();
    // A stream of the caller's own may go on after it was cancelled.
    if (done || turn !== call.turn) return text + decoder.decode();
    if (!ArrayBuffer.isView(value)) throw new TypeError("the body does not consist of bytes");
    // An empty chunk counts for a thousand bytes: a stream of nothing else would let nothing else run.
    rest -= value.byteLength || 1000;
    if (rest < 0) return TOO_LARGE;
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * Ends a read that may be under way; what it was to give is of no interest any more.
 * @param {any} reader
 */
async function cancel(reader) {
  try {
    await reader.cancel();
  } catch {}
}

/** Gets at a callback's body. Throws, in words, if it is none. @param {Call} call @param {any} input */
function openCallback(call, input) {
  if (typeof input === "string") return receive(call, input);
  if (typeof input !== "object" || input === null) throw "the callback must be a Request, the body's text, or the object parsed from it.";
  let text;
  try {
    if (typeof input.text === "function") return readCallback(call, input);
    text = JSON.stringify(input);
  } catch {}
  if (text === undefined) throw "the callback's object cannot be written as JSON.";
  receive(call, text);
}

/** Reads the body of a callback. Its sender is anybody, and gets so much time and no more. @param {Call} call @param {Request} request */
async function readCallback(call, request) {
  const { turn } = call;
  try {
    call.timer = setTimeout(() => turn === call.turn && broken(call, "it did not arrive within 15 s"), CALLBACK_LIMIT);
    const text = await (request.body ? readChunks(call, request.body) : request.text());
    if (turn === call.turn) receive(call, text);
  } catch (error) {
    if (turn === call.turn) broken(call, error);
  }
}

/** 0 for what is missing or null, 1 and 2 for false and true, 3 for an object, 4 for the rest. @param {unknown} value */
const kindOf = (value) => (value == null ? 0 : value === false ? 1 : value === true ? 2 : typeof value === "object" && !Array.isArray(value) ? 3 : 4);

/** @param {any} value @param {number} index */
export const getMember = (value, index) => (kindOf(value) === 3 ? value[vocabulary[0][index]] : undefined);

/** A member's kind, as in src/host/json.rs. A key that was put where a code belongs is none. @param {Call} call @param {unknown} value @param {number} index */
export function look(call, value, index) {
  const found = getMember(value, index);
  if (typeof found !== "string") return kindOf(found);
  return kinds.get(found) ?? (/^[a-z0-9_]{1,64}$/.test(found) && !holdsKey(call, found) ? 7 + vocabulary[1].length : 5);
}

/** As in src/host/json.rs. An id that holds a key is none. @param {Call} call @param {unknown} id */
export const lookAtId = (call, id) => (id == null ? 0 : !isId(id) || holdsKey(call, id) ? 1 : id === call.id ? 2 : 3);

/** Whether a key stands in a text. Too short a one may do so by chance, and is no key of the service's. @param {Call} call @param {string} text */
const holdsKey = (call, text) => call.options.request.secrets.some((/** @type {string} */ secret) => secret.length >= 8 && text.includes(secret));

/** A text with the call's keys taken out, since a server may repeat what it was sent. @param {Call} call @param {unknown} value */
function textOf(call, value) {
  if (typeof value !== "string") return undefined;
  let text = value;
  for (const secret of call.options.request.secrets) {
    if (text.includes(secret)) text = text.replaceAll(secret, "[redacted]");
  }
  return text;
}

/** A text for a message: at most 200 characters on one line, without keys. These go first: any cut could leave half of one. @param {Call} call @param {unknown} value */
function lineOf(call, value) {
  const line = textOf(call, value)?.replace(/[\p{Cc}\s]+/gu, " ").trim();
  // No character is more than two units.
  const characters = [...(line?.slice(0, 402) ?? "")];
  return characters.length > 200 ? `${characters.slice(0, 200).join("")}…` : line;
}

/** The service's word for the state of a job, or else what it amounts to. @param {Call} call @param {number} state @param {unknown} status */
function statusOf(call, state, status) {
  const text = textOf(call, status);
  // That a job is over is not believed of an answer that is wrong otherwise.
  const overruled = state === 0 && (text === "completed" || text === "failed");
  return text === undefined || overruled ? ["queued", "completed"][state] : text;
}

/** Why a job failed. @param {Call} call @param {unknown} text */
const reasonOf = (call, text) => lineOf(call, text) || "no reason was given";

/**
 * What was thrown, in words, and a copy of it that holds nothing but names, codes and words: the original may carry the
 * request with its keys.
 * @param {Call} call @param {any} thrown @returns {[string, Error]}
 */
function copyError(call, thrown, depth = 4) {
  const member = (/** @type {string} */ name) => {
    try {
      return thrown[name];
    } catch {}
  };
  const text = (/** @type {unknown} */ value) => textOf(call, value);
  const message = text(member("message")) ?? text(thrown) ?? "fetch gave no reason";
  const cause = member("cause");
  const [deeper, copy] = depth > 0 && typeof cause === "object" && cause !== null ? copyError(call, cause, depth - 1) : [];
  return [deeper === undefined ? message : `${message} (${deeper})`, plainError(message, text(member("name")), text(member("code")), copy)];
}
