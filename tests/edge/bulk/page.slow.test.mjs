// The page of the bulk Worker under `wrangler dev`, used in Chromium the way a person would.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, it } from "node:test";

import { chromium } from "playwright-core";

import { parse } from "csv-parse/sync";

import { createWorld, onPost } from "../../support/emulator.mjs";
import { chromium as program, emulator } from "../../support/places.mjs";
import { project } from "./dev.mjs";
import { csvOf, directory, emails, eventually, TOKEN } from "./support.mjs";

/** More than are looked up at a time. */
const PEOPLE = 200;
const LIMIT = 60_000;

/** What must be undone, the last first. */
const cleanups = [];
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

it("a person signs in, uploads a CSV, watches it, stops it, goes on, and downloads the numbers", { timeout: 300_000 }, async () => {
  const boundless = { perMinute: 1e6, perHour: 1e6, credits: 1e6 };
  // One submit gets no answer.
  const world = await createWorld(emulator(), { ...boundless, latencyMs: 100, faults: [onPost({ kind: "reset", at: "start" }, { from: 3 })] });
  cleanups.push(() => world.remove());
  const { folder, start } = await project("bulk-worker-page", world, { REQUESTS_PER_MINUTE: 1e6, REQUESTS_PER_HOUR: 1e6 });
  const worker = await start();
  cleanups.push(() => worker.kill());
  const browser = await chromium.launch({ executablePath: program() });
  cleanups.push(() => browser.close());

  const page = await browser.newPage({ viewport: { width: 320, height: 700 } });
  page.setDefaultTimeout(LIMIT);
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  const questions = [];
  page.on("dialog", (dialog) => (questions.push(dialog.message()), dialog.accept()));
  const button = (name) => page.getByRole("button", { name, exact: true });
  const number = async (id) => Number(await page.locator(`#${id}`).innerText());
  const says = (text) => page.getByRole("status").filter({ hasText: text }).waitFor();
  const fits = async (what) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} is wider than 320 px`);
  /** What has the focus is seen. */
  const hasFocus = () => page.evaluate(() => document.activeElement !== document.body && document.activeElement.checkVisibility());

  await page.goto(worker.url);
  await page.getByLabel("Access token").fill("another");
  await button("Continue").click();
  await page.getByRole("alert").filter({ hasText: "not the access token" }).waitFor();
  await fits("the sign-in");
  await page.getByLabel("Access token").fill(TOKEN);
  await button("Continue").click();
  await page.getByLabel("CSV file").waitFor();
  assert.ok(await hasFocus());

  const upload = async (name, text) => {
    await writeFile(join(folder, name), text);
    await page.getByLabel("CSV file").setInputFiles(join(folder, name));
    await button("Find numbers").click();
  };
  await upload("nobody.csv", "Company\nExample Corp\n");
  await page.getByRole("alert").filter({ hasText: "No column names a person" }).waitFor();
  // Those two answers of the Worker.
  assert.deepEqual(faults.splice(0).map((text) => /40[01]/.exec(text)?.[0]), ["401", "400"]);

  const known = await directory();
  const people = emails(known, PEOPLE);
  await upload("people.csv", csvOf(people));
  await says("Running.");
  assert.equal(await page.getByLabel("CSV file").isVisible(), false);
  assert.ok(await hasFocus());
  await eventually("a number", async () => (await number("found")) > 0, { seconds: 60 });
  await page.locator("progress[value]").waitFor();
  assert.match(await page.locator("#time-left").innerText(), /^\d+ min$/);

  await button("Stop").click();
  await says(/^Stopp/);
  await says("Stopped.");
  await fits("the batch");
  assert.ok(await hasFocus());
  const { posts } = await world.log();
  assert.ok((await number("found")) + (await number("missing")) + 1 === posts, "a job has no outcome");
  assert.ok(posts < PEOPLE, "everybody was submitted before the stop");

  // As after the tab was put away: the page itself holds nothing.
  await page.reload();
  await button("Go on").click();
  await says("Done.");
  assert.equal(await number("unknown"), 1);
  assert.equal(await number("credits"), await number("found"));
  assert.ok(await hasFocus());
  await page.getByRole("heading", { name: "It is unknown whether 1 person was submitted" }).waitFor();
  await button("Submit 1 person again").click();
  await says("Running.");
  await says("Done.");
  assert.deepEqual([await number("unknown"), await number("failed")], [0, 0]);

  const [download] = await Promise.all([page.waitForEvent("download"), button("Download CSV").click()]);
  assert.equal(download.suggestedFilename(), "people-numbers.csv");
  const rows = parse(await readFile(await download.path(), "utf8"), { columns: true });
  assert.deepEqual(rows.map(({ Email, nyne_mobile }) => [Email, nyne_mobile]), people.map((email) => [email, known.get(email) ?? ""]));

  await upload("ada.csv", csvOf(["ada@example.com"]));
  await page.getByRole("heading", { name: "ada.csv" }).waitFor();
  assert.deepEqual(questions.map((question) => question.split(" ", 1)[0]), ["1", "Delete"]);
  assert.deepEqual(faults, []);
});
