// A copy of the example as a user has it, under `wrangler dev`: a process that can be killed, and started again over the same
// storage.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { node24, tarball } from "../../support/places.mjs";
import { tools } from "../tools.mjs";
import { api, TOKEN } from "./support.mjs";

const EXAMPLE = fileURLToPath(new URL("../../../examples/bulk-worker/", import.meta.url));

/** It asks nobody, and does not trace what the Worker does, which takes a third of the time. */
const QUIET = {
  CI: "1",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_EXPLORER: "false",
  X_LOCAL_OBSERVABILITY: "false",
};

/**
 * Makes the copy, and says how to start it.
 * @param {string} name of its folder @param {object} world that it asks @param {object} vars
 * @param {string} [script] in this folder, to run in place of worker.js
 */
export async function project(name, world, vars = {}, script) {
  const folder = join(tools(), name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const isOwn = (path) => !/node_modules|\.wrangler|\.dev\.vars$|package-lock\.json$/.test(path.slice(EXAMPLE.length));
  await cp(EXAMPLE, folder, { recursive: true, filter: isOwn });
  // The other packages are in the folders above: the tools of tests/edge, and the repository's own.
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await promisify(execFile)("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel", "error", tarball()], { cwd: folder });
  if (script) {
    const text = await readFile(new URL(script, import.meta.url), "utf8");
    await writeFile(join(folder, script), text.replaceAll("../../../examples/bulk-worker/", "./"));
  }
  const { apiKey, apiSecret } = world.keys;
  const secrets = { NYNE_BASE_URL: world.url, NYNE_API_KEY: apiKey, NYNE_API_SECRET: apiSecret, ACCESS_TOKEN: TOKEN, ...vars };
  await writeFile(join(folder, ".dev.vars"), Object.entries(secrets).map(([name, value]) => `${name}="${value}"\n`).join(""));
  return { folder, start: () => start(folder, script) };
}

/** Runs it until it is killed. */
async function start(folder, script) {
  const wrangler = join(tools(), "node_modules/wrangler/bin/wrangler.js");
  const options = ["--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"];
  const child = spawn(node24(), [wrangler, "dev", ...(script ? [script] : []), ...options], {
    cwd: folder,
    // A group of its own: workerd is a grandchild, and must not survive.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...QUIET, WRANGLER_LOG_PATH: join(folder, ".wrangler/logs") },
  });
  const exit = once(child, "exit");
  const kill = async () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
    await exit;
  };
  const printed = [];
  child.stderr.on("data", (text) => printed.push(text));
  const lines = createInterface(child.stdout);
  const url = await new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      printed.push(`${line}\n`);
      const found = /Ready on (http:\/\/[\w.:]+)/.exec(line);
      if (found) resolve(found[1]);
    });
    lines.on("close", () => reject(new Error(`wrangler dev ended:\n${printed.join("")}`)));
    setTimeout(() => reject(new Error(`wrangler dev is not ready after 60 s:\n${printed.join("")}`)), 60_000).unref();
  }).catch(async (error) => {
    await kill();
    throw error;
  });
  return { url, kill, printed: () => printed.join(""), ...api((path, init) => fetch(url + path, init)) };
}
