// The receivers in servers of their frameworks. Express, Fastify and Hono run in this process, Next.js in one of its own.

import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { startServer } from "../../runtimes/server.mjs";
import { bin, tool } from "../tools.mjs";
import { table } from "./cases.mjs";
import { listen, load, site } from "./site.mjs";

table("Hono with @hono/node-server", () => site("callbacks-hono-node", "hono.mjs", async (folder, closing) => {
  const [{ callbacks }, { Hono }, { createAdaptorServer }] = [await load(folder, "hono.mjs"), await tool("hono"), await tool("@hono/node-server")];
  return listen(createAdaptorServer({ fetch: new Hono().route("/", callbacks).fetch }), closing);
}));

table("Express", () => site("callbacks-express", "express.mjs", async (folder, closing) => {
  const [{ callbacks }, { default: express }] = [await load(folder, "express.mjs"), await tool("express")];
  return listen(createServer(express().use(callbacks)), closing);
}));

table("Express, if the app parses JSON for all its routes", () => site("callbacks-express-json", "express.mjs", async (folder, closing) => {
  const [{ callbacks }, { default: express }] = [await load(folder, "express.mjs"), await tool("express")];
  return listen(createServer(express().use(express.json(), callbacks)), closing);
}));

table("Fastify", () => site("callbacks-fastify", "fastify.mjs", async (folder, closing) => {
  const [{ callbacks }, { default: fastify }] = [await load(folder, "fastify.mjs"), await tool("fastify")];
  const app = fastify();
  closing.defer(() => app.close());
  await app.register(callbacks);
  return app.listen({ host: "127.0.0.1", port: 0 });
}));

/** How long a build may take: more than any takes on a busy machine. */
const LIMIT = 300_000;

table("Next.js", () => site("callbacks-next", "app/nyne/[key]/route.js", async (folder, closing) => {
  // Next.js itself is installed in the folder above.
  const above = JSON.stringify(dirname(folder));
  await writeFile(join(folder, "next.config.mjs"), `export default { turbopack: { root: ${above} }, outputFileTracingRoot: ${above} };`);
  const env = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
  await promisify(execFile)(process.execPath, [bin("next"), "build"], { cwd: folder, env: { ...process.env, ...env }, timeout: LIMIT });
  const url = await startServer(folder, process.execPath, [bin("next"), "start", "--port", "0", "--hostname", "127.0.0.1"], env, closing);
  return url.slice(0, -1);
}));
