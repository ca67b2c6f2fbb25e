// @ts-check
// For every host that compiles bytes: pages, extensions, web workers, Node, Deno, Bun. The module's bytes stand in the
// script itself, so nothing has to be fetched, resolved or configured.

import hex from "./bytes.js";
import { compileWith } from "./module.js";

/** What a hexadecimal digit's character code stands for. @param {number} code */
const digit = (code) => (code & 15) + (code > 57 ? 9 : 0);

compileWith(() => {
  const bytes = new Uint8Array(hex.length / 2);
  // By arithmetic: parseInt would need a text for each byte.
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digit(hex.charCodeAt(2 * i)) << 4) | digit(hex.charCodeAt(2 * i + 1));
  }
  return new WebAssembly.Module(bytes);
});

export * from "./api.js";
