// The demo's page as `cargo xtask demo` serves it, used in Chromium the way a person would.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { MOBILE, REQUEST_ID } from "../support/emulator.mjs";
import { chromium as program } from "../support/places.mjs";

const REQUEST = /^Request [0-9a-f]/;

describe("the demo's page", { concurrency: 4 }, () => {
  let demo, browser;

  before(async () => {
    [demo, browser] = await Promise.all([startDemo(), chromium.launch({ executablePath: program() })]);
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  const open = () => Page.open(browser, demo.url);

  it("finds a number and shows each status on the way", async () => {
    const page = await open();
    await page.find();
    await page.text("#wait-text", /^Next poll in \d+\.\d s$/);
    await page.locator("progress[value]").waitFor();
    await page.text("#mobile", new RegExp(`^${MOBILE.replace("+", "\\+")}$`));

    const steps = await page.steps();
    assert.equal(steps[0].what, "findPhone");
    assert.equal(steps[0].detail, "email, name, company, phone, socialMediaUrl");
    assert.match(steps[1].detail, /^0 polls, next in \d+\.\d s$/);
    assert.equal(steps.at(-1).what, "completed");
    assert.match(steps.at(-1).detail, /^[1-9]\d* polls?$/);
    assert.ok(steps.every(({ time }) => /^\d+\.\d s$/.test(time)), "a step shows no time");

    await page.getByText("Last result as JSON").click();
    const result = JSON.parse(await page.locator("pre").innerText());
    assert.equal(result.mobile, MOBILE);
    await page.text("#request", new RegExp(`^Request ${result.requestId}$`));
    assert.equal(await page.locator("#wait").isVisible(), false);
    assert.deepEqual(page.faults, []);
  });

  it("holds no key and sends none", async () => {
    const page = await open();
    await page.find();
    await page.text("#request", REQUEST);
    const answers = await Promise.all(page.answers.map((answer) => answer.text()));
    assert.ok(answers.length > 5);
    for (const text of answers) assert.doesNotMatch(text, /nyne_(live|sec)_/);
    const asked = await Promise.all(page.requests.map((asked) => asked.allHeaders()));
    for (const headers of asked) assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith("x-api")), []);
  });

  it("says that no number is known", async () => {
    const page = await open();
    await page.getByLabel("Email").fill("nomobile@example.com");
    await page.find();
    await page.getByRole("heading", { name: "No number known" }).waitFor();
    assert.equal(await page.locator("#mobile").isVisible(), false);
    assert.deepEqual(page.faults, []);
  });

  it("shows an error that was found before anything was sent", async () => {
    const page = await open();
    for (const field of await page.getByRole("textbox").all()) await field.fill(" ");
    await page.find();
    await page.text("#code", /^invalid_argument$/);
    await page.text("#message", /email/);
    await page.text("#submitted", /^no$/);
    await page.text("#request-id", /^none$/);
    assert.equal(await page.getByRole("button", { name: "Go on waiting" }).isVisible(), false);
    assert.equal(page.asked("POST").length, 0);
  });

  it("shows an error of the service and looks up again after it", async () => {
    const page = await open();
    const refusal = { success: false, error: { code: "insufficient_credits", message: "None are left." } };
    await page.route("**/person/phone", (route) => route.fulfill({ status: 402, json: refusal }));
    await page.find();
    await page.text("#code", /^insufficient_credits$/);
    await page.text("#message", /\S/);
    assert.equal((await page.steps()).at(-1).what, "insufficient_credits");

    await page.unrouteAll();
    await page.find();
    await page.text("#request", REQUEST);
    assert.equal(await page.locator("#error").isVisible(), false);
  });

  it("does not offer to wait for a job that has failed", async () => {
    const page = await open();
    await page.answerPolls({ status: "failed", error: "It broke." });
    await page.find();
    await page.text("#code", /^job_failed$/);
    await page.text("#request-id", REQUEST_ID);
    assert.equal(await page.getByRole("button", { name: "Go on waiting" }).isVisible(), false);
  });

  it("stops, and goes on with the same request", async () => {
    const page = await open();
    await page.answerPolls({ status: "processing" });
    await page.find();
    await page.text("#request", REQUEST);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("heading", { name: "Stopped" }).waitFor();
    await page.text("#code", /^aborted$/);
    await page.text("#submitted", /^yes$/);
    assert.equal(await page.locator("#wait").isVisible(), false);
    const id = await page.locator("#request-id").innerText();
    assert.match(id, REQUEST_ID);

    await page.unrouteAll();
    await page.getByRole("button", { name: "Go on waiting" }).click();
    await page.text("#mobile", /^\+1/);
    assert.equal(JSON.parse(await page.locator("pre").textContent()).requestId, id);
    assert.ok((await page.steps()).some(({ what, detail }) => what === "pollResult" && detail === id));
    assert.equal(page.asked("POST").length, 1, "it was submitted again");
  });

  it("can be used with the keyboard alone", async () => {
    const page = await open();
    await page.answerPolls({ status: "processing" });
    await page.keyboard.press("Tab");
    assert.equal(await page.focused(), "email");
    await page.keyboard.press("Enter");
    await page.text("#request", REQUEST);
    await page.keyboard.press("Enter");
    await page.tabTo("stop");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Stopped" }).waitFor();
    assert.equal(await page.focused(), "stop");
    assert.equal(page.asked("POST").length, 1, "Enter submitted again while a lookup was under way");

    await page.tabTo("go-on");
    await page.keyboard.press("Enter");
    await page.text("#timeline", /pollResult/);
    assert.equal(await page.focused(), "stop");
  });

  it("may fetch from nowhere else and run no other script", async () => {
    const page = await open();
    await page.evaluate(() => {
      globalThis.refused = [];
      addEventListener("securitypolicyviolation", ({ effectiveDirective }) => refused.push(effectiveDirective));
      fetch("https://elsewhere.example/").catch(() => {});
      document.body.append(Object.assign(document.createElement("script"), { textContent: "0" }));
    });
    await page.waitForFunction(() => refused.includes("connect-src") && refused.includes("script-src-elem"));
  });

  it("is the only one that may ask with the demo's keys", async () => {
    const { host } = new URL(demo.url);
    const ask = (headers) => statusOf(`${demo.url}/api/nyne/person/phone?request_id=unknown`, headers);
    assert.equal(await ask({ Host: host, Origin: demo.url }), 404, "an unknown request, says the service");
    assert.equal(await ask({ Host: host, Origin: "https://elsewhere.example" }), 403);
    assert.equal(await ask({ Host: host, Origin: "null" }), 403);
    assert.equal(await ask({ Host: "elsewhere.example", Origin: "http://elsewhere.example" }), 403);
  });
});

