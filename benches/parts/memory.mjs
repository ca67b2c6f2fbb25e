// The memory of lookups in flight, and whether it comes back.

import { CONTENDERS, OWN } from "../contenders/index.mjs";
import { start } from "../hosts/node.mjs";
import { bars, lines } from "../report.mjs";

const COMPARED = ["loop", "plain", "ky", "package"];
const LEVELS = [1_000, 10_000, 100_000];
/** What 100,000 of ky's take (3 GB) is more than a run should. */
const MOST_OF_KY = 10_000;
/** In how many steps the long run is looked at. */
const STEPS = 10;

export const title = "Memory";

export async function run({ quick }) {
  const levels = quick ? LEVELS.slice(0, 2) : LEVELS;
  // Beside each other: what else the machine does changes nothing here.
  const [inFlight, long] = await Promise.all([holdAll(levels), manyLookups(quick ? 20_000 : 1_000_000)]);

  const most = levels.at(-1);
  const drawn = Math.min(most, MOST_OF_KY);
  const at = (count, name) => inFlight.find((one) => one.count === count && one.name === name);
  const count = (number) => number.toLocaleString("en");
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  return {
    text:
      "Bytes a lookup: what the JavaScript heap, memory outside it and the module's memory grew by, after a garbage collection, " +
      "for each lookup in flight. `waiting`: for its first poll, where a lookup spends nearly all of its time; `polling`: with " +
      "the poll under way, the service silent. `after` is how much more than before all of it was when the lookups had ended. " +
      "Stub fetch, Node; resident memory (RSS) counts what the system has given the process, which it seldom gives back.",
    goals: levels.slice(1).flatMap((level) =>
      ["waiting", "polling"].map((state) => ({
        what: `${state}, ${count(level)} in flight, of the plain JavaScript client`,
        most: 1.25,
        value: at(level, OWN)[`${state}Bytes`] / at(level, "plain")[`${state}Bytes`],
      })),
    ),
    tables: [
      {
        columns: ["", "in flight", "waiting, bytes a lookup", "of them in the module", "RSS, MB", "polling, bytes a lookup", "of them in the module", "RSS, MB", "after, MB", "RSS, MB"],
        rows: inFlight.map((one) => [
          CONTENDERS[one.name],
          count(one.count),
          Math.round(one.waitingBytes),
          Math.round((one.waiting.during.wasm - one.waiting.before.wasm) / one.count),
          megabytes(one.waiting.during.rss),
          Math.round(one.pollingBytes),
          Math.round((one.polling.during.wasm - one.polling.before.wasm) / one.count),
          megabytes(one.polling.during.rss),
          megabytes(one.polling.after.all - one.polling.before.all),
          megabytes(one.polling.after.rss),
        ]),
      },
      {
        caption: `${CONTENDERS[OWN]}, lookups one after another (1 POST, 1 GET; 32 at a time)`,
        columns: ["lookups", "JavaScript heap, MB", "outside it, MB", "module, MB", "RSS, MB"],
        rows: long.map(({ lookups, heap, external, wasm, rss }) => [count(lookups), ...[heap, external, wasm, rss].map(megabytes)]),
      },
    ],
    charts: [
      {
        name: "memory",
        alt: "Bytes a lookup in flight, by contender",
        spec: bars({
          rows: ["waiting", "polling"].flatMap((state) =>
            COMPARED.map((name) => ({ group: `${state}, ${count(drawn)} in flight`, name: CONTENDERS[name], value: at(drawn, name)[`${state}Bytes`] })),
          ),
          axis: "bytes a lookup",
          format: ",.0f",
        }),
      },
      {
        name: "memory-long",
        alt: "Memory over a million lookups",
        spec: lines({
          rows: long.flatMap(({ lookups, heap, wasm, rss }) => [
            { name: "JavaScript heap", x: lookups, y: heap / 1e6 },
            { name: "module", x: lookups, y: wasm / 1e6 },
            { name: "RSS", x: lookups, y: rss / 1e6 },
          ]),
          x: "lookups made",
          y: "MB",
        }),
      },
    ],
  };
}

async function holdAll(levels) {
  const all = [];
  for (const count of levels) {
    for (const name of COMPARED.filter((name) => name !== "ky" || count <= MOST_OF_KY)) {
      const [waiting, polling] = [await hold(name, "waiting", count), await hold(name, "polling", count)];
      const bytes = ({ before, during }) => (during.all - before.all) / count;
      all.push({ name, count, waiting, polling, waitingBytes: bytes(waiting), pollingBytes: bytes(polling) });
    }
    console.log(`  ${count} in flight`);
  }
  return all;
}

async function hold(contender, command, count) {
  const child = await begin(contender);
  const found = await child.ask({ command, count });
  child.stop();
  return Object.fromEntries(Object.entries(found).map(([when, memory]) => [when, withSum(memory)]));
}

async function manyLookups(total) {
  const child = await begin(OWN);
  const found = [];
  for (let step = 1; step <= STEPS; step++) {
    const memory = await child.ask({ command: "next", count: total / STEPS });
    found.push({ lookups: (step * total) / STEPS, ...withSum(memory) });
  }
  child.stop();
  console.log(`  ${total} one after another`);
  return found;
}

const begin = (contender) => start("memory-child.mjs", { contender }, ["--expose-gc"]);
const withSum = (memory) => ({ ...memory, all: memory.heap + memory.external + memory.wasm });
