// cargo xtask bench runs this in a copy of this folder that has the packed package installed:
//   node main.mjs [--quick] <repository> part…
// Each part measures the package beside its peers and writes its section of docs/performance.md, or prints it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { arch, cpus, release, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { GETS } from "./hosts/client.mjs";
import { markdown, verdict, write } from "./report.mjs";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean", default: false } } });
const [repository, ...parts] = positionals;
const { quick } = values;

const machine = `on ${cpus().length} × ${cpus()[0].model.trim()}, ${type()} ${release().replace(/[^\d.].*/, "")} ${arch()}, Node ${process.versions.node}`;

const pages = fileURLToPath(new URL("pages", import.meta.url));
const server = spawn(process.execPath, [fileURLToPath(new URL("server.mjs", import.meta.url)), String(GETS), pages], {
  stdio: ["pipe", "pipe", "inherit"],
});
const [line] = await once(server.stdout, "data");
const origin = String(line).trim();

try {
  for (const part of parts) {
    const started = Date.now();
    const { title, run } = await import(`./parts/${part}.mjs`);
    console.log(`\n== ${title} ==`);
    const section = { title, measured: `${new Date().toISOString().slice(0, 10)} ${machine}`, ...(await run({ quick, origin, pages, repository })) };
    if (quick || section.printed) console.log(`\n${markdown(section)}`);
    else {
      await write(join(repository, "docs"), part, section);
      for (const goal of section.goals ?? []) console.log(`  ${verdict(goal).join(", ")}`);
    }
    console.log(`  ${Math.round((Date.now() - started) / 1000)} s`);
  }
} finally {
  server.kill();
}
// What a part has left running must not hold the run up.
process.exit();
