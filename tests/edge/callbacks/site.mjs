// A site of a user's: the recipes of docs/callbacks.md in a project of its own, with what stands between it and the emulator.
//
//   submit.mjs, receive.mjs, sweep.mjs ── nyne ──▶ emulator          (what the project asks Nyne)
//   the framework's server ◀── gate ── emulator                     (the callbacks that the emulator sends)

import assert from "node:assert/strict";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

import { createWorld } from "../../support/emulator.mjs";
import { emulator, packageFolder } from "../../support/places.mjs";
import { recipe } from "../../support/recipes.mjs";
import { tools } from "../tools.mjs";

const SHARED = ["store.mjs", "submit.mjs", "receive.mjs", "sweep.mjs"];
/** How long anything may take: more than it takes on a busy machine. */
const LIMIT = 20_000;

/** Waits until `condition` gives something, and returns that. */
export async function eventually(what, condition) {
  for (const end = Date.now() + LIMIT; Date.now() < end; ) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${what} has not come about within ${LIMIT / 1000} s`);
}

/** Imports a file of a project. */
export const load = (folder, file) => import(pathToFileURL(join(folder, file)).href);

/** Listens on a free port, and stops with `closing`. @returns its origin */
export async function listen(server, closing) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.defer(() => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())));
  return `http://127.0.0.1:${server.address().port}`;
}

/** A server that answers with what `answer` gives for a request and its body; if that throws, the connection breaks. */
export function serving(answer) {
  return createServer(async (request, response) => {
    try {
      const body = Buffer.concat(await Array.fromAsync(request));
      const { status, headers, text } = await answer(request, body);
      response.writeHead(status, headers).end(text);
    } catch {
      request.socket.destroy();
    }
  });
}

/**
 * @param {string} name the project's folder
 * @param {string} file the framework's recipe
 * @param {(folder: string, closing: AsyncDisposableStack) => Promise<string>} start starts its server, and returns the origin
 */
export async function site(name, file, start) {
  await using closing = new AsyncDisposableStack();
  const folder = join(tools(), name);
  await rm(folder, { recursive: true, force: true });
  // Not a link: a bundler refuses what leads out of the project.
  await cp(packageFolder(), join(folder, "node_modules/nyne-phone-finder"), { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  for (const each of [...SHARED, file].filter(Boolean)) {
    await mkdir(dirname(join(folder, each)), { recursive: true });
    await writeFile(join(folder, each), await recipe("callbacks.md", each));
  }

  /** The emulator as the project sees it: worlds change, the address stays. `hold`, if set, is awaited before an answer. */
  const nyne = { world: undefined, hold: undefined };
  const nyneOrigin = await listen(serving(async ({ method, url, headers }, body) => {
    const { "x-api-key": key, "x-api-secret": secret } = headers;
    const reply = await fetch(nyne.world.url + url, {
      method, headers: { "Content-Type": "application/json", "X-API-Key": key, "X-API-Secret": secret }, body: method === "POST" ? body : undefined,
    });
    const text = await reply.text();
    await nyne.hold?.(method);
    return { status: reply.status, headers: { "Content-Type": reply.headers.get("content-type") ?? "" }, text };
  }), closing);

  /** What the emulator has sent. Unless it is `open`, a callback is taken down and goes no further, as if it were lost. */
  const gate = { open: true, callbacks: [] };
  const gateOrigin = await listen(serving(async ({ url }, body) => {
    const callback = { key: url.split("/").at(-1), body: body.toString(), status: undefined };
    gate.callbacks.push(callback);
    if (!gate.open) return { status: 204 };
    callback.status = await post(callback.key, body);
    return { status: callback.status };
  }), closing);

  const keys = { apiKey: "nyne_live_of_the_site", apiSecret: "nyne_sec_of_the_site" };
  const env = {
    NYNE_API_KEY: keys.apiKey, NYNE_API_SECRET: keys.apiSecret, NYNE_BASE_URL: nyneOrigin, ORIGIN: gateOrigin, DATABASE: join(folder, "phones.db"),
  };
  Object.assign(process.env, env);
  const { lookups, results } = await load(folder, "store.mjs");
  const { submit } = await load(folder, "submit.mjs");
  const { sweep } = await load(folder, "sweep.mjs");
  const origin = await start(folder, closing);

  /** Sends a callback to the server itself, and returns the status of the answer. */
  async function post(key, body, type = "application/json") {
    const headers = type ? { "Content-Type": type } : {};
    // Bytes: a text would get a content type.
    const response = await fetch(`${origin}/nyne${key === undefined ? "" : `/${key}`}`, { method: "POST", headers, body: Buffer.from(body) });
    await response.arrayBuffer();
    return response.status;
  }

  /** Makes a world in place of the last one. */
  async function world(settings) {
    await nyne.world?.remove();
    Object.assign(nyne, { world: await createWorld(emulator(), { latencyMs: 0, statuses: [], speed: 100, ...settings, ...keys }), hold: undefined });
    Object.assign(gate, { open: true, callbacks: [] });
  }
  closing.defer(() => nyne.world?.remove());

  /** Submits a query, and waits until the callback has been answered. */
  async function delivered(query) {
    const key = await submit(query);
    const { status, body } = await eventually("an answered callback", () => gate.callbacks.find((one) => one.key === key && one.status));
    return { key, status, body, requestId: (await lookups.get(key)).requestId };
  }

  /** Submits a query whose callback is lost. */
  async function lost(query) {
    gate.open = false;
    const key = await submit(query);
    const { body } = await eventually("a callback", () => gate.callbacks.find((one) => one.key === key));
    gate.open = true;
    return { key, body, requestId: (await lookups.get(key)).requestId };
  }

  /** Each try of a callback, as the emulator has seen it answered, when there are so many. */
  const answers = (count) => eventually(`${count} answered callbacks`, async () => {
    const { callbacks } = await nyne.world.log();
    return callbacks.length >= count && callbacks.map(({ status }) => status);
  });

  /** Changes or reads the project's database from outside. */
  function database(sql) {
    const database = new DatabaseSync(env.DATABASE, { timeout: 5_000 });
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  }

  const polls = async () => (await nyne.world.log()).gets;
  const resources = closing.move();
  return { database, world, nyne, gate, post, submit, sweep, lookups, results, delivered, lost, answers, polls, close: () => resources.disposeAsync() };
}

/** The result is Nyne's, with this number, and under this lookup's key. */
export async function holds({ results }, { requestId, key }, mobile) {
  const { state, mobile: found, ...result } = await results.get(requestId);
  assert.deepEqual([state, found, result.requestId, result.key], ["completed", mobile, requestId, key], "the result that is stored");
}
