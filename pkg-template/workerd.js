// @ts-check
// For Cloudflare Workers, which refuse to compile bytes: their bundler hands over the .wasm file already compiled. The
// instance starts with the Worker, so that no request pays for it.

// @ts-ignore
import compiled from "./nyne_phone_finder.wasm";
import { compileWith, start } from "./guard.js";

compileWith(() => compiled);
start();

export * from "./api.js";
