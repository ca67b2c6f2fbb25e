// What the tests of the page (www/) share: the page served without a service, and a browser's page with what is asked of it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { chromium as program, packageFolder } from "../support/places.mjs";

export const WWW = fileURLToPath(new URL("../../www/", import.meta.url));
export const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };

export const launch = () => chromium.launch({ executablePath: program() });

/** Serves the page's files and the package, as any host of files does. */
export async function serveFiles() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://page");
    const [, file] = /^\/nyne-phone-finder\/([\w.-]+)$/.exec(pathname) ?? [];
    const path = file ? join(packageFolder(), "dist", file) : join(WWW, pathname === "/" ? "index.html" : pathname);
    try {
      const body = await readFile(path);
      response.writeHead(200, { "Content-Type": TYPES[extname(path)] }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
}

/**
 * Opens the page; `answers` is what it says of who answers. Its clock runs as ever, and `ahead` while a test waits for something, so
 * that nobody waits for the waits of a lookup. A service outside the page would not keep up with it.
 */
export async function open(browser, url, { answers = "emulator in this page", ahead = true, width = 1280, height = 800, context, ...settings } = {}) {
  context ??= await browser.newContext({ viewport: { width, height }, ...settings });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  /** Whatever ends up in the console, which is where a breach of the page's policy does too. */
  const faults = [];
  const requests = [];
  const responses = [];
  page.on("console", (message) => faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => requests.push(request));
  page.on("response", (response) => responses.push(response));
  if (ahead) await page.clock.install();
  await page.goto(url);
  await page.locator("#service", { hasText: answers }).waitFor();

  /** Waits until something is on the page. */
  const until = async (locator) => {
    if (!ahead) return locator.first().waitFor({ state: "attached" });
    for (const limit = Date.now() + 20_000; Date.now() < limit; ) {
      if ((await locator.count()) > 0) return;
      await page.clock.runFor(250);
    }
    assert.fail(`${locator} does not come. The page says:\n${await page.locator("main").innerText()}`);
  };
  const button = (name) => page.getByRole("button", { name, exact: true });
  return Object.assign(page, {
    faults,
    requests,
    responses,
    button,
    until,
    press: (name) => button(name).click(),
    tab: (name) => page.getByRole("tab", { name, exact: true }).click(),
    /** The outcome's heading, or the number. */
    outcome: (text) => until(page.locator("#outcome .title, #mobile").getByText(text, { exact: true })),
    /** The timeline as the list says it. */
    events: () => page.locator("#events .words").allInnerTexts(),
    said: (text) => until(page.locator("#live", { hasText: text })),
    done: (text) => until(page.locator("#many-words", { hasText: text })),
    /** Waits until the list of events has something that begins like this. */
    event: (text) => until(page.locator("#events .words", { hasText: new RegExp(`^${text}`) })),
    code: () => page.locator("#code").innerText(),
    focused: () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent),
    asked: (method) => requests.filter((request) => request.method() === method && request.url().includes("/api/nyne/")),
    async tabTo(name) {
      for (let presses = 0; presses < 40; presses++) {
        if ((await page.focused()) === name) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`the focus does not come to ${name}`);
    },
    /** Nothing is wider than the window, and nothing went to the console. */
    async fits() {
      const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(needed <= there, `the page is ${needed} px wide in a window of ${there} px`);
      assert.deepEqual(faults, []);
    },
    /** axe finds nothing as the page is now, and it fits, be it narrow or wide, light or dark. */
    async isInOrder() {
      if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
      for (const [width, colorScheme] of [[1280, "dark"], [320, "dark"], [320, "light"], [1280, "light"]]) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await page.evaluate(violations), [], `${width} px wide and ${colorScheme}`);
        await page.fits();
      }
    },
  });
}

/** What axe finds, inside a page. */
export async function violations() {
  // Colours that are still on their way count as they end.
  for (const animation of document.getAnimations()) animation.cancel();
  const { violations } = await globalThis.axe.run({ resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
