// The bulk Worker in workerd, with the emulator in Nyne's place: what it does with an upload, and what it refuses.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";

import { Miniflare } from "miniflare";

import { readPeople } from "../../../examples/bulk-worker/people.js";
import { queryOf, recognise } from "../../../cli/columns.js";
import { createWorld, MOBILE, nyneError, onPost } from "../../support/emulator.mjs";
import { bundle, COMPATIBILITY_DATE } from "../../support/hosts/workerd.mjs";
import { emulator } from "../../support/places.mjs";
import { api, csvOf, directory, emails, eventually, submitted, TOKEN } from "./support.mjs";

const LIMITLESS = { perMinute: 1e6, perHour: 1e6, credits: 1e6 };
const QUICK = { ...LIMITLESS, latencyMs: 20 };

it("recognises the columns that the command line does", async () => {
  const table = await readFile(new URL("../../../cli/columns.js", import.meta.url), "utf8");
  const names = [...table.matchAll(/"([a-z ]{20,})"/g)].flatMap(([, list]) => list.split(" "));
  assert.ok(names.length > 60);
  for (const name of names) {
    const [header, cells] = [[name, "Full Name"], ["one", "two"]];
    const [{ query }] = readPeople(`${header}\n${cells}\n`).rows;
    assert.deepEqual(query, queryOf(cells, recognise(header, new Map(), "")), name);
  }
});

