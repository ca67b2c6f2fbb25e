// That importing the package does nothing, in any host's terms, and that bundlers drop what is not used of it.
// What real hosts would notice (a request, a timer, a compilation) is watched in install.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createContext, runInContext } from "node:vm";

import { build, transform } from "esbuild";

import { packageFolder, project } from "../support/places.mjs";

/** Loads a script in a realm that has the language alone, all of it frozen, and returns the globals that it asks for. */
async function load(file) {
  const text = readFileSync(join(packageFolder(), file), "utf8");
  const { code } = await transform(text, { format: "cjs" });
  const realm = createContext();
  runInContext("delete globalThis.WebAssembly; delete globalThis.console", realm);
  const language = runInContext("Object.getOwnPropertyNames(globalThis)", realm);
  runInContext(
    `for (const value of [globalThis, ...Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name])]) {
      if (value === undefined || value === null) continue;
      if (value !== globalThis) Object.freeze(value);
      if (value.prototype) Object.freeze(value.prototype);
    }`,
    realm,
  );

  const asked = new Set();
  const ask = (name) => (typeof name === "string" ? asked.add(name) : undefined);
  const globalThis = new Proxy(runInContext("globalThis", realm), { get: (target, name) => (ask(name), target[name]) });
  const globals = new Proxy({ globalThis }, { has: (target, name) => (ask(name), name in target) });
  const run = runInContext(`(globals) => { with (globals) return (module, exports, require) => { "use strict"; ${code}\n } }`, realm);
  const module = { exports: {} };
  run(globals)(module, module.exports, () => ({}));
  assert(asked.has("Error"), "the class of errors is made of Error: it cannot be that nothing was asked for");
  assert.deepEqual(runInContext("Object.getOwnPropertyNames(globalThis)", realm), language, "it leaves a global behind");
  return { exports: module.exports, foreign: [...asked].filter((name) => !language.includes(name)) };
}

describe("loading", () => {
  for (const file of ["node.js", "node.cjs", "browser.js", "browser.cjs"]) {
    it(`dist/${file} asks for nothing of the host, and changes nothing of the language`, async () => {
      const { exports, foreign } = await load(`dist/${file}`);
      assert.equal(typeof exports.findPhone, "function");
      assert.deepEqual(foreign, []);
    });
  }
  // These start the module, which fails here: the first call would say so.
  for (const file of ["workerd.js", "edge-light.js"]) {
    it(`dist/${file} changes nothing of the language, and throws nothing`, async () => {
      const { exports } = await load(`dist/${file}`);
      assert.equal(typeof exports.findPhone, "function");
    });
  }
});

/** What is left of a program of the installed package when it is bundled for a host with this condition. */
async function bundled(program, condition) {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: project() },
    bundle: true,
    minify: true,
    format: "esm",
    conditions: [condition],
    external: ["*.wasm", "*.wasm?module"],
    write: false,
    // It warns that it drops what this wants dropped.
    logLevel: "error",
  });
  return outputFiles[0].text;
}

describe("a bundle", () => {
  for (const condition of ["browser", "workerd", "edge-light"]) {
    it(`for ${condition} keeps nothing of an import that is not used`, async () => {
      for (const program of ['import "nyne-phone-finder";', 'import { findPhone } from "nyne-phone-finder";']) {
        assert.equal(await bundled(program, condition), "", program);
      }
    });
  }
});
