// @ts-check
// For Node, and for Deno and Bun, which follow it: they decode base64 natively. The module's bytes stand in the script itself,
// since a bundler would leave a file beside it behind.

// @ts-ignore The build gives its bytes in base64.
import base64 from "./nyne_phone_finder.wasm";
import { compileWith } from "./guard.js";

// @ts-ignore Its types are Node's.
compileWith(() => new WebAssembly.Module(Buffer.from(base64, "base64")));

export * from "./api.js";
