// @ts-check
// For every host that compiles bytes: pages, extensions, web workers, Node, Deno, Bun. The module's bytes stand in the
// script itself, so nothing has to be fetched, resolved or configured.

import { decode } from "./bytes-as-text.js";
import { text, unpacker } from "./bytes.js";
import { compileWith } from "./module.js";

compileWith(() => new WebAssembly.Module(decode(text, Uint8Array.from(atob(unpacker), (character) => character.charCodeAt(0)))));

export * from "./api.js";
