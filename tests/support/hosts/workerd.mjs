// The cases in a Cloudflare Worker, bundled as Wrangler does it and run by Miniflare without Node's APIs.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { emulator, project } from "../places.mjs";

export const COMPATIBILITY_DATE = "2026-01-01";

export const workerd = {
  name: "workerd",
  kind: "workerd",
  async start(table) {
    let printed = "";
    const worker = new Miniflare({
      handleRuntimeStdio: (...outputs) => outputs.forEach((output) => output.on("data", (data) => (printed += data))),
      modules: await bundle(new URL("worker.mjs", import.meta.url), { "#table": fileURLToPath(table) }),
      compatibilityDate: COMPATIBILITY_DATE,
      bindings: { EMULATOR: emulator() },
    });
    await worker.ready.catch(async (error) => {
      await worker.dispose();
      throw error;
    });
    return {
      async run(name) {
        const response = await worker.dispatchFetch("http://worker/", { method: "POST", body: name });
        const text = await response.text();
        if (!response.ok || text !== "") throw new Error(text || `the Worker answered ${response.status}`);
      },
      printed: () => printed,
      stop: () => worker.dispose(),
    };
  },
};

/** A Worker as the modules that Wrangler uploads: one script, and each .wasm file compiled. */
export async function bundle(script, alias = {}) {
  const modules = [];
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(script)],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    conditions: ["workerd", "worker", "browser"],
    external: ["node:async_hooks", "cloudflare:*"],
    nodePaths: [join(project(), "node_modules")],
    alias,
    plugins: [
      {
        name: "compiled wasm",
        setup({ onResolve, resolve }) {
          onResolve({ filter: /\.wasm$/ }, async ({ path, pluginData, ...where }) => {
            if (pluginData === "found") return undefined;
            const found = await resolve(path, { ...where, pluginData: "found" });
            const contents = await readFile(found.path);
            const name = `module-${modules.length}.wasm`;
            modules.push({ type: "CompiledWasm", path: name, contents });
            return { path: `./${name}`, external: true };
          });
        },
      },
    ],
  });
  return [{ type: "ESModule", path: "worker.mjs", contents: outputFiles[0].text }, ...modules];
}
