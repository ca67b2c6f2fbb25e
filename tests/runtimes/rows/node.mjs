// Node, importing and requiring.

import { node20, node22, node24 } from "../../support/places.mjs";

const row = (major, program, how, file, fast) => ({
  name: `node-${major}-${how}`,
  group: "Runtimes",
  host: `Node ${major}`,
  ran: how,
  project: "node",
  fast,
  async run({ exec, lookUp }) {
    await lookUp(how, async (world) => JSON.parse(await exec(program(), [file], { world })));
    return (await exec(program(), ["--version"])).slice(1);
  },
});

export default [
  row(20, node20, "import", "main.mjs", true),
  row(20, node20, "require", "main.cjs", true),
  row(22, node22, "import", "main.mjs"),
  row(22, node22, "require", "main.cjs"),
  row(24, node24, "import", "main.mjs", true),
  row(24, node24, "require", "main.cjs", true),
];
