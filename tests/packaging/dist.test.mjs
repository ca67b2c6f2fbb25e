// What dist holds, and what it must not: each thing refused here breaks some host or burdens every user.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix } from "node:path";
import { describe, it } from "node:test";
import { inflateRawSync } from "node:zlib";

import { build } from "esbuild";

import { packageFolder } from "../support/places.mjs";

/** What users import. */
const ENTRIES = ["durable", "index", "proxy", "testing"].flatMap((entry) => [`dist/${entry}.cjs`, `dist/${entry}.js`]);
/** What those import, one for each kind of host. */
const HOSTS = ["dist/browser.cjs", "dist/browser.js", "dist/edge-light.js", "dist/node.cjs", "dist/node.js", "dist/workerd.js"];
/** What the entry "testing" imports besides, one for each way to get a module. */
const EMULATOR = ["dist/emulator-edge-light.js", "dist/emulator-workerd.js", "dist/emulator.cjs", "dist/emulator.js"];
/** Any host may load these. */
const SCRIPTS = [...ENTRIES, ...HOSTS, ...EMULATOR];
/** The command line, which is Node's alone. */
const CLI = "dist/cli.js";

const read = (file, encoding = "utf8") => readFileSync(join(packageFolder(), file), encoding);
const manifest = () => JSON.parse(read("package.json"));
const files = () => readdirSync(join(packageFolder(), "dist"), { recursive: true }).map((file) => `dist/${file}`).sort();

/** Unlike assert.doesNotMatch this shows what was found, not the whole file. */
const holdsNo = (pattern, file) => assert.equal(pattern.exec(read(file, "latin1"))?.[0], undefined, file);

/** What a script imports, in whatever way. It is parsed as a script that may not wait: top-level await is an error. */
async function imports(file) {
  const found = [];
  const everythingElse = {
    name: "leave out everything else",
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ kind, path }) => {
        found.push(`${kind} ${path}`);
        return { path, external: true };
      });
    },
  };
  await build({
    stdin: { contents: read(file), sourcefile: file },
    bundle: true,
    write: false,
    format: "cjs",
    logLevel: "silent",
    plugins: [everythingElse],
  });
  return found;
}

/** Every file that the export map, or the import map behind it, names. */
function targets() {
  const leaves = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(leaves));
  return leaves([manifest().exports, manifest().imports]).map((path) => posix.normalize(path));
}

