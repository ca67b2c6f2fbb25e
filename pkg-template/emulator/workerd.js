// @ts-check
// The emulator's module for Cloudflare Workers, which refuse to compile bytes: their bundler hands it over compiled.

// @ts-ignore
import compiled from "./nyne_emulator.wasm";

/** @returns {WebAssembly.Module} */
export const compile = () => compiled;
