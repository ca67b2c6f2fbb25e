// What the pure core costs, natively: benches/core.rs, which divan runs and reports.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { bars } from "../report.mjs";

const NANOSECONDS = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };

export const title = "The core, natively";

export async function run({ quick, repository }) {
  const samples = quick ? ["--sample-count", "10"] : [];
  const command = ["bench", "--quiet", "--package", "nyne-phone-finder", "--bench", "core", "--", ...samples];
  // Divan's own colours and width are for people.
  const { stdout } = await promisify(execFile)("cargo", command, { cwd: repository, env: { ...process.env, NO_COLOR: "1" } });
  const found = read(stdout);
  if (found.length === 0) throw new Error(`divan's report is not of the form that benches/parts/native.mjs reads:\n${stdout}`);
  return {
    text:
      "The wire contract and the state machine without a host, compiled with the package's profile (`benches/core.rs`). The JSON is " +
      "parsed beforehand: that is the host's part, and here values of `serde_json` stand in for the host's, whose looks copy what " +
      "they find. A lookup: five replies read and ten decisions.",
    tables: [
      {
        columns: ["", "median, ns", "allocations", "bytes allocated"],
        rows: found.map(({ name, median, allocations, bytes }) => [name, median.toFixed(median < 100 ? 1 : 0), allocations, bytes]),
      },
    ],
    charts: [
      {
        name: "native",
        alt: "Nanoseconds of the core's operations",
        spec: bars({ rows: found.map(({ name, median }) => ({ group: "median", name, value: median })), axis: "ns", format: ",.0f" }),
      },
    ],
  };
}

/** Divan's tree: a row of times for each benchmark, below it what it allocated, if anything. */
function read(report) {
  const found = [];
  let group = "";
  let allocated;
  for (const line of report.split("\n")) {
    const [, indent, rest] = /^([│├╰─\s]*)(.*)$/.exec(line);
    const [first, , median, ...others] = rest.split("│").map((cell) => cell.trim());
    const [, name, fastest] = /^(\w+)(?:\s{2,}(.+))?$/.exec(first) ?? [];
    if (others.length >= 3 && name && /^[a-z]/.test(name) && (fastest ? /^[\d.]+ (ns|µs|ms|s)$/.test(fastest) : median === "")) {
      const words = name.replaceAll("_", " ");
      if (!fastest) {
        group = words;
        continue;
      }
      const [number, unit] = median.split(" ");
      const full = indent.length > 3 ? `${group}: ${words}` : words;
      found.push({ name: full, median: number * NANOSECONDS[unit], allocations: "0", bytes: "0" });
    } else if (/^[a-z ]+:$/.test(first)) {
      allocated = first === "alloc:" ? ["allocations", "bytes"] : [];
    } else if (allocated?.length && median !== undefined) {
      found.at(-1)[allocated.shift()] = median.replace(/ B$/, "");
    }
  }
  return found;
}
