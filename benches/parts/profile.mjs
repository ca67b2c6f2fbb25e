// Profiles a lookup by function. It only prints: no document holds the result.

import { CONTENDERS, OWN } from "../contenders/index.mjs";
import { start } from "../hosts/node.mjs";

const MOST_LISTED = 40;

export const title = "Profile of a lookup";

export async function run({ quick }) {
  const found = [];
  for (const contender of ["loop", "plain", OWN]) {
    const child = await start("profile-child.mjs", { contender });
    found.push({ contender, ...(await child.ask({ lookups: quick ? 5_000 : 50_000 })) });
    child.stop();
  }
  const microseconds = (value) => (value ?? 0).toFixed(2);
  const kinds = [...new Set(found.flatMap(({ kinds }) => Object.keys(kinds)))].sort();
  return {
    printed: true,
    text: "Stub fetch, Node, 1 POST and 4 GETs, 32 lookups at a time: µs a lookup in the main thread, by V8's sampling profiler.",
    tables: [
      {
        columns: ["", ...kinds],
        rows: found.map(({ contender, kinds: times }) => [CONTENDERS[contender], ...kinds.map((kind) => microseconds(times[kind]))]),
      },
      {
        caption: `${CONTENDERS[OWN]}, by function`,
        columns: ["", "µs itself"],
        rows: found.at(-1).functions.slice(0, MOST_LISTED).map(([name, time]) => [`\`${name}\``, microseconds(time)]),
      },
    ],
  };
}
