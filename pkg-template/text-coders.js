// @ts-check
// For Jest's jsdom environment, which has neither TextEncoder nor TextDecoder: in the scripts that it may load, the build
// has these stand in for the globals. They serve what this package does, in UTF-8.

export function TextEncoder() {
  return globalThis.TextEncoder ? new globalThis.TextEncoder() : { encode };
}

/** @param {ConstructorParameters<typeof globalThis.TextDecoder>} options */
export function TextDecoder(...options) {
  return globalThis.TextDecoder ? new globalThis.TextDecoder(...options) : { decode, pending: "" };
}

// `escape` makes %XX of each byte, which is how URIs write UTF-8, and `unescape` makes bytes of those.

/** @param {any} text */
const encode = (text) => Uint8Array.from(unescape(encodeURIComponent(text.toWellFormed())), (character) => character.charCodeAt(0));

/**
 * A stream is decoded at its end, since a character may stand in two chunks.
 * @this {{ pending: string }} @param {any} input @param {{ stream?: boolean }} options
 */
function decode(input = [], options = {}) {
  const bytes = ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);
  const all = this.pending + Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  this.pending = options.stream ? all : "";
  if (options.stream) return "";
  try {
    return decodeURIComponent(escape(all));
  } catch {
    // Not UTF-8: what is ASCII in it still counts.
    return all.replace(/[^\0-\x7f]/g, "\ufffd");
  }
}
