// The memory of this Node, the module's apart.

import { setImmediate } from "node:timers/promises";

/** The memories of the modules that were instantiated. */
const memories = [];

/** Before the module is loaded. */
export function watchMemories() {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(module, imports) {
      super(module, imports);
      memories.push(...Object.values(this.exports).filter((value) => value instanceof WebAssembly.Memory));
    }
  };
}

/** After a garbage collection, for which Node needs --expose-gc. */
export async function memory() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await setImmediate();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const wasm = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  // A module's memory is among the external.
  return { heap: heapUsed, external: external - wasm, wasm, rss };
}
