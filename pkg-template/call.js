// @ts-check
// One call, and the one way into the module.
//
// The module keeps nothing between two events: all that a call is stands in its `Call`, which belongs to JavaScript. So
// a call whose host has dropped it (as a Worker drops an abandoned request) is garbage like anything else; and a fault
// ends only the call that met it, since any fresh instance can go on with the others.

import { clientFault } from "./errors.js";

/** What the module keeps of one call. All but the promise is set from src/host/. */
export class Call {
  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    /** The state machine, as numbers. @type {Float64Array | undefined} */
    this.state = undefined;
    /** What the calls of a client share. @type {Float64Array | undefined} */
    this.shared = undefined;
    /** Counts the actions; an event that belongs to an earlier one comes too late and changes nothing. */
    this.turn = 0;
    this.timer = undefined;

    /** @type {any} */
    this.fetch = undefined;
    /** Where the next request goes. */
    this.url = "";
    /** What it carries. Gone as soon as the id is known: what has no body is no submit. @type {string | undefined} */
    this.body = undefined;
    this.headers = {};
    /** @type {string | undefined} */
    this.key = undefined;
    /** @type {string | undefined} */
    this.secret = undefined;
    /** @type {string | undefined} */
    this.id = undefined;

    /** @type {AbortSignal | undefined} */
    this.signal = undefined;
    /** @type {(() => void) | undefined} */
    this.onabort = undefined;
    this.onstatus = undefined;

    /** Cancels the request under way. @type {AbortController | undefined} */
    this.controller = undefined;
    /** Reads its body. @type {any} */
    this.reader = undefined;
    /** What the last answer said. @type {any} */
    this.response = undefined;
  }
}

/** The kinds of events, as in src/host/event.rs. */
const FAULT = 0;
const ABORT = 2;
const TICK = 3;
const STREAM = 4;
const BODY = 5;
const BROKEN = 6;
const UNUSABLE = 7;

/** The longest body that is read, in bytes: as in src/protocol/mod.rs. */
const MOST = 1 << 20;

/** The living instance's way in. @type {((call: Call, kind: number, value: unknown) => void) | undefined} */
let handler;
let renew = () => {};

/** @param {typeof handler} handle */
export const register = (handle) => {
  handler = handle;
};

/** Says how to get a fresh instance, which registers itself. @param {() => void} renewal */
export const renewWith = (renewal) => {
  renew = renewal;
};

/** Whether an instance is there and takes events. */
export const living = () => handler !== undefined;

/** Lets the next event start a fresh instance. */
export const retire = () => {
  handler = undefined;
};

/**
 * Hands an event to the module. Whatever goes wrong in there, also an exception out of the host's own functions, ends in
 * this call's promise.
 * @param {Call} call @param {number} kind @param {unknown} [value] @param {number} [turn] the one that the event belongs to
 */
export function enter(call, kind, value, turn = call.turn) {
  if (turn !== call.turn) return;
  try {
    if (!handler) renew();
    handler?.(call, kind, value);
  } catch (fault) {
    retire();
    if (kind !== FAULT) enter(call, FAULT, fault);
    giveUp(call, fault);
  }
}

/**
 * Ends a call that the module could not end. Where it could, this does nothing any more.
 * @param {Call} call @param {unknown} fault
 */
function giveUp(call, fault) {
  const submitted = call.id === undefined ? "unknown" : "yes";
  settle(call, false, clientFault("The client's own module broke; the next call works again.", submitted, call.id, fault));
  try {
    next(call, -1);
  } catch {
    // Even clearTimeout throws here. What comes of the present turn is too late all the same.
    call.turn++;
  }
}

/**
 * Begins the next turn: ends what is under way, and ticks after `ms` unless that is negative.
 * @param {Call} call @param {number} ms
 */
export function next(call, ms) {
  clearTimeout(call.timer);
  // The timer first: where the host has none, nothing is sent, and the call's state says so.
  call.timer = ms < 0 ? undefined : setTimeout(enter, ms, call, TICK, undefined, ++call.turn);
  if (ms < 0) call.turn++;
  const { controller, reader } = call;
  call.controller = call.reader = undefined;
  controller?.abort();
  if (reader) cancel(reader);
}

/** Sets the timer of the present turn again: it fired early. @param {Call} call @param {number} ms */
export function again(call, ms) {
  call.timer = setTimeout(enter, ms, call, TICK, undefined, call.turn);
}

/**
 * Settles the call, which is then over.
 * @param {Call} call @param {boolean} ok @param {unknown} value
 */
export function settle(call, ok, value) {
  (ok ? call.resolve : call.reject)(value);
  const { signal, onabort } = call;
  call.onabort = undefined;
  if (onabort) signal?.removeEventListener("abort", onabort);
}

