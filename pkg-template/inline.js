// @ts-check
// For every host that compiles bytes: pages, extensions, web workers, Node, Deno, Bun. The module's bytes stand in the
// script itself, so nothing has to be fetched, resolved or configured.

import hex from "./bytes.js";
import { compileWith } from "./module.js";

compileWith(() => {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.substr(i * 2, 2), 16);
  return new WebAssembly.Module(bytes);
});

export * from "./api.js";
