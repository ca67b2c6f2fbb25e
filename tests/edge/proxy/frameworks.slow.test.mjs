// The recipes of docs/proxy.md in the real frameworks and runtimes, each as a program of its own that serves a page's client.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { arch, platform } from "node:process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

import { freePort } from "../../support/free-port.mjs";
import { ADA, createWorld, MOBILE, onGet, onPost } from "../../support/emulator.mjs";
import { emulator, tarball } from "../../support/places.mjs";
import { recipe } from "../../support/recipes.mjs";
import { bin, tools } from "../tools.mjs";
import { page } from "./served.mjs";

/** How long a program may take until it answers, in ms: a build of Next's on a busy machine. */
const LIMIT = 180_000;
/** Nyne may compress any reply. Passing its Content-Encoding on would break Hono and Bun. */
const COMPRESSED = [onPost({ kind: "gzip" }, { to: null }), onGet({ kind: "gzip" }, { to: null })];

/** Its npm package needs an install script to find the program, which is in another package. */
const bun = () => join(tools(), `node_modules/@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}/bin/bun`);

/** What the recipes import: who is signed in? Many databases number their users. */
const SESSION = `
const USERS = new Map([["session-of-ada", { id: 1 }], ["session-of-bob", { id: 2 }]]);
export const userOf = async (request) => USERS.get(request.headers.get("Authorization")) ?? null;
`;
const NEXT_FILES = {
  "app/layout.js": "export default ({ children }) => <html><body>{children}</body></html>;",
  "app/page.js": "export default () => null;",
};

/** Each framework: the recipes that its project has, what else, and the commands; the last one serves on the port. */
const FRAMEWORKS = {
  "a Cloudflare Worker, in wrangler dev": {
    recipes: ["worker.js", "wrangler.jsonc"],
    files: ({ env }) => ({ ".dev.vars": Object.entries(env).map(([name, value]) => `${name}=${value}\n`).join("") }),
    limits: { submits: 10, polls: 60 },
    commands: (port) => [[bin("wrangler"), "dev", "--ip", "127.0.0.1", "--port", port, "--inspector-port", "0"]],
  },
  "Next.js": {
    recipes: ["nyne.js", "app/api/nyne/person/phone/route.js"],
    files: () => NEXT_FILES,
    commands: (port) => [[bin("next"), "build"], [bin("next"), "start", "--hostname", "127.0.0.1", "--port", port]],
  },
  Hono: { recipes: ["nyne.js", "hono.js"], commands: () => [[process.execPath, "hono.js"]] },
  Express: { recipes: ["nyne.js", "express.js"], commands: () => [[process.execPath, "express.js"]] },
  Fastify: { recipes: ["nyne.js", "fastify.js"], commands: () => [[process.execPath, "fastify.js"]] },
  Deno: {
    recipes: ["nyne.js", "deno.js"],
    commands: () => [[bin("deno"), "run", "--no-prompt", "--allow-net", "--allow-env", "--allow-read", "deno.js"]],
  },
  Bun: { recipes: ["nyne.js", "bun.js"], commands: () => [[bun(), "bun.js"]] },
};

