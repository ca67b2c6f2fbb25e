// A Worker that holds many lookups, of which the callers drop half at random moments. What dropped requests leave behind
// is bounded, and no other request notices.
//
// SOAK_REQUESTS sets how many requests there are.

import { Agent, request } from "node:http";
import { after, before, it } from "node:test";

import { Miniflare } from "miniflare";

import { equal, ok } from "../support/check.mjs";
import { ALWAYS, createWorld, onGet, onPost } from "../support/emulator.mjs";
import { bundle, COMPATIBILITY_DATE } from "../support/hosts/workerd.mjs";
import { emulator } from "../support/places.mjs";

const ALL = 40_000;
const REQUESTS = Number(process.env.SOAK_REQUESTS ?? ALL);
const AT_ONCE = 128;
/** The share of those whose answers have no known length and drip, so that a drop leaves a body half read. */
const DRIPPING = 0.4;
/** How long a request that nobody drops may be silent, in ms. Over a hundred times what it takes. */
const PATIENCE = 30_000;

/**
 * What the module's memories may hold, in bytes, and how much of it may be new in the second half of the requests: memory
 * follows the most calls that were alive at a time, which varies with the machine's load by half, and is never given back.
 */
const MOST_BYTES = 8 << 20;
const MOST_GROWTH = 3 << 20;
/** How long the module keeps a call that its host has forgotten, in ms: its timer's beat, and two looks, each 2 s apart. */
const FORGOTTEN = 2_000 + 2 * 2_000 + 1_000;
/** How many calls may be alive beside those that began so lately: what the garbage collector has not come to yet. */
const MOST_CALLS = 1024;
/** How long the slowest answer may take, in ms. */
const SLOWEST = 20_000;

const WHOLE = { statuses: ["queued"], perMinute: 1e9, perHour: 1e9, credits: 1e9 };
const DRIP = { kind: "slowBody", bytesPerSecond: 4_000 };
const WORLDS = { whole: WHOLE, dripping: { ...WHOLE, faults: [onPost(DRIP, ALWAYS), onGet(DRIP, ALWAYS)] } };
/** How long a lookup takes by and large, in ms, as seen so far: drops fall anywhere in it. */
const lasts = { whole: 100, dripping: 250 };

const worlds = {};
let people;
let worker;
let address;

