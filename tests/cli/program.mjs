// Runs the package's command line in a folder of its own, against a world of the emulator.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "node:test";

import { createWorld, onPost, ALWAYS } from "../support/emulator.mjs";
import { emulator, node20, node24, packageFolder } from "../support/places.mjs";

/** The oldest Node that the package supports, and the newest. */
export const inEachNode = (suite) => {
  for (const [name, node] of [
    ["Node 20", node20()],
    ["Node 24", node24()],
  ])
    describe(name, { concurrency: 4 }, () => suite(node));
};

/** Jobs that are done at once: lookups then take no time. */
export const AT_ONCE = { faults: [onPost({ kind: "completedAtOnce" }, ALWAYS)] };

const bin = () => join(packageFolder(), JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8")).bin);

/**
 * Gives `use` a place to run the program in. Whatever the program prints or leaves there must hold no key.
 * @param {string} node
 */
export const place = (node, settings, use) => async () => {
  const folder = await mkdtemp(join(tmpdir(), "nyne-cli-"));
  const world = await createWorld(emulator(), settings);
  const { apiKey, apiSecret } = world.keys;
  const environment = { PATH: process.env.PATH, NYNE_API_KEY: apiKey, NYNE_API_SECRET: apiSecret, NYNE_BASE_URL: world.url };
  const holdsNoKey = (text, where) => assert(!text.includes(apiKey) && !text.includes(apiSecret), `a key is in ${where}`);

  /** Starts it and returns what it may be watched by, and `ended`. */
  function start(options, { input, env, command = [node, bin(), ...options], read = true } = {}) {
    const child = spawn(command[0], command.slice(1), { cwd: folder, env: { ...environment, ...env } });
    const printed = { stdout: "", stderr: "" };
    const waiting = new Set();
    for (const stream of read ? ["stdout", "stderr"] : ["stderr"]) {
      child[stream].setEncoding("utf8").on("data", (text) => {
        printed[stream] += text;
        for (const check of waiting) check();
      });
    }
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        holdsNoKey(printed.stdout, "stdout");
        holdsNoKey(printed.stderr, "stderr");
        resolve({ code, signal, ...printed });
      });
    });
    return { child, printed, ended };
  }

  try {
    await use({
      folder,
      world,
      start,
      run: (options, more) => start(options, more).ended,
      write: (name, content) => writeFile(join(folder, name), content),
      read: (name) => readFile(join(folder, name), "utf8"),
      files: () => readdirSync(folder).sort(),
      bin: bin(),
      node,
    });
    for (const name of readdirSync(folder)) holdsNoKey(await readFile(join(folder, name), "latin1"), name);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await world.remove();
  }
};

/** Waits until `look` returns something true: another process has to get there first. */
export async function until(look) {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The lines of a text that ends with a line feed. */
export const lines = (text) => text.split("\n").slice(0, -1);
export const jsonLines = (text) => lines(text).map((line) => JSON.parse(line));
