// The cases in a page with a strict Content Security Policy, which imports the package's files as they are.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, relative, sep } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { chromium as playwright } from "playwright-core";

import { chromium as program, emulator, packageFolder } from "../places.mjs";

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const TESTS = fileURLToPath(new URL("../../", import.meta.url));

export const chromium = {
  name: "Chromium",
  kind: "chromium",
  async start(table) {
    const server = createServer(serve(table)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const browser = await playwright.launch({ executablePath: program(), args: FLAGS });
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error));
    let printed = "";
    page.on("console", (message) => (printed += `${message.text()}\n`));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => globalThis.runNamedCase, undefined, { timeout: 10_000 }).catch((error) => {
      throw errors[0] ?? error;
    });
    return {
      async run(name) {
        const failure = await page.evaluate((name) => globalThis.runNamedCase(name), name);
        if (failure) throw new Error(failure);
      },
      printed: () => printed,
      async stop() {
        await browser.close();
        server.closeAllConnections();
        server.close();
      },
    };
  },
};

/** What a bundler finds in package.json. */
const IMPORTS = JSON.stringify({ imports: { "#module": "/package/dist/browser.js", "#emulator": "/package/dist/emulator.js" } });

/** The page, its scripts, the package, and, as a proxy of the same origin, the emulator. */
function serve(table) {
  const path = (file) => file.split(sep).join("/");
  const page = `<!doctype html><meta charset="utf-8"><title>Cases</title><script type="importmap" nonce="map">${IMPORTS}</script><script type="module" src="/page.mjs"></script>`;
  const script = `
    import * as main from "#module";
    import * as testing from "/package/dist/testing.js";
    import cases from "/tests/${path(relative(TESTS, fileURLToPath(table)))}";
    import { runCase } from "/tests/support/case.mjs";
    const host = { api: { ...main, ...testing }, emulator: ${JSON.stringify(emulator())}, kind: "chromium" };
    globalThis.runNamedCase = (name) =>
      runCase(cases.find((one) => one.name === name), host).then(() => null, (error) => error?.stack ?? String(error));
  `;
  // Any loopback address may be called, or the policy and not the package would keep the page from calling it.
  const policy = "default-src 'none'; script-src 'self' 'nonce-map' 'wasm-unsafe-eval'; connect-src http://127.0.0.1:* http://localhost:*";
  return async (request, response) => {
    const { pathname } = new URL(request.url, "http://page");
    const send = (type, body) => response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": policy }).end(body);
    try {
      if (pathname === "/") send("text/html", page);
      else if (pathname === "/page.mjs") send("text/javascript", script);
      else if (pathname.startsWith("/tests/")) send("text/javascript", await readFile(join(TESTS, pathname.slice(7))));
      else if (pathname.startsWith("/package/")) send("text/javascript", await readFile(join(packageFolder(), pathname.slice(9))));
      else if (pathname.startsWith("/emulator/")) await passOn(request, response);
      else response.writeHead(404).end();
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  };
}

async function passOn(request, response) {
  const { method, url, headers } = request;
  const kept = ["content-type", "x-api-key", "x-api-secret"].filter((name) => name in headers);
  const answer = await fetch(emulator() + url, {
    method,
    headers: Object.fromEntries(kept.map((name) => [name, headers[name]])),
    body: method === "POST" ? await text(request) : undefined,
  });
  response.writeHead(answer.status, { "Content-Type": answer.headers.get("Content-Type") }).end(await answer.text());
}
