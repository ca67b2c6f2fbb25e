// A batch is killed again and again, and goes on from its store: nobody is submitted twice.

import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

import { equal, ok } from "../support/check.mjs";
import { ALWAYS, createWorld, onPost } from "../support/emulator.mjs";
import { emulator, entry, node24 } from "../support/places.mjs";
import { fileStore } from "./file-store.mjs";

const PEOPLE = 2_000;
const KILLS = 10;
/** A kill comes by so many ms after a run's first submit. */
const LATEST = 600;
/** How long the emulator holds back each submit's answer, in ms, when its job is made: so most kills fall into submits. */
const HELD = 20;
const MOST_OPEN = 6;
const RUN = fileURLToPath(new URL("run.mjs", import.meta.url));

it(`${PEOPLE} people, killed ${KILLS} times at random moments: nobody is submitted twice, and nobody is lost`, { timeout: 120_000 }, async (test) => {
  const world = await createWorld(emulator(), {
    latencyMs: 50, perMinute: 1e9, perHour: 1e9, credits: 1e9, faults: [onPost({ kind: "delay", ms: HELD }, ALWAYS)],
  });
  const folder = mkdtempSync(join(tmpdir(), "nyne-batch-"));
  try {
    const path = join(folder, "claims.jsonl");
    const known = await (await fetch(`${emulator()}/emulator/people`)).json();
    const mobiles = new Map(known.map(({ email, mobile }) => [email, mobile]));
    const people = [...mobiles.keys(), ...Array.from({ length: PEOPLE }, (_, number) => `nobody-${number}@example.com`)].slice(0, PEOPLE);
    const limits = { requestsPerMinute: Infinity, requestsPerHour: Infinity };
    const job = { entry: entry("import"), path, people, options: { ...world.keys, baseUrl: world.url, ...limits, poll: { firstDelay: 20, maxDelay: 40 } } };

    for (let kill = 0; kill < KILLS; kill++) {
      const { killed, outcomes } = await run(job, Math.random() * LATEST);
      ok(killed, `the run came to its end before kill ${kill}, with ${outcomes?.length} outcomes`);
    }
    // Those of whom nobody knows whether they were submitted.
    const store = fileStore(path);
    const interrupted = new Set([...store.claims].filter(([, claim]) => claim && claim.requestId === null).map(([key]) => JSON.parse(key).email));
    store.close();
    const { outcomes } = await run(job);

    equal(outcomes.filter(Boolean).length, PEOPLE, "outcomes");
    for (const [index, email] of people.entries()) {
      const expected = interrupted.has(email)
        ? { code: "submit_outcome_unknown", submitted: "unknown", requestId: null }
        : { mobile: mobiles.get(email) ?? null };
      equal(outcomes[index], expected, `the outcome of ${email}`);
    }
    const { posts, jobs, requests } = await world.log();
    const submitted = requests.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body).email);
    equal([posts, jobs, submitted.length, new Set(submitted).size], Array(4).fill(submitted.length), "submits, jobs, submits in the log, and people in it");
    // Nobody got an answer to those, or it came too late.
    const lost = requests.filter(({ method, closedEarly }) => method === "POST" && closedEarly).map(({ body }) => JSON.parse(body).email);
    ok(lost.every((email) => interrupted.has(email)), "a submit without an answer is not reported");
    ok(lost.length > 0, "no kill fell into a submit");
    ok(interrupted.size <= KILLS * MOST_OPEN, `${interrupted.size} are reported as unknown`);
    test.diagnostic(`${posts} submits, ${requests.length - posts} polls; ${interrupted.size} unknown, of whom ${lost.length} had no answer`);
  } finally {
    rmSync(folder, { recursive: true });
    await world.remove();
  }
});

/** Runs the batch, and kills it `after` so many ms from its first submit, if that is given. */
function run(job, after) {
  return new Promise((resolve, reject) => {
    const child = fork(RUN, { execPath: node24(), execArgv: [], serialization: "advanced" });
    let outcomes;
    child.on("message", (message) => {
      outcomes ??= message.outcomes;
      if (message.begun && after !== undefined) setTimeout(() => child.kill("SIGKILL"), after);
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (code !== 0 && signal !== "SIGKILL") reject(new Error(`the run ended with ${signal ?? code}`));
      else resolve({ outcomes, killed: signal === "SIGKILL" });
    });
    child.send(job);
  });
}
