// The oldest TypeScript that the types are for. The newest checks them in tests/packaging.

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { toolFile, toolVersion } from "../harness.mjs";

const TYPES = fileURLToPath(new URL("../../types/", import.meta.url));

export default [
  {
    name: "typescript",
    group: "TypeScript",
    host: "TypeScript",
    ran: "the tests of the types; node16: ES module, CommonJS",
    project: "typescript",
    async run({ folder, exec, lookUp }) {
      const tsc = (...values) => exec(process.execPath, [toolFile("typescript-5.0/bin/tsc"), ...values]);
      await cp(join(TYPES, "index.test-d.ts"), join(folder, "types.mts"));
      await tsc("--project", "types.json");
      await tsc("--project", "tsconfig.json");
      for (const [what, file] of [["ES module", "main.mjs"], ["CommonJS", "main.cjs"]]) {
        await lookUp(what, async (world) => JSON.parse(await exec(process.execPath, [file], { world })));
      }
      return toolVersion("typescript-5.0");
    },
  },
];
