// @ts-check
// For hosts that compile bytes, in which the module's stand in a script. They are deflated first: base64 of the plain module would
// be a quarter larger, also after a server has compressed it. The host's own DecompressionStream is asynchronous, and loading is not.

/*! Contains tiny-inflate, Copyright (c) 2015-present Devon Govett, MIT License: see the LICENSE of nyne-phone-finder. */
// @ts-ignore It has no types.
import inflate from "tiny-inflate";

/** @param {string} base64 @returns {Uint8Array} */
const decode = (base64) =>
  // New in 2025.
  /** @type {any} */ (Uint8Array).fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** @param {string} base64 @param {number} size how many bytes they are once inflated */
export const compile = (base64, size) => new WebAssembly.Module(inflate(decode(base64), new Uint8Array(size)));
