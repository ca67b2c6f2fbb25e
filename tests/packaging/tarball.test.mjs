// What the tarball holds, what its package.json promises, and what two linters of packages say.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join, relative, sep } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { entry, packageFolder, project, tarball } from "../support/places.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What stands beside dist. */
const TOP = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
/** What may stand in dist: scripts, types, the module, source maps. */
const IN_DIST = /^dist\/[\w/-]+\.(?:[cm]?js|d\.[cm]?ts|wasm|[cm]?js\.map)$/;

const files = () => {
  const [report] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", tarball()], { encoding: "utf8" }));
  return report.files.map(({ path }) => path).sort();
};
const read = (file) => readFileSync(join(packageFolder(), file), "utf8");
const manifest = () => JSON.parse(read("package.json"));
const inPackage = (file) => relative(packageFolder(), file).split(sep).join("/");
/** Runs one of the repository's development tools; what it prints is shown if it fails. */
const tool = (name, ...options) =>
  execFileSync(join(ROOT, "node_modules/.bin", name), options, { cwd: ROOT, encoding: "utf8" });

describe("the tarball", () => {
  it("holds nothing but what is meant to be published", () => {
    assert.deepEqual(files().filter((file) => !IN_DIST.test(file)), TOP);
  });

  it("names no folder of the machine it was built on", () => {
    const cargo = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
    for (const file of files()) {
      const content = readFileSync(join(packageFolder(), file), "latin1");
      for (const folder of [ROOT, cargo]) assert(!content.includes(folder), `${file} names ${folder}`);
    }
  });

  it("holds a module that WebAssembly accepts", async () => {
    const module = await WebAssembly.compile(readFileSync(entry("import", "nyne-phone-finder/nyne_phone_finder.wasm")));
    assert(WebAssembly.Module.exports(module).some(({ kind }) => kind === "function"), "the module exports no function");
  });

  it("holds types for require that say the same as those for import", () => {
    const required = files().filter((file) => file.endsWith(".d.cts"));
    assert.notEqual(required.length, 0);
    for (const file of required) assert.equal(read(file), read(file.replace(/cts$/, "ts")), file);
  });
});

describe("package.json", () => {
  it("has no dependencies and no scripts", () => {
    assert.deepEqual(Object.keys(manifest()).filter((field) => /dependencies$|^scripts$/i.test(field)), []);
  });

  it("has the version of the crate", () => {
    const [, version] = readFileSync(join(ROOT, "Cargo.toml"), "utf8").match(/^version = "(.+)"$/m);
    assert.equal(manifest().version, version);
  });

  // Workers compile no bytes, so theirs import the .wasm file; the others hold its bytes.
  for (const [condition, importsFile] of [
    ["import", false],
    ["browser", false],
    ["deno", false],
    ["bun", false],
    ["workerd", true],
    ["edge-light", true],
  ]) {
    it(`gives a script that ${importsFile ? "imports the .wasm file" : "stands alone"} under the condition ${condition}`, () => {
      const file = inPackage(entry(condition));
      assert.match(file, /^dist\/.+\.m?js$/);
      assert.equal(/from\s*"[^"]+\.wasm(?:\?module)?"/.test(read(file)), importsFile, file);
    });
  }

  it("gives a CommonJS script to require", () => {
    const { resolve } = createRequire(join(project(), "index.js"));
    assert.match(inPackage(resolve("nyne-phone-finder")), /^dist\/.+\.cjs$/);
  });

  it("exports the .wasm file and itself", () => {
    assert.match(inPackage(entry("import", "nyne-phone-finder/nyne_phone_finder.wasm")), /^dist\/.+\.wasm$/);
    assert.equal(inPackage(entry("import", "nyne-phone-finder/package.json")), "package.json");
  });
});

describe("linters of packages", () => {
  it("publint finds nothing", () => {
    tool("publint", "run", "--strict", tarball());
  });

  it("Are the Types Wrong finds nothing", () => {
    // A .wasm file has no types: each bundler has its own idea of what importing one gives.
    tool("attw", tarball(), "--no-definitely-typed", "--exclude-entrypoints", "./nyne_phone_finder.wasm");
  });
});