describe("a script in dist", () => {
  it("is one of those that are looked at here", () => {
    assert.deepEqual(files().filter((file) => /\.[cm]?js$/.test(file)), [...SCRIPTS, CLI].sort());
  });

  for (const [what, pattern] of [
    ["eval", /(?<!'wasm-unsafe-)\beval\b/],
    // wasm-bindgen describes a function so.
    ["new Function", /\bFunction\s*\((?!\$\{val\.name\})/],
    ["dynamic import", /\bimport\s*\(/],
    ["import.meta", /\bimport\.meta\b/],
    ["use of Node's modules", /\brequire\s*\((?!"#(?:module|emulator)"\))|["'](?:node:|fs["'])/],
  ]) {
    it(`holds no ${what}`, () => {
      for (const file of SCRIPTS) holdsNo(pattern, file);
    });
  }

  it("is an entry that imports the script for the host, and nothing else", async () => {
    for (const file of ENTRIES) {
      const kind = file.endsWith(".cjs") ? "require-call" : "import-statement";
      const parts = file.startsWith("dist/testing") ? ["#emulator", "#module"] : ["#module"];
      assert.deepEqual(await imports(file), parts.map((part) => `${kind} ${part}`), file);
    }
  });

  for (const [file, expected] of Object.entries({
    "dist/node.js": [],
    "dist/node.cjs": [],
    "dist/browser.js": [],
    "dist/browser.cjs": [],
    "dist/workerd.js": ["import-statement ./nyne_phone_finder.wasm"],
    "dist/edge-light.js": ["import-statement ./nyne_phone_finder.wasm?module"],
    "dist/emulator.js": [],
    "dist/emulator.cjs": [],
    "dist/emulator-workerd.js": ["import-statement ./nyne_emulator.wasm"],
    "dist/emulator-edge-light.js": ["import-statement ./nyne_emulator.wasm?module"],
  })) {
    it(`${file} waits for nothing, and imports ${expected.length ? "the module alone" : "nothing"}`, async () => {
      assert.deepEqual(await imports(file), expected);
    });
  }
});

describe("the command line", () => {
  it("imports Node's modules and the package's entry, which is not in it again", () => {
    const imported = [...read(CLI).matchAll(/^import .*? ?from "(.+)";$/gm)].map(([, name]) => name);
    assert.deepEqual([...new Set(imported)].filter((name) => !name.startsWith("node:")), ["./index.js"]);
    const required = [...read(CLI).matchAll(/\brequire\("(.+?)"\)/g)].map(([, name]) => name);
    assert.deepEqual(required.filter((name) => !isBuiltin(name)), []);
  });

  it("is a program", () => {
    assert.equal(posix.normalize(manifest().bin), CLI);
    assert(read(CLI).startsWith("#!/usr/bin/env node\n"));
  });
});

describe("dist", () => {
  // A page imports no CommonJS, older Nodes require no ES module, importing JSON is newer than the hosts that are supported,
  // and reading a file takes `fs`: each script that compiles bytes holds its own copy. A program loads one of them.
  it("holds the module as a file, and in base64 in each script that compiles bytes", () => {
    const module = read("dist/nyne_phone_finder.wasm", null);
    const bytes = (file) => Buffer.from(/"([\w+/=]{1000,})"/.exec(read(file))?.[1] ?? "", "base64");
    for (const file of ["dist/node.js", "dist/node.cjs"]) assert(bytes(file).equals(module), file);
    for (const file of ["dist/browser.js", "dist/browser.cjs"]) assert(inflateRawSync(bytes(file)).equals(module), file);
    const emulator = read("dist/nyne_emulator.wasm", null);
    for (const file of ["dist/emulator.js", "dist/emulator.cjs"]) assert(inflateRawSync(bytes(file)).equals(emulator), file);
    for (const file of files().filter((file) => !/\.wasm$|(node|browser|emulator)\.c?js$/.test(file))) holdsNo(/[\w+/=]{1000,}/, file);
  });

  it("holds a map for each script, which has the sources in it", () => {
    for (const file of [...SCRIPTS, CLI]) {
      assert.match(read(file), new RegExp(`\\n//# sourceMappingURL=${posix.basename(file)}\\.map\\n$`), file);
      const { sources, sourcesContent } = JSON.parse(read(`${file}.map`));
      const name = posix.basename(file).replace(/\.c?js$/, "");
      const ofEmulator = `/emulator/${name.replace(/^emulator-?/, "") || "inline"}.js`;
      const own = ENTRIES.includes(file) ? `/${name}.js` : EMULATOR.includes(file) ? ofEmulator : file === CLI ? "/cli/main.js" : "/guard.js";
      assert(sources.some((source) => source.endsWith(own)), file);
      assert.equal(sourcesContent.length, sources.length, file);
    }
  });

  it("names no source file of the build", () => {
    for (const file of files().filter((file) => !file.endsWith(".map"))) {
      holdsNo(/[\w-]\.rs\b|\/rustc\/|[/\\](?:home|Users|root|\.?cargo)[/\\]/, file);
    }
  });

  it("holds a module without names, debug information or a note of its tools", async () => {
    const module = await WebAssembly.compile(read("dist/nyne_phone_finder.wasm", null));
    for (const name of ["name", "producers", "target_features", "sourceMappingURL", ".debug_info", ".debug_line"]) {
      assert.deepEqual(WebAssembly.Module.customSections(module, name), [], name);
    }
  });

  it("holds no file that no export needs", async () => {
    const needed = new Set();
    const visit = async (file) => {
      if (needed.has(file)) return;
      needed.add(file);
      const parts = SCRIPTS.includes(file) ? await imports(file) : [...read(file).matchAll(/ from "(.+)"/g)].map(([text]) => text);
      for (const part of parts) {
        const [path] = part.match(/\.\.?\/[^"?]+/) ?? [];
        if (path) await visit(posix.join(dirname(file), path));
      }
    };
    for (const file of targets()) await visit(file);
    needed.add(CLI);
    for (const file of [...SCRIPTS, CLI]) needed.add(`${file}.map`);
    assert.deepEqual([...needed].filter((file) => file.startsWith("dist/")).sort(), files());
  });
});

describe("the export map", () => {
  it("names no file twice: a branch that gives what another gives is one too many", () => {
    const named = targets();
    assert.deepEqual(named, [...new Set(named)]);
  });

  it("needs no other fields than those of tools that do not know it", () => {
    const { main, types, module, browser } = manifest();
    assert.deepEqual({ main, types, module, browser }, {
      main: "./dist/index.cjs",
      types: "./dist/index.d.ts",
      module: undefined,
      browser: undefined,
    });
  });
});
