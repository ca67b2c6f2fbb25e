// The page in www/, used in Firefox and in WebKit, Safari's engine, the way a person would. Their drivers cannot move a page's clock
// ahead, so this takes as long as the lookups do.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { launchFirefox, launchWebkit } from "../runtimes/browsers.mjs";
import { tool } from "../runtimes/harness.mjs";
import { MOBILE } from "../support/emulator.mjs";
import { AXE, serveFiles, violations } from "./playground.mjs";

/** What each chip ends as: the heading or the number, and what was spent. */
const SCENARIOS = {
  Found: [MOBILE, "1 emulated credit spent"],
  "No number": ["No number found", "Nothing spent"],
  "Failed job": ["The job failed", "Nothing spent"],
  "No credits": ["No credits left", "Nothing spent"],
  "Wrong key": ["Wrong key", "Nothing spent"],
  "Rate limit": [MOBILE, "1 emulated credit spent"],
  "Lost answer": ["The lookup may have begun", "Perhaps a credit spent"],
  Slow: [MOBILE, "1 emulated credit spent"],
};

/**
 * What a person does with a page, in each browser's driver: `click` an element, `type` into what has the focus, `press` a key. `evaluate`
 * calls a function inside the page.
 */
const BROWSERS = {
  async Firefox(url, closing) {
    const page = await (await launchFirefox(closing)).newPage();
    await page.goto(url);
    return {
      click: (selector) => page.click(selector),
      type: (text) => page.keyboard.type(text),
      press: (key) => page.keyboard.press(key),
      evaluate: (made, ...values) => page.evaluate(made, ...values),
      size: (width, height) => page.setViewport({ width, height }),
      reload: () => page.reload(),
    };
  },
  async WebKitGTK(url, closing) {
    const { By, Key } = await tool("selenium-webdriver");
    const driver = await launchWebkit(closing);
    await driver.get(url);
    const keys = (text) => driver.actions().sendKeys(text).perform();
    return {
      click: (selector) => driver.findElement(By.css(selector)).click(),
      type: keys,
      press: (key) => keys(Key[{ ArrowLeft: "ARROW_LEFT", ArrowRight: "ARROW_RIGHT" }[key] ?? key.toUpperCase()]),
      evaluate: (made, ...values) =>
        typeof made === "string" ? driver.executeScript(made) : driver.executeScript(`return (${made})(...arguments)`, ...values),
      // The window's, whose smallest width is MiniBrowser's own.
      size: (width, height) => driver.manage().window().setRect({ width, height }),
      reload: () => driver.navigate().refresh(),
    };
  },
};

for (const [name, start] of Object.entries(BROWSERS)) {
  describe(`the page in ${name}`, () => {
    const closing = new AsyncDisposableStack();
    let here;

    before(async () => {
      const files = await serveFiles();
      closing.defer(() => files.stop());
      here = await start(files.url, closing);
      await until(() => text("#service"), /emulator in this page/);
    });
    after(() => closing.disposeAsync());

    const text = (selector) => here.evaluate((selector) => document.querySelector(selector)?.innerText.trim() ?? "", selector);
    /** The page as it is when it is opened: it may only be used once its scripts have run. */
    const reload = async () => {
      await here.reload();
      await until(() => text("#service"), /emulator in this page/);
    };
    const focused = () => here.evaluate(() => document.activeElement.id || document.activeElement.innerText);
    const chip = (name) => `[data-name="${name.toLowerCase().replace(" ", "-")}"]`;
    const outcome = (expected) => until(() => text("#outcome .title, #mobile"), expected);
    const empty = (selector) => here.evaluate((selector) => (document.querySelector(selector).value = ""), selector);

    /** axe finds nothing, and nothing is wider than the window. */
    async function isInOrder() {
      await here.evaluate(`if (!globalThis.axe) {${AXE}}`);
      assert.deepEqual(await here.evaluate(violations), []);
      assert.equal(await here.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), true);
    }

    async function tabTo(wanted) {
      for (let presses = 0; presses < 40; presses++) {
        if ((await focused()) === wanted) return;
        await here.press("Tab");
      }
      assert.fail(`the focus does not come to ${wanted}`);
    }

    it("finds the number of an email that is typed, wide and narrow", async () => {
      for (const [width, height] of [[1280, 800], [320, 700]]) {
        await here.size(width, height);
        await reload();
        await here.click("#who");
        await empty("#who");
        await here.type("ada@example.com");
        await until(() => text("#who-kind"), "This looks like an email.");
        await here.click("#find");
        await outcome(MOBILE);
        assert.match(await text("#events"), /Submitted: Nyne took the job[^]*Waited[^]*Checked: done[^]*Found$/);
        assert.equal(await text("#spent"), "1 emulated credit spent");
        await isInOrder();
        // It is the person's no more.
        await here.click("#who");
        await here.type("x");
        assert.equal(await text("#mobile"), "");
      }
      await here.size(1280, 800);
    });

    for (const [name, [end, spent]] of Object.entries(SCENARIOS)) {
      it(`plays "${name}"`, async () => {
        await here.click(chip(name));
        await outcome(end);
        assert.equal(await text("#spent"), spent);
        await isInOrder();
      });
    }

    it("says at the field what is wrong with it", async () => {
      await here.click("#who");
      await empty("#who");
      await here.type("ada@");
      await here.press("Enter");
      await until(() => text("#who-error"), /not complete/);
      assert.equal(await focused(), "who");
      await isInOrder();
    });

    it("can be used with the keyboard alone", async () => {
      await reload();
      await tabTo("who");
      await here.press("Enter");
      await until(() => text("#outcome"), /Looking for the mobile of ada@example.com/);
      await until(() => text("#events"), /Nyne took the job/);
      await tabTo("stop");
      await here.press("Enter");
      await outcome("Stopped");
      assert.equal(await focused(), "outcome");
      await tabTo("go-on");
      await here.press("Enter");
      await outcome(MOBILE);
      await tabTo("tab-node");
      await here.press("ArrowLeft");
      assert.equal(await focused(), "tab-curl");
      assert.match(await text("#code"), /^curl/);
    });

    it("looks many people up", async () => {
      await reload();
      await here.click("#tab-many");
      await here.click("#find-many");
      await until(() => text("#many-words"), "5 of 5 done, 3 found");
      assert.equal(await here.evaluate(() => [...document.querySelectorAll("#rows td")].map((cell) => cell.innerText).join()), `${MOBILE},${MOBILE},${MOBILE},no number,no number`);
      await isInOrder();
    });
  });
}

/** Waits until `read` returns this text, or one that matches. */
async function until(read, expected) {
  let last;
  for (const limit = Date.now() + 30_000; Date.now() < limit; await wait(50)) {
    last = await read();
    if (expected instanceof RegExp ? expected.test(last) : last === expected) return;
  }
  assert.fail(`the page says ${JSON.stringify(last)} and not ${expected}`);
}
