// The page in www/, used in Chromium the way a person would, and served as any host of files serves it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";

import { transform } from "esbuild";

import { MOBILE, REQUEST_ID } from "../support/emulator.mjs";
import { launch, open, serveFiles } from "./playground.mjs";

/** What each scenario shows: the outcome, what was spent, the events, and what a program gets. */
const SCENARIOS = {
  Found: { outcome: MOBILE, spent: "1 emulated credit spent", events: /^Submitted: Nyne took the job\|.*Checked: done\|Found$/, code: "none" },
  "No number": { outcome: "No number found", spent: "Nothing spent", events: /\|Checked: done\|No number found$/, code: "none" },
  "Failed job": { outcome: "The job failed", words: "The source did not answer.", spent: "Nothing spent", events: /\|Checked: the job failed\|The job failed$/, code: "job_failed" },
  "No credits": { outcome: "No credits left", spent: "Nothing spent", events: /^Submitted: no credits\|No credits left$/, code: "insufficient_credits" },
  "Wrong key": { outcome: "Wrong key", spent: "Nothing spent", events: /^Submitted: wrong key\|Wrong key$/, code: "invalid_api_key" },
  "Rate limit": {
    outcome: MOBILE,
    spent: "1 emulated credit spent",
    events: /^Submitted: too many requests\|Paused [3-9][\d.]* s before the retry\|Submitted again: Nyne took the job\|.*\|Found$/,
    code: "none",
  },
  "Lost answer": {
    outcome: "The lookup may have begun",
    spent: "Perhaps a credit spent",
    events: /^Submitted: no answer came\|The lookup may have begun$/,
    code: "submit_outcome_unknown",
  },
  Slow: {
    outcome: MOBILE,
    spent: "1 emulated credit spent",
    events: /\|Checked: out of service for now\|Paused [\d.]+ s before the retry\|Checked again: not done yet\|.*\|Found$/,
    code: "none",
  },
};

