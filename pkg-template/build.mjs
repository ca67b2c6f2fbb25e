// Makes the npm package's folder out of this one and of what wasm-bindgen and wasm-opt made:
//   node pkg-template/build.mjs --bindgen <their folder> --emulator <that of the emulator> --out <folder> --version <version>

import { appendFile, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { build, transform } from "esbuild";

import * as errors from "./errors.js";

const text = /** @type {const} */ ({ type: "string" });
const { values } = parseArgs({ options: { bindgen: text, emulator: text, out: text, version: text } });
const { bindgen, emulator, out, version } = values;
if (!bindgen || !emulator || !out || !version) throw new Error("needs --bindgen, --emulator, --out and --version");

const template = dirname(fileURLToPath(import.meta.url));
const dist = join(out, "dist");
await rm(out, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

const wasm = await readFile(join(bindgen, "nyne_phone_finder_bg.wasm"));
const emulatorWasm = await readFile(join(emulator, "nyne_emulator_wasm_bg.wasm"));

/**
 * wasm-bindgen's JavaScript keeps its instance in variables of the file. To have a fresh one for each instance, what esbuild
 * makes of the file for a script tag becomes the body of a function.
 */
async function bindings() {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import * as module from "./nyne_phone_finder_bg.js";
        made = {
          module,
          start(wasm) {
            module.__wbg_set_wasm(wasm);
            wasm.__wbindgen_start();
          },
        };`,
      resolveDir: bindgen,
    },
    bundle: true,
    format: "iife",
    banner: { js: "export function bindings(errors) {\nlet made;" },
    footer: { js: "return made;\n}" },
    write: false,
    plugins: [
      {
        name: "one class of errors for all instances",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /\/errors\.js$/ }, ({ path }) => ({ path, namespace: "shared" }));
          onLoad({ filter: /.*/, namespace: "shared" }, () => ({ contents: `export const { ${Object.keys(errors)} } = errors;` }));
        },
      },
    ],
  });
  return withShortNames(outputFiles[0].text);
}

/** Uses the short names that wasm-opt gave the module's imports and exports. @param {string} code */
async function withShortNames(code) {
  const { imports, exports } = JSON.parse(await readFile(join(bindgen, "short-names.json"), "utf8"));
  const kept = WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(({ name }) => name);
  /** @type {[string, string][]} */
  const names = [...imports.map(([, ...names]) => names), ...exports].filter(([name]) => !kept.includes(name));
  const mangleProps = new RegExp(`^(${names.map(([name]) => name).join("|")})$`);
  return (await transform(code, { mangleProps, mangleCache: Object.fromEntries(names) })).code;
}

/**
 * The files that exist only in the package, by what imports them. Bytes become base64 by esbuild's own loader.
 * @type {Record<string, import("esbuild").OnLoadResult>}
 */
const generated = {
  "./bindings.js": { contents: await bindings() },
  "./nyne_phone_finder.wasm": { contents: wasm, loader: "base64" },
  // Unlike the package's module, the emulator's is started once and never renewed.
  "./emulator-bindings.js": { contents: await readFile(join(emulator, "nyne_emulator_wasm_bg.js")) },
  "./nyne_emulator.wasm.deflate": { contents: await readFile(join(emulator, "nyne_emulator_wasm_bg.wasm.deflate")), loader: "base64" },
  "./nyne_phone_finder.wasm.deflate": { contents: await readFile(join(bindgen, "nyne_phone_finder_bg.wasm.deflate")), loader: "base64" },
};

/** The folders of other packages that are in a script, by script. @type {Map<string, Set<string>>} */
const bundled = new Map();

/**
 * @param {string} source @param {"esm" | "cjs"} format @param {string} outfile
 * @param {import("esbuild").BuildOptions} [options]
 */
async function script(source, format, outfile, options) {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(template, source)],
    // Its source map then names the sources as if they were files of the package.
    outfile: join(template, "dist", outfile),
    write: false,
    bundle: true,
    format,
    target: "es2022",
    charset: "utf8",
    sourcemap: true,
    sourcesContent: true,
    legalComments: "inline",
    metafile: true,
    define: { MODULE_SIZE: `${wasm.length}`, EMULATOR_SIZE: `${emulatorWasm.length}` },
    ...options,
    inject: ["microtasks.js", ...(options?.inject ?? [])].map((file) => join(template, file)),
    plugins: [
      {
        name: "generated",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\.\// }, ({ path }) => {
            if (options?.external?.includes(path)) return { path, external: true };
            return path in generated ? { path, namespace: "generated" } : undefined;
          });
          // The command line imports the package as its users do, and gets the script beside it.
          onResolve({ filter: /^nyne-phone-finder$/ }, () => ({ path: "./index.js", external: true }));
          onLoad({ filter: /.*/, namespace: "generated" }, ({ path }) => ({ ...generated[path], resolveDir: template }));
        },
      },
    ],
  });
  for (const { path, contents } of outputFiles) await writeFile(join(dist, basename(path)), contents);
  const folders = Object.keys(metafile.inputs).flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []);
  bundled.set(outfile, new Set(folders));
}

// Jest's jsdom environment takes the one or the other, by its version.
const textCoders = { inject: ["text-coders.js"] };
await script("node.js", "esm", "node.js", textCoders);
await script("node.js", "cjs", "node.cjs", textCoders);
await script("browser.js", "esm", "browser.js", textCoders);
await script("browser.js", "cjs", "browser.cjs", textCoders);
await script("workerd.js", "esm", "workerd.js", { external: ["./nyne_phone_finder.wasm"] });
await script("edge-light.js", "esm", "edge-light.js", { external: ["./nyne_phone_finder.wasm?module"] });

await script("emulator/inline.js", "esm", "emulator.js");
await script("emulator/inline.js", "cjs", "emulator.cjs");
await script("emulator/workerd.js", "esm", "emulator-workerd.js", { external: ["./nyne_emulator.wasm"] });
await script("emulator/edge-light.js", "esm", "emulator-edge-light.js", { external: ["./nyne_emulator.wasm?module"] });

for (const entry of ["index", "durable", "proxy", "testing"]) {
  const options = { external: ["#module", "#emulator"], ...(entry === "testing" && textCoders) };
  await script(`${entry}.js`, "esm", `${entry}.js`, options);
  await script(`${entry}.js`, "cjs", `${entry}.cjs`, options);
  await cp(join(template, `${entry}.d.ts`), join(dist, `${entry}.d.ts`));
  await cp(join(template, `${entry}.d.ts`), join(dist, `${entry}.d.cts`));
}

await script("../cli/main.js", "esm", "cli.js", {
  platform: "node",
  define: { VERSION: JSON.stringify(version) },
  // cli-progress is CommonJS and requires modules of Node's.
  banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
});

await writeFile(join(dist, "nyne_phone_finder.wasm"), wasm);
await writeFile(join(dist, "nyne_emulator.wasm"), emulatorWasm);
await cp(join(template, "README.md"), join(out, "README.md"));
const pages = ["reference", "batches", "callbacks", "cli", "durable", "edge", "proxy", "testing"].map((page) => `${page}.md`);
pages.push("performance/batch-minute.svg", "performance/batch-hour.svg");
for (const page of pages) await cp(join(template, "../docs", page), join(out, "docs", page));
for (const name of ["LICENSE", "CHANGELOG.md"]) await cp(join(template, "..", name), join(out, name));
for (const folder of new Set([...bundled.values()].flatMap((folders) => [...folders]))) {
  const scripts = [...bundled].filter(([, folders]) => folders.has(folder)).map(([file]) => `dist/${file}`);
  const name = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  if (!name) throw new Error(`${folder} has no licence`);
  const licence = await readFile(join(folder, name), "utf8");
  await appendFile(join(out, "LICENSE"), `\n---\n\n${scripts.join(" and ")} contain${scripts.length === 1 ? "s" : ""} ${basename(folder)}:\n\n${licence}`);
}

const manifest = JSON.parse(await readFile(join(template, "package.json"), "utf8"));
await writeFile(join(out, "package.json"), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);