/** Tells the caller's listener. @param {(update: unknown) => unknown} listener @param {unknown} update */
export async function tell(listener, update) {
  try {
    await listener(update);
  } catch (error) {
    try {
      console.error("nyne-phone-finder: onStatus failed; the lookup goes on.", error);
    } catch {}
  }
}

/** Lets the caller's signal abort the call. @param {Call} call @param {AbortSignal} signal */
export function listen(call, signal) {
  call.signal = signal;
  call.onabort = () => enter(call, ABORT, signal.reason);
  signal.addEventListener("abort", call.onabort);
}

/**
 * From now on the call asks for the job `id`, and submits nothing.
 * @param {Call} call @param {string} id
 */
export function askFor(call, id) {
  call.id = id;
  call.body = undefined;
  call.url += `?request_id=${encodeURIComponent(id)}`;
}

/** Says where requests go. @param {Call} call @param {string} url */
export function setUrl(call, url) {
  // What it may already be asking for comes behind.
  call.url = url + call.url;
}

/**
 * Adds the keys to the headers of every request.
 * @param {Call} call @param {string | undefined} key @param {string | undefined} secret
 */
export function setKeys(call, key, secret) {
  call.key = key;
  call.secret = secret;
  if (key !== undefined) call.headers = { ...call.headers, "X-API-Key": key, "X-API-Secret": secret };
}

/**
 * A base URL in its normal form, with a relative one resolved against where the script runs.
 * @param {string} url
 */
export const normalUrl = (url) => new URL(url, globalThis.location?.href).href;

/** The host's fetch, as it is when a call begins. */
export const hostFetch = () => globalThis.fetch;

/**
 * Sends the call's request and enters with what comes of it.
 * @param {Call} call
 */
export async function send(call) {
  const { turn, body, headers, fetch } = call;
  const controller = (call.controller = new AbortController());
  const { signal } = controller;
  // One plain object: building Headers and a Request costs several times as much.
  const init =
    body === undefined
      ? { method: "GET", headers, signal, redirect: "manual" }
      : { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body, signal, redirect: "manual" };
  let text;
  try {
    const response = await fetch(call.url, init);
    if (turn !== call.turn) return;
    if (typeof response?.status !== "number" || typeof response.headers?.get !== "function") {
      call.controller = undefined;
      return enter(call, UNUSABLE, undefined, turn);
    }
    call.response = response;
    const whole = typeof response.text === "function" && (!response.body || isShort(response));
    if (!whole && response.body) return enter(call, STREAM, response.body, turn);
    text = whole ? await response.text() : "";
  } catch (error) {
    if (turn !== call.turn) return;
    call.controller = undefined;
    return enter(call, BROKEN, error, turn);
  }
  if (turn !== call.turn) return;
  // The exchange is complete: there is nothing to cancel any more.
  call.controller = undefined;
  enter(call, BODY, text, turn);
}

/** The text of a callback whose body is no stream. @param {Request} request */
export const text = async (request) => request.text();

/**
 * The next bytes of a body, or undefined at its end. Here and not in the module, so that whatever a caller's own stream
 * throws ends in a promise.
 * @param {any} reader
 */
export async function step(reader) {
  const { done, value } = await reader.read();
  if (done) return undefined;
  if (!ArrayBuffer.isView(value)) throw new TypeError("the body does not consist of bytes");
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/**
 * Whether the body is known to end within the limit, so that the host may read it in one piece. That holds for a declared
 * length, unless the body is compressed; and where headers are hidden, nobody knows whether it is.
 * @param {Response} response
 */
function isShort({ type, headers }) {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= MOST && type !== "cors" && headers.get("content-encoding") === null;
}

/** How long the last answer asks to stay away, in its own words. @param {Call} call */
export function retryAfter(call) {
  try {
    return call.response.headers.get("retry-after") ?? undefined;
  } catch {
    // A response of the caller's own making.
    return undefined;
  }
}

/**
 * Enters with a body that was read chunk by chunk.
 * @param {Call} call @param {number} kind @param {unknown} value @param {number} turn
 */
export function readTo(call, kind, value, turn) {
  // The exchange is complete: there is nothing to cancel any more.
  if (turn === call.turn && typeof value === "string") call.controller = call.reader = undefined;
  enter(call, kind, value, turn);
}

/** @param {Uint8Array} bytes */
export const decode = (bytes) => new TextDecoder().decode(bytes);

/**
 * Ends a read that may be under way; what it was to give is of no interest any more.
 * @param {any} reader
 */
export async function cancel(reader) {
  try {
    await reader.cancel();
  } catch {}
}
