// The recipe for BullMQ in a Node that is killed, with a real Redis. BullMQ takes up to a minute to see that a program is gone.

import { after, before } from "node:test";

import { promises } from "./promises.mjs";
import { startRedis } from "./redis.mjs";

let redis;
before(async () => (redis = await startRedis()));
after(() => redis.stop());

promises("bullmq.mjs", "bullmq.mjs", () => ({ recipe: "bullmq.mjs", redis: redis.database() }), { kills: 1, concurrency: 8 });
