// Deno and Bun, importing and requiring: the same project as Node's.

import { arch, platform } from "node:process";

import { bin, toolFile } from "../harness.mjs";

/** Its npm package needs an install script to find the program, which is in another package. */
export const bun = () => toolFile(`@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}/bin/bun`);

const row = (host, how, command, version) => ({
  name: `${host.toLowerCase()}-${how}`,
  group: "Runtimes",
  host,
  ran: how,
  project: "node",
  async run({ exec, lookUp }) {
    const [program, ...values] = command();
    const main = how === "import" ? "main.mjs" : "main.cjs";
    await lookUp(how, async (world) => JSON.parse(await exec(program, [...values, main], { world })));
    return version.exec(await exec(program, ["--version"]))[0];
  },
});

const rows = (host, command) => ["import", "require"].map((how) => row(host, how, command, /\d+\.\d+\.\d+/));

export default [
  ...rows("Deno", () => [bin("deno"), "run", "--allow-env=WORLD", "--allow-net=127.0.0.1"]),
  ...rows("Bun", () => [bun()]),
];
