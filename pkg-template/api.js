// @ts-check
// The functions that the package exports, in front of the module's own.

import { readClientOptions } from "./arguments.js";
import { retire } from "./call.js";
import { NyneError, clientFault, entered, invalidArgument, isNyneError } from "./errors.js";
import { module } from "./module.js";

export { NyneError, isNyneError };

/**
 * What `run` gives of the module's functions. What it throws is a NyneError.
 * @template T @param {(functions: ReturnType<typeof module>) => T} run @param {string} [requestId] the job it is about
 */
function within(run, requestId) {
  const submitted = requestId === undefined ? "no" : "yes";
  let functions;
  try {
    functions = module();
  } catch (cause) {
    throw clientFault(
      "WebAssembly could not be started here. Where a Content-Security-Policy applies, add 'wasm-unsafe-eval' to its script-src; in an extension's manifest: " +
        '"content_security_policy": { "extension_pages": "script-src \'self\' \'wasm-unsafe-eval\'" }. Nothing was sent.',
      submitted,
      requestId,
      cause,
    );
  }
  try {
    return entered(() => run(functions));
  } catch (cause) {
    retire();
    throw clientFault("The client's own module broke; the next call works again.", submitted, requestId, cause);
  }
}

/** @param {"findPhone" | "pollResult" | "submitPhone" | "checkStatus" | "parseCallback" | "confirmCallback"} name @param {any[]} input */
function call(name, ...input) {
  const [request] = name === "pollResult" || name === "checkStatus" ? input : [];
  const id = typeof request === "string" ? request : request?.requestId;
  try {
    return within((functions) => /** @type {any} */ (functions)[name](...input), typeof id === "string" && id ? id : undefined);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** @param {unknown} query @param {unknown} [options] */
export const findPhone = (query, options) => call("findPhone", query, options);
/** @param {unknown} request @param {unknown} [options] */
export const pollResult = (request, options) => call("pollResult", request, options);
/** @param {unknown} query @param {unknown} [options] */
export const submitPhone = (query, options) => call("submitPhone", query, options);
/** @param {unknown} request @param {unknown} [options] */
export const checkStatus = (request, options) => call("checkStatus", request, options);
/** @param {unknown} input */
export const parseCallback = (input) => call("parseCallback", input);
/** @param {unknown} input @param {unknown} [options] */
export const confirmCallback = (input, options) => call("confirmCallback", input, options);

/** As in src/host/call.rs: until when to pause, and the lengths of the last eight jobs. */
const SHARED = 9;

/** @param {Record<string, unknown>} defaults */
function readDefaults(defaults) {
  try {
    return readClientOptions(defaults);
  } catch (what) {
    throw invalidArgument(String(what));
  }
}

/** @param {Record<string, unknown>} defaults */
export function createClient(defaults = {}) {
  // Kept in here and not on the client, so that printing the client prints no key.
  const client = { options: entered(() => readDefaults(defaults)), shared: new Float64Array(SHARED) };
  /** @param {"findPhone" | "submitPhone" | "pollResult" | "checkStatus" | "confirmCallback"} name */
  const bound = (name) => (/** @type {unknown} */ input, /** @type {unknown} */ options) => call(name, input, options, client);
  return Object.freeze({
    findPhone: bound("findPhone"),
    pollResult: bound("pollResult"),
    submitPhone: bound("submitPhone"),
    checkStatus: bound("checkStatus"),
    parseCallback,
    confirmCallback: bound("confirmCallback"),
  });
}
