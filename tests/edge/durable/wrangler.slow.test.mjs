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
/** The main module around either Workflow, beside the object of alarm.js. */
const MAIN = {
  "workflow.js": ['export * from "./workflow.js";', 'export { default } from "./queue.js";'],
  "workflow-callback.js": ['export * from "./workflow-callback.js";', 'export { default } from "./workflow-callback.js";'],
};

for (const [name, main] of Object.entries(MAIN)) {
  it(`wrangler deploys ${name} beside the others with the configuration of the page`, async () => {
    await mkdir(join(tools(), "durable"), { recursive: true });
    const cwd = await mkdtemp(join(tools(), "durable", "wrangler-"));
    try {
      for (const file of ["wrangler.jsonc", "lookup.js", "workflow.js", "workflow-callback.js", "alarm.js", "queue.js"]) {
        await writeFile(join(cwd, file), await recipe("durable.md", file));
      }
      await writeFile(join(cwd, "index.js"), [...main, 'export * from "./alarm.js";'].join("\n"));
      await writeFile(join(cwd, "package.json"), '{ "private": true, "type": "module" }');
      const options = { cwd, timeout: LIMIT_MS, env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" } };
      await promisify(execFile)("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel", "error", tarball()], options);
      const { stdout } = await promisify(execFile)(node24(), [bin("wrangler"), "deploy", "--dry-run", "--outdir", "out"], options);
      for (const binding of ["FIND_PHONE", "LOOKUPS", "QUEUE", "DB", "CALLBACK_ORIGIN"]) match(stdout, new RegExp(`env\\.${binding}`));
    } finally {
      await rm(cwd, { recursive: true });
    }
  });
}
