// Each recipe for Cloudflare once, in workerd. The kills are in the slow tests.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { recipe } from "../../support/recipes.mjs";
import { ADA, MOBILE, onPost } from "../../support/emulator.mjs";
import { until } from "./engine.mjs";
import { assertJobs, assertUnknown, lookUpIn, UNANSWERED } from "./promises.mjs";

const RECIPES = ["index.js", "lookup.js", "workflow.js", "workflow-callback.js", "alarm.js", "queue.js", "bullmq.mjs"];
const LONGEST = 30;

describe("the recipes of docs/durable.md", { concurrency: 4 }, () => {
  for (const name of RECIPES) {
    it(`${name} has at most ${LONGEST} lines`, async () => {
      const lines = (await recipe("durable.md", name)).trimEnd().split("\n").length;
      assert.ok(lines <= LONGEST, `${lines} lines`);
    });
  }

  for (const name of ["workflow.js", "queue.js"]) {
    it(`${name} finds a number with one submit`, async () => {
      const { engine, service } = await lookUpIn("workerd.mjs", { recipe: name }, { statuses: ["queued"] });
      await engine.call("/start", "ada", ADA);
      assert.equal((await engine.ended("ada")).mobile, MOBILE);
      await assertJobs(service, { posts: 1, jobs: 1 });
    });
  }

  it("index.js starts a lookup of alarm.js, and reads it", async () => {
    const { engine, service } = await lookUpIn("workerd.mjs", { recipe: "index.js" }, { statuses: ["queued"] });
    await engine.call("/ada", "", ADA);
    const state = await until("the lookup has ended", async () => {
      const state = await engine.call("/ada", "");
      return state.state === "completed" && state;
    });
    assert.equal(state.mobile, MOBILE);
    await assertJobs(service, { posts: 1, jobs: 1 });
  });

  it("workflow-callback.js gets the id from the callback if the answer to the submit is lost", async () => {
    const { engine, service } = await lookUpIn("workerd.mjs", { recipe: "workflow-callback.js" }, {
      faults: [onPost({ kind: "reset", at: "start", thenJob: true })],
    });
    await engine.call("/start", "ada", ADA);
    assert.equal((await engine.ended("ada")).mobile, MOBILE);
    await assertJobs(service, { posts: 1, jobs: 1 });
  });

  it("alarm.js does not submit again if its object is reset inside the submit, and reports it", async () => {
    const { engine, service, seen } = await lookUpIn("workerd.mjs", { recipe: "alarm.js" }, { faults: [UNANSWERED] });
    await engine.call("/start", "ada", ADA);
    await seen("posts", 1);
    await engine.call("/reset", "ada", null);
    assertUnknown(await engine.ended("ada"));
    await assertJobs(service, { posts: 1, jobs: 1 });
  });
});
