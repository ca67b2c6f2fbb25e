// @ts-check
// The living instance of the WebAssembly module: started by the first call, replaced when it breaks.

import { renewWith } from "./call.js";
import { instantiate } from "./glue.js";

/** @type {() => WebAssembly.Module} */
let compile;
/** @type {WebAssembly.Module | undefined} */
let compiled;

/**
 * Says how this host gets at the compiled module.
 * @param {typeof compile} how
 */
export const compileWith = (how) => {
  compile = how;
};

// All of it is synchronous: so no call waits for another's loading, and in a Worker no request for another's promise,
// which may be cancelled with that request.
renewWith(() => instantiate((compiled ??= compile())));
