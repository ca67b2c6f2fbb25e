// Vercel's Edge Runtime, by itself. The bundle is what Vercel's bundlers make: they compile each `….wasm?module` and give it
// to the code as a global. Code that comes as text, and WebAssembly as bytes, are refused, as there.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

import { tool, toolVersion } from "../harness.mjs";

export default [
  {
    name: "edge-runtime",
    group: "Runtimes",
    host: "Edge Runtime",
    ran: "fetch handler",
    project: "edge-runtime",
    async run({ folder, lookUp }) {
      const { EdgeRuntime } = await tool("edge-runtime");
      const { code, modules } = await bundle(folder);
      const runtime = new EdgeRuntime({
        initialCode: code,
        codeGeneration: { strings: false, wasm: false },
        extend: (context) => Object.assign(context, modules),
      });
      await lookUp("fetch handler", async (world) => {
        const response = await runtime.dispatchFetch("http://edge/", { method: "POST", body: JSON.stringify(world) });
        return response.json();
      });
      return toolVersion("edge-runtime");
    },
  },
];

async function bundle(folder) {
  const modules = {};
  const { outputFiles } = await build({
    entryPoints: [join(folder, "handler.js")],
    bundle: true,
    format: "iife",
    conditions: ["edge-light", "worker", "browser"],
    write: false,
    plugins: [
      {
        name: "wasm?module",
        setup({ onLoad }) {
          onLoad({ filter: /\.wasm$/ }, async ({ path, suffix }) => {
            if (suffix !== "?module") return undefined;
            const name = `wasm_${Object.keys(modules).length}`;
            modules[name] = new WebAssembly.Module(await readFile(path));
            return { contents: `export default ${name};` };
          });
        },
      },
    ],
  });
  return { code: outputFiles[0].text, modules };
}
