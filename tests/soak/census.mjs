// Keeps count of what lives: WebAssembly instances, and the promises of calls. To be imported before anything makes one.

const { Instance, instantiate } = WebAssembly;
let made = 0;
let memories = [];
let promises = [];

WebAssembly.Instance = new Proxy(Instance, {
  construct(target, values) {
    return counted(new target(...values));
  },
});
WebAssembly.instantiate = async (...values) => {
  const made = await instantiate(...values);
  counted(made.instance ?? made);
  return made;
};

/** Takes note of an instance and its memory. */
function counted(instance) {
  const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
  made++;
  memories.push(new WeakRef(memory));
  return instance;
}

/** Counts a call's promise for as long as anything holds it. */
export function watch(promise) {
  promises.push(new WeakRef(promise));
  return promise;
}

/** How many instances there have been, how many still live and the bytes of their memories; and how many calls live. */
export function census() {
  const living = (refs) => refs.filter((ref) => ref.deref() !== undefined);
  memories = living(memories);
  promises = living(promises);
  const bytes = memories.reduce((sum, memory) => sum + memory.deref().buffer.byteLength, 0);
  return { made, instances: memories.length, bytes, calls: promises.length };
}

/** Gives the garbage collector reason to run. */
export function litter() {
  for (let i = 0; i < 400; i++) new Uint8Array(1 << 20).fill(i);
}
