// @ts-check
// For Vercel's edge runtime and Next.js' edge routes, which refuse to compile bytes as Workers do, but whose bundlers hand
// over the compiled module only for `?module`: without it they hand over an instance, or refuse the file.

// @ts-ignore
import compiled from "./nyne_phone_finder.wasm?module";
import { compileWith, start } from "./guard.js";

compileWith(() => compiled);
start();

export * from "./api.js";
