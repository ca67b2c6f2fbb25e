// The Worker of worker.mjs in real workerd, with the worlds that its proxies ask, and requests to it that are written byte by
// byte: an ordinary client would correct what an attack gets wrong.

import { once } from "node:events";
import { connect } from "node:net";
import { pathToFileURL } from "node:url";

import { Miniflare } from "miniflare";

import { createWorld } from "../../support/emulator.mjs";
import { bundle, COMPATIBILITY_DATE } from "../../support/hosts/workerd.mjs";
import { emulator, entry } from "../../support/places.mjs";

/** The package as a page has it. */
export const page = await import(pathToFileURL(entry("import")));
export const { createProxy } = await import(pathToFileURL(entry("import", "nyne-phone-finder/proxy")));

/** How long an answer may take, in ms: more than any takes on a busy machine. */
const LIMIT = 10_000;

/**
 * @param {Record<string, { world?: object | Function, of?: string, options?: object | Function }>} proxies by name: the settings
 *   of its world, or whose world it shares, and the options that createProxy gets besides
 */
export async function serve(proxies) {
  const worlds = {};
  const bindings = {};
  for (const [name, { world, of, options }] of Object.entries(proxies)) {
    worlds[name] = of ? worlds[of] : await createWorld(emulator(), world ?? {});
    const { keys, url, sink } = worlds[name];
    bindings[name] = { ...keys, baseUrl: url, ...(typeof options === "function" ? options({ keys, sink }) : options) };
  }
  let printed = "";
  const worker = new Miniflare({
    modules: await bundle(new URL("worker.mjs", import.meta.url)),
    compatibilityDate: COMPATIBILITY_DATE,
    bindings: { PROXIES: bindings },
    handleRuntimeStdio: (...outputs) => outputs.forEach((output) => output.on("data", (data) => (printed += data))),
    // Past Miniflare's own Worker, which normalises requests.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  });
  await worker.ready;
  const { origin, host, hostname, port } = await worker.unsafeGetDirectURL();
  return {
    worlds,
    origin,
    host,
    printed: () => printed,
    /** Waits until the Worker has printed this after the first `from` characters: it does not come with the answer. */
    async prints(pattern, from = 0) {
      for (const until = Date.now() + LIMIT; !pattern.test(printed.slice(from)); await new Promise((resolve) => setTimeout(resolve, 10))) {
        if (Date.now() > until) throw new Error(`it does not print ${pattern}: ${printed.slice(from)}`);
      }
    },
    baseUrl: (name) => (name === "main" ? `${origin}/api/nyne` : `${origin}/w/${name}/api/nyne`),
    send: (bytes) => exchange({ host: hostname, port: Number(port) }, bytes),
    async stop() {
      await worker.dispose();
      for (const world of new Set(Object.values(worlds))) await world.remove();
    },
  };
}

/** Sends a request as it is written, and reads the answer: its status (NaN for none), its headers and all of its text. */
async function exchange(address, bytes) {
  const socket = connect(address);
  socket.setTimeout(LIMIT, () => socket.destroy(new Error(`no answer within ${LIMIT} ms`)));
  await once(socket, "connect");
  const isHead = String(bytes).startsWith("HEAD ");
  let text = "";
  const answered = new Promise((resolve, reject) => {
    socket.on("data", (data) => {
      text += data;
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      const [head] = text.split("\r\n\r\n", 1);
      if (length !== undefined && Buffer.byteLength(text) >= Buffer.byteLength(head) + 4 + Number(length)) resolve();
      // These have no body, whatever their length says.
      if ((/^HTTP\/1.1 204/.test(text) || isHead) && text.includes("\r\n\r\n")) resolve();
    });
    socket.on("end", resolve);
    socket.on("error", (error) => (/ECONNRESET|EPIPE/.test(error.code) ? resolve() : reject(error)));
  });
  for (const part of typeof bytes === "string" ? [bytes] : bytes) socket.write(part);
  await answered;
  socket.destroy();
  const [head, ...body] = text.split("\r\n\r\n");
  const [first, ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s)).map(([name, value]) => [name.toLowerCase(), value]));
  // An attack may get two answers: this is the first one's.
  const own = Buffer.from(body.join("\r\n\r\n")).subarray(0, Number(headers["content-length"] ?? Infinity)).toString();
  const json = own.startsWith("{") ? JSON.parse(own) : undefined;
  return { status: Number(/^HTTP\/1.1 (\d+)/.exec(first)?.[1] ?? NaN), headers, text, json };
}

/** A request as text. @param {{ method?: string, target: string, host: string, headers?: object, body?: string }} request */
export function written({ method = "GET", target, host, headers, body }) {
  const length = body !== undefined && { "Content-Length": `${Buffer.byteLength(body)}` };
  const lines = Object.entries({ Host: host, ...length, ...headers });
  return `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body ?? ""}`;
}
