// The page as `cargo xtask demo` serves it, with a proxy to the service, used in Chromium.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { MOBILE } from "../support/emulator.mjs";
import { launch, open } from "./playground.mjs";

describe("the page of cargo xtask demo", { concurrency: 3 }, () => {
  let demo, browser;

  before(async () => {
    [demo, browser] = await Promise.all([startDemo(), launch()]);
  });
  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  const page = (settings) => open(browser, demo.url, { answers: "The demo's emulator answers", ahead: false, ...settings });

  it("finds a number through the proxy, with no key in any request or in the page", async () => {
    const here = await page();
    await here.press("Find number");
    await here.outcome(MOBILE);
    assert.equal(here.asked("POST").length, 1);
    assert.ok(here.asked("GET").length > 0);
    assert.equal(await here.locator("#spent").innerText(), "1 emulated credit spent");
    for (const asked of here.requests) assert.deepEqual(Object.keys(await asked.allHeaders()).filter((name) => name.startsWith("x-api")), []);
    const texts = await Promise.all(here.responses.map((response) => response.text()));
    assert.ok(texts.length > 10);
    for (const text of [...texts, await here.evaluate(() => document.documentElement.outerHTML)]) assert.doesNotMatch(text, /nyne_(live|sec)_/);
    await here.isInOrder();

    await here.tab("Many people");
    await here.locator("#lines").fill("ada@example.com\nnomobile@example.com");
    await here.press("Find numbers");
    await here.done("2 of 2 done, 1 found");
    assert.equal(here.asked("POST").length, 3);
  });

  it("submits a person once, whatever is pressed twice, and goes on with a job that was stopped", async () => {
    const here = await page();
    // A job takes as long as this test needs.
    const pending = { success: true, data: { request_id: "a1b2", status: "processing" } };
    await here.route("**/person/phone*", (route) => route.fulfill({ status: 202, json: pending }));
    await here.button("Find number").dblclick();
    await here.locator("#who").press("Enter");
    await here.event("Submitted: Nyne took the job");
    await here.locator("#stop").focus();
    await here.keyboard.press("Enter");
    await here.outcome("Stopped");
    await here.keyboard.press("Enter");
    await here.press("Find number");
    await here.event("Checked: not done yet");
    await here.press("Stop");
    await here.outcome("Stopped");
    await here.locator("#who").press("Enter");
    assert.equal(await here.locator("#stop").isVisible(), true);
    assert.equal(here.asked("POST").length, 1);
    // Another person is another job.
    await here.press("Stop");
    await here.locator("#who").fill("grace@example.com");
    await here.press("Find number");
    await here.event("Submitted: Nyne took the job");
    assert.equal(here.asked("POST").length, 2);
  });

  it("submits many people once, whatever is pressed twice, and goes on with the jobs that were stopped", async () => {
    const here = await page();
    const emails = await manyPending(here, 3);
    await here.button("Find numbers").dblclick();
    while (here.asked("GET").length < 3) await here.waitForRequest(() => true);
    await here.locator("#stop-many").focus();
    await here.keyboard.press("Enter");
    await here.done("Stopped: 0 of 3 done");
    await here.keyboard.press("Enter");
    const polled = here.asked("GET").length;
    assert.match(await here.locator("#rows").innerText(), /stopped; its job goes on/);
    await here.isInOrder();

    await here.press("Find numbers");
    while (here.asked("GET").length === polled) await here.waitForRequest(() => true);
    await here.press("Stop");
    await here.done("Stopped: 0 of 3 done");
    assert.deepEqual(here.asked("POST").map((asked) => asked.postDataJSON().email), emails);
    const [download] = await Promise.all([here.waitForEvent("download"), here.press("Download as CSV")]);
    const table = await readFile(await download.path(), "utf8");
    for (const email of emails) assert.match(table, new RegExp(`^${email},,aborted,job-of-${email}\r$`, "m"));
  });

  it("says of whom nobody was asked when many people are stopped", async () => {
    const here = await page();
    // More than are in flight together.
    await manyPending(here, 70);
    await here.press("Find numbers");
    while (here.asked("POST").length < 64) await here.waitForRequest(() => true);
    await here.press("Stop");
    await here.done("Stopped: 0 of 70 done");
    const cells = await here.locator("#rows td").allInnerTexts();
    assert.deepEqual(cells.map((text) => text.startsWith("stopped; ")), Array.from({ length: 70 }, (_, index) => index < 64));
    assert.deepEqual(cells.slice(64), Array(6).fill("not asked"));
    const [download] = await Promise.all([here.waitForEvent("download"), here.press("Download as CSV")]);
    assert.match(await readFile(await download.path(), "utf8"), /^person70@example\.com,,not asked,\r$/m);
  });

  it("says that a job goes on, whatever a check of it is answered", async () => {
    const here = await page();
    const job = { success: true, data: { request_id: "a1b2", status: "processing" } };
    const answers = [
      [402, "insufficient_credits", "No credits left", "Add credits to the account."],
      [401, "invalid_api_key", "Wrong key", "Nyne does not know the key. Check both keys, or your proxy’s session."],
      [403, "permission_denied", "Not allowed", "The account or its key may not do this."],
    ];
    for (const [status, code, heading, words] of answers) {
      await here.route("**/person/phone*", (route) =>
        route.request().method() === "POST"
          ? route.fulfill({ status: 202, json: job })
          : route.fulfill({ status, json: { success: false, error: { code, message: "It is so." } } }),
      );
      await here.locator("#who").fill(`${code}@example.com`);
      await here.press("Find number");
      await here.outcome(heading);
      assert.equal(await here.locator("#words").innerText(), `${words} The job goes on at Nyne. The answer says: “It is so.”`);
      await here.unrouteAll();
    }
  });

  it("does not call a job taken when something else answers the submit", async () => {
    const here = await page();
    const answers = [
      { status: 200, contentType: "text/html", body: "<p>Sign in" },
      { status: 302, headers: { Location: "/login" } },
    ];
    for (const answer of answers) {
      await here.route("**/person/phone", (route) => route.fulfill(answer));
      await here.press("Find number");
      await here.event("Submitted: the answer makes no sense");
      await here.outcome("The lookup may have begun");
      assert.deepEqual(await here.events(), ["Submitted: the answer makes no sense", "The lookup may have begun"]);
      await here.unrouteAll();
    }
  });

  it("says of a submit that a stop cut off that the user did it", async () => {
    const here = await page();
    await here.route("**/person/phone", () => {});
    await here.press("Find number");
    await here.event("Submitted");
    await here.press("Stop");
    await here.outcome("Stopped");
    assert.equal(await here.locator("#words").innerText(), "You stopped the lookup. There may be a job.");
    assert.match(await here.locator("#events pre").last().textContent(), /^You stopped before/);
    assert.equal(await here.locator("#marks .request").getAttribute("data-label"), "");
  });

  it("shows what Nyne says of a query at its field", async () => {
    const here = await page();
    const refusal = { success: false, error: { code: "invalid_request", message: "No such domain." } };
    await here.route("**/person/phone", (route) => route.fulfill({ status: 400, json: refusal }));
    await here.locator("#who").fill("");
    await here.getByText("More fields").click();
    await here.getByLabel("Email", { exact: true }).fill("ada@example.com");
    await here.getByText("More fields").click();
    await here.press("Find number");
    await here.locator("#email-error", { hasText: "400" }).waitFor();
    assert.match(await here.locator("#words").innerText(), /The answer says: “No such domain\.”$/);
  });

  it("plays the scenarios inside the page, and says so", async () => {
    const here = await page();
    await here.press("Wrong key");
    await here.outcome("Wrong key");
    assert.match(await here.locator("#scenario-words").innerText(), /Played by an emulator in this page\.$/);
    assert.equal(here.asked("POST").length, 0);
  });

  it("shows an error of the service or of the network, and looks up again after it", async () => {
    const here = await page();
    const refusal = { success: false, error: { code: "insufficient_credits", message: "None are left." } };
    await here.route("**/person/phone", (route) => route.fulfill({ status: 402, json: refusal }));
    await here.press("Find number");
    await here.outcome("No credits left");
    assert.equal(await here.locator("#words").innerText(), "Add credits to the account. Nyne took no job. The answer says: “None are left.”");
    await here.unrouteAll();
    await here.route("**/person/phone", (route) => route.abort());
    await here.press("Find number");
    await here.outcome("The lookup may have begun");
    assert.match(await here.locator("#words").innerText(), /^Nyne did not confirm the submit.*It was not sent again/);
    assert.equal(await here.locator("#spent").innerText(), "Perhaps a credit spent");
    await here.unrouteAll();
    // A browser that is offline proves that nothing was sent.
    await here.context().setOffline(true);
    await here.press("Find number");
    await here.outcome("No connection");
    assert.equal(await here.locator("#spent").innerText(), "Nothing spent");
    await here.context().setOffline(false);
    await here.press("Find number");
    await here.outcome(MOBILE);
  });

  it("says when Nyne itself answers, and leaves no lookup that may cost something", async () => {
    const context = await browser.newContext();
    await context.route("**/config.json", (route) => route.fulfill({ json: { proxy: "/api/nyne", emulated: false } }));
    const here = await open(browser, demo.url, { answers: "Nyne itself answers", ahead: false, context });
    const job = { request_id: "a1b2", status: "processing" };
    await here.route("**/person/phone", (route) => route.fulfill({ status: 202, json: { success: true, data: job } }));
    await here.press("Find number");
    await here.event("Submitted: Nyne took the job");
    await here.button("Found").click({ force: true });
    assert.equal(await here.button("Found").getAttribute("aria-disabled"), "true");
    assert.equal(await here.locator("#stop").isVisible(), true, "the lookup was left");
    await here.isInOrder();
    const asked = [];
    here.on("dialog", (dialog) => {
      asked.push(dialog.type());
      return dialog.dismiss();
    });
    await here.evaluate(() => location.reload());
    assert.deepEqual(asked, ["beforeunload"]);
    await here.press("Stop");
    await here.outcome("Stopped");
    assert.equal(await here.locator("#spent").innerText(), "Spent if the job finds a number");
    assert.equal(await here.button("Found").getAttribute("aria-disabled"), "true", "a click would drop the job");
    await here.locator("#who").fill("grace@example.com");
    assert.equal(await here.button("Found").getAttribute("aria-disabled"), "false");
  });

  it("is the only one that may ask with the demo's keys", async () => {
    const { host } = new URL(demo.url);
    const ask = (headers) => statusOf(`${demo.url}/api/nyne/person/phone?request_id=unknown`, headers);
    assert.equal(await ask({ Host: host, Origin: demo.url }), 404, "an unknown request, says the service");
    assert.equal(await ask({ Host: host, Origin: "https://elsewhere.example" }), 403);
    assert.equal(await ask({ Host: host, Origin: "null" }), 403);
    assert.equal(await ask({ Host: "elsewhere.example", Origin: "http://elsewhere.example" }), 403);
    // Nor may another site show the page in a frame of its own.
    assert.equal((await fetch(demo.url)).headers.get("X-Frame-Options"), "DENY");
  });
});

/** Names so many people in the list, whose jobs never end. Returns their emails. */
async function manyPending(here, count) {
  await here.route("**/person/phone*", (route) => {
    const asked = route.request();
    const id = asked.method() === "POST" ? `job-of-${asked.postDataJSON().email}` : new URL(asked.url()).searchParams.get("request_id");
    return route.fulfill({ status: 202, json: { success: true, data: { request_id: id, status: "processing" } } });
  });
  const emails = Array.from({ length: count }, (_, index) => `person${index + 1}@example.com`);
  await here.tab("Many people");
  await here.locator("#lines").fill(emails.join("\n"));
  return emails;
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
