// @ts-check
// For test clocks: those of sinon and Jest replace queueMicrotask, and run what it was given only when the test moves the clock, or
// never. wasm-bindgen-futures runs all calls in one microtask, so it would hang with them. Clocks leave promises alone: in each
// script, the build has this stand in for the global.

/** @param {() => void} task */
export function queueMicrotask(task) {
  Promise.resolve().then(task);
}
