// The recipes for Cloudflare in workerd, which is killed. Two things differ from Cloudflare's own: a Workflow goes on after a restart
// only when it gets an event, and a queue keeps its messages in memory, so that here the test delivers the first message again.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ADA, MOBILE, nyneError, onGet, onPost } from "../../support/emulator.mjs";
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

describe("alarm.js, started again", { concurrency: 2 }, () => {
  it("does not submit again if its submit is under way", async () => {
    const { engine, service, seen, open } = await lookUpIn("workerd.mjs", { recipe: "alarm.js" }, { statuses: [], gated: true });
    await engine.call("/start", "ada", ADA);
    await seen("posts", 1);
    await engine.call("/start", "ada", ADA);
    open();
    assert.equal((await engine.ended("ada")).mobile, MOBILE);
    await assertJobs(service, { posts: 1, jobs: 1 });
  });

  it("submits again if no job was made", async () => {
    const { engine, service } = await lookUpIn("workerd.mjs", { recipe: "alarm.js" }, {
      statuses: [],
      faults: [onPost(nyneError(402, "insufficient_credits"))],
    });
    await engine.call("/start", "ada", ADA);
    assert.equal((await engine.ended("ada")).error.submitted, "no");
    await engine.call("/start", "ada", ADA);
    await until("the number is there", async () => (await engine.ended("ada")).mobile === MOBILE);
    await assertJobs(service, { posts: 2, jobs: 1 });
  });
});

describe("queue.js, delivered by hand", { concurrency: 3 }, () => {
  const FIRST = { query: ADA, key: "ada" };
  const start = async (world) => {
    const all = await lookUpIn("workerd.mjs", QUEUE, { statuses: [], ...world });
    const deliver = (...bodies) => all.engine.call("/deliver", "ada", bodies);
    /** Delivers a message, then each one that it has sent, to the last. */
    const follow = async (body) => {
      for (let next = body; next; ) next = (await deliver(next)).sent[0]?.body;
      return all.engine.call("/state", "ada");
    };
    return { ...all, deliver, follow, state: () => all.engine.call("/state", "ada") };
  };
  const limited = (seconds) => onPost(nyneError(429, "rate_limit_exceeded", { "Retry-After": seconds }));

  it("submits once, and replaces the unknown outcome of the second delivery by the number", async () => {
    const { service, seen, open, deliver, follow, state } = await start({ gated: true });
    const first = deliver(FIRST);
    await seen("posts", 1);
    await deliver(FIRST);
    assertUnknown(await state());
    open();
    const { sent } = await first;
    assert.equal((await follow(sent[0].body)).mobile, MOBILE);
    await assertJobs(service, { posts: 1, jobs: 1 });
  });

  it("finds the number of a lookup that is delivered again while it waits for a limit", async () => {
    const { service, deliver, follow, state } = await start({ faults: [limited("2400")] });
    const { sent } = await deliver(FIRST);
    await deliver(FIRST);
    assertUnknown(await state());
    assert.equal((await follow(sent[0].body)).mobile, MOBILE);
    await assertJobs(service, { posts: 2, jobs: 1 });
  });

  it("does not submit after the limit if the lookup was closed in the meantime", async () => {
    const { engine, service, deliver, follow, state } = await start({ faults: [limited("2400")] });
    const { sent } = await deliver(FIRST);
    await deliver(FIRST);
    assertUnknown(await state());
    await engine.call("/close", "ada", null);
    assertUnknown(await follow(sent[0].body));
    await assertJobs(service, { posts: 1, jobs: 0 });
  });

  it("keeps the number if Nyne has forgotten the job when the second delivery comes", async () => {
    const { service, follow } = await start({ faults: [onGet({ kind: "notFound" }, { from: 2, to: null })] });
    assert.equal((await follow(FIRST)).mobile, MOBILE);
    assert.equal((await follow(FIRST)).mobile, MOBILE);
    assert.ok((await service.log()).requests.some(({ answered }) => answered === 404));
    await assertJobs(service, { posts: 1, jobs: 1 });
  });

  it("replaces a failure that has an id by the number", async () => {
    const { service, deliver, follow } = await start({ faults: [onGet(nyneError(401, "invalid_api_key"))] });
    const { sent } = await deliver(FIRST);
    assert.equal((await follow(sent[0].body)).error.code, "invalid_api_key");
    assert.equal((await follow(sent[0].body)).mobile, MOBILE);
    await assertJobs(service, { posts: 1, jobs: 1 });
  });

  it("asks the queue for 24 hours at most", async () => {
    const { deliver } = await start({ faults: [limited("200000")] });
    const [{ body, delaySeconds }] = (await deliver(FIRST)).sent;
    assert.ok(body.pollAfter > 86_400_000);
    assert.equal(delaySeconds, 86_400);
  });

  it("retries a message that it cannot read, and only that", async () => {
    const { deliver, follow } = await start();
    const { sent, acked, retried } = await deliver({ query: {}, key: "nobody" }, {}, FIRST);
    assert.deepEqual({ acked, retried }, { acked: [2], retried: [{ number: 0, delaySeconds: 60 }, { number: 1, delaySeconds: 60 }] });
    assert.equal((await follow(sent[0].body)).mobile, MOBILE);
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
    const all = await start({ latencyMs: 100, gated: true });
    await until("the callback was delivered", async () => (await all.service.log()).callbacks.some(({ status }) => status === 204));
    all.open();
    await assertFound(all, 1);
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

  it("does not submit again when it is restarted by hand, also if a callback has brought its id", async () => {
    const all = await start({ latencyMs: 500, faults: [onPost({ kind: "reset", at: "start", thenJob: true })] });
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

  it("answers 503 to a callback that it cannot hand on at that moment, and takes it later", async () => {
    const all = await start({ latencyMs: 500, faults: [UNANSWERED] }, { callbackOrigin: "http://127.0.0.1:9" });
    await all.seen("posts", 1);
    await kill(all.engine);
    await until("the callback was tried", async () => (await all.service.log()).callbacks.length > 0);
    const { callbacks: [{ body }] } = await all.service.log();
    const post = async (query) => (await fetch(`${all.engine.url}/nyne/ada${query}`, { method: "POST", body })).status;
    assert.equal(await post("?fail"), 503);
    assert.equal(await post(""), 204);
    await assertFound(all, 1);
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
