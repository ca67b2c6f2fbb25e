import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

import { equal } from "../support/check.mjs";
import { everyCase } from "../support/every-case.mjs";
import { chromium } from "../support/hosts/chromium.mjs";
import { node } from "../support/hosts/node.mjs";
import { workerd } from "../support/hosts/workerd.mjs";
import { node24, packageFolder } from "../support/places.mjs";

const published = join(packageFolder(), "dist");
// From here on the package is the one whose module traps.
process.env.NYNE_PACKAGE_DIR = process.env.NYNE_TRAP_PACKAGE_DIR;
const trapping = join(packageFolder(), "dist");

/** Whether a module, which some scripts hold in hexadecimal digits, knows of the trap. */
const knows = (file) => {
  const word = Buffer.from("nynePhoneFinderTrap");
  const content = readFileSync(file);
  return content.includes(word) || content.includes(word.toString("hex"));
};
const files = (folder) => readdirSync(folder).filter((name) => knows(join(folder, name)));

it("nothing in the published package can make it trap", () => {
  equal(files(trapping).sort(), ["index.cjs", "index.js", "nyne_phone_finder.wasm"], "the test build's files with the trap");
  equal(files(published), [], "the published files with the trap");
});

await everyCase(new URL("trap.mjs", import.meta.url), [node("Node 24", node24, "import"), workerd, chromium]);
