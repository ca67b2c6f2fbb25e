// What a call that is over must not leave behind: timers, and listeners on the caller's signal.

import { isOfNode } from "./clock.mjs";

/**
 * Counts the timers that are set from now on until `stop()` and are neither cleared nor over, whatever sets them:
 * setTimeout, setInterval or AbortSignal.timeout.
 */
export function watchTimers() {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const { timeout } = AbortSignal;
  const pending = new Set();
  globalThis.setTimeout = (callback, ms, ...values) => {
    // Node's fetch sets timers of its own, for connections that it keeps.
    if (isOfNode(new Error().stack)) return setTimeout(callback, ms, ...values);
    const timer = setTimeout(() => (pending.delete(timer), callback(...values)), ms);
    pending.add(timer);
    return timer;
  };
  globalThis.setInterval = (callback, ms, ...values) => {
    const timer = setInterval(callback, ms, ...values);
    if (!isOfNode(new Error().stack)) pending.add(timer);
    return timer;
  };
  // Each host clears a timer by either function.
  globalThis.clearTimeout = (timer) => (pending.delete(timer), clearTimeout(timer));
  globalThis.clearInterval = (timer) => (pending.delete(timer), clearInterval(timer));
  AbortSignal.timeout = (ms) => {
    const signal = timeout.call(AbortSignal, ms);
    pending.add(signal);
    signal.addEventListener("abort", () => pending.delete(signal));
    return signal;
  };
  return {
    left: () => pending.size,
    stop() {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
      AbortSignal.timeout = timeout;
    },
  };
}

/** A signal that counts its listeners, and its controller. */
export function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const { addEventListener, removeEventListener } = signal;
  const listeners = new Set();
  signal.addEventListener = function (type, listener, ...rest) {
    listeners.add(listener);
    return addEventListener.call(this, type, listener, ...rest);
  };
  signal.removeEventListener = function (type, listener, ...rest) {
    listeners.delete(listener);
    return removeEventListener.call(this, type, listener, ...rest);
  };
  return { signal, controller, listeners };
}
