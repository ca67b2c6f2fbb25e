// Time that passes only when nothing else is left to do, so that a wait of an hour takes none.

import { nothingIsUnhandled, turn } from "./calls.mjs";
import { ok } from "../support/check.mjs";

/** The longest time that a timer can hold: a longer one fires at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * How the call that `begin` makes ends, `{ result }` or `{ error }`, where it begins at the Unix time `start`. `begin` is
 * given a function that tells the time since then. Whatever the call awaits but timers must be there already.
 */
export async function inNoTime(start, begin) {
  const { setTimeout, clearTimeout } = globalThis;
  const { now } = Date;
  const timers = new Map();
  let elapsed = 0;
  let count = 0;
  globalThis.setTimeout = (callback, ms, ...values) => {
    ok(ms >= 0 && ms <= LONGEST, `a timer of ${ms} ms`);
    timers.set(++count, { due: elapsed + ms, callback, values });
    return count;
  };
  globalThis.clearTimeout = (timer) => void timers.delete(timer);
  Date.now = () => start + elapsed;
  performance.now = () => elapsed;
  try {
    let outcome;
    begin(() => elapsed).then(
      (result) => (outcome = { result }),
      (error) => (outcome = { error }),
    );
    for (let turns = 0; ; turns++) {
      await turn();
      nothingIsUnhandled();
      if (outcome) return outcome;
      ok(timers.size > 0 && turns < 1000, "the call does not settle");
      const [timer, { due, callback, values }] = [...timers].reduce((first, other) => (other[1].due < first[1].due ? other : first));
      timers.delete(timer);
      elapsed = Math.max(elapsed, due);
      callback(...values);
    }
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
    Date.now = now;
    delete performance.now;
  }
}
