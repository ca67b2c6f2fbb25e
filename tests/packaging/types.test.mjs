// tests/types, compiled against the installed package as each kind of project does it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { packageFolder, project } from "../support/places.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules/.bin/tsc");

/** How a project finds a package's types. */
const RESOLUTIONS = {
  node16: { module: "Node16" },
  nodenext: { module: "NodeNext" },
  bundler: { module: "Preserve", moduleResolution: "Bundler" },
  "a Worker's bundler": { module: "Preserve", moduleResolution: "Bundler", customConditions: ["workerd", "worker", "browser"] },
  "an edge function's bundler": { module: "Preserve", moduleResolution: "Bundler", customConditions: ["edge-light", "worker"] },
};
const FORMATS = { "ES modules": "module", CommonJS: "commonjs" };

/** Whose types a project has. No package is there but those named: not Node's types in a page, nor the DOM in a Worker. */
const HOSTS = {
  "a page": { lib: ["ES2022", "DOM"], types: [] },
  "a page with iterable DOM types": { lib: ["ES2022", "DOM", "DOM.Iterable"], types: [] },
  "a web worker": { lib: ["ES2022", "WebWorker"], types: [] },
  "a Cloudflare Worker": { lib: ["ES2022"], types: [join(ROOT, "node_modules/@cloudflare/workers-types")] },
  "a Node program": { lib: ["ES2022"], types: [join(ROOT, "node_modules/@types/node")] },
  // Bun's own types do not fit every version of Node's, which they take what they lack from.
  "a Bun program": { lib: ["ES2022"], types: [join(ROOT, "node_modules/@types/bun")], skipLibCheck: true },
};

const PROJECTS = [
  ...Object.entries(RESOLUTIONS).flatMap(([resolution, options]) =>
    Object.entries(FORMATS).flatMap(([format, type]) =>
      ["index", "durable", "testing"].map((test) => [
        `a project without any host's types: ${test}, ${resolution}, ${format}`, test, { lib: ["ES2022"], types: [], ...options }, type,
      ]),
    ),
  ),
  ...Object.entries(HOSTS).map(([host, options]) => [host, "host", { module: "NodeNext", ...options }, "module"]),
];

describe("the types are right in", () => {
  let folder;
  before(async () => {
    folder = await mkdtemp(join(project(), "types-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  PROJECTS.forEach(([name, test, options, type], index) => {
    it(name, async () => {
      const here = join(folder, String(index));
      await mkdir(here);
      await cp(join(ROOT, `tests/types/${test}.test-d.ts`), join(here, "test.ts"));
      await writeFile(join(here, "package.json"), JSON.stringify({ type }));
      await writeFile(join(here, "tsconfig.json"), JSON.stringify({
        compilerOptions: { target: "ES2022", strict: true, noEmit: true, skipLibCheck: false, ...options },
        files: ["test.ts"],
      }));
      const { stdout, stderr, status } = spawnSync(TSC, ["--project", here], { encoding: "utf8" });
      assert.equal(status, 0, stdout + stderr);
    });
  });
});

describe("the examples in the types", () => {
  it("compile in a Node program", async () => {
    const folder = await mkdtemp(join(project(), "examples-"));
    try {
      const files = [];
      for (const types of ["index", "durable", "proxy", "testing"]) {
        const text = readFileSync(join(packageFolder(), `dist/${types}.d.ts`), "utf8");
        for (const [, example] of text.matchAll(/^ \* ```ts\n([^]*?)^ \* ```$/gm)) {
          files.push(`${types}-${files.length}.ts`);
          await writeFile(join(folder, files.at(-1)), example.replaceAll(/^ \* ?/gm, ""));
        }
      }
      assert.notEqual(files.length, 0);
      await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
      const compilerOptions = { target: "ES2022", module: "NodeNext", strict: true, noEmit: true, types: [join(ROOT, "node_modules/@types/node")] };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
      const { stdout, stderr, status } = spawnSync(TSC, ["--project", folder], { encoding: "utf8" });
      assert.equal(status, 0, stdout + stderr);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Names of types that others are made of. tests/types gets at these from there. */
const MADE_OF = ["BatchOptions", "ClientOptions", "PhoneUpdate", "RequestOptions", "StatusUpdate"];

describe("tests/types", () => {
  it("names everything that the types export", () => {
    for (const entry of ["index", "durable", "testing"]) {
      const types = readFileSync(join(packageFolder(), `dist/${entry}.d.ts`), "utf8");
      const test = readFileSync(join(ROOT, `tests/types/${entry}.test-d.ts`), "utf8");
      const exported = [...types.matchAll(/^export (?:declare )?(?:abstract )?(?:function|class|const|type|interface|enum) (\w+)/gm)];
      assert.notEqual(exported.length, 0);
      const names = [...new Set(exported.map(([, name]) => name))];
      assert.deepEqual(names.filter((name) => !MADE_OF.includes(name) && !new RegExp(`\\b${name}\\b`).test(test)), [], entry);
    }
  });
});
