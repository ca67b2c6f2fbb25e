// @ts-check
// The functions that the package exports, in front of the module's own.

import { NyneError, entered, isNyneError } from "./errors.js";
import { module } from "./module.js";

export { NyneError, isNyneError };

/** @param {"findPhone" | "pollResult" | "submitPhone" | "checkStatus" | "parseCallback" | "confirmCallback"} name @param {unknown[]} input */
function call(name, ...input) {
  try {
    return entered(() => /** @type {any} */ (module())[name](...input));
  } catch (cause) {
    return Promise.reject(cannotStart(cause));
  }
}

/** @param {unknown} cause */
const cannotStart = (cause) =>
  new NyneError(
    {
      code: "client_fault",
      message:
        "WebAssembly could not be started here. Where a Content-Security-Policy applies, add 'wasm-unsafe-eval' to its script-src; in an extension's manifest: " +
        '"content_security_policy": { "extension_pages": "script-src \'self\' \'wasm-unsafe-eval\'" }. Nothing was sent.',
      submitted: "no",
      retryable: false,
    },
    cause,
  );

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
export function createClient(defaults = {}) {
  let instance;
  try {
    instance = module();
  } catch (cause) {
    throw cannotStart(cause);
  }
  entered(() => instance.checkDefaults(defaults));
  // Kept in here and not on the client, so that printing the client prints no key.
  const client = { defaults: { ...defaults }, shared: new Float64Array(SHARED) };
  /** @param {"findPhone" | "pollResult" | "submitPhone" | "checkStatus" | "confirmCallback"} name */
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
