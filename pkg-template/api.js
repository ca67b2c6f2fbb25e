// @ts-check
// The functions that the package exports. Rust does the work; here each call enters the living instance of the module.

import { isNyneError, keepCallersFrames, NyneError } from "./errors.js";
import { Call, enter } from "./guard.js";

export { NyneError, isNyneError };

/** @typedef {import("./bindings.js").Module} Module @typedef {import("./bindings.js").Client} Client */
/** @typedef {import("./bindings.js").Batch} Batch @typedef {(module: Module) => Module | Client} Of */

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

/** The record of one lookup of a batch. */
class BatchedCall extends Call {
  /** The query that is looked up, and those that are equal to it. @type {{ index: number, query: unknown }[]} */
  queries = [];

  /** @param {number} index @param {unknown} query */
  serves(index, query) {
    this.queries.push({ index, query });
  }
}

/** The record of a batch. Each of its lookups has a record of its own. */
class BatchCall extends Call {
  /** The outcomes that nobody has taken yet. If the module breaks, the lookups in flight add theirs. @type {object[]} */
  outcomes = [];
  /** Rejects those who wait for an outcome. @type {Set<(error: unknown) => void>} */
  waiting = new Set();
  /** Why the module broke. @type {unknown} */
  broke = undefined;
  reject = (/** @type {unknown} */ error) => {
    this.broke = error;
    for (const reject of this.waiting) reject(error);
  };

  lookup() {
    const call = new BatchedCall();
    call.reject = (error) => {
      for (const query of call.queries) this.outcomes.push({ ...query, ok: false, error });
    };
    call.siblings = this.siblings?.add(call);
    return call;
  }
}

/** A batch, as an async iterator. @implements {AsyncIterableIterator<unknown>} */
class Outcomes {
  #call = new BatchCall();
  /** @type {Batch | undefined} */
  #batch;
  /** What the iteration ends with, once the outcomes that are left are taken. @type {{ error: unknown } | undefined} */
  #failure;

  /** @param {Of} of @param {unknown} queries @param {unknown} options */
  constructor(of, queries, options) {
    try {
      this.#batch = enter(this.#call, (module) => of(module).findPhones(queries, options, this.#call));
    } catch (error) {
      throw keepCallersFrames(error, Outcomes);
    }
  }

  /** The next outcome; after a fault, those that are left, and then the fault. @returns {Promise<any>} */
  async next() {
    const { waiting, outcomes } = this.#call;
    let stop = () => {};
    try {
      const next = await new Promise((resolve, reject) => {
        waiting.add(reject);
        stop = () => waiting.delete(reject);
        if (!this.#batch) resolve({ done: true });
        else if (this.#call.broke) reject(this.#call.broke);
        // If the module breaks in here, it gives no promise, and the fault comes first.
        else Promise.resolve(this.#batch.next()).then(resolve, reject);
      });
      if (!next.done) return next;
    } catch (error) {
      this.#failure = { error };
    } finally {
      stop();
    }
    this.#end();
    if (outcomes.length > 0) return { done: false, value: outcomes.shift() };
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
    return { done: true, value: undefined };
  }

  async return() {
    this.#end();
    this.#call.outcomes.length = 0;
    return { done: true, value: undefined };
  }

  /** Ends the lookups in flight, if there are any. */
  #end() {
    const batch = this.#batch;
    // First: the caller's iterator may call back.
    this.#batch = undefined;
    batch?.free();
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/**
 * The functions that have options, with the options of a client bound or with none.
 * @param {Of} of
 * @returns {Record<"findPhone" | "pollResult" | "submitPhone" | "checkStatus" | "confirmCallback", (input: unknown, options?: unknown) => Promise<unknown>> & { findPhones(queries: unknown, options?: unknown): Outcomes }}
 */
const functions = (of) => ({
  findPhone: (query, options) => settle((module, call) => of(module).findPhone(query, options, call)),
  pollResult: (request, options) => settle((module, call) => of(module).pollResult(request, options, call), request),
  submitPhone: (query, options) => settle((module, call) => of(module).submitPhone(query, options, call)),
  checkStatus: (request, options) => settle((module, call) => of(module).checkStatus(request, options, call), request),
  findPhones: (queries, options) => new Outcomes(of, queries, options),
  confirmCallback: (input, options) => settle((module, call) => of(module).confirmCallback(input, options, call)),
});

export const { findPhone, pollResult, submitPhone, checkStatus, findPhones, confirmCallback } = functions((module) => module);

/** @param {unknown} state @param {unknown} options */
export const advance = (state, options) => settle((module, call) => module.advance(state, options, call), state);

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
