// The other end of node.mjs: runs the cases whose names it is sent, in this Node.

import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

import { runCase } from "../case.mjs";

const [how, project, table, emulator] = process.argv.slice(2);
/** All that the package exports, whatever its entry. */
const ENTRIES = ["nyne-phone-finder", "nyne-phone-finder/durable", "nyne-phone-finder/testing"];
const api = how === "require" ? Object.assign({}, ...ENTRIES.map(createRequire(join(project, "index.js")))) : await importFrom(project);
const { default: cases } = await import(table);

const host = { api, emulator, kind: "node", inspect: (value) => inspect(value, { depth: Infinity, showHidden: true }) };

process.on("message", async (name) => {
  const failure = await runCase(cases.find((one) => one.name === name), host).then(
    () => null,
    (error) => error?.stack ?? String(error),
  );
  process.send({ name, failure });
});

/** An import resolves against the file it stands in, so it takes a file in the project. */
async function importFrom(project) {
  const file = join(project, "import.mjs");
  writeFileSync(file, ENTRIES.map((entry) => `export * from "${entry}";\n`).join(""));
  return import(pathToFileURL(file));
}
