// Batches in a Worker's requests, which share a client of the module. A request that is dropped takes its batch along and
// holds up nobody else.

import { request } from "node:http";
import { after, before, it } from "node:test";

import { Miniflare } from "miniflare";

import { wait } from "../support/case.mjs";
import { equal, ok } from "../support/check.mjs";
import { ALWAYS, createWorld, onGet, onPost } from "../support/emulator.mjs";
import { bundle, COMPATIBILITY_DATE } from "../support/hosts/workerd.mjs";
import { emulator } from "../support/places.mjs";

const BOUNDLESS = { latencyMs: 100, perMinute: 1e9, perHour: 1e9, credits: 1e9 };
const HANG = { kind: "hang", at: "start" };
const WORLDS = {
  usual: BOUNDLESS,
  mute: { ...BOUNDLESS, faults: [onPost(HANG, ALWAYS)] },
  neverDone: { ...BOUNDLESS, faults: [onGet({ kind: "jobStatus", status: "processing" }, ALWAYS)] },
};
const MOST_OPEN = 6;
/** How long a client may be held up by a dropped request, in ms: a beat of its timer, and two looks, each 2 s apart. */
const HELD_UP = 2_000 + 2 * 2_000 + 2_000;

const worlds = {};
let worker;
let address;

before(async () => {
  for (const [name, settings] of Object.entries(WORLDS)) worlds[name] = await createWorld(emulator(), settings);
  const bindings = Object.entries(worlds).map(([name, { keys, url }]) => [name, { ...keys, baseUrl: url }]);
  worker = new Miniflare({
    modules: await bundle(new URL("worker.mjs", import.meta.url)),
    compatibilityDate: COMPATIBILITY_DATE,
    bindings: { WORLDS: Object.fromEntries(bindings) },
    // A Worker whose caller is gone has nobody to tell, and says so at length.
    handleRuntimeStdio: (...outputs) => outputs.forEach((output) => output.resume()),
    // Past Miniflare's own Worker, which would hide that a caller is gone.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  });
  await worker.ready;
  address = await worker.unsafeGetDirectURL();
});
after(async () => {
  await worker?.dispose();
  for (const world of Object.values(worlds)) await world.remove();
});

/** Sends a request: what it is answered, and `drop`, which resets its connection. */
function send(path) {
  let dropped = false;
  let sent;
  const answer = new Promise((resolve, reject) => {
    const fail = (error) => (dropped ? resolve("dropped") : reject(error));
    sent = request(new URL(path, address), { agent: false }, async (response) => {
      let text = "";
      try {
        for await (const data of response) text += data;
        resolve(response.statusCode === 200 ? JSON.parse(text) : `${response.statusCode} ${text}`);
      } catch (error) {
        fail(error);
      }
    });
    sent.on("error", fail);
    sent.end();
  });
  return { answer, drop: () => ((dropped = true), sent.socket.resetAndDestroy(), sent.destroy()) };
}

const found = (count) => Array(count).fill("found");

async function eventually(what, condition) {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 300) throw new Error(`${what}: not within 3 s`);
    await wait(10);
  }
}

it("a batch in a request finds everybody", async () => {
  equal(await send("usual/alone/20").answer, found(20));
});

it("ten requests at once share a client: each gets its own people, and all wait for one limit of requests at once", async () => {
  const answers = await Promise.all([...Array(10).keys()].map((number) => send(`usual/shared${number}/${number}`).answer));
  equal(answers, [...Array(10).keys()].map((number) => found(number === 0 ? 1 : number)));
});

it("a request that is dropped in the midst of its batch submits nobody any more, and the others go on", { timeout: 60_000 }, async () => {
  const dropped = send("neverDone/dropped/200");
  await eventually("some submits", async () => (await worlds.neverDone.log()).posts >= 20);
  dropped.drop();
  equal(await dropped.answer, "dropped");
  const { posts } = await worlds.neverDone.log();
  const until = performance.now() + HELD_UP + 2_000;
  for (let number = 0; performance.now() < until; number++) {
    equal(await send(`usual/beside${number}/5`).answer, found(5), `request ${number}`);
    await wait(300);
  }
  const later = await worlds.neverDone.log();
  ok(later.posts <= posts + MOST_OPEN, `the dropped batch went on: ${posts} submits, then ${later.posts}`);
  equal(later.jobs, later.posts, "jobs");
});

it("a request that is dropped while its batch has all requests open does not block the client", { timeout: 60_000 }, async () => {
  const dropped = send("mute/blocking/20");
  await eventually("open submits", async () => (await worlds.mute.log()).posts === MOST_OPEN);
  const waiting = [send("usual/waiting/5"), send("usual/alone/0")];
  await wait(500);
  const started = performance.now();
  dropped.drop();
  // Nobody calls meanwhile.
  equal(await Promise.all(waiting.map(({ answer }) => answer)), [found(5), found(1)], "those who waited for their turn");
  const took = performance.now() - started;
  ok(took < HELD_UP, `it took ${took} ms`);
  equal(await send("usual/after/5").answer, found(5), "a later request");
  equal((await worlds.mute.log()).posts, MOST_OPEN, "submits of the dropped batch");
});
