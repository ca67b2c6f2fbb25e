// @ts-check
// The functions that the package exports.

import { readClientOptions } from "./arguments.js";
import { CHECK, CONFIRM, FIND, PARSE, POLL, SUBMIT, begin, clientOf } from "./call.js";
import { NyneError, entered, invalidArgument, isNyneError } from "./errors.js";

export { NyneError, isNyneError };

/** @param {number} task @param {unknown} input @param {unknown} [options] @param {import("./call.js").Client} [client] */
const call = (task, input, options, client) => entered(() => begin(task, input, options, client));

/** @param {unknown} query @param {unknown} [options] */
export const findPhone = (query, options) => call(FIND, query, options);
/** @param {unknown} request @param {unknown} [options] */
export const pollResult = (request, options) => call(POLL, request, options);
/** @param {unknown} query @param {unknown} [options] */
export const submitPhone = (query, options) => call(SUBMIT, query, options);
/** @param {unknown} request @param {unknown} [options] */
export const checkStatus = (request, options) => call(CHECK, request, options);
/** @param {unknown} input */
export const parseCallback = (input) => call(PARSE, input);
/** @param {unknown} input @param {unknown} [options] */
export const confirmCallback = (input, options) => call(CONFIRM, input, options);

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
  const client = clientOf(entered(() => readDefaults(defaults)));
  /** @param {number} task */
  const bound = (task) => (/** @type {unknown} */ input, /** @type {unknown} */ options) => call(task, input, options, client);
  return Object.freeze({
    findPhone: bound(FIND),
    pollResult: bound(POLL),
    submitPhone: bound(SUBMIT),
    checkStatus: bound(CHECK),
    parseCallback,
    confirmCallback: bound(CONFIRM),
  });
}
