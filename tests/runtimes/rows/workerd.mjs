// Cloudflare's workerd, within Miniflare and by itself. esbuild bundles the Worker and leaves the .wasm file beside it, for
// the host to compile.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { tool, toolVersion } from "../harness.mjs";

/** @param {(folder: string) => Promise<{ fetch: typeof fetch, stop: () => Promise<void> }>} start */
const row = (host, fast, version, start) => ({
  name: host.toLowerCase(),
  group: "Runtimes",
  host,
  ran: "module Worker",
  project: "workerd",
  fast,
  async run({ folder, lookUp }) {
    await build({
      entryPoints: [join(folder, "worker.js")],
      bundle: true,
      format: "esm",
      conditions: ["workerd", "worker", "browser"],
      loader: { ".wasm": "copy" },
      assetNames: "[name]",
      outdir: join(folder, "dist"),
    });
    const worker = await start(folder);
    try {
      await lookUp("module Worker", async (world) => {
        const response = await worker.fetch("http://worker/", { method: "POST", body: JSON.stringify(world) });
        return response.json();
      });
    } finally {
      await worker.stop();
    }
    return version();
  },
});

async function miniflare(folder) {
  const worker = new Miniflare({
    modules: true,
    rootPath: join(folder, "dist"),
    scriptPath: "worker.js",
    modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
    compatibilityDate: "2026-01-01",
  });
  return { fetch: (...request) => worker.dispatchFetch(...request), stop: () => worker.dispose() };
}

async function miniflareVersion() {
  // The package does not export its package.json.
  const manifest = new URL("../../package.json", import.meta.resolve("miniflare"));
  return JSON.parse(await readFile(manifest, "utf8")).version;
}

async function workerd(folder) {
  const { default: program } = (await tool("workerd")).default;
  const child = spawn(program, ["serve", "--control-fd=3", "config.capnp"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const stop = async () => {
    if (child.exitCode === null && child.kill()) await once(child, "exit");
  };
  for await (const line of createInterface(child.stdio[3])) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return { fetch: (_, init) => fetch(`http://127.0.0.1:${port}/`, init), stop };
  }
  await stop();
  throw new Error("workerd does not start: see above");
}

export default [
  row("Miniflare", true, miniflareVersion, miniflare),
  row("workerd", false, () => toolVersion("workerd"), workerd),
];
