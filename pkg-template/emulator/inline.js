// @ts-check
// The emulator's module for every host that compiles bytes. They stand in the script itself, as those of the package's own module do.

// @ts-ignore The build gives its bytes in base64.
import base64 from "./nyne_emulator.wasm";

/** @returns {Uint8Array<ArrayBuffer>} */
const decode = () =>
  // New in 2025.
  /** @type {any} */ (Uint8Array).fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

export const compile = () => new WebAssembly.Module(decode());
