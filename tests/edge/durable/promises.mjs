// What every recipe promises, whenever its program is killed: at most one job for a lookup, none lost, and a submit of which nobody
// knows the outcome is reported.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { ADA, createWorld, MOBILE, nyneError, onGet, onPost } from "../../support/emulator.mjs";
import { emulator } from "../../support/places.mjs";
import { Engine, until } from "./engine.mjs";
import { startGate } from "./gate.mjs";

/** The emulator takes it, makes the job, and never answers. */
export const UNANSWERED = onPost({ kind: "hang", at: "start", thenJob: true });
const LOST = onPost({ kind: "reset", at: "start", thenJob: true });
const HELD_MS = 600_000;
/**
 * How many lookups at once are killed at random moments. The first submit is held until the first kill; of every fourth the submit is
 * slow, so that later kills come in some, too.
 */
const MANY = 40;
const SLOW_MS = 1_000;
/** A further kill comes by so many ms after the program is there again. */
const LATEST_MS = 1_000;

const POLL = { firstDelay: 300, maxDelay: 300 };

/**
 * A world of the emulator, and an engine that asks it.
 * @param {string} program @param {object} settings
 * @param {object} world the emulator's settings; `gated`: the engine gets no answer to a submit before `open()` is called
 */
export async function lookUpIn(program, settings, { poll = POLL, gated = false, ...world } = {}) {
  const service = await createWorld(emulator(), world);
  const gate = gated ? await startGate(emulator()) : null;
  const options = { baseUrl: (gate?.origin ?? emulator()) + service.path, poll, ...(gated && { requestTimeout: HELD_MS }) };
  const engine = await Engine.start(program, { ...settings, keys: service.keys, options });
  after(async () => {
    await engine.end();
    await gate?.end();
    await service.remove();
  });
  return {
    engine,
    service,
    open: gate?.open,
    seen: (counter, count) => until(`there are ${count} ${counter}`, async () => (await service.log())[counter] >= count),
    answered: (which) => until(`a ${which} was answered`, async () =>
      (await service.log()).requests.some(({ method, answered }) => method === which && answered !== null)),
  };
}

export async function assertJobs(service, expected) {
  const { posts, jobs } = await service.log();
  assert.deepEqual({ posts, jobs }, expected);
}

export function assertUnknown(state) {
  assert.deepEqual(
    { state: state.state, requestId: state.requestId, code: state.error?.code, submitted: state.error?.submitted },
    { state: "failed", requestId: null, code: "submit_outcome_unknown", submitted: "unknown" },
  );
}

/**
 * @param {string} name the recipe's @param {string} program @param {() => object} settings
 * @param {{ revive?: (engine: Engine, key: string, query: object) => Promise<unknown>, kills?: number, concurrency?: number }} [ways]
 * `revive` does what the real engine does by itself after a restart and this one does not.
 */