describe("the page, served as files", { concurrency: 3 }, () => {
  let files, browser;

  before(async () => {
    [files, browser] = await Promise.all([serveFiles(), launch()]);
  });
  after(async () => {
    await browser?.close();
    files?.stop();
  });

  const page = (settings) => open(browser, files.url, settings);

  for (const [name, expected] of Object.entries(SCENARIOS)) {
    it(`plays "${name}"`, async () => {
      const here = await page();
      await here.press(name);
      await here.until(here.locator("#events li"));
      if (name === "Slow") await here.isInOrder();
      await here.fits();
      await here.outcome(expected.outcome);
      assert.equal(await here.locator("#spent").innerText(), expected.spent);
      assert.match(await here.locator("#outcome").innerText(), new RegExp(expected.words ?? ""));
      assert.match((await here.events()).join("|"), expected.events);
      assert.equal(await here.button(name).getAttribute("aria-pressed"), "true");
      assert.equal(await here.locator("#stop").isVisible(), false);

      await here.getByText("What your code gets").click();
      const said = JSON.parse(await here.locator(".codes pre").innerText());
      assert.equal(said.code ?? "none", expected.code);
      for (const summary of await here.locator("#events summary").all()) await summary.click();
      await here.isInOrder();
    });
  }

  it("has its button above the fold, also on a small phone", async () => {
    const here = await page();
    for (const [width, height] of [[320, 480], [768, 700], [1280, 600]]) {
      await here.setViewportSize({ width, height });
      const { y, height: tall } = await here.button("Find number").boundingBox();
      assert.ok(y + tall <= height, `the button ends at ${y + tall} px of ${height} px`);
      await here.fits();
    }
  });

  it("says as what it has recognised a text, and gives the lookup as code", async () => {
    const here = await page();
    const forms = [
      ["ada@example.com", "an email", "email"],
      ["https://www.linkedin.com/in/ada-example", "a profile URL", "socialMediaUrl"],
      ["linkedin.com/in/ada-example", "a profile URL", "socialMediaUrl"],
      ["+1 (202) 555-0101", "a phone", "phone"],
      ["Ada Example", "a name", "name"],
      [`Áine "Q" O'Neil </code>`, "a name", "name"],
    ];
    for (const [text, words, field] of forms) {
      await here.locator("#who").fill(text);
      assert.equal(await here.locator("#who-kind").innerText(), `This looks like ${words}.`);
      for (const kind of ["Node", "Worker", "Extension"]) {
        await here.tab(kind);
        const code = await here.code();
        assert.ok(code.includes(`${field}: ${JSON.stringify(text)}`), code);
        if (field === "email" || field === "phone") continue;
        await transform(code, { format: "esm" });
      }
      await here.tab("curl");
      // A shell hands curl the very query.
      const script = `curl() { for last; do :; done; [ "$1" = -G ] || printf %s "$last"; }\n${await here.code()}`;
      const { stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
      assert.deepEqual(JSON.parse(stdout), { [field === "socialMediaUrl" ? "social_media_url" : field]: text });
    }
    await here.getByText("More fields").click();
    await here.getByLabel("Company").fill("Example Corp");
    assert.ok((await here.code()).includes(`"company":"Example Corp"`));
    await here.isInOrder();
  });

  it("says at the field what is wrong with it, and sends nothing", async () => {
    const here = await page();
    const wrong = async (field, message) => {
      await here.press("Find number");
      assert.match(await here.locator(`#${field}-error`).innerText(), message);
      assert.equal(await here.focused(), field);
      assert.equal(await here.locator(`#${field}`).getAttribute("aria-invalid"), "true");
      assert.deepEqual(await here.events(), []);
      await here.fits();
    };
    await here.locator("#who").fill(" ");
    await wrong("who", /^Type an email/);
    await here.locator("#who").fill("ada@");
    assert.equal(await here.locator("#who-error").innerText(), "", "the message outlives what it is about");
    await wrong("who", /not complete/);
    await here.locator("#who").fill("+1 23");
    await wrong("who", /7 digits/);
    await here.getByText("More fields").click();
    await here.locator("#who").fill("");
    await here.getByLabel("Company").fill("Example Corp");
    await wrong("who", /A company alone/);
    await here.getByLabel("Name", { exact: true }).fill("123");
    await wrong("name", /letters/);
    await here.getByLabel("Name", { exact: true }).fill("");
    await here.locator("#who").fill("ada@example.com");
    await here.getByLabel("Email", { exact: true }).fill("grace@example.com");
    await wrong("email", /leave one of them empty/);
    await here.isInOrder();
  });

  it("keeps nothing of one person when the form changes to another", async () => {
    const here = await page();
    const everything = () => here.evaluate(() => document.documentElement.outerHTML);
    await here.locator("#who").fill("+1-202-555-0101");
    await here.press("Find number");
    await here.outcome(MOBILE);
    assert.match(await everything(), /[0-9a-f]{32}_/);
    await here.locator("#who").fill("someone@example.com");
    assert.doesNotMatch(await everything(), /555|[0-9a-f]{32}_/);
    assert.deepEqual(await here.events(), []);

    // A lookup that is under way when another takes its place shows nothing any more.
    await here.press("Found");
    await here.event("Waiting");
    await here.press("No credits");
    await here.outcome("No credits left");
    assert.deepEqual(await here.events(), ["Submitted: no credits", "No credits left"]);
  });

  it("stops, and goes on with the same job", async () => {
    const here = await page();
    await here.press("Slow");
    await here.event("Submitted: Nyne took the job");
    assert.equal(await here.locator("#who").getAttribute("readonly"), "");
    await here.press("Stop");
    await here.outcome("Stopped");
    await here.isInOrder();
    await here.getByText("What your code gets").click();
    const id = JSON.parse(await here.locator(".codes pre").innerText()).requestId;
    assert.match(id, REQUEST_ID);
    await here.press("Keep waiting");
    await here.outcome(MOBILE);
    const events = await here.events();
    assert.equal(events.filter((event) => event.startsWith("Submitted")).length, 1, events.join("|"));
    assert.ok(!events.includes("Stopped"));
  });

  it("shows each request with its answer, and no key", async () => {
    const here = await page();
    await here.press("Rate limit");
    await here.outcome(MOBILE);
    await here.locator("#marks .request").first().click();
    const [asked, answer] = await here.locator("#events li").first().locator("pre").allInnerTexts();
    assert.match(asked, /^POST \/person\/phone\n[^]*x-api-key: •+\n[^]*"phone": "\+1-202-555-0101"/);
    assert.match(answer, /^429\nRetry-After: 3\n[^]*"rate_limit_exceeded"/);
    assert.doesNotMatch(await here.evaluate(() => document.documentElement.outerHTML), /nyne_(live|sec)_/);
  });

  it("draws the waits while they last, unless motion is unwelcome", async () => {
    for (const reducedMotion of ["no-preference", "reduce"]) {
      const here = await page({ reducedMotion });
      await here.press("Slow");
      await here.event("Waiting");
      const filled = () => here.locator("#marks .wait").last().evaluate((mark) => mark.style.getPropertyValue("--filled"));
      if (reducedMotion === "reduce") {
        assert.deepEqual(await here.evaluate(() => document.getAnimations().length), 0);
        assert.match(await filled(), /^(0|100)%$/);
      } else {
        const first = await filled();
        await here.waitForFunction((first) => [...document.querySelectorAll("#marks .wait")].at(-1).style.getPropertyValue("--filled") !== first, first);
      }
    }
  });

  it("copies the number and the code", async () => {
    const here = await page({ permissions: ["clipboard-read", "clipboard-write"] });
    const clipboard = () => here.evaluate(() => navigator.clipboard.readText());
    await here.press("Copy the code");
    await here.said("Copied");
    assert.equal(await clipboard(), await here.code());
    await here.press("Find number");
    await here.outcome(MOBILE);
    await here.locator("#outcome").getByRole("button", { name: "Copy" }).click();
    await here.said("Copied");
    assert.equal(await clipboard(), MOBILE);
    // A page that came over http has no clipboard.
    await here.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await here.press("Copy the code");
    await here.said("Cannot copy");
    assert.deepEqual(here.faults, []);
  });

  it("is answered by the emulator, and says why, if config.json cannot be read", async () => {
    for (const answer of [{ status: 404 }, { body: "<p>Not found" }]) {
      const context = await browser.newContext();
      await context.route("**/config.json", (route) => route.fulfill(answer));
      const here = await open(browser, files.url, { context });
      assert.match(await here.locator("#service").innerText(), /^config\.json cannot be read\. An emulator/);
      await here.press("Find number");
      await here.outcome(MOBILE);
      await context.close();
    }
  });

  it("says so if its scripts do not load", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    await open(browser, files.url, { context, answers: "scripts have not loaded", ahead: false });
  });

  it("can be used with the keyboard alone, and tells a screen reader how it goes", async () => {
    const here = await page();
    const key = (name) => here.keyboard.press(name);
    await key("Tab");
    assert.equal(await here.focused(), "tab-one");
    await key("Tab");
    assert.equal(await here.focused(), "who");
    await here.keyboard.type("ada@example.com");
    await key("Enter");
    await here.said("Looking for the mobile of ada@example.com.");
    await here.tabTo("Slow");
    await key("Enter");
    await here.said("Looking for the mobile of Ada Example.");
    await here.event("Submitted: Nyne took the job");
    await here.tabTo("stop");
    await key("Enter");
    await here.said("Stopped");
    assert.equal(await here.focused(), "outcome");
    await here.tabTo("go-on");
    await key("Enter");
    assert.equal(await here.focused(), "stop");
    await here.said(MOBILE);
    assert.equal(await here.focused(), "outcome");

    await here.tabTo("No credits");
    await key("Space");
    await here.said("No credits left");
    assert.equal(await here.focused(), "No credits");
    await here.tabTo("tab-node");
    await key("ArrowLeft");
    assert.equal(await here.focused(), "tab-curl");
    assert.match(await here.code(), /^curl/);
    await key("Home");
    await here.locator("#tab-one").focus();
    await key("Alt+ArrowRight");
    assert.equal(await here.focused(), "tab-one", "the browser's own key was taken from it");
    await key("ArrowRight");
    assert.equal(await here.focused(), "tab-many");
    await here.tabTo("find-many");
    await key("Enter");
    await here.said("5 of 5 done, 3 found");
  });

  it("looks many people up, and gives their numbers as a file", async () => {
    const here = await page();
    await here.tab("Many people");
    const upload = { name: "people.txt", mimeType: "text/plain", buffer: Buffer.from("ada@example.com\r\n\r\n=Noone, \"Inc\"\r\nnomobile@example.com\r\n") };
    await here.getByLabel("Upload a text file").setInputFiles(upload);
    await here.press("Find numbers");
    await here.done("0 of 3 done");
    await here.isInOrder();
    await here.done("3 of 3 done, 1 found");
    assert.deepEqual(await here.locator("#rows td").allInnerTexts(), [MOBILE, "no number", "no number"]);
    await here.isInOrder();
    const [download] = await Promise.all([here.waitForEvent("download"), here.press("Download as CSV")]);
    const table = await readFile(await download.path(), "utf8");
    const [head, ...people] = table.trimEnd().split("\r\n");
    assert.equal(head, "person,mobile,outcome,request_id");
    const [ids, said] = [people.map((row) => row.split(",").at(-1)), people.map((row) => row.replace(/,[^,]*$/, ""))];
    assert.deepEqual(said, [`ada@example.com,${MOBILE},found`, `"'=Noone, ""Inc""",,no number`, "nomobile@example.com,,no number"]);
    for (const id of ids) assert.match(id, REQUEST_ID);

    await here.locator("#lines").fill("ada@example.com\nada@");
    assert.equal(await here.locator("#many-result").isVisible(), false, "the table outlives its people");
    await here.press("Find numbers");
    assert.match(await here.locator("#lines-error").innerText(), /^Line 2: .*not complete/);
    await here.locator("#lines").fill("email,company\nada@example.com,Example Corp");
    await here.press("Find numbers");
    assert.match(await here.locator("#lines-error").innerText(), /^Line 2: .*not complete/);
    await here.locator("#lines").fill("");
    await here.press("Find numbers");
    assert.match(await here.locator("#lines-error").innerText(), /on each line/);
    await here.locator("#lines").fill("someone@example.com\n".repeat(501));
    await here.press("Find numbers");
    assert.match(await here.locator("#lines-error").innerText(), /501 people/);
    await here.isInOrder();

    await here.locator("#lines").fill("ada@example.com\ngrace@example.com");
    await here.press("Find numbers");
    await here.press("Stop");
    await here.done("Stopped: 0 of 2 done, 0 found");
    const cells = await here.locator("#rows td").allInnerTexts();
    assert.deepEqual(cells.filter((text) => !/^(stopped; |not asked)/.test(text)), []);
  });

  it("asks nobody but its own origin, and may run no other script", async () => {
    const here = await page();
    await here.press("No credits");
    await here.outcome("No credits left");
    assert.deepEqual([...new Set(here.requests.map((asked) => new URL(asked.url()).origin))], [files.url]);
    assert.deepEqual(here.faults, []);
    await here.evaluate(() => {
      globalThis.refused = [];
      addEventListener("securitypolicyviolation", ({ effectiveDirective }) => refused.push(effectiveDirective));
      fetch("https://elsewhere.example/").catch(() => {});
      try {
        document.body.append(Object.assign(document.createElement("script"), { textContent: "0" }));
      } catch {} // Trusted Types refuse it before the policy does.
      try {
        document.body.innerHTML = "<p>";
      } catch {}
    });
    await here.waitForFunction(() => refused.includes("connect-src") && refused.includes("require-trusted-types-for"));
  });
});
