// The example's extension as its README builds it, in a browser, and what a person does there.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { chromium, firefox, tarball } from "../support/places.mjs";

const EXAMPLE = fileURLToPath(new URL("../../examples/extension/", import.meta.url));
/** How long the extension may take to show something. It polls after 6 s, and its alarm comes after 30 s. */
const LIMIT = 50_000;

function tools() {
  const { NYNE_EXTENSION_TOOLS } = process.env;
  if (!NYNE_EXTENSION_TOOLS) throw new Error("NYNE_EXTENSION_TOOLS is not set: run the tests with cargo xtask test extension, which sets it");
  return NYNE_EXTENSION_TOOLS;
}

const require = () => createRequire(join(tools(), "index.js"));
/** Imports a tool, as `import` of its name would. @param {string} name */
export const tool = (name) => import(pathToFileURL(require().resolve(name)));
/** The path of a program that a tool installs. @param {string} name */
export const bin = (name) => join(tools(), "node_modules/.bin", name);

export const exec = async (program, values, cwd) => (await promisify(execFile)(program, values, { cwd, maxBuffer: 1 << 26 })).stdout;

/**
 * A copy of the example with the packed package. It finds WXT in the folder above.
 * @param {string} name of its folder
 */
export async function project(name) {
  const folder = join(tools(), name);
  await rm(folder, { recursive: true, force: true });
  await cp(EXAMPLE, folder, { recursive: true, filter: (file) => !/node_modules|\.output|\.wxt/.test(file.slice(EXAMPLE.length)) });
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await exec("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel", "error", tarball()], folder);
  await exec(bin("wxt"), ["prepare"], folder);
  return folder;
}

/** Builds a project for a browser and returns the extension's folder. @param {string} folder @param {"chrome" | "firefox"} browser */
export async function build(folder, browser) {
  await exec(bin("wxt"), ["build", "--browser", browser], folder);
  return join(folder, ".output", `${browser}-mv3`);
}

/** Changes a built manifest. Only a person can give a permission that is optional, so tests have one for the emulator from the start. */
export async function change(folder, edit) {
  const file = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(file, "utf8"));
  edit(manifest);
  await writeFile(file, JSON.stringify(manifest));
}

/** Chromium with the extension. @param {string} folder */
export async function open(folder) {
  const { default: puppeteer } = await tool("puppeteer-core");
  const browser = await puppeteer.launch({
    executablePath: chromium(),
    pipe: true,
    enableExtensions: true,
    args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"],
  });
  const [blank] = await browser.pages();
  const id = await browser.installExtension(folder);
  const extension = (await browser.extensions()).get(id);
  const at = (path) => `chrome-extension://${id}/${path}`;
  const target = (path) => browser.waitForTarget((target) => target.url() === at(path), { timeout: LIMIT });
  const destroyed = (target) => new Promise((resolve) => browser.on("targetdestroyed", (gone) => gone === target && resolve()));
  return {
    browser,
    at,
    close: () => browser.close(),
    /** The service worker as it runs now. */
    worker: async () => (await target("background.js")).worker(),
    /** A session of the protocol with the service worker. */
    workerSession: async () => (await target("background.js")).createCDPSession(),
    /** Ends the service worker as the browser does at any time, and with it the request that it is waiting for. */
    async kill() {
      const gone = destroyed(await target("background.js"));
      // Not of a new page: that closes the popup.
      const session = await blank.createCDPSession();
      await session.send("ServiceWorker.enable");
      await session.send("ServiceWorker.stopAllWorkers");
      await gone;
    },
    /** A page of somebody's, without the network. */
    async visit(url, title = "A page") {
      const page = await browser.newPage();
      await page.setRequestInterception(true);
      page.on("request", (request) =>
        request.isNavigationRequest() ? request.respond({ contentType: "text/html", body: `<title>${title}</title><p>A page.</p>` }) : request.continue(),
      );
      await page.goto(url);
      return page;
    },
    /** The popup that a click on the toolbar's icon opens over a page. */
    async click(page) {
      // A click would only close one that is open.
      for (const open of browser.targets().filter((target) => target.url() === at("popup.html"))) {
        const gone = destroyed(open);
        await (await open.asPage()).close();
        await gone;
      }
      await page.bringToFront();
      await page.triggerExtensionAction(extension);
      return ready(await (await target("popup.html")).asPage());
    },
    /** A page of the extension in a tab. */
    async tab(path) {
      const page = await browser.newPage();
      await page.goto(at(path));
      return ready(page);
    },
    /** The settings, after something has opened them. */
    settings: async () => (await target("options.html")).page(),
  };
}