export function promises(name, program, settings, { revive = async () => {}, kills = 5, concurrency = 3 } = {}) {
  const restart = async (engine, ...keys) => {
    await engine.kill();
    await engine.resume();
    for (const [key, query] of keys) await revive(engine, key, query);
  };

  describe(name, { concurrency }, () => {
    it("finds a number", async () => {
      const { engine, service } = await lookUpIn(program, settings(), { statuses: ["queued", "processing"] });
      await engine.call("/start", "ada", ADA);
      assert.equal((await engine.ended("ada")).mobile, MOBILE);
      await assertJobs(service, { posts: 1, jobs: 1 });
    });

    it("does not submit again after a kill inside the submit, and reports it", async () => {
      const { engine, service, seen } = await lookUpIn(program, settings(), { faults: [UNANSWERED] });
      await engine.call("/start", "ada", ADA);
      await seen("posts", 1);
      await restart(engine, ["ada", ADA]);
      assertUnknown(await engine.ended("ada"));
      await assertJobs(service, { posts: 1, jobs: 1 });
    });

    it("does not submit again if the answer to the submit is lost, and reports it", async () => {
      const { engine, service } = await lookUpIn(program, settings(), { faults: [LOST] });
      await engine.call("/start", "ada", ADA);
      assertUnknown(await engine.ended("ada"));
      await assertJobs(service, { posts: 1, jobs: 1 });
    });

    it("polls on after a kill during a wait", async () => {
      const { engine, service, answered } = await lookUpIn(program, settings(), {
        statuses: ["queued"],
        poll: { firstDelay: 6_000, maxDelay: 6_000 },
      });
      await engine.call("/start", "ada", ADA);
      await answered("GET");
      await engine.kill();
      const { requests } = await service.log();
      assert.deepEqual(requests.map(({ method, answered }) => [method, answered]), [["POST", 202], ["GET", 200]], "not in the wait");
      await engine.resume();
      await revive(engine, "ada", ADA);
      assert.equal((await engine.ended("ada")).mobile, MOBILE);
      await assertJobs(service, { posts: 1, jobs: 1 });
    });

    it("asks for the result again after a kill inside the last poll", async () => {
      const { engine, service, seen } = await lookUpIn(program, settings(), {
        statuses: [],
        faults: [onGet({ kind: "delay", ms: HELD_MS })],
      });
      await engine.call("/start", "ada", ADA);
      await seen("gets", 1);
      await restart(engine, ["ada", ADA]);
      assert.equal((await engine.ended("ada")).mobile, MOBILE);
      await assertJobs(service, { posts: 1, jobs: 1 });
      assert.equal((await service.log()).creditsLeft, 999);
    });

    it("submits again after a 429, once", async () => {
      const limited = onPost(nyneError(429, "rate_limit_exceeded", { "Retry-After": "1" }));
      const { engine, service } = await lookUpIn(program, settings(), { faults: [limited] });
      await engine.call("/start", "ada", ADA);
      assert.equal((await engine.ended("ada")).mobile, MOBILE);
      await assertJobs(service, { posts: 2, jobs: 1 });
    });

    it(`submits nobody twice and loses nobody of ${MANY} when it is killed at random moments (${kills})`, async (test) => {
      const { engine, service, seen } = await lookUpIn(program, settings(), {
        latencyMs: 200,
        perMinute: 1e9,
        perHour: 1e9,
        faults: Array.from({ length: MANY / 4 }, (_, number) =>
          onPost({ kind: "delay", ms: number === 0 ? HELD_MS : SLOW_MS }, { from: 1 + number * 4 })),
      });
      const people = Array.from({ length: MANY }, (_, number) => [`nobody-${number}`, { email: `nobody-${number}@example.com` }]);
      for (const [key, query] of people) await engine.call("/start", key, query);
      for (let kill = 1; kill <= kills; kill++) {
        if (kill === 1) await seen("posts", 1);
        else await delay(Math.random() * LATEST_MS);
        await restart(engine, ...people);
      }
      const states = await Promise.all(people.map(([key]) => engine.ended(key)));
      const { posts, jobs, requests } = await service.log();
      const submits = requests.filter(({ method }) => method === "POST");
      assert.equal(new Set(submits.map(({ body }) => body)).size, posts, "somebody was submitted twice");
      assert.equal(jobs, posts);
      const unknown = states.filter(({ state }) => state === "failed");
      unknown.forEach(assertUnknown);
      const found = states.filter(({ state, mobile }) => state === "completed" && mobile === null);
      assert.equal(found.length + unknown.length, MANY, "lookups that have ended");
      const reported = new Set(unknown.map(({ query }) => query.email));
      const unanswered = submits.filter(({ closedEarly }) => closedEarly).map(({ body }) => JSON.parse(body).email);
      assert.ok(unanswered.every((email) => reported.has(email)), "a submit without an answer is not reported");
      assert.ok(unanswered.length > 0, "no kill came in a submit");
      test.diagnostic(`${posts} submits, ${unanswered.length} of them killed; ${unknown.length} reported as unknown`);
    });
  });
}
