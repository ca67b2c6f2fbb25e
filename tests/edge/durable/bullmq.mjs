// Runs the recipe for BullMQ, as a program of its own that is killed. Its Redis lives on.

import { createServer } from "node:http";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

import { project } from "../../support/places.mjs";
import { recipe } from "../../support/recipes.mjs";
import { tools } from "../tools.mjs";
import { serve } from "./engine.mjs";

/** @param {{ recipe: string, redis: string, port: number, keys: { apiKey: string, apiSecret: string }, options: object }} settings */
async function start({ recipe: name, redis, port, keys, options }) {
  const { baseUrl, ...short } = options;
  Object.assign(process.env, { REDIS_URL: redis, NYNE_API_KEY: keys.apiKey, NYNE_API_SECRET: keys.apiSecret, NYNE_BASE_URL: baseUrl });
  globalThis.lookupOptions = short;
  const { lookups } = await load(name);
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const key = searchParams.get("key");
    if (pathname === "/start") await lookups.add("find", { query: await json(request), key });
    response.end(JSON.stringify(pathname === "/state" ? await state(lookups, key) : null));
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${port}` };
}

async function state(lookups, key) {
  const job = (await lookups.getJobs()).find(({ data }) => data.key === key);
  if (await job?.isFailed()) throw new Error(`the job ${key} failed: ${job.failedReason}`);
  return job?.returnvalue ?? null;
}

/** Imports the recipe from below the tools, where it finds BullMQ. */
async function load(name) {
  await mkdir(join(tools(), "durable"), { recursive: true });
  const folder = await mkdtemp(join(tools(), "durable", "bullmq-"));
  try {
    await writeFile(join(folder, name), await recipe("durable.md", name));
    const outfile = join(folder, `bundled-${name}`);
    await build({
      entryPoints: [join(folder, name)],
      bundle: true,
      format: "esm",
      platform: "node",
      outfile,
      external: ["bullmq", "ioredis"],
      nodePaths: [join(project(), "node_modules")],
      alias: {
        "#advance": "nyne-phone-finder/durable",
        "nyne-phone-finder/durable": fileURLToPath(new URL("advance.mjs", import.meta.url)),
      },
    });
    return await import(pathToFileURL(outfile));
  } finally {
    await rm(folder, { recursive: true });
  }
}

serve(start);
