// What a call that is over must not leave behind: timers, and listeners on the caller's signal.

/** Counts the timers that are set from now on until `stop()` and are neither cleared nor over. */
export function watchTimers() {
  const { setTimeout, clearTimeout } = globalThis;
  const pending = new Set();
  globalThis.setTimeout = (callback, ms, ...values) => {
    // Node's fetch sets timers of its own, for connections that it keeps.
    if (/^.*\n.*\n.*\(?node:/.test(new Error().stack)) return setTimeout(callback, ms, ...values);
    const timer = setTimeout(() => (pending.delete(timer), callback(...values)), ms);
    pending.add(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => (pending.delete(timer), clearTimeout(timer));
  return {
    left: () => pending.size,
    stop: () => void Object.assign(globalThis, { setTimeout, clearTimeout }),
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