before(async () => {
  const everybody = await (await fetch(`${emulator()}/emulator/people`)).json();
  people = everybody.filter(({ mobile }) => mobile !== null);
  for (const [kind, settings] of Object.entries(WORLDS)) worlds[kind] = await createWorld(emulator(), settings);
  const bindings = Object.entries(worlds).map(([kind, { keys, url }]) => [kind, { ...keys, baseUrl: url }]);
  worker = new Miniflare({
    modules: await bundle(new URL("worker.mjs", import.meta.url)),
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: ["nodejs_als"],
    bindings: { WORLDS: Object.fromEntries(bindings) },
    // A Worker whose caller is gone has nobody to tell, and says so at length.
    handleRuntimeStdio: (...outputs) => outputs.forEach((output) => output.resume()),
    // Past Miniflare's own Worker, which would be half of the load.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  });
  await worker.ready;
  address = await worker.unsafeGetDirectURL();
});
after(async () => {
  agent.destroy();
  await worker?.dispose();
  for (const world of Object.values(worlds)) await world.remove();
});

// The runtime closes a connection after some seconds without a request. None may just then be on its way: so connections
// are given up here before that.
const agent = new Agent({ keepAlive: true, timeout: 2_000 });

/** Sends a request and returns its answer; or, if it is dropped after `drop` ms before there is one, "dropped". */
function send(path, drop) {
  return new Promise((resolve, reject) => {
    let dropped = false;
    const fail = (error) => (dropped ? resolve("dropped") : reject(error));
    const sent = request(new URL(path, address), { agent, timeout: PATIENCE }, async (response) => {
      let text = "";
      try {
        for await (const data of response) text += data;
        clearTimeout(timer);
        resolve(response.statusCode === 200 ? text : `${response.statusCode} ${text}`);
      } catch (error) {
        fail(error);
      }
    });
    const leave = () => {
      dropped = true;
      // A reset: after an orderly end the runtime would answer a caller who may still be listening.
      sent.socket?.resetAndDestroy();
      sent.destroy();
    };
    const timer = drop === undefined ? undefined : setTimeout(leave, drop);
    sent.on("timeout", () => sent.destroy(new Error(`no answer for ${PATIENCE / 1000} s`)));
    sent.on("error", fail);
    sent.end();
  });
}

it(`${REQUESTS} requests, half of them dropped: all others are answered, and little is left`, async (test) => {
  const counts = { answered: 0, dropped: 0 };
  const failures = [];
  const started = performance.now();
  let begun = 0;
  /** When each call began. */
  const times = [];
  /** The bytes of the module's memories, at each census. */
  const bytes = [];
  let leaving = 0;
  let slowest = 0;

  const ask = async (number) => {
    const kind = Math.random() < DRIPPING ? "dripping" : "whole";
    // Another person each time, so that another call's answer is told from the right one.
    const { email, mobile } = people[number % people.length];
    // Of those that are still to come, as many leave as are missing to the half: some are answered before they can.
    const leaves = Math.random() < (REQUESTS / 2 - counts.dropped - leaving) / (REQUESTS - number);
    leaving += leaves;
    const sent = performance.now();
    times.push(sent);
    const answer = await send(`${kind}/${email}`, leaves ? Math.random() * lasts[kind] : undefined);
    const took = performance.now() - sent;
    leaving -= leaves;
    if (answer === "dropped") return counts.dropped++;
    equal(answer, mobile, `the answer to request ${number}, ${kind},`);
    counts.answered++;
    slowest = Math.max(slowest, took);
    if (!leaves) lasts[kind] += (took - lasts[kind]) / 100;
  };
  /** What is left, once it is as little as may be: the garbage collector takes its time. */
  const census = async () => {
    let left;
    for (let tries = 0; tries < 20; tries++) {
      left = JSON.parse(await send("census"));
      if (left.bytes < MOST_BYTES && left.calls <= mayLive()) break;
    }
    report(left);
    bytes.push(left.bytes);
    ok(left.bytes < MOST_BYTES, `the module's memories hold ${left.bytes} bytes`);
    ok(left.calls <= mayLive(), `${left.calls} calls are alive, and ${mayLive()} may be`);
    equal(left.strays, { jobs: 0, contexts: 0 }, "calls of one request's functions for another's job, or in its context");
    ok(left.made > 0, "no instance was seen, so no memory was measured");
    return left;
  };
  const mayLive = () => times.filter((time) => time > performance.now() - FORGOTTEN).length + MOST_CALLS;
  const report = ({ unsettled, made, instances, bytes, calls }) =>
    test.diagnostic(
      `${((performance.now() - started) / 1000).toFixed(0)} s: ${counts.answered} answered, ${counts.dropped} dropped; ` +
        `unsettled are ${unsettled.whole} and ${unsettled.dripping} dripping, ${calls} of them alive; ` +
        `${instances} of ${made} instances alive, with ${(bytes / (1 << 20)).toFixed(2)} MiB`,
    );
  let next = REQUESTS / 10;
  const caller = async () => {
    while (begun < REQUESTS && failures.length === 0) {
      const number = begun++;
      try {
        await ask(number);
        if (counts.answered + counts.dropped < next || begun >= REQUESTS) continue;
        next += REQUESTS / 10;
        await census();
      } catch (error) {
        failures.push(error.message);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  test.diagnostic(`the slowest answer took ${slowest.toFixed(0)} ms`);
  equal(failures, [], "what failed");
  equal(counts.answered + counts.dropped, REQUESTS, "the count of requests that came to an end");

  ok(slowest < SLOWEST, `the slowest answer took ${slowest} ms`);

  const { whole, dripping } = (await census()).unsettled;
  const half = bytes[Math.floor(bytes.length / 2) - 1];
  // In fewer requests it is still filling up to what is forgotten at any one time.
  if (REQUESTS >= ALL) ok(bytes.at(-1) - half <= MOST_GROWTH, `the module's memories grew from ${half} to ${bytes.at(-1)} bytes in the second half`);
  ok(counts.dropped > REQUESTS * 0.45, `only ${counts.dropped} requests were dropped`);
  // Of the other drops some came before the lookup, some too late, and some lookups were still there to be told that they were
  // forgotten. Without a good many in its midst, and in the midst of bodies, nothing of the above was tested.
  ok(whole + dripping > REQUESTS * 0.2, `only ${whole + dripping} lookups were abandoned`);
  if (REQUESTS >= ALL) ok(dripping > 2 * MOST_CALLS, `only ${dripping} lookups with dripping bodies were abandoned`);

  // Each new call looks for those that were forgotten, so in the end nothing of them is left.
  const quiet = performance.now() + FORGOTTEN;
  while (performance.now() < quiet) {
    equal(await send(`whole/${people[0].email}`), people[0].mobile, "an answer after the load");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await census();
});
