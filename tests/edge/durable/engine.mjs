// An engine under test: a program that is killed and started again on the same storage.

import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { freePort } from "../../support/free-port.mjs";

/** How long a condition may take to come true. */
const LIMIT = 150_000;

/** Waits until `read` gives something. @template T @param {() => Promise<T>} read @returns {Promise<NonNullable<T>>} */
export async function until(what, read) {
  for (const end = Date.now() + LIMIT; Date.now() < end; await delay(50)) {
    const value = await read();
    if (value) return value;
  }
  throw new Error(`waited ${LIMIT / 1000} s in vain until ${what}`);
}

export class Engine {
  #program;
  #settings;
  #child;
  url;

  /** @param {string} program the file that runs the engine: it is sent its settings, and sends `{ url }` */
  static async start(program, settings) {
    const folder = await mkdtemp(join(tmpdir(), "nyne-engine-"));
    const engine = new Engine();
    engine.#program = fileURLToPath(new URL(program, import.meta.url));
    engine.#settings = { ...settings, folder, port: await freePort() };
    await engine.resume();
    return engine;
  }

  /** Starts the program again, on the storage that the last one has left. */
  async resume() {
    // In a group of its own, so that a kill gets the children, too.
    this.#child = fork(this.#program, { detached: true });
    this.#child.send(this.#settings);
    const [message] = await Promise.race([once(this.#child, "message"), once(this.#child, "exit")]);
    if (typeof message !== "object") throw new Error(`${this.#program} ended with ${message}`);
    this.url = message.url;
  }

  /** Asks the program at one of the addresses that all of them have: `/start`, `/state`, … @returns {Promise<any>} */
  async call(path, key, body) {
    const post = body !== undefined && { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${this.url}${path}?key=${key}`, post || undefined);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} of ${key} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  /** The state in which a lookup ended. */
  ended(key) {
    return until(`the lookup ${key} has ended`, () => this.call("/state", key));
  }

  async kill() {
    const exit = once(this.#child, "exit");
    process.kill(-this.#child.pid, "SIGKILL");
    await exit;
  }

  async end() {
    await this.kill();
    await rm(this.#settings.folder, { recursive: true });
  }
}

/** What a program does that an Engine runs. @param {(settings: object) => Promise<{ url: string }>} start */
export function serve(start) {
  process.on("message", (settings) => start(settings).then(({ url }) => process.send({ url })));
  // The test has gone: no child may stay.
  process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"));
}
