// Counts what lookups ask of the host: timers, promises, and crossings between JavaScript and the module.

import { createHook } from "node:async_hooks";
import { readFile } from "node:fs/promises";

import { GETS } from "./client.mjs";
import { stubFetch } from "../service.mjs";
import { exports, imports } from "../wasm.mjs";
import { SETTINGS, lookups } from "../workload.mjs";

const { contender } = JSON.parse(process.argv[2]);

let counts;
const count = (what, name) => {
  counts[what][name] = (counts[what][name] ?? 0) + 1;
};
const clear = () => {
  counts = { timers: {}, promises: {}, out: {}, in: {} };
};
clear();

for (const name of ["setTimeout", "clearTimeout"]) {
  const own = globalThis[name];
  globalThis[name] = (...input) => {
    // Clearing what is not set costs nothing.
    if (name === "setTimeout" || input[0] !== undefined) count("timers", name);
    return own(...input);
  };
}
createHook({ init: (id, type) => type === "PROMISE" && count("promises", "promise") }).enable();

// The published module's names are short ones. With names, it is the same module otherwise.
const named = await readFile(process.env.NAMED_MODULE);
const readable = (name) => name.replace(/^wasm_bindgen_.*_invoke_.*/, "an event").replace(/^__wbg_/, "").replace(/_[0-9a-f]{16}(?=$|_)/, "").replace(/^__wbindgen_/, "");
const names = (list, all) => {
  if (list.length !== all.length) throw new Error("the module with names is not the published one: if a source has changed meanwhile, run this again");
  return new Map(list.map(({ name }, index) => [name, readable(all[index].name)]));
};
const counted = (what, name, value) =>
  typeof value !== "function" ? value : (...input) => (count(what, name), value(...input));

const { Instance, Module } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(module, given) {
    if (!given) {
      // What unpacks the module, once.
      super(module);
      return;
    }
    const out = names(Module.imports(module), imports(named));
    const wrapped = {};
    for (const [from, functions] of Object.entries(given)) {
      wrapped[from] = {};
      // A plain loop: the module's own snippets are modules, whose values are read as they are now.
      for (const name of Object.keys(functions)) wrapped[from][name] = counted("out", out.get(name) ?? name, functions[name]);
    }
    super(module, wrapped);
    const into = names(Module.exports(module), exports(named));
    const entries = Object.entries(this.exports).map(([name, value]) => [name, counted("in", into.get(name), value)]);
    Object.defineProperty(this, "exports", { value: Object.fromEntries(entries) });
  }
};

const { connect } = await import(`../contenders/${contender}.mjs`);
const find = connect({ ...SETTINGS, fetch: stubFetch(GETS) });

process.on("message", async ({ lookups: total }) => {
  await lookups(find, 100, 10);
  clear();
  await lookups(find, total, 32);
  process.send(counts);
});
