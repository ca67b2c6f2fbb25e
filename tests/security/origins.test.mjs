import { everyCase } from "../support/every-case.mjs";
import { chromium } from "../support/hosts/chromium.mjs";
import { node } from "../support/hosts/node.mjs";
import { workerd } from "../support/hosts/workerd.mjs";
import { node24 } from "../support/places.mjs";

await everyCase(new URL("origins.mjs", import.meta.url), [node("Node 24", node24, "import"), workerd, chromium]);
