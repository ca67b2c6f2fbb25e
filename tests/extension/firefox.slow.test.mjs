// The example's extension in Firefox, with the emulator in Nyne's place. Nothing can click its icon there, so its window is in a tab.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";

import { createWorld, MOBILE, nyneError, onPost } from "../support/emulator.mjs";
import { emulator } from "../support/places.mjs";
import { build, find, openFirefox, press, project, says, useEmulator } from "./browser.mjs";

it("examples/extension in Firefox finds numbers, and says what goes wrong", { timeout: 180_000 }, async (test) => {
  const keys = { apiKey: "nyne_live_emulator", apiSecret: "nyne_sec_emulator" };
  const world = await createWorld(emulator(), { ...keys, latencyMs: 0, statuses: [], faults: [onPost(nyneError(402, "insufficient_credits"))] });
  test.after(() => world.remove());
  const folder = await build(await project("firefox"), "firefox");
  const { browser_specific_settings: settings } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  const { tab, close } = await openFirefox(folder, settings.gecko.id);
  test.after(close);

  await says(await tab("popup.html"), /First choose whom to ask/);
  const options = await tab("options.html");
  await useEmulator(options, world);

  const popup = await tab("popup.html");
  await find(popup, "ada@example.com");
  await says(popup, /no credits left\.\s+Nothing was charged[^]*insufficient_credits/, "ada@example.com");
  await press(popup, "Try again", "ada@example.com");
  await says(popup, /Asking in \d+ s/, "ada@example.com");
  await find(popup, "linkedin.com/in/nobody-example");
  await says(popup, new RegExp(MOBILE.replaceAll("+", "\\+")), "ada@example.com");
  await says(popup, /No number found/, "linkedin.com/in/nobody-example");
  const { posts, jobs } = await world.log();
  assert.deepEqual([posts, jobs], [3, 2]);
});