for (const [name, framework] of Object.entries(FRAMEWORKS)) {
  const { limits } = framework;
  describe(name, { timeout: 2 * LIMIT }, () => {
    let world;
    let program;
    let baseUrl;
    before(async () => {
      world = await createWorld(emulator(), { latencyMs: 0, statuses: ["queued"], faults: COMPRESSED, perMinute: 1_000 });
      const port = await freePort();
      baseUrl = `http://127.0.0.1:${port}/api/nyne`;
      const { apiKey, apiSecret } = world.keys;
      program = await start(name, framework, `${port}`, { NYNE_API_KEY: apiKey, NYNE_API_SECRET: apiSecret, NYNE_BASE_URL: world.url });
      await program.answers(`${baseUrl}/person/phone`);
    });
    after(async () => {
      await program?.stop();
      await world?.remove();
    });

    const as = (session) => ({ baseUrl, headers: { Authorization: session }, poll: { firstDelay: 10, maxDelay: 10 } });

    it("finds a number for a page", async () => {
      assert.equal((await page.findPhone(ADA, as("session-of-ada"))).mobile, MOBILE);
      const { posts, gets } = await world.log();
      assert.deepEqual([posts, gets], [1, 2]);
    });

    it("answers readably, and with its own headers", async () => {
      // wrangler dev compresses for those who take it.
      const headers = { Authorization: "session-of-ada", "Content-Type": "application/json", "Accept-Encoding": "identity" };
      const response = await fetch(`${baseUrl}/person/phone`, { method: "POST", headers, body: JSON.stringify(ADA) });
      const { data } = await response.json();
      assert.deepEqual([response.status, data.status], [202, "queued"]);
      const sent = ["content-type", "cache-control", "content-encoding", "set-cookie"].map((name) => response.headers.get(name));
      assert.deepEqual(sent, ["application/json", "no-store", null, null]);
      assert.match(response.headers.get("x-ratelimit-limit"), /^\d+$/);
    });

    it("refuses another caller's id, and a caller without a session", async () => {
      const { requestId } = await page.submitPhone(ADA, as("session-of-ada"));
      const before = await world.log();
      await assert.rejects(page.pollResult(requestId, as("session-of-bob")), { code: "request_not_found" });
      await assert.rejects(page.submitPhone(ADA, as("session-of-eve")), { code: "invalid_credentials", submitted: "no" });
      const { posts, gets } = await world.log();
      assert.deepEqual([posts, gets], [before.posts, before.gets]);
    });

    it("refuses a body that is too large, and other methods", async () => {
      await assert.rejects(page.submitPhone({ name: "a".repeat(20_000) }, as("session-of-ada")), { code: "payload_too_large", submitted: "no" });
      assert.equal((await fetch(`${baseUrl}/person/phone`, { method: "PUT", headers: { Authorization: "session-of-ada" } })).status, 405);
    });

    /** Calls more often than a caller may, even if a new minute begins meanwhile, and returns the first error. */
    async function tooMuch(limit, call) {
      const calls = await Promise.allSettled(Array.from({ length: 2 * limit + 1 }, call));
      return calls.find(({ status }) => status === "rejected").reason;
    }
    if (limits) it("holds back a caller who polls too much, and neither the caller's submits nor anybody else", async () => {
      const [own, other] = [await page.submitPhone(ADA, as("session-of-ada")), await page.submitPhone(ADA, as("session-of-bob"))];
      const { code, retryAfter } = await tooMuch(limits.polls, () => page.checkStatus(own, as("session-of-ada")));
      assert.deepEqual([code, retryAfter], ["rate_limit_exceeded", 60_000]);
      await page.submitPhone(ADA, as("session-of-ada"));
      await page.checkStatus(other, as("session-of-bob"));
    });
    if (limits) it("holds back a caller who submits too much, and nobody else", async () => {
      const { code, submitted, retryAfter } = await tooMuch(limits.submits, () => page.submitPhone(ADA, { ...as("session-of-ada"), maxRetries: 0 }));
      assert.deepEqual([code, submitted, retryAfter], ["rate_limit_exceeded", "no", 60_000]);
      await page.submitPhone(ADA, as("session-of-bob"));
    });
  });
}

/** Makes the project and runs its commands. Of the last one it returns when it answers, and how to stop it. */
async function start(name, { recipes, files, commands }, port, env) {
  const folder = join(tools(), `proxy-${name.toLowerCase().replaceAll(/\W+/g, "-")}`);
  await rm(folder, { recursive: true, force: true });
  const sources = { "package.json": JSON.stringify({ private: true, type: "module" }), "session.js": SESSION, ...files?.({ env }) };
  for (const recipeName of recipes) sources[recipeName] = await recipe("proxy.md", recipeName);
  for (const [file, text] of Object.entries(sources)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  await promisify(execFile)("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel", "error", tarball()], { cwd: folder });

  const silent = { NEXT_TELEMETRY_DISABLED: "1", WRANGLER_SEND_METRICS: "false", CI: "1" };
  const options = { cwd: folder, env: { ...process.env, ...env, ...silent, PORT: port } };
  const [last, ...others] = commands(port).reverse();
  for (const [command, ...values] of others.reverse()) await promisify(execFile)(command, values, { ...options, timeout: LIMIT });
  const [command, ...values] = last;
  // Wrangler and Next start others: all of them are one group.
  const child = spawn(command, values, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const output of [child.stdout, child.stderr]) output.on("data", (data) => (printed += data));
  const ended = once(child, "exit");
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    /** Waits until anything answers at `url`. */
    async answers(url) {
      for (const until = Date.now() + LIMIT; running() && Date.now() < until; ) {
        const response = await fetch(url).catch(() => undefined);
        if (response) return response.arrayBuffer();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await this.stop();
      throw new Error(`${command} ${values.join(" ")} does not answer:\n${printed}`);
    },
    async stop() {
      if (running()) process.kill(-child.pid, "SIGTERM");
      const timer = setTimeout(() => process.kill(-child.pid, "SIGKILL"), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
