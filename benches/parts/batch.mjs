// How many people a batch looks up under the limits, through the package and the emulator, in time that runs faster.

import { BATCHES, OWN_BATCH } from "../contenders/batch/index.mjs";
import { start } from "../hosts/node.mjs";
import { lines } from "../report.mjs";
import { median, rounds } from "../statistics.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How much faster time runs: with two busy cores a request still takes less than a second of it. */
const SPEED = 60;
/** More requests than any batch sends: no limit. JSON has no Infinity. */
const UNLIMITED = 1_000_000_000;
/** Without limits all that a batch waits for is its jobs. */
const SPEED_WITHOUT_LIMITS = 600;

/** Each with the limits of the service, how many people each contender is given, and what of the run counts. */
const RUNS = {
  minute: {
    limits: { perMinute: 100, perHour: UNLIMITED },
    people: { "find-phones": 750, "p-limit": 180, all: 500 },
    until: 30 * MINUTE,
    counted: { from: 2 * MINUTE, to: 12 * MINUTE, unit: MINUTE },
    rounds: 3,
  },
  hour: {
    limits: { perMinute: 100, perHour: 1_000 },
    people: { "find-phones": 1_200, "p-limit": 300, all: 500 },
    until: 3.5 * HOUR,
    counted: { from: 0, to: 2 * HOUR, unit: HOUR },
    rounds: 1,
  },
};
const LEAST = { minute: 42, hour: 450 };
const A = { minute: "a minute", hour: "an hour" };
const UNDER = { minute: "100 requests a minute", hour: "1,000 requests an hour" };

export const title = "Many people";

export async function run({ quick }) {
  const found = {};
  for (const [name, one] of Object.entries(RUNS)) {
    if (quick && name === "hour") continue;
    const contenders = Object.keys(BATCHES);
    // An hour is spent waiting: those who share it do not disturb each other.
    found[name] =
      name === "hour"
        ? Object.fromEntries(await Promise.all(contenders.map(async (contender) => [contender, [await look(contender, one)]])))
        : await rounds(contenders, quick ? 1 : one.rounds, (contender) => look(contender, one));
    console.log(`  ${A[name]}: ${middle(found[name][OWN_BATCH], ({ rate }) => rate).toFixed(1)}`);
  }
  const many = await lookWithoutLimits(quick ? 2_000 : 10_000);

  const own = (name, of) => middle(found[name][OWN_BATCH], of);
  const held = many.memories.map(({ heap, external, wasm }) => heap + external + wasm);
  const count = (number) => number.toLocaleString("en");
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  return {
    text:
      "Through the package and over HTTP to the emulator, whose jobs take 35 s in the median (lognormal, σ 0.45). Time runs " +
      `${SPEED} times as fast for both: the emulator divides its durations, and the bench replaces the client's \`setTimeout\`, ` +
      "`performance.now` and `Date.now` before it loads the package; so a request's own time counts 60-fold. `requestTimeout` is 120 s of " +
      "that time. Everybody is found, and charged. Under 100 requests a minute, after the first two minutes and for ten: the medians of " +
      "three rounds in which the contenders take turns. Under 1,000 an hour and 100 a minute: two hours, once. p-limit makes eight lookups " +
      "at a time, which is what fixed polls leave room for, and waits as a 429 asks. `Promise.all` starts 500 lookups at once: each has 300 s. " +
      "A number is delivered if the program got it; it is charged if the job found it.",
    goals: [
      ...Object.keys(found).flatMap((name) => [
        { what: `lookups ${A[name]}`, least: LEAST[name], value: own(name, ({ rate }) => rate) },
        { what: `429s received under ${UNDER[name]}`, most: 0, value: Math.max(...found[name][OWN_BATCH].map(({ requests }) => requests.refused)) },
      ]),
      { what: `most memory in a batch of ${count(many.ended)}, of that after a tenth`, most: 1.5, value: Math.max(...held) / held[0] },
    ],
    tables: [
      ...Object.entries(found).map(([name, results]) => ({
        caption: `Under ${UNDER[name]}`,
        columns: ["", `lookups ${A[name]}`, "polls a lookup", "429s received", "people", "delivered", "of those charged"],
        rows: Object.entries(BATCHES).map(([contender, label]) => {
          const of = (value) => middle(results[contender], value);
          return [
            label,
            of(({ rate }) => rate).toFixed(1),
            of(({ polls }) => polls).toFixed(2),
            of(({ requests }) => requests.refused).toFixed(0),
            count(RUNS[name].people[contender]),
            count(of(({ found }) => found.length)),
            `${(100 * of(({ found, charged }) => found.length / charged)).toFixed(1)} % of ${count(of(({ charged }) => charged))}`,
          ];
        }),
      })),
      {
        caption: `${BATCHES[OWN_BATCH]} without limits: one batch of ${count(many.ended)}, 64 in flight, which keeps each outcome for an equal query to come`,
        columns: ["lookups ended", "JavaScript heap, MB", "outside it, MB", "module, MB", "RSS, MB"],
        rows: many.memories.map(({ ended, heap, external, wasm, rss }) => [count(ended), ...[heap, external, wasm, rss].map(megabytes)]),
      },
    ],
    charts: Object.entries(found).map(([name, results]) => ({
      name: `batch-${name}`,
      alt: `Numbers found over time under ${UNDER[name]}`,
      spec: lines({
        rows: Object.entries(BATCHES).flatMap(([contender, label]) => steps(results[contender][0].found, RUNS[name].counted).map(([x, y]) => ({ name: label, x, y }))),
        x: name === "minute" ? "minutes" : "hours",
        y: "numbers found",
      }),
    })),
  };
}

