// What the bulk Worker does in a minute or more of its own time.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";

import { createWorld } from "../../support/emulator.mjs";
import { emulator } from "../../support/places.mjs";
import { project } from "./dev.mjs";
import { csvOf, directory, emails, eventually, submitted } from "./support.mjs";

/** What must be undone, the last first. */
const cleanups = [];
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function open(name, settings, vars) {
  const world = await createWorld(emulator(), { credits: 1e6, ...settings });
  cleanups.push(() => world.remove());
  const { start } = await project(name, world, vars);
  return { world, start, people: emails(await directory(), 8) };
}

describe("examples/bulk-worker", { concurrency: true, timeout: 400_000 }, () => {
  it("keeps the limit of a minute across a kill: Nyne never has to refuse a request", async () => {
    const { world, start, people } = await open("bulk-worker-limits", { perMinute: 12, latencyMs: 10 }, { REQUESTS_PER_MINUTE: 12 });
    let worker = await start();
    cleanups.push(() => worker.kill());
    await worker.upload(csvOf(people));
    // The first poll is 6 s away: the kill falls between the requests.
    await eventually("all submits", async () => (await world.log()).posts === people.length, { seconds: 60 });
    await worker.kill();
    worker = await start();
    const { found, missing } = await worker.until("done", { seconds: 300, every: 500 });
    assert.equal(found + missing, people.length);
    const { requests } = await world.log();
    assert.deepEqual(submitted(requests).sort(), people.sort());
    assert.deepEqual(requests.filter(({ answered }) => answered === 429), []);
    assert.ok(requests.length > 12, "the limit was not met");
  });

  it("stops after 90 s though a job still runs, and polls it when it goes on", async () => {
    const { world, start, people } = await open("bulk-worker-stop", { latencyMs: 3_600_000 });
    const worker = await start();
    cleanups.push(() => worker.kill());
    await worker.upload(csvOf(people));
    await eventually("all submits", async () => (await world.log()).posts === people.length, { seconds: 60 });
    await worker.stop();
    const { left, failed, unknown } = await worker.until("stopped", { seconds: 150, every: 500 });
    assert.deepEqual({ left, failed, unknown }, { left: people.length, failed: 0, unknown: 0 });

    const { gets } = await world.log();
    await worker.goOn();
    await eventually("a poll", async () => (await world.log()).gets > gets, { seconds: 60 });
    assert.equal((await world.log()).posts, people.length);
  });
});
