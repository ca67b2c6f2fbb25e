// @ts-check
// The one error class. It is shared by every instance of the module, so `instanceof` holds across a renewal.

/** Marks a NyneError for `isNyneError`, also one of a second copy of this package or of another realm. */
const BRAND = Symbol.for("nyne-phone-finder.NyneError");

/** By code, where the platform has a name of its own for what happened. @type {Record<string, string>} */
const NAMES = { aborted: "AbortError", timeout: "TimeoutError" };

/**
 * Runs what a caller called. Above this, a stack is the caller's; below, it is this client's and helps nobody.
 * @template T @param {() => T} run @returns {T}
 */
export function entered(run) {
  return run();
}

/** How deep the module itself is at most when it makes an error. */
const OWN_FRAMES = 24;

/** Leaves of an error's stack what is the caller's. @param {Error} error */
function trim(error) {
  const { captureStackTrace, stackTraceLimit } = /** @type {any} */ (Error);
  if (!captureStackTrace || !Object.isExtensible(Error)) return;
  /** @type {any} */ (Error).stackTraceLimit = stackTraceLimit + OWN_FRAMES;
  captureStackTrace(error, entered);
  /** @type {any} */ (Error).stackTraceLimit = stackTraceLimit;
  // V8 leaves out the frames of JavaScript above `entered`, but not those of WebAssembly.
  // An application may make something else of it than a text.
  if (typeof error.stack === "string") error.stack = error.stack.replace(/\n.*(wasm:\/\/|wasm-function).*/g, "");
}

export class NyneError extends Error {
  static {
    // Whatever a minifier calls the class.
    Object.defineProperty(this, "name", { value: "NyneError" });
  }

  /** @param {{ code: string, message: string, submitted: string, [field: string]: unknown }} fields @param {unknown} [cause] */
  constructor({ message, ...fields }, cause) {
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, "name", { value: NAMES[fields.code] ?? "NyneError", configurable: true, writable: true });
    trim(this);
    Object.assign(this, { code: "", status: null, requestId: null, submitted: "", retryable: false, retryAfter: null }, fields);
  }

  get [BRAND]() {
    return true;
  }

  /** An Error's own message is left out by JSON.stringify: this puts it in. */
  toJSON() {
    const { name, message } = this;
    return { name, message, .../** @type {object} */ (this) };
  }
}

/**
 * What is left to say when the module itself does not work.
 * @param {string} message @param {"no" | "yes" | "unknown"} submitted @param {string | null} requestId @param {unknown} cause
 */
export const clientFault = (message, submitted, requestId, cause) => new NyneError({ code: "client_fault", message, submitted, requestId }, cause);

/** A wrong argument, before anything is sent. @param {string} message @param {string | null} [requestId] the job it is about */
export const invalidArgument = (message, requestId = null) =>
  new NyneError({ code: "invalid_argument", message, requestId, submitted: requestId === null ? "no" : "yes" });

/**
 * An error that stands for one of the host's.
 * @param {string} message @param {string | undefined} name @param {string | undefined} code @param {unknown} cause
 */
export function plainError(message, name, code, cause) {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  if (name !== undefined) Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  if (code !== undefined) Object.defineProperty(error, "code", { value: code, configurable: true, enumerable: true, writable: true });
  trim(error);
  return error;
}

/** @param {any} value */
export const isNyneError = (value) => typeof value === "object" && value !== null && value[BRAND] === true;