const middle = (results, of) => median(results.map(of));

/** How many were found by each of sixty times, up to the end of what counts. */
function steps(found, { to, unit }) {
  return Array.from({ length: 61 }, (_, step) => [(step * to) / 60 / unit, found.filter((at) => at <= (step * to) / 60).length]);
}

async function look(contender, { limits, people, until, counted }) {
  const result = await batch({ contender, speed: SPEED, people: people[contender], until, limits });
  const within = result.found.filter((at) => at >= counted.from && at < counted.to).length;
  const { GET, POST } = result.requests;
  console.log(`  ${BATCHES[contender]}: ${result.found.length} of ${people[contender]} found${result.cut ? ", not done" : ""}; otherwise ${JSON.stringify(result.errors)}`);
  return { ...result, rate: (within * counted.unit) / (counted.to - counted.from), polls: GET / POST };
}

/** One batch that waits for nothing but its jobs. */
async function lookWithoutLimits(people) {
  const limits = { perMinute: UNLIMITED, perHour: UNLIMITED };
  const result = await batch({ contender: OWN_BATCH, speed: SPEED_WITHOUT_LIMITS, people, until: 1_000 * HOUR, limits, looks: people / 10 });
  if (result.found.length !== people) throw new Error(`${result.found.length} of ${people} were found: ${JSON.stringify(result.errors)}`);
  console.log(`  ${people} without limits: ${Math.round(result.took / SPEED_WITHOUT_LIMITS / 1_000)} s`);
  return result;
}

/** A contender in a process of its own, against a world of its own. */
async function batch({ contender, speed, people, until, limits, looks }) {
  const { EMULATOR: origin } = process.env;
  const credits = 1_000_000;
  const keys = { apiKey: "nyne_live_batch", apiSecret: "nyne_sec_batch" };
  const latencyMs = { lognormal: { medianMs: 35_000, sigma: 0.45 } };
  const body = JSON.stringify({ ...keys, ...limits, credits, latencyMs, speed, seed: 7 });
  const { path } = await (await fetch(`${origin}/emulator/worlds`, { method: "POST", body })).json();
  const all = { ...keys, baseUrl: origin + path, requestTimeout: 120_000, requestsPerMinute: limits.perMinute, requestsPerHour: limits.perHour };
  const child = await start("batch-child.mjs", { contender, speed, people, until, looks, options: all }, ["--expose-gc"]);
  try {
    const result = await child.ask({});
    const { creditsLeft } = await (await fetch(origin + path)).json();
    return { ...result, charged: credits - creditsLeft };
  } finally {
    child.stop();
    await fetch(origin + path, { method: "DELETE" });
  }
}
