// Counts what lookups ask of the host: timers, promises, and crossings between JavaScript and the module.

import { createHook } from "node:async_hooks";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { GETS } from "./client.mjs";
import { stubFetch } from "../service.mjs";
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

// wasm-opt's list of the short names that it gave the module's imports and exports.
const list = JSON.parse(await readFile(join(process.env.NAMED, "bindgen/short-names.json"), "utf8"));
const readable = (name) =>
  name
    .replace(/^wasm_bindgen_.*_invoke___/, "a closure of ")
    .replace(/^__(wbg|wbindgen)_/, "")
    .replace(/_[0-9a-f]{16}$/, "")
    .replace(/(wasm_bindgen|js_sys|core)?_[0-9a-f]{16}_+/g, "")
    .replace(/_{2,}/g, " ")
    .trim();
const names = {
  out: new Map(list.imports.map(([, name, short]) => [short, readable(name)])),
  in: new Map(list.exports.map(([name, short]) => [short, readable(name)])),
};
/** Describes an import by the JavaScript that wasm-bindgen generates for it, since several imports share a name. */
const doing = (source) => (/ret = (.*);$/m.exec(source) ?? /^\s+(?!return handleError)(.*);$/m.exec(source))?.[1] ?? "";
const counted = (what, key, value) => {
  if (typeof value !== "function") return value;
  const short = names[what].get(key) ?? key;
  const name = what === "out" ? `${short}: ${doing(value).slice(0, 60)}` : short;
  return (...input) => (count(what, name), value(...input));
};

const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(module, given) {
    const all = (what, functions) => Object.fromEntries(Object.entries(functions).map(([key, value]) => [key, counted(what, key, value)]));
    super(module, Object.fromEntries(Object.entries(given).map(([from, functions]) => [from, all("out", functions)])));
    Object.defineProperty(this, "exports", { value: all("in", this.exports) });
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
