// Whether a lookup costs more when there are many, and what each asks of the host.

import { CONTENDERS, OWN } from "../contenders/index.mjs";
import { start } from "../hosts/node.mjs";
import { bars } from "../report.mjs";
import { median, ratio, rounds } from "../statistics.mjs";

const COMPARED = ["loop", "plain", "package"];
/** How many are in flight, and how many lookups are made of it in a round. */
const LEVELS = [
  { inFlight: 10, count: 10_000 },
  { inFlight: 1_000, count: 10_000 },
  { inFlight: 100_000, count: 100_000 },
];

const MOST_LISTED = 25;

export const title = "Scale";

export async function run({ quick }) {
  const levels = quick ? LEVELS.slice(0, 2) : LEVELS;
  const cost = await measureCost(levels, quick ? 1 : 3);
  const counts = await countAll(quick ? 200 : 1_000);

  const most = levels.at(-1).inFlight;
  const least = levels[0].inFlight;
  const growth = (name) => ratio(cost[key(name, most)], cost[key(name, least)]);
  const number = (value) => value.toLocaleString("en");
  const sum = (list) => Object.values(list).reduce((sum, value) => sum + value, 0);
  const each = (value) => (value === undefined ? "0" : String(+value.toFixed(1)));
  return {
    text:
      "CPU a lookup of 1 POST and 1 GET (stub fetch, Node, waits of 1 ms) by how many are in flight at a time, each level in a " +
      "process of its own. It grows for whatever keeps that much in memory, the plain loop included: the garbage collector has " +
      "more to look after. Then what one lookup of 1 POST and 4 GETs asks of the host, the stub's and `Response`'s own promises included.",
    goals: [
      { what: `growth from ${least} to ${number(most)} in flight, of the plain JavaScript client's`, most: 1, value: growth(OWN) / growth("plain") },
    ],
    tables: [
      {
        columns: ["µs a lookup", ...levels.map(({ inFlight }) => `${number(inFlight)} in flight`), "growth"],
        rows: COMPARED.map((name) => [
          CONTENDERS[name],
          ...levels.map(({ inFlight }) => median(cost[key(name, inFlight)]).toFixed(1)),
          growth(name).toFixed(2),
        ]),
      },
      {
        caption: "A lookup's timers, promises and crossings",
        columns: ["", "timers set", "timers cleared", "promises", "calls into the module", "calls out of it"],
        rows: Object.entries(counts).map(([name, { timers, promises, in: into, out }]) => [
          CONTENDERS[name],
          each(timers.setTimeout),
          each(timers.clearTimeout),
          each(promises.promise),
          each(sum(into)),
          each(sum(out)),
        ]),
      },
      ...["in", "out"].map((way) => ({
        caption: `Calls ${way === "in" ? "into" : "out of"} the module, by function (the ${MOST_LISTED} most called)`,
        columns: ["", "a lookup"],
        rows: Object.entries(counts[OWN][way])
          .sort(([, a], [, b]) => b - a)
          .slice(0, MOST_LISTED)
          .map(([name, value]) => [`\`${name}\``, each(value)]),
      })),
    ],
    charts: [
      {
        name: "scale",
        alt: "CPU a lookup by lookups in flight",
        spec: bars({
          rows: levels.flatMap(({ inFlight }) =>
            COMPARED.map((name) => ({ group: `${number(inFlight)} in flight`, name: CONTENDERS[name], value: median(cost[key(name, inFlight)]) })),
          ),
          axis: "µs a lookup",
          format: ".0f",
        }),
      },
    ],
  };
}

const key = (name, inFlight) => `${name} ${inFlight}`;

async function measureCost(levels, count) {
  const children = {};
  for (const name of COMPARED) {
    for (const level of levels) children[key(name, level.inFlight)] = { level, child: await start("scale-child.mjs", { contender: name }) };
  }
  const measure = async (which) => {
    const { level, child } = children[which];
    return child.ask({ count: level.count, concurrency: level.inFlight });
  };
  const all = Object.keys(children);
  // Compiled in all of them, whatever their level.
  for (const { child } of Object.values(children)) await child.ask({ count: 5_000, concurrency: 100 });
  const found = await rounds(all, count, measure);
  for (const { child } of Object.values(children)) child.stop();
  return found;
}

async function countAll(lookups) {
  const found = {};
  for (const name of Object.keys(CONTENDERS)) {
    const child = await start("count-child.mjs", { contender: name });
    const counts = await child.ask({ lookups });
    child.stop();
    for (const list of Object.values(counts)) for (const what of Object.keys(list)) list[what] /= lookups;
    found[name] = counts;
  }
  return found;
}
