// Keeps count of the WebAssembly instances that live. To be imported before anything makes one.

const memories = [];
const { Instance } = WebAssembly;

WebAssembly.Instance = new Proxy(Instance, {
  construct(target, values) {
    const instance = new target(...values);
    const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
    memories.push(new WeakRef(memory));
    return instance;
  },
});

/** How many instances there have been, how many still live, and the bytes of their memories. */
export function census() {
  const living = memories.map((memory) => memory.deref()).filter((memory) => memory !== undefined);
  return { made: memories.length, living: living.length, bytes: living.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) };
}

/** Gives the garbage collector reason to run. */
export function litter() {
  for (let i = 0; i < 400; i++) new Uint8Array(1 << 20).fill(i);
}
