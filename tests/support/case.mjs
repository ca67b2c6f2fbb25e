// Runs one case. A case is `{ name, world?, run, prints?, hosts?, because? }`: the settings of its world in the emulator (or
// a function that makes them of `{ sink, keys }`), what it does there, whether it prints (otherwise nothing may be printed),
// and, if it cannot exist in every host, the hosts where it can ("node", "workerd", "chromium") and the reason.
// This file and the tables of cases run inside the host that is tested, so they use nothing that only one host has.

import { equal, isOneOf, match, ok, rejection } from "./check.mjs";
import { createWorld, REQUEST_ID } from "./emulator.mjs";

/** Joins lists of cases to one table. */
export function table(...lists) {
  const cases = lists.flat();
  const names = new Set();
  for (const { name, hosts, because } of cases) {
    if (names.has(name)) throw new Error(`two cases are named "${name}"`);
    if (hosts && !because) throw new Error(`"${name}" does not say why it runs in ${hosts.join(", ")} only`);
    names.add(name);
  }
  return cases;
}

/** Rejections and errors that nobody handles, as an end user would see them in a console. An uncaught error ends Node. */
const unhandled = [];
if (typeof globalThis.process?.on === "function") process.on("unhandledRejection", (reason) => unhandled.push(reason));
else {
  addEventListener("unhandledrejection", (event) => unhandled.push(event.reason));
  addEventListener("error", (event) => unhandled.push(event.error ?? event.message));
}

/** The globals that cases replace. A case that hangs does not put them back. */
const REPLACED = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "fetch", "console", "Date"];
const originals = Object.fromEntries(REPLACED.map((name) => [name, globalThis[name]]));
const { timeout } = AbortSignal;
const now = Object.getOwnPropertyDescriptor(performance, "now");
const METHODS = ["debug", "dir", "error", "info", "log", "table", "trace", "warn"].filter((name) => console[name]);
const methods = Object.fromEntries(METHODS.map((name) => [name, console[name]]));

function restoreGlobals() {
  Object.assign(globalThis, originals);
  AbortSignal.timeout = timeout;
  if (now) Object.defineProperty(performance, "now", now);
  else delete performance.now;
  Object.assign(console, methods);
}

/** Takes down what is printed from now on, and prints it. */
function watchConsole() {
  const printed = [];
  for (const [name, method] of Object.entries(methods)) {
    console[name] = (...values) => {
      printed.push(`console.${name}: ${String(values[0])}`);
      return method.apply(console, values);
    };
  }
  return printed;
}

/**
 * @param {{ api: object, emulator: string, kind: string, inspect?: (value: unknown) => string }} host
 *   the package as this host imports it, the emulator's origin, the host's kind, and how it prints values for people
 */
export async function runCase({ world: settings, run, prints }, { api, emulator, kind, inspect }) {
  restoreGlobals();
  unhandled.length = 0;
  const world = await createWorld(emulator, settings);
  const printed = watchConsole();
  try {
    const context = new Context(world, { api, emulator, kind, inspect });
    await run(context);
    await context.noKeyInUrls();
  } finally {
    restoreGlobals();
    await world.remove();
  }
  if (printed.length > 0 && !prints) throw new Error(`${printed.length} times something is printed: ${printed[0]}`);
  if (unhandled.length > 0) throw new Error(`an unhandled rejection or error: ${unhandled[0]}`);
}

/** What a case is given. */
export class Context {
  constructor(world, { api, emulator, kind, inspect }) {
    this.api = api;
    this.host = kind;
    /** The emulator's origin, and the world's path and URL there. */
    this.origin = emulator;
    this.path = world.path;
    this.baseUrl = world.url;
    this.keys = world.keys;
    this.sink = world.sink;
    /** What every call needs; and for those that wait, polls that are quick. */
    this.requestOptions = { ...world.keys, baseUrl: world.url };
    this.options = { ...this.requestOptions, poll: { firstDelay: 5, maxDelay: 20 } };
    this.log = world.log;
    this.inspect = inspect;
  }

