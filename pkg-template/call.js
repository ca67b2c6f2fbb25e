// @ts-check
// One call, and the one way into the module.
//
// The module keeps nothing between two events: all that a call is stands in its `Call`, which belongs to JavaScript. So
// a call whose host has dropped it (as a Worker drops an abandoned request) is garbage like anything else; and a fault
// ends only the call that met it, since any fresh instance can go on with the others.

import { NyneError } from "./errors.js";

/** What the module keeps of one call. All fields but the first three are the module's. */
export class Call {
  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    /** The state machine, as numbers. @type {Float64Array | undefined} */
    this.state = undefined;
    /** Counts what was begun; an event that names an earlier turn comes too late. */
    this.turn = 0;
    /** What shared values a client has. @type {Float64Array | undefined} */
    this.shared = undefined;
    /** @type {typeof fetch | undefined} */
    this.fetch = undefined;
    this.url = "";
    this.body = "";
    this.headers = undefined;
    this.key = undefined;
    this.secret = undefined;
    /** @type {AbortSignal | undefined} */
    this.signal = undefined;
    this.onabort = undefined;
    this.onstatus = undefined;
    /** @type {string | undefined} */
    this.id = undefined;
    this.controller = undefined;
    this.reader = undefined;
    this.response = undefined;
    this.timer = undefined;
  }
}

/** The living instance's way in. @type {((call: Call, token: number, value: unknown) => void) | undefined} */
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

/** As in src/host/event.rs. */
const FAULT = 0;

/**
 * Hands an event to the module. Whatever goes wrong in there, also an exception out of the host's own functions, ends in
 * this call's promise.
 * @param {Call} call @param {number} token @param {unknown} [value]
 */
export function enter(call, token, value) {
  try {
    if (!handler) renew();
    handler?.(call, token, value);
  } catch (fault) {
    retire();
    if (token === FAULT) {
      // A fresh instance could not even settle it.
      call.reject(new NyneError({ code: "client_fault", message: "The client's own module broke and could not be started again.", requestId: call.id, submitted: "unknown", retryable: false }, fault));
    } else {
      enter(call, FAULT, fault);
    }
  }
}

/**
 * Hands over what `promise` becomes: a value with `token`, a failure with the token after it.
 * @param {Call} call @param {unknown} promise @param {number} token
 */
export function follow(call, promise, token) {
  // Whatever a caller's fetch returned becomes a real promise first.
  Promise.resolve(promise).then(
    (value) => enter(call, token, value),
    (error) => enter(call, token + 1, error),
  );
}

/** @param {Call} call @param {number} token @param {number} ms */
export const tick = (call, token, ms) => setTimeout(enter, ms, call, token);

/** @param {Call} call @param {number} token */
export const listener = (call, token) => () => enter(call, token);

/**
 * Ends a read that may be under way; what it was to give is of no interest any more.
 * @param {any} reader
 */
export function cancel(reader) {
  Promise.resolve()
    .then(() => reader.cancel())
    .catch(() => {});
}
