// @ts-check
// The emulator's module for Vercel's edge runtime, whose bundlers hand it over compiled only for `?module`.

// @ts-ignore
import compiled from "./nyne_emulator.wasm?module";

/** @returns {WebAssembly.Module} */
export const compile = () => compiled;
