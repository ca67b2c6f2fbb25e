// 10,000 people through the bulk Worker under `wrangler dev`, in real workerd, which is killed again and again.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { ALWAYS, createWorld, onPost } from "../../support/emulator.mjs";
import { emulator } from "../../support/places.mjs";
import { project } from "./dev.mjs";
import { csvOf, directory, emails, eventually, submitted } from "./support.mjs";

const PEOPLE = 10_000;
const KILLS = 5;
/** How long the emulator holds back each submit's answer, in ms, when its job is made: so kills fall into submits. */
const HELD = 10;
const MOST_OPEN = 6;

/** What must be undone, the last first. */
const cleanups = [];
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

const NAME = `${PEOPLE} people, the process killed ${KILLS} times: nobody is submitted twice, nobody is lost, and the interrupted are reported`;

it(NAME, { timeout: 900_000 }, async (test) => {
  const begun = performance.now();
  const boundless = { perMinute: 1e6, perHour: 1e6, credits: 1e6 };
  const world = await createWorld(emulator(), { ...boundless, latencyMs: 10, faults: [onPost({ kind: "delay", ms: HELD }, ALWAYS)] });
  cleanups.push(() => world.remove());
  const { folder, start } = await project("bulk-worker-kills", world, { REQUESTS_PER_MINUTE: 1e6, REQUESTS_PER_HOUR: 1e6 }, "quick.mjs");
  const log = watch(world);
  cleanups.push(() => log.stop());

  const known = await directory();
  const people = emails(known, PEOPLE);
  let worker = await start();
  cleanups.push(() => worker.kill());
  await worker.upload(csvOf(people));
  for (let kill = 1; kill <= KILLS; kill++) {
    const wanted = (PEOPLE * (kill - 0.5 + Math.random() / 2)) / (KILLS + 1);
    // Nobody calls the Worker: after a kill it goes on by its alarm.
    await eventually(`${Math.round(wanted)} submits before kill ${kill}`, () => log.posts >= wanted, { seconds: 300 });
    await worker.kill();
    worker = await start();
  }
  const { left, ...done } = await worker.until("done", { seconds: 300, every: 500 });
  await log.stop();
  // Of whom nobody knows whether they were submitted.
  const interrupted = new Set(await claimed(folder));

  const results = await worker.results();
  assert.deepEqual(results.map(({ Email }) => Email), people, "somebody is lost");
  for (const { Email, nyne_mobile, nyne_status, nyne_error } of results) {
    const mobile = known.get(Email) ?? "";
    const expected = interrupted.has(Email) ? ["", "failed", "submit_outcome_unknown"] : [mobile, mobile ? "found" : "missing", ""];
    assert.deepEqual([nyne_mobile, nyne_status, nyne_error], expected, Email);
  }
  assert.deepEqual([left, done.failed, done.unknown], [0, 0, interrupted.size]);

  const posted = submitted(log.requests);
  const { posts, jobs, gets } = await world.log();
  assert.deepEqual([posts, jobs, new Set(posted).size], Array(3).fill(posted.length), "submits, jobs and people in the log");
  // Nobody got the answers to those.
  const lost = submitted(log.requests.filter(({ closedEarly }) => closedEarly));
  assert.ok(lost.every((email) => interrupted.has(email)), "a submit without an answer is not reported");
  const reached = posted.filter((email) => interrupted.has(email));
  assert.ok(reached.length > 0, "no kill fell into a submit");
  assert.ok(interrupted.size <= KILLS * MOST_OPEN, `${interrupted.size} are reported as unknown`);
  test.diagnostic(
    `${posts} submits, ${gets} polls; ${interrupted.size} unknown, of whom ${reached.length} were submitted; ` +
      `${Math.round((performance.now() - begun) / 1000)} s`,
  );

  // Now with a word.
  await worker.goOn("?resubmit=unknown");
  const { found, missing, unknown } = await worker.until("done", { seconds: 60, every: 100 });
  assert.deepEqual([found + missing, unknown], [PEOPLE, 0]);
  const everybody = people.filter((email) => known.get(email)).length;
  assert.equal(found, everybody);
});

/** Whose claim has no id in the storage of the Worker. */
async function claimed(folder) {
  const state = join(folder, ".wrangler/state/v3/do");
  const files = (await readdir(state, { recursive: true })).filter((file) => /[0-9a-f]{64}\.sqlite$/.test(file));
  assert.equal(files.length, 1, files.join());
  const database = new DatabaseSync(join(state, files[0]), { readOnly: true });
  try {
    return database.prepare("SELECT key FROM claims WHERE claim ->> 'requestId' IS NULL").all().map(({ key }) => JSON.parse(key).email);
  } finally {
    database.close();
  }
}

/** The whole log of a world, which itself keeps the last 10,000 requests. */
function watch(world) {
  const log = { requests: [], posts: 0, stop: async () => ((ended = true), await running) };
  let ended = false;
  const look = async () => {
    const { posts, gets, requests } = await world.log();
    const first = posts + gets - requests.length;
    assert.ok(first <= log.requests.length, "the log was read too late");
    // Those that were under way may have ended meanwhile.
    for (const [place, request] of requests.entries()) log.requests[first + place] = request;
    log.posts = posts;
  };
  const running = (async () => {
    for (; !ended; await delay(2_000)) await look();
    await look();
  })();
  return log;
}
