// Wrangler, as a user has it: it takes the configuration of docs/durable.md and bundles the recipes with the package.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";

import { match } from "../../support/check.mjs";
import { node24, tarball } from "../../support/places.mjs";
import { recipe } from "../../support/recipes.mjs";
import { bin, tools } from "../tools.mjs";

const LIMIT_MS = 120_000;
const MAIN = {
  "workflow.js": 'export * from "./workflow.js";\nexport * from "./alarm.js";\nexport { default } from "./queue.js";\n',
  "workflow-callback.js": 'export * from "./workflow-callback.js";\nexport * from "./alarm.js";\nexport { default } from "./workflow-callback.js";\n',
};

for (const [name, main] of Object.entries(MAIN)) {
  it(`wrangler deploys ${name} beside the others with the configuration of the page`, async () => {
    await mkdir(join(tools(), "durable"), { recursive: true });
    const cwd = await mkdtemp(join(tools(), "durable", "wrangler-"));
    try {
      for (const file of ["wrangler.jsonc", "lookup.js", "workflow.js", "workflow-callback.js", "alarm.js", "queue.js"]) {
        await writeFile(join(cwd, file), await recipe("durable.md", file));
      }
      await writeFile(join(cwd, "index.js"), main);
      await writeFile(join(cwd, "package.json"), '{ "private": true, "type": "module" }');
      const options = { cwd, timeout: LIMIT_MS, env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" } };
      await promisify(execFile)("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel", "error", tarball()], options);
      const { stdout } = await promisify(execFile)(node24(), [bin("wrangler"), "deploy", "--dry-run", "--outdir", "out"], options);
      for (const binding of ["env.FIND_PHONE", "env.LOOKUPS", "env.QUEUE", "env.DB", "env.CALLBACK_ORIGIN"]) match(stdout, new RegExp(binding));
    } finally {
      await rm(cwd, { recursive: true });
    }
  });
}
