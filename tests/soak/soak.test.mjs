// A Worker that holds many lookups, of which the callers drop every other one at a random moment. What a dropped request
// leaves behind is bounded, and no other request notices.
//
// SOAK_REQUESTS sets how many requests there are.

import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { after, before, it } from "node:test";

import { Miniflare } from "miniflare";

import { equal, ok } from "../support/check.mjs";
import { ALWAYS, createWorld, MOBILE, onGet, onPost } from "../support/emulator.mjs";
import { bundle, COMPATIBILITY_DATE } from "../support/hosts/workerd.mjs";
import { emulator } from "../support/places.mjs";

const REQUESTS = Number(process.env.SOAK_REQUESTS ?? 100_000);
const AT_ONCE = 128;
/** One request in so many gets answers of unknown length that drip, so that a drop leaves a body half read. */
const DRIPPING = 10;
const LIMIT = 8 << 20;

const UNLIMITED = { latencyMs: 0, perMinute: 1e9, perHour: 1e9, credits: 1e9, expireAfterMs: 10_000 };
const DRIP = { kind: "slowBody", bytesPerSecond: 1_000 };
const WORLDS = { whole: UNLIMITED, dripping: { ...UNLIMITED, faults: [onPost(DRIP, ALWAYS), onGet(DRIP, ALWAYS)] } };
/** How long a lookup takes by and large, in ms, as seen so far: drops fall anywhere in it. */
const lasts = { whole: 50, dripping: 500 };

let worker;
let address;
const worlds = {};

before(async () => {
  for (const [kind, settings] of Object.entries(WORLDS)) worlds[kind] = await createWorld(emulator(), settings);
  const bindings = Object.entries(worlds).map(([kind, { keys, url }]) => [kind, { ...keys, baseUrl: url }]);
  worker = new Miniflare({
    modules: await bundle(new URL("worker.mjs", import.meta.url)),
    compatibilityDate: COMPATIBILITY_DATE,
    bindings: { WORLDS: Object.fromEntries(bindings) },
    // A Worker whose caller is gone has nobody to tell, and says so at length.
    handleRuntimeStdio: (...outputs) => outputs.forEach((output) => output.resume()),
    // Past Miniflare's own Worker, which would be the half of the load.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  });
  await worker.ready;
  address = await worker.unsafeGetDirectURL();
});
after(async () => {
  await worker?.dispose();
  for (const world of Object.values(worlds)) await world.remove();
});

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

/** Sends a request and returns its answer; or, if it is dropped after `drop` ms before there is one, "dropped". */
function send(kind, drop) {
  return new Promise((resolve, reject) => {
    let dropped = false;
    const sent = request(new URL(kind, address), { agent, timeout: 30_000 }, async (response) => {
      let text = "";
      try {
        for await (const data of response) text += data;
        clearTimeout(timer);
        resolve(response.statusCode === 200 ? text : `${response.statusCode} ${text}`);
      } catch (error) {
        if (dropped) resolve("dropped");
        else reject(error);
      }
    });
    const leave = () => {
      dropped = true;
      // A reset: after an orderly end the runtime would answer a caller who may still be listening.
      sent.socket?.resetAndDestroy();
      sent.destroy();
    };
    const timer = drop === undefined ? undefined : setTimeout(leave, drop);
    sent.on("timeout", () => sent.destroy(new Error(`no answer for 30 s to a request that nobody dropped`)));
    sent.on("error", (error) => (dropped ? resolve("dropped") : reject(error)));
    sent.end();
  });
}

const census = async () => JSON.parse(await send("census"));

/** The resident memory of the runtime's process, in MiB; only Linux tells. */
function residentMemory() {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").trim().split(" ");
    const runtime = children.find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "workerd");
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${runtime}/status`, "utf8"))[1]) / 1024;
  } catch {
    return undefined;
  }
}

it(`${REQUESTS} requests, half of them dropped: all others are answered, and little is left`, async (test) => {
  const counts = { answered: 0, dropped: 0 };
  const resident = [];
  const started = performance.now();
  let begun = 0;
  const caller = async () => {
    while (begun < REQUESTS) {
      const number = begun++;
      const kind = number % DRIPPING === 0 ? "dripping" : "whole";
      const drop = Math.random() < 0.55 ? Math.random() * lasts[kind] : undefined;
      const before = performance.now();
      const answer = await send(kind, drop);
      if (answer === "dropped") counts.dropped++;
      else {
        equal(answer, MOBILE, `the answer to request ${number}`);
        counts.answered++;
        if (drop === undefined) lasts[kind] += (performance.now() - before - lasts[kind]) / 100;
      }
      if (number % Math.ceil(REQUESTS / 10) === 0) {
        const memory = residentMemory();
        if (memory !== undefined) resident.push(memory);
        const { made, living, bytes } = await census();
        const seconds = ((performance.now() - started) / 1000).toFixed(0);
        test.diagnostic(`${number} requests, ${seconds} s: ${living} of ${made} instances live, ${(bytes / (1 << 20)).toFixed(1)} MiB; the runtime holds ${memory?.toFixed(0)} MiB`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));

  let left = await census();
  for (let tries = 0; tries < 20 && left.bytes >= LIMIT; tries++) left = await census();
  test.diagnostic(`${counts.answered} answered, ${counts.dropped} dropped, ${((performance.now() - started) / 1000).toFixed(0)} s; at the end ${JSON.stringify(left)}; the runtime held ${resident.map(Math.round)} MiB`);
  equal(counts.answered + counts.dropped, REQUESTS, "requests that came to an end");
  ok(counts.dropped > REQUESTS * 0.4, `only ${counts.dropped} requests were dropped`);
  ok(left.bytes < LIMIT, `the module's memories hold ${left.bytes} bytes`);
  // So many bodies were left half read that the instance was replaced: otherwise nothing of that was tested.
  if (REQUESTS >= 100_000) ok(left.made > 1, "no instance was ever replaced");
  const growth = resident.at(-1) - resident[Math.floor(resident.length / 2)];
  ok(!(growth > 32 + REQUESTS / 2 / 1024), `the runtime grew by ${growth} MiB in the second half, more than 1 KiB a request`);
});
