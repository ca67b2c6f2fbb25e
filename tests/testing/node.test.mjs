import { everyCase } from "../support/every-case.mjs";
import { node } from "../support/hosts/node.mjs";
import { node20, node24 } from "../support/places.mjs";

await everyCase(new URL("cases.mjs", import.meta.url), [
  node("Node 24, imported", node24, "import"),
  node("Node 20, required", node20, "require"),
]);
