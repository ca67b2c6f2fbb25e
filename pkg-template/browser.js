// @ts-check
// For every other host that compiles bytes: pages, extensions, web workers. The module's bytes stand in the script itself, so
// nothing has to be fetched, resolved or configured. They are deflated first: base64 of the plain module would be a quarter
// larger, also after a server has compressed it. The host's own DecompressionStream is asynchronous, and loading is not.

/*! Contains tiny-inflate, Copyright (c) 2015-present Devon Govett, MIT License: see the LICENSE of nyne-phone-finder. */
// @ts-ignore It has no types.
import inflate from "tiny-inflate";

// @ts-ignore The build gives its bytes in base64.
import base64 from "./nyne_phone_finder.wasm.deflate";
import { compileWith } from "./guard.js";

/** How many bytes they are once inflated: the build puts the number here. @returns {number} */
// @ts-ignore
const size = () => MODULE_SIZE;

/** @returns {Uint8Array} */
const decode = () =>
  // New in 2025.
  /** @type {any} */ (Uint8Array).fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

compileWith(() => new WebAssembly.Module(inflate(decode(), new Uint8Array(size()))));

export * from "./api.js";