  /** The requests of one method, without a browser's preflights. */
  async requests(method) {
    const { requests } = await this.log();
    return requests.filter((request) => request.method === method);
  }

  async counts(expected) {
    const { posts, gets } = await this.log();
    equal({ posts, gets }, { posts: expected.posts ?? posts, gets: expected.gets ?? gets }, "the count of requests");
  }

  /** Waits for something that happens on the emulator's side of a connection. */
  async eventually(what, condition) {
    for (let tries = 0; tries < 300; tries++) {
      if (await condition()) return;
      await wait(10);
    }
    throw new Error(`${what}: not within 3 s`);
  }

  /**
   * Expects a NyneError with these fields, and as many requests as `posts` and `gets` say. `requestId: "known"` stands
   * for any id of the emulator's, and a list for any one of its values. Whatever is left out is not looked at, but for
   * what holds of every error.
   */
  async fails(promise, { posts, gets, requestId, message, ...fields }) {
    const error = await rejection(promise);
    this.isSound(error);
    for (const [name, expected] of Object.entries(fields)) isOneOf(error[name], expected, `error.${name} of ${error.code}`);
    if (requestId === "known") match(error.requestId, REQUEST_ID, "error.requestId");
    else if (requestId !== undefined) equal(error.requestId, requestId, "error.requestId");
    if (message) match(error.message, message, "error.message");
    if (posts !== undefined || gets !== undefined) await this.counts({ posts, gets });
    return error;
  }

  /** What holds of every error of the package. */
  isSound(error) {
    const { api } = this;
    ok(api.isNyneError(error), `not a NyneError: ${error?.stack ?? error}`);
    ok(error instanceof api.NyneError && error instanceof Error, "it is no instance of NyneError and Error");
    equal(error.name, { aborted: "AbortError", timeout: "TimeoutError" }[error.code] ?? "NyneError", "error.name");
    match(error.code, /^\S+$/, "error.code");
    ok(["no", "yes", "unknown"].includes(error.submitted), `error.submitted is ${error.submitted}`);
    ok(error.requestId === null || typeof error.requestId === "string", `error.requestId is ${error.requestId}`);
    // A job that was submitted has an id. Of an id that the caller gave and Nyne does not know, nobody knows whether it was ever
    // a job's.
    const submitted = error.requestId === null ? ["no", "unknown"] : error.code === "request_not_found" || error.status === 404 ? ["yes", "unknown"] : "yes";
    isOneOf(error.submitted, submitted, `error.submitted of ${error.code} with the id ${error.requestId}`);
    ok(error.status === null || Number.isInteger(error.status), `error.status is ${error.status}`);
    ok(error.retryAfter === null || error.retryAfter >= 0, `error.retryAfter is ${error.retryAfter}`);
    equal(typeof error.retryable, "boolean", "the type of error.retryable");
    // Sentences, of which the last one says the code, since the message alone crosses many borders.
    match(error.message, /^[A-Z].*[.!?…] Code: \S+\.$/s, "error.message");
    ok(error.message.endsWith(` Code: ${error.code}.`), `the message of ${error.code} ends otherwise: ${error.message}`);
    this.showsNoKey(error);
  }

  /** That no way of printing a value shows a key. */
  showsNoKey(value) {
    const { apiKey, apiSecret } = this.keys;
    for (const text of [String(value), JSON.stringify(value) ?? "", this.inspect?.(value) ?? "", ...texts(value)]) {
      ok(!text.includes(apiKey) && !text.includes(apiSecret), `a key is shown: ${text}`);
    }
  }

  async noKeyInUrls() {
    for (const { url } of (await this.log()).requests) this.showsNoKey(url);
  }
}

/** Every text in a value, in what it inherits, and in what both refer to. */
function texts(value, seen = new Set()) {
  if (typeof value === "string") return [value];
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return [];
  seen.add(value);
  const found = [];
  for (let owner = value; owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const key of Reflect.ownKeys(owner)) {
      found.push(String(key));
      try {
        found.push(...texts(value[key], seen));
      } catch {
        // Some getters of a host refuse to be called on another object. They hold nothing of the package's.
      }
    }
  }
  return found;
}

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
