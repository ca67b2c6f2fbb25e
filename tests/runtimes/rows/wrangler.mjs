// Wrangler's own bundling: what it deploys, run by Miniflare, and its development server.

import { join } from "node:path";

import { Miniflare } from "miniflare";

import { bin, toolVersion } from "../harness.mjs";
import { startServer } from "../server.mjs";

const COMPATIBILITY_DATE = "2026-01-01";
const WORKER = ["worker.js", "--name=worker", `--compatibility-date=${COMPATIBILITY_DATE}`];

/** It asks Cloudflare for nothing. */
const env = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };

const post = (world) => ({ method: "POST", body: JSON.stringify(world) });

export default [
  {
    name: "wrangler",
    group: "Bundlers",
    host: "Wrangler",
    ran: "module Worker: what it deploys, development server",
    project: "workerd",
    async run({ folder, exec, lookUp }) {
      await using closing = new AsyncDisposableStack();
      await exec(bin("wrangler"), ["deploy", ...WORKER, "--dry-run", "--outdir=deployed"], { env });
      const deployed = new Miniflare({
        modules: true,
        rootPath: join(folder, "deployed"),
        scriptPath: "worker.js",
        modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
        compatibilityDate: COMPATIBILITY_DATE,
      });
      closing.defer(() => deployed.dispose());
      await lookUp("what it deploys", async (world) => (await deployed.dispatchFetch("http://worker/", post(world))).json());

      const values = ["dev", ...WORKER, "--ip=127.0.0.1", "--port=0", "--show-interactive-dev-session=false"];
      const url = await startServer(folder, bin("wrangler"), values, env, closing);
      await lookUp("development server", async (world) => (await fetch(url, post(world))).json());
      return toolVersion("wrangler");
    },
  },
];
