// Writes docs/compatibility.md from what the rows have left.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { RESULTS } from "./harness.mjs";

const FILE = new URL("../../docs/compatibility.md", import.meta.url);

const HEAD = `# Where it runs

Written by \`cargo xtask test runtimes\`, which runs all of it. Each row is a small project that has the packed tarball
installed and, against the emulator, finds a number, meets a failed job and aborts a wait. The answers to its polls say that
a cache may keep them, and every poll must reach the emulator. Pages run under a strict Content-Security-Policy, except
development builds and those of Next.js, whose own scripts are inline. WebKitGTK has the engine of Safari, which runs on
Apple's machines only.

Test runners use the emulator of \`nyne-phone-finder/testing\`, as [its page](testing.md) says, except Jest's environment of jsdom, which has
no \`Response\`. Without it, their tests look up under the runner's own clock: a lookup polls on its schedule and times out, a
request times out, an abort ends a wait, and calls from before and after the clock keep the real time. Deno's own clock, FakeTime,
is not on npm; sinon's stands in for it, given the functions that FakeTime replaces.

Where a policy does not allow WebAssembly, the call rejects before anything is sent, and the error says what to add to the
policy or to the extension's manifest: that is what the rows without \`'wasm-unsafe-eval'\` check.

| | host | version | what ran | result |
| --- | --- | --- | --- | --- |
`;

/** @param {{ name: string }[]} rows every row that was to run */
export async function writeTable(rows) {
  const lines = await Promise.all(rows.map(({ name }) => readFile(join(RESULTS, `${name}.json`), "utf8")));
  const cells = lines.map((line) => JSON.parse(line)).map(({ group, host, version, ran, result }) => [group, host, version, ran, result]);
  await writeFile(FILE, `${HEAD}${cells.map((row) => `| ${row.join(" | ")} |\n`).join("")}`);
}
