// The recipe for BullMQ in a Node that is killed, with a real Redis. BullMQ takes up to a minute to see that a program is gone.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { ADA, MOBILE } from "../../support/emulator.mjs";
import { assertJobs, lookUpIn, promises } from "./promises.mjs";
import { startRedis } from "./redis.mjs";

let redis;
before(async () => (redis = await startRedis()));
after(() => redis.stop());

promises("bullmq.mjs", "bullmq.mjs", () => ({ recipe: "bullmq.mjs", redis: redis.database() }), { kills: 1, concurrency: 8 });

it("bullmq.mjs finds a number if the connection to Redis breaks before the answer to the claim", async () => {
  const { database, isBroken } = await redis.breaking("claim:ada");
  const { engine, service } = await lookUpIn("bullmq.mjs", { recipe: "bullmq.mjs", redis: database() }, { statuses: [] });
  await engine.call("/start", "ada", ADA);
  assert.equal((await engine.ended("ada")).mobile, MOBILE);
  assert.ok(isBroken());
  await assertJobs(service, { posts: 1, jobs: 1 });
});
