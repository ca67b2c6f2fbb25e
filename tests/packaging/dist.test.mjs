// What dist holds, and what it must not: each thing refused here breaks some host or burdens every user.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, it } from "node:test";

import { build } from "esbuild";

import { encode } from "../../pkg-template/bytes-as-text.js";
import { packageFolder } from "../support/places.mjs";

const SCRIPTS = ["dist/edge-light.js", "dist/index.cjs", "dist/index.js", "dist/workerd.js"];

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

/** Every file that the export map, or a field for tools that do not know it, names. */
function targets() {
  const leaves = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(leaves));
  return leaves(manifest().exports).map((path) => posix.normalize(path));
}

describe("a script in dist", () => {
  it("is one of those that are looked at here", () => {
    assert.deepEqual(files().filter((file) => /\.[cm]?js$/.test(file)), SCRIPTS);
  });

  for (const [what, pattern] of [
    ["eval", /(?<!'wasm-unsafe-)\beval\b/],
    ["new Function", /\bFunction\s*\(/],
    ["dynamic import", /\bimport\s*\(/],
    ["import.meta", /\bimport\.meta\b/],
    ["use of Node's modules", /\brequire\s*\(|["'](?:node:|fs["'])/],
    ["reference to a source map", /sourceMappingURL/],
  ]) {
    it(`holds no ${what}`, () => {
      for (const file of SCRIPTS) holdsNo(pattern, file);
    });
  }

  for (const [file, expected] of Object.entries({
    "dist/index.js": [],
    "dist/index.cjs": [],
    "dist/workerd.js": ["import-statement ./nyne_phone_finder.wasm"],
    "dist/edge-light.js": ["import-statement ./nyne_phone_finder.wasm?module"],
  })) {
    it(`${file} waits for nothing, and imports ${expected.length ? "the module alone" : "nothing"}`, async () => {
      assert.deepEqual(await imports(file), expected);
    });
  }
});

describe("dist", () => {
  // A second copy cannot be saved. A page imports no CommonJS, older Nodes require no ES module, importing JSON is newer
  // than the hosts that are supported, and reading a file takes `fs`: so no file of bytes would serve index.js and
  // index.cjs both, and each holds its own. A program loads one of them.
  it("holds the module once as a file, once in each script that compiles bytes, and nowhere else", () => {
    const module = read("dist/nyne_phone_finder.wasm", null);
    const beginning = module.subarray(0, 8);
    const forms = [beginning.toString("latin1"), beginning.toString("hex"), beginning.toString("base64").slice(0, 10), encode(module)];
    const copies = (file) => {
      // What unpacks the module is one too, and a small one.
      const content = read(file, "latin1").replace(/"AGFzbQ[\w+/=]{1,300}"/, "");
      return forms.reduce((count, form) => count + content.split(form).length - 1, 0);
    };
    const holders = files().map((file) => [file, copies(file)]).filter(([, count]) => count > 0);
    assert.deepEqual(Object.fromEntries(holders), { "dist/index.cjs": 1, "dist/index.js": 1, "dist/nyne_phone_finder.wasm": 1 });
  });

  it("names no source file of the build", () => {
    for (const file of files()) {
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
