// Profiles lookups of a contender, this package with the names of its module's functions, and answers with the time that
// each function took itself, in µs a lookup.

import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { GETS } from "./client.mjs";
import { stubFetch } from "../service.mjs";
import { SETTINGS, lookups } from "../workload.mjs";

const url = pathToFileURL(join(process.env.NAMED, "package/dist/node.js")).href;
registerHooks({ resolve: (name, context, next) => (name === "nyne-phone-finder" ? { url, shortCircuit: true } : next(name, context)) });

const { contender } = JSON.parse(process.argv[2]);
const { connect } = await import(`../contenders/${contender}.mjs`);
const find = connect({ ...SETTINGS, fetch: stubFetch(GETS) });

function kindOf({ functionName, url }) {
  if (url.startsWith("wasm:")) return "module";
  if (url.startsWith("node:")) return "Node";
  if (url.includes("/benches/") && !url.includes("/contenders/")) return "benchmark";
  return url ? "JavaScript" : functionName === "(garbage collector)" ? functionName : "engine";
}

/** Returns a frame's name, or for a frame without one the name of the function that contains it. */
function nameOf({ functionName, url, lineNumber }) {
  if (functionName !== "" || !url.startsWith("file:")) return functionName.replace(/\[[0-9a-f]{16}\]/g, "") || "(anonymous)";
  const before = readFileSync(new URL(url), "utf8").split("\n", lineNumber + 1).join("\n");
  return `(in ${[...before.matchAll(/function (\w+)\(/g)].at(-1)?.[1]})`;
}

process.on("message", async ({ lookups: count }) => {
  await lookups(find, 5_000, 32);
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 100 });
  await session.post("Profiler.start");
  await lookups(find, count, 32);
  const { nodes, samples, timeDeltas } = (await session.post("Profiler.stop")).profile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const [kinds, functions] = [{}, {}];
  const names = new Map(nodes.map(({ id, callFrame }) => [id, `${nameOf(callFrame)} ${callFrame.url.replace(/^.*\//, "")}:${callFrame.lineNumber + 1}`]));
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    if (frame.functionName === "(idle)") return;
    for (const [times, key] of [[kinds, kindOf(frame)], [functions, names.get(id)]]) times[key] = (times[key] ?? 0) + timeDeltas[index] / count;
  });
  process.send({ kinds, functions: Object.entries(functions).sort(([, a], [, b]) => b - a) });
});
