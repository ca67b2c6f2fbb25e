// @ts-check
// The functions that the package exports. Rust does the work; here each call enters the living instance of the module.

import { isNyneError, keepCallersFrames, NyneError } from "./errors.js";
import { Call, enter } from "./guard.js";

export { NyneError, isNyneError };

/** @typedef {import("./bindings.js").Module} Module @typedef {import("./bindings.js").Client} Client */

/**
 * One call, as a promise that settles in any case.
 * @param {(module: Module, call: Call) => Promise<unknown>} use @param {unknown} [request] the job that it is about
 */
async function settle(use, request) {
  const call = new Call();
  call.concerns(request);
  try {
    return await new Promise((resolve, reject) => {
      call.reject = reject;
      enter(call, (module) => use(module, call)).then(resolve, reject);
    });
  } catch (error) {
    throw keepCallersFrames(error, settle);
  }
}

/**
 * The functions that have options, with the options of a client bound or with none.
 * @param {(module: Module) => Module | Client} of
 * @returns {Record<"findPhone" | "pollResult" | "submitPhone" | "checkStatus" | "confirmCallback", (input: unknown, options?: unknown) => Promise<unknown>>}
 */
const functions = (of) => ({
  findPhone: (query, options) => settle((module, call) => of(module).findPhone(query, options, call)),
  pollResult: (request, options) => settle((module, call) => of(module).pollResult(request, options, call), request),
  submitPhone: (query, options) => settle((module, call) => of(module).submitPhone(query, options, call)),
  checkStatus: (request, options) => settle((module, call) => of(module).checkStatus(request, options, call), request),
  confirmCallback: (input, options) => settle((module, call) => of(module).confirmCallback(input, options, call)),
});

export const { findPhone, pollResult, submitPhone, checkStatus, confirmCallback } = functions((module) => module);

/** @param {unknown} input */
export const parseCallback = (input) => settle((module, call) => module.parseCallback(input, call));

/** @param {unknown} [defaults] */
export function createClient(defaults) {
  // These stand in here, not on the client, so that printing the client prints no key.
  /** @type {Module} */
  let home;
  /** @type {Client} */
  let client;
  const of = (/** @type {Module} */ module) => {
    if (home !== module) [client, home] = [new module.Client(defaults), module];
    return client;
  };
  const call = new Call();
  try {
    // A fresh instance makes the client from what was read now, whatever becomes of the caller's object.
    defaults = enter(call, (module) => of(module).defaults);
    call.forget();
  } catch (error) {
    throw keepCallersFrames(error, createClient);
  }
  return Object.freeze({ ...functions(of), parseCallback });
}