describe("examples/bulk-worker", { timeout: 60_000 }, () => {
  let modules, known, folder, world, worker;
  const running = new Set();
  before(async () => {
    [modules, known] = await Promise.all([bundle(new URL("quick.mjs", import.meta.url)), directory()]);
    folder = await mkdtemp(join(tmpdir(), "nyne-bulk-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  afterEach(async () => {
    for (const worker of running) await worker.dispose();
    running.clear();
    await world?.remove();
  });

  /** The Worker over a world of its own. */
  async function open(settings, bindings) {
    world = await createWorld(emulator(), settings);
    return start(bindings, await mkdtemp(join(folder, "store-")));
  }

  async function start(bindings = {}, store) {
    const { apiKey, apiSecret } = world.keys;
    const limits = { REQUESTS_PER_MINUTE: 1e6, REQUESTS_PER_HOUR: 1e6 };
    worker = new Miniflare({
      modules,
      compatibilityDate: COMPATIBILITY_DATE,
      bindings: { NYNE_API_KEY: apiKey, NYNE_API_SECRET: apiSecret, NYNE_BASE_URL: world.url, ACCESS_TOKEN: TOKEN, ...limits, ...bindings },
      durableObjects: { BULK: { className: "Bulk", useSQLite: true } },
      durableObjectsPersist: store,
      handleRuntimeStdio: (...outputs) => outputs.forEach((output) => output.resume()),
    });
    running.add(worker);
    await worker.ready;
    const send = (path, init) => worker.dispatchFetch(`http://worker${path}`, init);
    /** Ends the process, as a crash does, and starts another one over the same store. */
    const restart = async () => {
      running.delete(worker);
      await worker.dispose();
      return start(bindings, store);
    };
    return { ...api(send), restart, problems: async () => (await send("/problems")).json() };
  }

  it("looks everybody up and gives the rows back with their numbers, equal people for one credit", async () => {
    const { upload, until } = await open(QUICK);
    const csv = [
      "\ufeffE-Mail;First Name;Last Name;Note",
      "ada@example.com;;;first",
      "nomobile@example.com;;;=1+1",
      "ada@example.com;;;\"again; with\nlines\"",
      ";Grace;;",
      ";;;nobody",
      "",
    ].join("\r\n");
    const state = await upload(csv);
    assert.deepEqual([state.state, state.name, state.left], ["running", "people.csv", 5]);
    assert.ok(state.timeLeft > 0);

    const { found, missing, failed, unknown, left, credits, timeLeft } = await until("done");
    assert.deepEqual([found, missing, failed, unknown, left, credits, timeLeft], [2, 2, 1, 0, 0, 1, null]);
    const { jobs, creditsLeft, requests } = await world.log();
    assert.deepEqual([jobs, creditsLeft], [3, LIMITLESS.credits - 1]);
    assert.ok(requests.some(({ body }) => body?.includes('"name":"Grace"')));
  });

  it("gives the rows back in their order, under their own columns", async () => {
    const { upload, until, ask } = await open(QUICK);
    await upload("Name;E-Mail;nyne_status\n=Ada;ada@example.com;old\n+49 30 1;nomobile@example.com;old\n;;old\n");
    await until("done");
    const lines = (await (await ask("GET", "/api/results.csv")).text()).split("\n");
    assert.equal(lines[0], "Name;E-Mail;nyne_mobile;nyne_status;nyne_request_id;nyne_error;nyne_message");
    assert.match(lines[1], new RegExp(`^'=Ada;ada@example\\.com;\\${MOBILE};found;[0-9a-f]+_\\d+_\\d+;;$`));
    assert.match(lines[2], /^\+49 30 1;nomobile@example\.com;;missing;[0-9a-f]+_\d+_\d+;;$/);
    assert.match(lines[3], /^;;;failed;;invalid_argument;Query needs /);
  });

  it("stops: nobody is submitted any more, who was is waited for, and the rest goes on later", async () => {
    const { upload, stop, goOn, until, results } = await open({ ...LIMITLESS, latencyMs: 50 });
    const people = emails(known, 200);
    await upload(csvOf(people));
    await eventually("some submits", async () => (await world.log()).posts > 10);
    assert.equal((await stop()).state, "stopping");
    const stopped = await until("stopped");
    const { posts, jobs } = await world.log();
    assert.ok(stopped.left > 0 && stopped.failed === 0, JSON.stringify(stopped));
    assert.equal(stopped.found + stopped.missing, jobs, "a job that was paid for has no outcome");
    assert.equal((await results()).filter(({ nyne_status }) => nyne_status === "").length, stopped.left);

    assert.equal((await goOn()).state, "running");
    await until("done");
    for (const { Email, nyne_mobile, nyne_status } of await results()) {
      assert.deepEqual([nyne_mobile || null, nyne_status], [known.get(Email) ?? null, known.get(Email) ? "found" : "missing"], Email);
    }
    const log = await world.log();
    assert.deepEqual(submitted(log.requests).sort(), people.sort());
    assert.ok(posts < log.posts);
  });

  it("refuses a second upload while one is looked up, and lets it replace one that is stopped", async () => {
    const { upload, ask, stop, until, state } = await open(QUICK);
    await upload(csvOf(emails(known, 200)));
    const response = await ask("POST", "/api/upload?name=second.csv", csvOf(["ada@example.com"]));
    assert.equal(response.status, 409);
    assert.match((await response.json()).error, /^people\.csv is being looked up\. Stop it/);
    await stop();
    await until("stopped");
    await upload(csvOf(["ada@example.com"]), "second.csv");
    const done = await until("done");
    assert.deepEqual([done.name, done.found, done.missing], ["second.csv", 1, 0]);
    assert.equal((await state()).state, "done");
  });

  it("does nothing for somebody without the token", async () => {
    const { ask, state } = await open(QUICK);
    for (const route of ["GET /api/state", "POST /api/upload", "POST /api/stop", "POST /api/go-on", "GET /api/results.csv"]) {
      const [method, path] = route.split(" ");
      const response = await ask(method, path, method === "POST" ? csvOf(["ada@example.com"]) : undefined, "another");
      assert.equal(response.status, 401, path);
    }
    assert.deepEqual(await state(), { state: "empty" });
    assert.equal((await ask("GET", "/api/results.csv")).status, 404);
    assert.equal((await ask("POST", "/api/go-on")).status, 409);
    assert.equal((await ask("GET", "/api/upload")).status, 404);
    assert.equal((await world.log()).posts, 0);
  });

  it("refuses a file that it cannot use, and says why", async () => {
    const { ask, state } = await open(QUICK);
    for (const [body, status, message] of [
      ["Company,Age\nExample Corp,7\n", 400, /"Company", "Age".* Name one of them Email, Name/],
      ["Email\n", 400, /nobody/],
      ["", 400, /nobody/],
      ['Email\n"ada@example.com\n', 400, /^Line \d is not CSV: its quotes/],
      ["Email,Name\na@example.com\n", 400, /^Line 2 is not CSV: it has more or fewer cells/],
      [Uint8Array.of(0x45, 0xe9), 400, /UTF-8/],
      [`Email\n${"a".repeat(4 << 20)}\n`, 413, /larger than 4 MiB/],
    ]) {
      const response = await ask("POST", "/api/upload", body);
      assert.equal(response.status, status, message);
      assert.match((await response.json()).error, message);
    }
    assert.deepEqual(await state(), { state: "empty" });
  });

  it("stops when Nyne refuses the account, says why, and keeps everybody who was not submitted for later", async () => {
    const { upload, until } = await open({ ...QUICK, credits: 0 });
    await upload(csvOf(emails(known, 100)));
    const { reason, left, failed } = await until("stopped");
    assert.match(reason, /insufficient_credits/);
    assert.deepEqual([left, failed], [100, 0]);
    assert.ok((await world.log()).posts <= 6);
  });

  it("stops after 20 submits in a row without an answer, and submits those again on request only", async () => {
    const faults = [onPost({ kind: "reset", at: "start" }, { from: 1, to: 30 })];
    const { upload, goOn, until, results } = await open({ ...QUICK, faults });
    const people = emails(known, 100);
    await upload(csvOf(people));
    const { reason, unknown, left } = await until("stopped");
    assert.match(reason, /20 submits in a row had no answer/);
    const { posts } = await world.log();
    assert.equal(unknown, posts);
    assert.ok(unknown >= 20 && unknown <= 30 && left === 100 - unknown, `${unknown} unknown, ${left} left`);
    const reported = (await results()).filter(({ nyne_error }) => nyne_error === "submit_outcome_unknown");
    assert.deepEqual([reported.length, new Set(reported.map(({ nyne_status }) => nyne_status))], [unknown, new Set(["failed"])]);

    await goOn();
    assert.ok((await until("done")).unknown >= unknown);
    assert.deepEqual(submitted((await world.log()).requests).sort(), people.sort(), "somebody was submitted again without a word");

    await goOn("?resubmit=unknown");
    const { found, missing } = await until("done");
    assert.equal(found + missing, 100);
  });

  it("looks up again those whose error may pass, and not the others", async () => {
    const { upload, goOn, until } = await open({ ...QUICK, faults: [onPost(nyneError(400, "invalid_request"))] });
    await upload("Email,Company\nada@example.com,\n,Example Corp\n");
    const { failed, again } = await until("done");
    assert.deepEqual([failed, again], [2, 1]);
    await goOn();
    const done = await until("done");
    assert.deepEqual([done.found, done.failed, done.again], [1, 1, 0]);
  });

  it("says what is wrong with its settings, and sends nothing", async () => {
    const { upload, until } = await open(QUICK, { REQUESTS_PER_MINUTE: "many" });
    await upload(csvOf(["ada@example.com"]));
    assert.match((await until("stopped")).reason, /requestsPerMinute/);
    assert.equal((await world.log()).posts, 0);
  });

  it("goes on after a restart, and counts the requests before it against the limit", async () => {
    const before = await open(QUICK, { REQUESTS_PER_MINUTE: 10 });
    await before.upload(csvOf(emails(known, 20)));
    await eventually("some requests", async () => (await before.state()).requests[0].used >= 4);
    const { problems, state } = await before.restart();
    // A request more than the limit was answered in Nyne's place, and now all wait.
    await eventually("a refusal", async () => (await problems()).includes("rate_limit_exceeded"));
    const { posts, gets } = await world.log();
    assert.equal(posts + gets, 10);
    const now = await state();
    assert.deepEqual([now.state, now.failed, now.requests[0]], ["running", 0, { limit: 10, span: 60_000, used: 10 }]);
  });
});
