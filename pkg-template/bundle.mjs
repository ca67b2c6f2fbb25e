// Makes the npm package's folder out of this one and of what wasm-bindgen made:
//   node pkg-template/bundle.mjs --bindgen <its folder> --out <folder> --version <version>

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { build } from "esbuild";

const { values } = parseArgs({ options: { bindgen: { type: "string" }, out: { type: "string" }, version: { type: "string" } } });
const { bindgen, out, version } = values;
if (!bindgen || !out || !version) throw new Error("needs --bindgen, --out and --version");

const template = dirname(fileURLToPath(import.meta.url));
const dist = join(out, "dist");
await rm(out, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

// wasm-bindgen names a file once for each place that imports it.
/** @type {import("esbuild").BuildOptions["logOverride"]} */
const logOverride = { "duplicate-object-key": "silent" };

const wasm = await readFile(join(bindgen, "nyne_phone_finder_bg.wasm"));

/**
 * wasm-bindgen's JavaScript holds its instance in variables of the file. To be able to start a fresh one, the whole of it
 * becomes the body of a function, which an instance is one call of.
 */
async function glue() {
  const exports = "initSync, checkDefaults, checkStatus, confirmCallback, findPhone, parseCallback, pollResult, submitPhone";
  const result = await build({
    stdin: { contents: `export { ${exports} } from "./nyne_phone_finder.js";`, resolveDir: bindgen },
    bundle: true,
    format: "esm",
    write: false,
    logOverride,
    // The snippets are files of this folder, and every instance shares them.
    plugins: [{ name: "snippets", setup: (b) => b.onResolve({ filter: /\/snippets\// }, ({ path }) => ({ path: `./${path.split("/").pop()}`, external: true })) }],
  });
  const text = result.outputFiles[0].text;
  const imports = text.match(/^import .*;$/gm) ?? [];
  const exported = text.match(/^export \{([^}]*)\};$/m);
  if (imports.length === 0 || !exported) throw new Error("wasm-bindgen's output is not of the form this expects");
  const body = text.replace(/^import .*;$/gm, "").replace(exported[0], "");
  return `${imports.join("\n")}\nexport function instantiate(module) {\n${body}\ninitSync({ module });\nreturn {${exported[1]}};\n}\n`;
}

/** The files that exist only in the package. */
const generated = {
  "./glue.js": await glue(),
  "./bytes.js": `export default "${wasm.toString("hex")}";`,
};

const common = {
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "none",
  logOverride,
  external: ["./nyne_phone_finder.wasm"],
  plugins: [
    {
      name: "generated",
      setup(b) {
        b.onResolve({ filter: /^\.\/(glue|bytes)\.js$/ }, ({ path }) => ({ path, namespace: "generated" }));
        b.onResolve({ filter: /^\.\//, namespace: "generated" }, ({ path }) => ({ path: join(template, path) }));
        b.onLoad({ filter: /.*/, namespace: "generated" }, ({ path }) => ({ contents: generated[path] }));
      },
    },
  ],
};
await build({ ...common, entryPoints: [join(template, "inline.js")], format: "esm", outfile: join(dist, "index.js") });
await build({ ...common, entryPoints: [join(template, "inline.js")], format: "cjs", outfile: join(dist, "index.cjs") });
await build({ ...common, entryPoints: [join(template, "workerd.js")], format: "esm", outfile: join(dist, "workerd.js") });

await writeFile(join(dist, "nyne_phone_finder.wasm"), wasm);
await cp(join(template, "index.d.ts"), join(dist, "index.d.ts"));
await cp(join(template, "index.d.ts"), join(dist, "index.d.cts"));
await cp(join(template, "README.md"), join(out, "README.md"));
for (const name of ["LICENSE", "CHANGELOG.md"]) await cp(join(template, "..", name), join(out, name));

const manifest = JSON.parse(await readFile(join(template, "package.json"), "utf8"));
await writeFile(join(out, "package.json"), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);
