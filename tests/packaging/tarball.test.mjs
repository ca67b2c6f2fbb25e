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
/** What users import. */
const ENTRIES = ["durable", "index", "proxy", "testing"];
/** What those import, one for each kind of host. */
const HOSTS = ["browser.cjs", "browser.js", "edge-light.js", "node.cjs", "node.js", "workerd.js"];
/** What the entry "testing" imports for each kind of host. */
const EMULATOR = ["emulator-edge-light.js", "emulator-workerd.js", "emulator.cjs", "emulator.js"];
const FILES = [
  ...["CHANGELOG.md", "LICENSE", "README.md", "package.json", "dist/cli.js", "dist/cli.js.map", "dist/nyne_emulator.wasm", "dist/nyne_phone_finder.wasm"],
  ...[...HOSTS, ...EMULATOR].flatMap((file) => [`dist/${file}`, `dist/${file}.map`]),
  ...ENTRIES.flatMap((entry) => ["cjs", "cjs.map", "d.cts", "d.ts", "js", "js.map"].map((ending) => `dist/${entry}.${ending}`)),
  ...["batches.md", "callbacks.md", "cli.md", "durable.md", "edge.md", "performance/batch-hour.svg", "performance/batch-minute.svg", "proxy.md", "reference.md", "testing.md"].map((page) => `docs/${page}`),
].sort();

const FUNCTIONS = ["advance", "findPhone", "pollResult", "submitPhone", "checkStatus", "findPhones", "parseCallback", "confirmCallback"];

const read = (file) => readFileSync(join(packageFolder(), file), "utf8");
const manifest = () => JSON.parse(read("package.json"));
const inPackage = (file) => relative(packageFolder(), file).split(sep).join("/");
/** Runs one of the repository's development tools; what it prints is shown if it fails. */
const tool = (name, ...options) =>
  execFileSync(join(ROOT, "node_modules/.bin", name), options, { cwd: ROOT, encoding: "utf8" });

describe("the tarball", () => {
  it("holds exactly the files that are meant to be published", () => {
    const report = execFileSync("npm", ["pack", "--dry-run", "--json", tarball()], { encoding: "utf8" });
    const [{ files }] = JSON.parse(report);
    assert.deepEqual(files.map(({ path }) => path).sort(), FILES);
  });

  it("names no folder of the machine it was built on", () => {
    const cargo = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
    for (const file of FILES) {
      const content = readFileSync(join(packageFolder(), file), "latin1");
      for (const folder of [ROOT, cargo]) assert(!content.includes(folder), `${file} names ${folder}`);
    }
  });

  it("holds a module that WebAssembly accepts, and that exports the package's functions", async () => {
    const module = await WebAssembly.compile(readFileSync(join(packageFolder(), "dist/nyne_phone_finder.wasm")));
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    for (const name of FUNCTIONS) assert(names.includes(name), `the module does not export ${name}`);
  });

  it("holds types for require that say the same as those for import", () => {
    for (const entry of ENTRIES) assert.equal(read(`dist/${entry}.d.cts`), read(`dist/${entry}.d.ts`));
  });
});

describe("LICENSE", () => {
  it("has the licence of each package that a script contains", () => {
    const headings = read("LICENSE").split("\n").filter((line) => / contains? .*:$/.test(line));
    for (const script of FILES.filter((file) => /\.c?js$/.test(file))) {
      const { sources } = JSON.parse(read(`${script}.map`));
      const names = sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []);
      for (const name of new Set(names)) {
        assert(headings.some((line) => line.includes(script) && line.endsWith(` ${name}:`)), `${script} contains ${name}`);
      }
    }
  });
});

describe("package.json", () => {
  it("has no dependencies and no scripts", () => {
    assert.deepEqual(Object.keys(manifest()).filter((field) => /dependencies$|^scripts$/i.test(field)), []);
  });

  it("says where the repository is, and where to report a bug", () => {
    const { repository, homepage, bugs } = manifest();
    const place = repository.url.replace(/^git\+|\.git$/g, "");
    assert.match(place, /^https:\/\//);
    for (const url of [homepage, bugs]) assert(url.startsWith(place), url);
    // The README's links go there as well, or to a file of the package.
    for (const [, link] of read("README.md").matchAll(/\]\(([^)]+)\)/g)) {
      const [file, anchor] = link.split("#");
      if (link.startsWith(place)) continue;
      const text = read(file || "README.md");
      const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(" ", "-"));
      assert(!anchor || anchors.includes(anchor), link);
    }
  });

  it("has the version of the crate", () => {
    const [, version] = readFileSync(join(ROOT, "Cargo.toml"), "utf8").match(/^version = "(.+)"$/m);
    assert.equal(manifest().version, version);
  });

  it("gives each entry to import and to require", () => {
    const { resolve } = createRequire(join(project(), "index.js"));
    for (const name of ENTRIES) {
      const specifier = name === "index" ? "nyne-phone-finder" : `nyne-phone-finder/${name}`;
      assert.deepEqual([inPackage(entry("import", specifier)), inPackage(resolve(specifier))], [`dist/${name}.js`, `dist/${name}.cjs`]);
    }
  });

  for (const [condition, file] of [
    // Node adds its own condition to these, as Deno and Bun do.
    ["import", "dist/node.js"],
    ["deno", "dist/node.js"],
    ["bun", "dist/node.js"],
    ["workerd", "dist/workerd.js"],
    ["edge-light", "dist/edge-light.js"],
  ]) {
    it(`gives the entries ${file} under the condition ${condition}`, () => {
      assert.equal(inPackage(entry(condition, "#module", packageFolder())), file);
      const emulator = { "dist/node.js": "dist/emulator.js" }[file] ?? file.replace("dist/", "dist/emulator-");
      assert.equal(inPackage(entry(condition, "#emulator", packageFolder())), emulator);
    });
  }

  it("gives the entries dist/node.cjs where they are required", () => {
    const { resolve } = createRequire(join(packageFolder(), "index.js"));
    assert.deepEqual(["#module", "#emulator"].map((name) => inPackage(resolve(name))), ["dist/node.cjs", "dist/emulator.cjs"]);
  });

  it("gives the entries dist/browser.js and dist/browser.cjs without the condition node", () => {
    const { node, ...others } = manifest().imports["#module"];
    assert.deepEqual(Object.entries(others).slice(-2), [["require", "./dist/browser.cjs"], ["default", "./dist/browser.js"]]);
  });

  it("exports the .wasm file and itself", () => {
    for (const [name, file] of [["nyne_phone_finder.wasm", "dist/nyne_phone_finder.wasm"], ["package.json", "package.json"]]) {
      assert.equal(inPackage(entry("import", `nyne-phone-finder/${name}`)), file);
    }
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
