// examples/worker deploys as it is, as far as Wrangler can tell without an account. tests/packaging has the rest.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { tarball } from "../../support/places.mjs";
import { bin, tools } from "../tools.mjs";

const run = promisify(execFile);

it("examples/worker is built by wrangler deploy, with no secret in it", { timeout: 120_000 }, async () => {
  const folder = join(tools(), "example-worker");
  await rm(folder, { recursive: true, force: true });
  const isOwn = (file) => !/node_modules|\.wrangler|\.dev\.vars/.test(file.slice(file.indexOf("examples/worker")));
  await cp(fileURLToPath(new URL("../../../examples/worker/", import.meta.url)), folder, { recursive: true, filter: isOwn });
  // Wrangler itself is in the folder above.
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel", "error", tarball()], { cwd: folder });
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" };
  const { stdout } = await run(bin("wrangler"), ["deploy", "--dry-run"], { cwd: folder, env, timeout: 100_000 });
  assert.match(stdout, /env\.RESULTS +KV Namespace/);
  assert.doesNotMatch(stdout, /ACCESS_TOKEN|NYNE_API/);
});
