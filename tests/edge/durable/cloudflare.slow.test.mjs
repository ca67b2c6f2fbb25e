// The recipes for Cloudflare in workerd, which is killed. Two things differ from Cloudflare's own: a Workflow goes on after a restart
// only when it gets an event, and a queue keeps its messages in memory, so that here the test delivers the first message again.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ADA, MOBILE, onGet, onPost } from "../../support/emulator.mjs";
import { until } from "./engine.mjs";
import { assertJobs, assertUnknown, lookUpIn, promises, UNANSWERED } from "./promises.mjs";

const WORKFLOW = { recipe: "workflow.js" };
const CALLBACK = { recipe: "workflow-callback.js" };
const QUEUE = { recipe: "queue.js" };
const wake = (engine, key) => engine.call("/wake", key, null);

promises("workflow.js", "workerd.mjs", () => WORKFLOW, { revive: wake });
promises("alarm.js", "workerd.mjs", () => ({ recipe: "alarm.js" }));
promises("queue.js", "workerd.mjs", () => QUEUE, { revive: (engine, key, query) => engine.call("/start", key, query) });

describe("workflow.js, restarted by hand", { concurrency: 2 }, () => {
  it("does not submit again: it asks for the result of its job", async () => {
    const { engine, service } = await lookUpIn("workerd.mjs", WORKFLOW, { statuses: [] });
    await engine.call("/start", "ada", ADA);
    await engine.ended("ada");
    await engine.call("/restart", "ada", null);
    assert.equal((await engine.ended("ada")).mobile, MOBILE);
    await assertJobs(service, { posts: 1, jobs: 1 });
  });

  it("does not submit again, and says so, if its submit was interrupted", async () => {
    const { engine, service, seen } = await lookUpIn("workerd.mjs", WORKFLOW, { faults: [UNANSWERED] });
    await engine.call("/start", "ada", ADA);
    await seen("posts", 1);
    await engine.call("/restart", "ada", null);
    assertUnknown(await engine.ended("ada"));
    await assertJobs(service, { posts: 1, jobs: 1 });
  });
});

describe("queue.js, delivered twice", { concurrency: 2 }, () => {
  it("submits once, and replaces the unknown outcome of the second delivery by the number", async () => {
    const { engine, service, seen } = await lookUpIn("workerd.mjs", QUEUE, {
      statuses: ["queued"],
      faults: [onPost({ kind: "delay", ms: 2_000 })],
    });
    const first = engine.call("/deliver", "ada", ADA);
    await seen("posts", 1);
    await engine.call("/deliver", "ada", ADA);
    assertUnknown(await engine.call("/state", "ada"));
    await first;
    await until("the number is there", async () => (await engine.ended("ada")).mobile === MOBILE);
    await assertJobs(service, { posts: 1, jobs: 1 });
  });

  it("keeps the number if Nyne has forgotten the job when the second delivery comes", async () => {
    const { engine, service } = await lookUpIn("workerd.mjs", QUEUE, { statuses: [], expireAfterMs: 5_000 });
    await engine.call("/start", "ada", ADA);
    assert.equal((await engine.ended("ada")).mobile, MOBILE);
    await until("a poll finds the job forgotten", async () => {
      await engine.call("/deliver", "ada", ADA);
      return (await service.log()).requests.some(({ answered }) => answered === 404);
    });
    assert.equal((await engine.ended("ada")).mobile, MOBILE);
    await assertJobs(service, { posts: 1, jobs: 1 });
  });
});

describe("workflow-callback.js", { concurrency: 4 }, () => {
  const late = { latencyMs: 3_000 };
  const start = async (world, settings) => {
    const all = await lookUpIn("workerd.mjs", { ...CALLBACK, ...settings }, world);
    await all.engine.call("/start", "ada", ADA);
    return all;
  };
  const kill = async (engine) => {
    await engine.kill();
    await engine.resume();
  };
  const assertFound = async ({ engine, service }, gets) => {
    const state = await engine.ended("ada");
    assert.equal(state.mobile, MOBILE);
    await assertJobs(service, { posts: 1, jobs: 1 });
    assert.equal((await service.log()).gets, gets);
    return state;
  };

  it("polls when the callback comes, and only then", async () => {
    await assertFound(await start({ latencyMs: 500 }), 1);
  });

  it("takes a callback that comes before the answer to the submit", async () => {
    await assertFound(await start({ latencyMs: 100, faults: [onPost({ kind: "delay", ms: 1_500 })] }), 1);
  });

  it("polls after a minute if no callback comes", async () => {
    await assertFound(await start({ latencyMs: 100 }, { callbackOrigin: "http://127.0.0.1:9" }), 1);
  });

  it("gets the lost id from the callback after a kill inside the submit", async () => {
    const all = await start({ ...late, faults: [UNANSWERED] });
    await all.seen("posts", 1);
    await kill(all.engine);
    const { requestId } = await assertFound(all, 1);
    const { callbacks } = await all.service.log();
    assert.equal(requestId, JSON.parse(callbacks[0].body).data.request_id);
  });

  it("gets the lost id from the callback if the answer to the submit is lost", async () => {
    await assertFound(await start({ latencyMs: 500, faults: [onPost({ kind: "reset", at: "start", thenJob: true })] }), 1);
  });

  it("goes on after a kill while it waits for the callback", async () => {
    const all = await start(late);
    await all.answered("POST");
    await kill(all.engine);
    await assertFound(all, 1);
  });

  it("asks for the result again after a kill inside the last poll", async () => {
    const all = await start({ latencyMs: 500, faults: [onGet({ kind: "delay", ms: 600_000 })] });
    await all.seen("gets", 1);
    await kill(all.engine);
    await wake(all.engine, "ada");
    await assertFound(all, 2);
  });

  it("reports the unknown outcome if no callback comes within the hour", async () => {
    const { engine, service, seen } = await start({ faults: [onPost({ kind: "hang", at: "start" })] });
    await seen("posts", 1);
    await kill(engine);
    await engine.call("/timeout", "ada", null);
    await wake(engine, "ada");
    assertUnknown(await engine.ended("ada"));
    await assertJobs(service, { posts: 1, jobs: 0 });
  });

  it("does not submit again when it is restarted by hand", async () => {
    const all = await start({ latencyMs: 500 });
    await assertFound(all, 1);
    await all.engine.call("/restart", "ada", null);
    await assertFound(all, 2);
  });

  it("answers 404 to what is no callback, or of no instance", async () => {
    const { engine } = await start(late);
    const post = async (path, body) => (await fetch(`${engine.url}${path}`, { method: "POST", body })).status;
    const callback = JSON.stringify({ success: true, data: { request_id: "foreign", status: "completed", completed: true, result: {} } });
    assert.equal(await post("/nyne/nobody", callback), 404);
    assert.equal(await post("/nyne/ada", "{}"), 404);
    assert.equal(await post("/nyne/", callback), 404);
  });

  it("does not take the id of a foreign callback if it knows its own, and bears a repeated one", async () => {
    const all = await start(late);
    await all.answered("POST");
    const callback = JSON.stringify({ success: true, data: { request_id: "foreign", status: "completed", completed: true, result: {} } });
    for (let time = 0; time < 2; time++) {
      const { status } = await fetch(`${all.engine.url}/nyne/ada`, { method: "POST", body: callback });
      assert.equal(status, 204);
    }
    assert.equal((await all.engine.ended("ada")).mobile, MOBILE);
    const { requests } = await all.service.log();
    assert.ok(requests.every(({ url }) => !url.includes("foreign")));
  });
});
