// @ts-check
// For Cloudflare Workers, which refuse to compile bytes: their bundler hands over the .wasm file already compiled.

// @ts-ignore
import compiled from "./nyne_phone_finder.wasm";
import { compileWith } from "./module.js";

compileWith(() => compiled);

export * from "./api.js";
