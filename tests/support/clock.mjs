// Virtual time: it passes only when nothing else is left to do, so a wait of an hour takes no time at all.

/** The longest time that a timer can hold: a longer one fires at once. */
const LONGEST = 2 ** 31 - 1;
/** Handles of virtual timers start here, far from those of real ones. */
const FIRST_HANDLE = 1e9;
/** After this many turns of the event loop without a timer a call is taken to be stuck. */
const PATIENCE = 100;

const { setTimeout: realTimeout, setImmediate: immediate, MessageChannel } = globalThis;

/** One turn of the host's event loop, in real time. */
export function turn() {
  if (immediate) return new Promise((resolve) => immediate(resolve));
  if (!globalThis.document) return new Promise((resolve) => realTimeout(resolve, 0));
  // Browsers delay nested timers by 4 ms. Messages are not delayed; but in a Worker they come before other things are done.
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (port1.close(), resolve());
    port2.postMessage(null);
  });
}

/**
 * Runs `begin` in virtual time that starts at the Unix time `start`, and returns how its promise ends: `{ result }` or
 * `{ error }`. `begin` is given a function that returns the time since then, in ms. Apart from timers, everything that it
 * waits for must be there already: a `fetch` of the case's own, no network.
 *
 * @param {{ turns?: number, eachTurn?: () => void }} [options] how many turns of the event loop are allowed, and a check
 *   to make in each
 */
export async function inNoTime(start, begin, { turns: most = 200_000, eachTurn } = {}) {
  const { setTimeout, clearTimeout, Date } = globalThis;
  const now = Object.getOwnPropertyDescriptor(performance, "now");
  const timers = new Map();
  let elapsed = 0;
  let handle = FIRST_HANDLE;
  let wrong;

  globalThis.setTimeout = (callback, ms = 0, ...values) => {
    // Node's fetch sets timers for its connections.
    if (isOfNode(new Error().stack)) return setTimeout(callback, ms, ...values);
    if (!(ms >= 0 && ms <= LONGEST)) wrong ??= new Error(`a timer of ${ms} ms`);
    timers.set(++handle, { due: elapsed + ms, callback, values });
    return handle;
  };
  globalThis.clearTimeout = (timer) => {
    if (typeof timer === "number" && timer > FIRST_HANDLE) timers.delete(timer);
    else clearTimeout(timer);
  };
  globalThis.Date = class extends Date {
    constructor(...values) {
      super(...(values.length > 0 ? values : [start + elapsed]));
    }
    static now() {
      return start + elapsed;
    }
  };
  performance.now = () => elapsed;

  try {
    let outcome;
    begin(() => elapsed).then(
      (result) => (outcome = { result }),
      (error) => (outcome = { error }),
    );
    for (let turns = 0, idle = 0; ; turns++) {
      await turn();
      eachTurn?.();
      if (wrong) throw wrong;
      if (outcome) return outcome;
      idle = timers.size > 0 ? 0 : idle + 1;
      if (turns >= most || idle > PATIENCE) throw new Error("the call does not settle");
      if (timers.size === 0) continue;
      const [timer, { due, callback, values }] = [...timers].reduce((first, other) => (other[1].due < first[1].due ? other : first));
      timers.delete(timer);
      elapsed = Math.max(elapsed, due);
      callback(...values);
    }
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout, Date });
    if (now) Object.defineProperty(performance, "now", now);
    else delete performance.now;
  }
}

/** Whether Node's own code called a function of ours, whose first line in the stack is the second. */
export const isOfNode = (stack) => /^.*\n.*\n.*\(?node:/.test(stack);
