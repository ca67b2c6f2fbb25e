import { readFileSync } from "node:fs";
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

/** Whether the module knows of the trap. */
const knows = (dist) => readFileSync(join(dist, "nyne_phone_finder.wasm")).includes("nynePhoneFinderTrap");

it("nothing in the published package can make it trap", () => {
  // That the scripts hold this module and no other is for tests/packaging.
  equal([knows(trapping), knows(published)], [true, false], "whether the test build and the published module know of the trap");
});

await everyCase(new URL("trap.mjs", import.meta.url), [node("Node 24", node24, "import"), workerd, chromium]);
