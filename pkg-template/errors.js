// @ts-check
// The one error class. Rust fills it through wasm-bindgen; every instance of the module shares it, so `instanceof` holds
// after a broken instance was replaced.

/** Marks a NyneError for `isNyneError`, also one of a second copy of this package or of another realm. */
const BRAND = Symbol.for("nyne-phone-finder.NyneError");

/** The codes for which the platform has an error name of its own. @type {Record<string, string>} */
const NAMES = { aborted: "AbortError", timeout: "TimeoutError" };

/**
 * @typedef {object} Fields
 * @property {string} code
 * @property {number | null} status
 * @property {string | null} requestId
 * @property {"no" | "yes" | "unknown"} submitted
 * @property {boolean} retryable
 * @property {number | null} retryAfter
 */

export class NyneError extends Error {
  static {
    // A minifier may rename the class.
    Object.defineProperty(this, "name", { value: "NyneError" });
  }

  /** @param {string} message @param {Fields} fields @param {unknown} [cause] @param {unknown} [data] what a finished job said */
  constructor(message, fields, cause, data) {
    super(message, cause === undefined ? undefined : { cause });
    define(this, "name", NAMES[fields.code] ?? "NyneError");
    if (data !== undefined) define(this, "data", data);
    Object.assign(this, fields);
    keepCallersFrames(this);
  }

  get [BRAND]() {
    return true;
  }

  /** JSON.stringify leaves out an Error's own message. */
  toJSON() {
    const { name, message } = this;
    return { name, message, .../** @type {object} */ (this) };
  }
}

/** @param {any} value */
export const isNyneError = (value) => typeof value === "object" && value !== null && value[BRAND] === true;

/**
 * Takes an error's stack again, here and now, without this function and `below`, the function that the caller called. V8
 * adds the async functions that wait for the one that is running, so after an `await` those are the caller's frames.
 * Frames of this package or of WebAssembly would help nobody.
 * @template T @param {T} error @param {Function} [below] @returns {T}
 */
export function keepCallersFrames(error, below = keepCallersFrames) {
  if (error instanceof NyneError) /** @type {any} */ (Error).captureStackTrace?.(error, below);
  return error;
}

/** Defines a property that is not enumerable, as those of an Error are. @param {object} target @param {string} name @param {unknown} value */
function define(target, name, value) {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}
