// Runs a Worker of workers/ with its recipe in Miniflare, as a program of its own that can be killed. The next one goes on from the
// storage in its folder.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Miniflare } from "miniflare";

import { bundle, COMPATIBILITY_DATE } from "../../support/hosts/workerd.mjs";
import { recipe } from "../../support/recipes.mjs";
import { serve } from "./engine.mjs";

const here = (path) => new URL(path, import.meta.url);

const LOOKUPS = { durableObjects: { LOOKUPS: { className: "Lookup", useSQLite: true } } };
const WORKFLOW = { workflows: { FIND_PHONE: { name: "find-phone", className: "FindPhone" } } };

/** What each recipe's wrangler.jsonc would name. */
const WORKERS = {
  "workflow.js": { script: "workers/workflow.js", ...WORKFLOW },
  "workflow-callback.js": { script: "workers/workflow-callback.js", ...WORKFLOW },
  "alarm.js": { script: "workers/alarm.js", ...LOOKUPS },
  "index.js": { script: "workers/index.js", ...LOOKUPS },
  "queue.js": {
    script: "workers/queue.js",
    queueProducers: { QUEUE: { queueName: "lookups" } },
    queueConsumers: { lookups: { maxBatchTimeout: 0, maxRetries: 100 } },
  },
};

/**
 * @param {{ recipe: string, folder: string, port: number, keys: { apiKey: string, apiSecret: string }, options: object, callbackOrigin?: string }}
 * settings `options` are added to those of the recipe.
 */
async function start({ recipe: name, folder, port, keys, options, callbackOrigin = `http://127.0.0.1:${port}` }) {
  const { script, ...bindings } = WORKERS[name];
  const { baseUrl, ...short } = options;
  const copies = await mkdtemp(join(tmpdir(), "nyne-recipe-"));
  for (const file of [name, "lookup.js", "alarm.js"]) await writeFile(join(copies, file), await recipe("durable.md", file));
  const modules = await bundle(here(script), {
    "#recipe": join(copies, name),
    "#advance": "nyne-phone-finder/durable",
    "nyne-phone-finder/durable": fileURLToPath(here("advance.mjs")),
  });
  await rm(copies, { recursive: true });
  const worker = new Miniflare({
    modules,
    compatibilityDate: COMPATIBILITY_DATE,
    port,
    ...bindings,
    d1Databases: { DB: "nyne" },
    bindings: {
      NYNE_API_KEY: keys.apiKey,
      NYNE_API_SECRET: keys.apiSecret,
      CALLBACK_ORIGIN: callbackOrigin,
      NYNE_BASE_URL: baseUrl,
      OPTIONS: short,
      CLOSE: await recipe("durable.md", "close.sql"),
    },
    ...Object.fromEntries(["d1Persist", "durableObjectsPersist", "workflowsPersist"].map((place) => [place, join(folder, place)])),
  });
  try {
    const url = await worker.ready;
    const db = await worker.getD1Database("DB");
    const tables = (await recipe("durable.md", "schema.sql")).replaceAll("CREATE TABLE", "CREATE TABLE IF NOT EXISTS");
    for (const statement of tables.matchAll(/^CREATE[^;]*/gm)) await db.prepare(statement[0]).run();
    return { url: url.origin };
  } catch (error) {
    await worker.dispose();
    throw error;
  }
}

serve(start);
