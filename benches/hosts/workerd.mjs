// workerd, which Cloudflare's Workers run on: a Worker for each contender.

import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { cpuOf, descendants, programOf } from "./processes.mjs";

/** Workers by name, each from a script beside this one that imports its contender as #contender. */
export async function serve(contenders, script) {
  const workers = contenders.map(async (contender) => ({
    name: contender,
    compatibilityDate: "2026-01-01",
    modules: await modules(script, contender),
  }));
  const before = new Set(descendants(process.pid));
  const miniflare = new Miniflare({ workers: await Promise.all(workers) });
  await miniflare.ready;
  const processes = descendants(process.pid).filter((id) => !before.has(id) && programOf(id) === "workerd");
  return {
    cpu: () => cpuOf(processes),
    async ask(contender, question) {
      const worker = await miniflare.getWorker(contender);
      const response = await worker.fetch("http://worker/", { method: "POST", body: JSON.stringify(question) });
      if (!response.ok) throw new Error(`${contender} in workerd: ${await response.text()}`);
      return response.text();
    },
    stop: () => miniflare.dispose(),
  };
}

/** One script as Wrangler bundles it, and the .wasm files beside it. */
async function modules(script, contender) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(script, import.meta.url))],
    outdir: "/",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    conditions: ["workerd", "worker", "browser"],
    alias: { "#contender": fileURLToPath(new URL(`../contenders/${contender}.mjs`, import.meta.url)) },
    loader: { ".wasm": "copy" },
  });
  const found = outputFiles.map(({ path, contents, text }) =>
    path.endsWith(".wasm")
      ? { type: "CompiledWasm", path: basename(path), contents }
      : { type: "ESModule", path: basename(path), contents: text },
  );
  // The first is where it starts.
  return found.sort((a, b) => (a.type === "ESModule" ? -1 : 0) - (b.type === "ESModule" ? -1 : 0));
}

export const workerd = {
  name: "workerd",
  async start(contenders, origin) {
    const server = await serve(contenders, "worker.mjs");
    return {
      async measure(contender, network, count, concurrency) {
        const before = server.cpu();
        await server.ask(contender, { network, count, concurrency, origin });
        return (server.cpu() - before) / count;
      },
      stop: server.stop,
    };
  },
};
