// Each snippet of the README, of the reference and of the page on batches, run as a user pastes it into an empty folder, against the emulator.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { ADA, createWorld, MOBILE } from "../support/emulator.mjs";
import { emulator, node20, node24, packageFolder, tarball } from "../support/places.mjs";

const run = promisify(execFile);

/** The code blocks of a file, by the heading and the bold words above them: `{ place, language, code }`. */
function snippets(file) {
  const text = readFileSync(join(packageFolder(), file), "utf8");
  let place;
  const found = [];
  for (const [, heading, bold, language, code] of text.matchAll(/^## (.+)$|^\*\*(.+?)[.:]\*\*|^```(\w+)\n([^]*?)^```$/gm)) {
    if (code === undefined) place = heading ?? bold;
    else found.push({ place, language, code });
  }
  return found;
}

const README = snippets("README.md");
const REFERENCE = snippets("docs/reference.md");
const BATCHES = snippets("docs/batches.md");
/** Its recipes are run by tests/edge, in their frameworks. */
const PROXY = snippets("docs/proxy.md");
const TESTING = snippets("docs/testing.md");
const named = (list, place, language = "js") => list.filter((one) => one.place === place && one.language === language).map(({ code }) => code);

/** What stands in for Nyne: it has its address, and the emulator answers. */
const AS_NYNE = `
const { fetch } = globalThis;
globalThis.fetch = (url, init) => fetch(String(url).replace("https://api.nyne.ai", process.env.WORLD), init);
// A page's address, if the program is that of a page.
if (process.env.PAGE) globalThis.location = { href: process.env.PAGE };
`;

describe("the snippets of the README and the reference", () => {
  let folder;
  let world;
  let env;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "nyne-phone-finder-"));
    // npm makes it a CommonJS project.
    await run("npm", ["init", "--yes"], { cwd: folder });
    await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball()], { cwd: folder });
    await writeFile(join(folder, "as-nyne.mjs"), AS_NYNE);
    world = await createWorld(emulator(), { latencyMs: 20 });
    env = { ...process.env, NYNE_API_KEY: world.keys.apiKey, NYNE_API_SECRET: world.keys.apiSecret, WORLD: world.url };
  });
  after(async () => {
    await world?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** Writes a snippet to a file of its own, to be run or imported. */
  async function paste(name, code) {
    const file = join(folder, name);
    await writeFile(file, code);
    return file;
  }

  /** What a snippet prints. It must end by itself. */
  async function output(name, code, { node = node24(), ...more } = {}) {
    const file = await paste(name, code);
    const { stdout } = await run(node, ["--import", join(folder, "as-nyne.mjs"), file], { cwd: folder, timeout: 30_000, env: { ...env, ...more } });
    return stdout.trim();
  }

  it("are all run here", () => {
    const known = {
      "First lookup": ["sh", "js", "sh"], Costs: ["js"], "Many people": ["js"], Callbacks: ["js"],
      "Cloudflare Workers": ["js"], "Browser extensions": ["json"],
    };
    const found = Object.groupBy(README, ({ place }) => place);
    assert.deepEqual(Object.fromEntries(Object.entries(found).map(([place, list]) => [place, list.map(({ language }) => language)])), known);
    assert.deepEqual(REFERENCE.map(({ place, language }) => [place, language]), [["Proxy", "js"], ["Proxy", "js"]]);
    assert.deepEqual(TESTING.map(({ place, language }) => [place, language]), [[undefined, "js"], ["Many people", "js"], ["What goes wrong", "js"], ["Without the emulator", "js"], ["Clocks", "js"]]);
    assert.deepEqual(BATCHES.map(({ place, language }) => [place, language]), [["A file store", "js"], ["With it", "js"]]);
  });

  for (const [name, node] of [["Node 24", node24], ["Node 20", node20]]) {
    it(`first lookup, in a CommonJS project and ${name}`, async () => {
      const [code] = named(README, "First lookup");
      assert.match(code, /^\/\/ first\.mjs$/m);
      assert.equal(await output("first.mjs", code, { node: node() }), MOBILE);
    });
  }

  it("first lookup, without an account: the lines for the shell do it", async () => {
    const [start, line] = named(README, "First lookup", "sh");
    const [, command] = /^npx (nyne-phone-finder emulator .+)$/m.exec(start);
    const program = join(folder, "node_modules/.bin/nyne-phone-finder");
    const emulated = spawn(node24(), [program, ...command.split(" ").slice(1), "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [printed] = await once(emulated.stdout, "data");
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
      const words = line.trim().split(" ");
      const given = Object.fromEntries(words.filter((word) => word.includes("=")).map((word) => word.split("=")));
      assert.deepEqual(words.slice(-2), ["node", "first.mjs"]);
      assert.deepEqual(given, { NYNE_BASE_URL: "http://127.0.0.1:8787", NYNE_API_KEY: "nyne_live_emulator", NYNE_API_SECRET: "nyne_sec_emulator" });
      const [code] = named(README, "First lookup");
      // Another program may have the port.
      assert.equal(await output("first.mjs", code, { ...given, NYNE_BASE_URL: address }), MOBILE);
    } finally {
      emulated.kill();
    }
  });

  it("a lookup that is resumed after its timeout", async () => {
    const [code] = named(README, "Costs");
    assert.equal(await output("resume.mjs", code), MOBILE);
    // As pasted it does not time out here. Now its one poll, just before the deadline, finds the job running.
    const running = await createWorld(emulator(), { statuses: ["queued"] });
    try {
      const late = code.replace("timeout: 30_000", "timeout: 3_000").replace("...keys,", "...keys, poll: { firstDelay: 5_000 },");
      const { apiKey: NYNE_API_KEY, apiSecret: NYNE_API_SECRET } = running.keys;
      assert.equal(await output("resume.mjs", late, { NYNE_API_KEY, NYNE_API_SECRET, WORLD: running.url }), MOBILE);
      const { posts, gets } = await running.log();
      assert.deepEqual([posts, gets], [1, 2]);
    } finally {
      await running.remove();
    }
  });

  it("many people", async () => {
    const [code] = named(README, "Many people");
    const lines = (await output("many.mjs", code)).split("\n").sort();
    assert.deepEqual(lines, [`ada@example.com ${MOBILE}`, "grace@example.com no number found"]);
  });

  it("many people with a file store, which submits nobody twice", async () => {
    await paste("store.mjs", named(BATCHES, "A file store")[0]);
    const [code] = named(BATCHES, "With it");
    const { posts } = await world.log();
    const lines = async () => (await output("people.mjs", code)).split("\n").sort();
    const first = await lines();
    assert.deepEqual(first, [`ada@example.com ${MOBILE}`, "grace@example.com null"]);
    // As a program leaves it that is killed while it writes.
    const file = join(folder, "people.jsonl");
    await writeFile(file, `${await readFile(file, "utf8")}["{\\"em`);
    assert.deepEqual(await lines(), first);
    assert.deepEqual(await lines(), first);
    assert.equal((await world.log()).posts, posts + 2);
  });

  it("tests with the emulator", async () => {
    const [first, many, faults, error, clock] = TESTING.map(({ code }) => code);
    for (const [name, code] of [["lookup", first], ["faults", faults], ["clock", clock]]) {
      assert.match(code, new RegExp(`^// ${name}\\.test\\.mjs:`));
      const file = await paste(`${name}.test.mjs`, code);
      const { NODE_TEST_CONTEXT, ...outside } = process.env;
      const { stdout } = await run(node24(), ["--test", file], { cwd: folder, timeout: 30_000, env: outside });
      assert.match(stdout, /fail 0/);
    }
    assert.equal(await output("many.mjs", many), "2000");
    assert.equal(await output("error.mjs", error), 'yes Timed out after 300000 ms. The job keeps running. Resume it: pollResult("a1b2"). Code: timeout.');
  });

  it("a handler of callbacks", async () => {
    const [code] = named(README, "Callbacks");
    await paste("callback.mjs", code);
    const body = JSON.stringify({ data: { request_id: "never-was", status: "completed" } });
    const main = `
      import { findPhone } from "nyne-phone-finder";
      import { POST } from "./callback.mjs";
      const keys = { apiKey: process.env.NYNE_API_KEY, apiSecret: process.env.NYNE_API_SECRET };
      const { requestId } = await findPhone(${JSON.stringify(ADA)}, keys);
      const call = (body) => POST(new Request("https://example.com/nyne", { method: "POST", body }));
      console.log((await call(${JSON.stringify(body)}.replace("never-was", requestId))).status);
      console.log(await call(${JSON.stringify(body)}).catch(({ code }) => code));
    `;
    const [printed, status, forged] = (await output("main.mjs", main)).split("\n");
    assert.deepEqual([printed.split(" ").at(-1), status, forged], [MOBILE, "204", "request_not_found"]);
  });

  it("a Worker", async () => {
    const [code] = named(README, "Cloudflare Workers");
    await paste("worker.mjs", code);
    const main = `
      import worker from "./worker.mjs";
      const response = await worker.fetch(new Request("https://example.com/?email=ada@example.com"), process.env);
      console.log(await response.text());
    `;
    assert.deepEqual(JSON.parse(await output("main.mjs", main)), { mobile: MOBILE });
  });

  it("a page and its proxy", async () => {
    const [server, page] = named(REFERENCE, "Proxy");
    const [samePage] = named(PROXY, undefined);
    const { fetch } = globalThis;
    globalThis.fetch = (url, init) => fetch(String(url).replace("https://api.nyne.ai", world.url), init);
    Object.assign(process.env, { NYNE_API_KEY: env.NYNE_API_KEY, NYNE_API_SECRET: env.NYNE_API_SECRET });
    const front = createServer((request, response) => answer(request, response, front.proxy));
    await once(front.listen(0, "127.0.0.1"), "listening");
    const PAGE = `http://127.0.0.1:${front.address().port}/`;
    const load = async (name, code) => ({ proxy: front.proxy } = await import(pathToFileURL(await paste(name, code))));
    try {
      const { posts } = await world.log();
      await load("proxy.mjs", server);
      await assert.rejects(output("page.mjs", page, { PAGE }), /invalid_credentials/);
      assert.equal((await world.log()).posts, posts, "submits of somebody who may not");
      await load("signed-in.mjs", server.replace("=> null", '=> "ada"'));
      for (const code of [page, samePage]) assert.equal(await output("page.mjs", code, { PAGE }), MOBILE);
    } finally {
      globalThis.fetch = fetch;
      front.close();
      front.closeAllConnections();
    }
  });

  async function answer(request, response, proxy) {
    const { method, url, headers } = request;
    const body = method === "POST" ? Buffer.concat(await Array.fromAsync(request)) : undefined;
    const reply = await proxy(new Request(new URL(url, "http://127.0.0.1/"), { method, headers: { "Content-Type": headers["content-type"] ?? "" }, body }));
    response.writeHead(reply.status, Object.fromEntries(reply.headers));
    response.end(await reply.text());
  }
});