/** A page of Playwright's, with what these tests ask it. */
class Page {
  static async open(browser, url) {
    const page = await browser.newPage();
    /** Whatever ends up in the console, which is where a breach of the page's policy does too. */
    const faults = [];
    const requests = [];
    const answers = [];
    page.on("console", (message) => faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("request", (request) => requests.push(request));
    page.on("response", (response) => answers.push(response));
    await page.goto(url);
    await page.getByText("asks an emulator").waitFor();

    const text = (selector, pattern) => page.locator(selector, { hasText: pattern }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.name);
    return Object.assign(page, {
      faults,
      requests,
      answers,
      focused,
      text,
      asked: (method) => requests.filter((request) => request.method() === method),
      /** Answers the polls in the service's place, until `unrouteAll`. */
      answerPolls: (data) =>
        page.route("**/person/phone?*", (route) => {
          const request_id = new URL(route.request().url()).searchParams.get("request_id");
          return route.fulfill({ json: { success: true, data: { request_id, ...data } } });
        }),
      find: () => page.getByRole("button", { name: "Find phone" }).click(),
      steps: () =>
        page.locator("#timeline li").evaluateAll((steps) =>
          steps.map((step) => Object.fromEntries([...step.children].map((part) => [part.className, part.textContent]))),
        ),
      async tabTo(id) {
        for (let presses = 0; presses < 20; presses++) {
          if ((await focused()) === id) return;
          await page.keyboard.press("Tab");
        }
        throw new Error(`the focus does not come to ${id}`);
      },
    });
  }
}

async function startDemo() {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const child = spawn("cargo", ["xtask", "demo"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, "exit");
  };
  const printed = [];
  for await (const line of createInterface(child.stdout)) {
    printed.push(line);
    const url = /^Serving www at (\S+)/.exec(line)?.[1];
    if (url) return { url, stop };
  }
  throw new Error(`cargo xtask demo did not serve the page:\n${printed.join("\n")}`);
}

/** The status of an answer to a GET with any headers: `fetch` would set Host and Origin itself. */
async function statusOf(url, headers) {
  const [response] = await once(request(url, { headers }).end(), "response");
  response.resume();
  return response.statusCode;
}
