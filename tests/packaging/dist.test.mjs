// What dist holds, and what it must not: each thing refused here breaks some host or burdens every user.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, it } from "node:test";

import { build } from "esbuild";

import { entry, packageFolder } from "../support/places.mjs";

const MODULE = "dist/nyne_phone_finder.wasm";
const IS_SCRIPT = /\.[cm]?js$/;

const read = (file, encoding = "utf8") => readFileSync(join(packageFolder(), file), encoding);
const manifest = () => JSON.parse(read("package.json"));
const files = () => readdirSync(join(packageFolder(), "dist"), { recursive: true }).map((file) => `dist/${file}`).sort();

const scripts = () => files().filter((file) => IS_SCRIPT.test(file));

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
  it("is there", () => {
    assert.notEqual(scripts().length, 0);
  });

  for (const [what, pattern] of [
    ["eval", /(?<!'wasm-unsafe-)\beval\b/],
    ["new Function", /\bFunction\s*\(/],
    ["dynamic import", /\bimport\s*\(/],
    ["import.meta", /\bimport\.meta\b/],
    ["use of Node's modules", /\brequire\s*\(|["'](?:node:|fs["'])/],
  ]) {
    it(`holds no ${what}`, () => {
      for (const file of scripts()) holdsNo(pattern, file);
    });
  }

  it("waits for nothing, and imports nothing but files of dist", async () => {
    for (const file of scripts()) {
      for (const part of await imports(file)) {
        const [kind, path] = part.split(" ");
        const format = file.endsWith(".cjs") ? "require-call" : "import-statement";
        assert.equal(kind, format, file);
        assert(files().includes(posix.join(dirname(file), path.replace(/\?module$/, ""))), `${file} imports ${path}`);
      }
    }
  });
});

describe("dist", () => {
  it("holds the module once as a file, and its bytes in no script for Workers, which compile none", () => {
    assert.deepEqual(files().filter((file) => file.endsWith(".wasm")), [MODULE]);
    const module = read(MODULE, null);
    const middle = module.subarray(module.length >> 1).subarray(0, 3_000);
    for (const condition of ["workerd", "edge-light"]) {
      const text = readFileSync(entry(condition), "latin1");
      for (const form of ["latin1", "hex", "base64"]) assert(!text.includes(middle.toString(form).slice(8, 2_000)), `${condition}: ${form}`);
      assert(text.length < module.length, `the script for ${condition} is as long as ${text.length}`);
    }
  });

  it("names no source file of the build", () => {
    // Source maps name those of the scripts.
    for (const file of files().filter((file) => !file.endsWith(".map"))) {
      holdsNo(/[\w-]\.rs\b|\/rustc\/|[/\\](?:home|Users|root|\.?cargo)[/\\]/, file);
    }
  });

  it("holds a module without names and debug information", async () => {
    const module = await WebAssembly.compile(read(MODULE, null));
    for (const name of ["name", "sourceMappingURL", ".debug_info", ".debug_line"]) {
      assert.deepEqual(WebAssembly.Module.customSections(module, name), [], name);
    }
  });

  it("holds no file that no export needs", async () => {
    const needed = new Set();
    const visit = async (file) => {
      if (needed.has(file)) return;
      needed.add(file);
      const parts = IS_SCRIPT.test(file) ? await imports(file) : [...read(file).matchAll(/ from "(.+)"/g)].map(([text]) => text);
      const [, map] = (IS_SCRIPT.test(file) && read(file).match(/^\/\/# sourceMappingURL=(\S+)/m)) || [];
      if (map) await visit(posix.join(dirname(file), map));
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
  it("names files that are there", () => {
    const missing = targets().filter((file) => file.startsWith("dist/") && !files().includes(file));
    assert.deepEqual(missing, []);
  });
});
