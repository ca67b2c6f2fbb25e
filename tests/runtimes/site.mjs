// Serves a project to a browser. A page says how it went by a POST to /outcome, so that driving a browser is no more than
// opening a page: a strict Content-Security-Policy gets in the way of most else.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { json } from "node:stream/consumers";

import { emulator } from "../support/places.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };

/** Scripts of the same origin, requests to it and to the emulator, and nothing else. */
export const strictPolicy = (wasm = "'wasm-unsafe-eval'") =>
  `default-src 'none'; script-src 'self' ${wasm}; worker-src 'self'; connect-src 'self' ${emulator()}`;

/** How long a page may take. */
const LIMIT = 60_000;

/** @param {string} folder @param {string} [policy] @param {AsyncDisposableStack} closing */
export async function serve(folder, policy, closing) {
  let arrived = () => {};
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    if (request.method === "POST" && pathname === "/outcome") {
      arrived(await json(request));
      return response.writeHead(204).end();
    }
    const file = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    const body = await readFile(join(folder, file)).catch(() => undefined);
    const headers = { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" };
    if (policy) headers["Content-Security-Policy"] = policy;
    response.writeHead(body ? 200 : 404, headers).end(body);
  }).listen(0, "127.0.0.1");
  closing.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    /** What the next page to send its outcome sends. */
    outcome: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(reject, LIMIT, new Error(`no page has sent its outcome within ${LIMIT / 1000} s`));
        arrived = (outcome) => {
          clearTimeout(timer);
          resolve(outcome);
        };
      }),
  };
}