/** The page, once its script has shown what is stored. */
async function ready(page) {
  await page.waitForFunction(() => document.querySelector("main > :not([hidden], [role], #current, dialog, template)"));
  return page;
}

/** Waits for something that can be seen, as `find` in the page finds it. Not by frames: a tab in the background draws none. */
async function seen(page, find, ...values) {
  const end = Date.now() + LIMIT;
  for (;;) {
    const handle = await page.evaluateHandle(find, ...values);
    if (handle.asElement()) return handle;
    assert.ok(Date.now() < end, `the page has no ${values.join(", ")}:\n${await text(page)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A tab in the background takes neither clicks nor keys. A popup is never there. */
async function raise(page) {
  if (await page.evaluate(() => document.hidden)) await page.bringToFront();
}

/** Clicks a button, in the card of `who` if that is given. */
export async function press(page, label, who) {
  await raise(page);
  const button = await seen(
    page,
    (label, who) =>
      [...document.querySelectorAll("button")].find(
        (button) => button.checkVisibility() && button.textContent === label && (!who || button.closest("article")?.querySelector("h2").textContent === who),
      ),
    label,
    who,
  );
  await button.click();
}

/** Types into the field with this label, in place of what is there. */
export async function type(page, label, text) {
  await raise(page);
  const labelled = (label) => [...document.querySelectorAll("label")].find((one) => one.checkVisibility() && one.textContent.trim() === label)?.control;
  const field = await seen(page, labelled, label);
  await field.evaluate((field) => field.select());
  await page.keyboard.press("Backspace");
  await field.type(text);
}

/** Chooses one of several, by its label. */
export async function choose(page, label) {
  await raise(page);
  await (await seen(page, (label) => [...document.querySelectorAll("label")].find((one) => one.textContent.trim() === label), label)).click();
}

/** Looks somebody up by the popup's field. */
export async function find(page, who) {
  await type(page, "Who are you looking for?", who);
  await press(page, "Find the number");
}

/** The text that can be seen of a page, or of the first card of `who`. */
export const text = (page, who) =>
  page.evaluate((who) => {
    const cards = [...document.querySelectorAll("article")];
    return (who ? cards.find((card) => card.querySelector("h2").textContent === who) : document.body)?.innerText ?? "";
  }, who);

/** Waits until the page, or the first card of `who`, says this. Returns the text. */
export async function says(page, expected, who) {
  const end = Date.now() + LIMIT;
  for (;;) {
    const now = await text(page, who);
    if (expected.test(now)) return now;
    assert.ok(Date.now() < end, `${who ?? "the page"} does not say ${expected}:\n${await text(page)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Enters what the emulator's world needs, as a person does who has opened the settings. */
export async function useEmulator(page, world) {
  await choose(page, "The emulator on this computer, to try it out");
  await type(page, "Address", world.url);
  await press(page, "Save");
  await says(page, /You can look people up now/);
}

/** Fails if axe finds anything in the page, in light or dark colours. */
export async function axe(page) {
  const script = await readFile(require().resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(script);
  for (const value of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    const violations = await page.evaluate(async () => (await globalThis.axe.run()).violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]));
    assert.deepEqual(violations, [], value);
  }
}

/**
 * Firefox with the extension, which is given the permissions that it asks for.
 * @param {string} folder @param {string} id in the manifest
 */
export async function openFirefox(folder, id) {
  const { default: puppeteer } = await tool("puppeteer-core");
  const host = crypto.randomUUID();
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: firefox(),
    // Otherwise it opens no page of an extension.
    args: ["--remote-allow-system-access"],
    extraPrefsFirefox: {
      "extensions.webextensions.uuids": JSON.stringify({ [id]: host }),
      "extensions.webextOptionalPermissionPrompts": false,
    },
  });
  assert.equal(await browser.installExtension(folder), id);
  return {
    close: () => browser.close(),
    async tab(path) {
      const page = await browser.newPage();
      // Firefox does not say that such a page has been loaded.
      page.goto(`moz-extension://${host}/${path}`).catch(() => {});
      await seen(page, () => document.querySelector("main"));
      return page;
    },
  };
}
