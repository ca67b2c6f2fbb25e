// The matrix. NYNE_RUNTIMES says what of it runs: "all", as `cargo xtask test runtimes` sets it, or a part of the names of
// some rows, to work on them. Without it the fast rows run, and the others are named.

import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";

import { RESULTS, rows, runRow } from "./harness.mjs";
import { writeTable } from "./table.mjs";

const { NYNE_RUNTIMES: part } = process.env;
const all = await rows();
const chosen = all.filter(({ name, fast }) => part === "all" || (part ? name.includes(part) : fast));

for (const group of new Set(chosen.map(({ group }) => group))) {
  describe(group, () => {
    for (const row of chosen.filter((row) => row.group === group)) {
      it(`${row.host}: ${row.ran}`, { timeout: 600_000 }, () => runRow(row));
    }
  });
}

if (part === "all") {
  before(() => rm(RESULTS, { recursive: true, force: true }));
  // Rows that fail are in it too.
  after(() => writeTable(all));
}
for (const { group, host, ran } of all.filter((row) => !chosen.includes(row))) {
  console.log(`Runs in \`cargo xtask test runtimes\`: ${group}, ${host}: ${ran}`);
}
