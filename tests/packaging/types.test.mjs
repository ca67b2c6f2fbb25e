// tests/types, compiled against the installed package as each kind of project does it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { project } from "../support/places.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules/.bin/tsc");

const NO_HOST = { lib: ["ES2022"], types: [] };
const PROJECTS = [
  ["a project without the types of any host", "index", NO_HOST],
  ["a project that a bundler resolves", "index", { ...NO_HOST, module: "ESNext", moduleResolution: "Bundler" }],
  ["a CommonJS project", "index", NO_HOST, "commonjs"],
  ["a page", "host", { lib: ["ES2022", "DOM"], types: [] }],
  ["a page with iterable DOM types", "host", { lib: ["ES2022", "DOM", "DOM.Iterable"], types: [] }],
  ["a web worker", "host", { lib: ["ES2022", "WebWorker"], types: [] }],
  ["a Node program", "host", { lib: ["ES2022"], types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] }],
];

describe("the types are right in", () => {
  let folder;
  before(async () => {
    folder = await mkdtemp(join(project(), "types-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  PROJECTS.forEach(([name, test, options, type = "module"], index) => {
    it(name, async () => {
      const here = join(folder, String(index));
      await mkdir(here);
      await cp(join(ROOT, `tests/types/${test}.test-d.ts`), join(here, "test.ts"));
      await writeFile(join(here, "package.json"), JSON.stringify({ type }));
      await writeFile(join(here, "tsconfig.json"), JSON.stringify({
        compilerOptions: { module: "NodeNext", target: "ES2022", strict: true, noEmit: true, skipLibCheck: false, ...options },
        files: ["test.ts"],
      }));
      const { stdout, stderr, status } = spawnSync(TSC, ["--project", here], { encoding: "utf8" });
      assert.equal(status, 0, stdout + stderr);
    });
  });
});
