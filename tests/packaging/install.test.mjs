// The tarball installed with npm in an empty project, and used there by programs as short as the README's.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

import { createWorld, MOBILE } from "../support/emulator.mjs";
import { emulator, node20, node24, tarball } from "../support/places.mjs";

const run = promisify(execFile);

const EXPORTS = [
  "NyneError",
  "checkStatus",
  "confirmCallback",
  "createClient",
  "findPhone",
  "findPhones",
  "isNyneError",
  "parseCallback",
  "pollResult",
  "submitPhone",
];

/** How a program gets at the package, by the ending of its file. */
const HEADS = {
  mjs: 'import * as api from "nyne-phone-finder";\n',
  cjs: 'const api = require("nyne-phone-finder");\n',
};

const LOOKUP = `
const { BASE_URL: baseUrl, API_KEY: apiKey, API_SECRET: apiSecret } = process.env;
api.findPhone({ email: "ada@example.com" }, { apiKey, apiSecret, baseUrl, poll: { firstDelay: 5 } })
  .then(({ mobile }) => console.log(mobile));
`;

const ABORT = `
const { BASE_URL: baseUrl, API_KEY: apiKey, API_SECRET: apiSecret } = process.env;
const controller = new AbortController();
const options = { apiKey, apiSecret, baseUrl, signal: controller.signal, onStatus: ({ requestId }) => requestId && controller.abort() };
api.findPhone({ email: "ada@example.com" }, { ...options, timeout: Infinity, poll: { firstDelay: 3_600_000 } })
  .catch((error) => console.log(error.name, error.submitted));
`;

/** Loads the package while all that it might start is watched. */
const WATCH = (load) => `
const started = [];
for (const [owner, name] of [
  [globalThis, "fetch"], [globalThis, "setTimeout"], [globalThis, "setInterval"],
  ...["compile", "compileStreaming", "instantiate", "instantiateStreaming", "Module", "Instance"].map((name) => [WebAssembly, name]),
]) {
  const original = owner[name];
  owner[name] = new Proxy(original, {
    apply: (...values) => (started.push(name), Reflect.apply(...values)),
    construct: (...values) => (started.push(name), Reflect.construct(...values)),
  });
}
(async () => {
  const api = ${load};
  console.log(JSON.stringify([started, Object.keys(api).filter((name) => name !== "default" && name !== "module.exports").sort()]));
  // So that a watch that sees nothing would be noticed.
  const refused = async () => new Response(null, { status: 403 });
  await api.findPhone({ email: "ada@example.com" }, { baseUrl: "https://127.0.0.1", fetch: refused }).catch(() => {});
  console.log(started.some((name) => name in WebAssembly), started.includes("setTimeout"));
})();
`;

/** An error of one copy of the package, shown to the other. */
const TWO_COPIES = `
import { createRequire } from "node:module";
const other = createRequire(import.meta.url)("nyne-phone-finder");
const error = await other.findPhone({}).catch((error) => error);
console.log(other !== api, api.isNyneError(error), [null, undefined, "", {}, new Error()].some(api.isNyneError));
`;

describe("an empty project with the tarball installed", () => {
  let folder;
  let world;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "nyne-phone-finder-"));
    await run("npm", ["init", "--yes"], { cwd: folder });
    await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball()], { cwd: folder });
    world = await createWorld(emulator(), { latencyMs: 20 });
  });
  after(async () => {
    await world?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** What a program of this text prints. It must end by itself. */
  async function output(node, ending, text) {
    const file = join(folder, `program.${ending}`);
    await writeFile(file, text);
    const { apiKey: API_KEY, apiSecret: API_SECRET } = world.keys;
    const { stdout } = await run(node, [file], {
      cwd: folder,
      timeout: 20_000,
      env: { ...process.env, BASE_URL: world.url, API_KEY, API_SECRET },
    });
    return stdout.trim();
  }

  for (const [name, node] of [["Node 24", node24], ["Node 20", node20]]) {
    for (const [ending, head] of Object.entries(HEADS)) {
      it(`finds a number in ${name}, as .${ending}`, async () => {
        assert.equal(await output(node(), ending, head + LOOKUP), MOBILE);
      });
      it(`lets ${name} end once a lookup is aborted in its wait, as .${ending}`, async () => {
        assert.equal(await output(node(), ending, head + ABORT), "AbortError yes");
      });
    }
    for (const [how, ending, load] of [
      ["importing", "mjs", 'await import("nyne-phone-finder")'],
      ["requiring", "cjs", 'require("nyne-phone-finder")'],
    ]) {
      it(`${how} the package in ${name} starts nothing, and gives what is documented`, async () => {
        assert.equal(await output(node(), ending, WATCH(load)), `${JSON.stringify([[], EXPORTS])}\ntrue true`);
      });
    }
    it(`recognises in ${name} an error of a second copy of the package`, async () => {
      assert.equal(await output(node(), "mjs", HEADS.mjs + TWO_COPIES), "true true false");
    });
  }
});
