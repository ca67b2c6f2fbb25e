// Makes the npm package's folder out of this one and of what wasm-bindgen made:
//   node pkg-template/bundle.mjs --bindgen <its folder> --out <folder> --version <version>

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import binaryen from "binaryen";
import { build } from "esbuild";

import { encode } from "./bytes-as-text.js";

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

/**
 * Gives the module's imports and exports short names. wasm-bindgen's are long and hold hashes, which do not compress, and
 * each stands in the module and in its JavaScript.
 * @param {Uint8Array} wasm
 */
function shorten(wasm) {
  /** @type {Map<string, string>} */
  const names = new Map();
  /** @type {(name: string) => string} */
  const short = (name) => names.get(name) ?? (names.set(name, `$${names.size.toString(36)}`), names.get(name) ?? "");
  let at = 8;
  const byte = () => wasm[at++];
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const next = byte();
      value += (next & 127) * 2 ** shift;
      if (next < 128) return value;
    }
  };
  const text = () => {
    const length = number();
    return Buffer.from(wasm.subarray(at, (at += length))).toString();
  };
  /** @param {() => void} read what it passes over */
  const copy = (read) => {
    const start = at;
    read();
    return wasm.subarray(start, at);
  };
  /** @type {(value: number) => number[]} */
  const leb = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
  /** @type {(name: string) => number[]} */
  const string = (name) => [...leb(Buffer.byteLength(name)), ...Buffer.from(name)];
  const limits = () => (byte() & 1 ? (number(), number()) : number());
  /** What stands behind the name of an import, by kind: function, table, memory, global. */
  const descriptions = [number, () => (byte(), limits()), limits, () => (byte(), byte())];

  /** @type {string[]} */
  const plain = [];
  const parts = [wasm.subarray(0, at)];
  while (at < wasm.length) {
    const id = byte();
    const end = number() + at;
    // A custom section is a note for tools, and they are done.
    if (id === 0) {
      at = end;
      continue;
    }
    /** @type {number[]} */
    let section;
    if (id === 2 || id === 7) {
      const count = number();
      section = leb(count);
      for (let i = 0; i < count; i++) {
        const from = id === 2 ? text() : undefined;
        const name = text();
        // What comes straight from a snippet keeps the name it has there; and so does what call.js calls.
        const own = !["handle", "memory"].includes(name) && (from === undefined || !from.includes("/snippets/"));
        if (from !== undefined) section.push(...string(short(from)));
        section.push(...string(own ? short(name) : name));
        if (!own && from !== undefined) plain.push(name);
        section.push(...copy(() => (id === 2 ? descriptions[byte()]() : (byte(), number()))));
      }
    } else {
      section = [...wasm.subarray(at, end)];
    }
    if (at !== end && (id === 2 || id === 7)) throw new Error("a section of the module is not of the form this expects");
    at = end;
    parts.push(Uint8Array.from([id, ...leb(section.length)]), Uint8Array.from(section));
  }
  return { wasm: Buffer.concat(parts), names, plain };
}

const { wasm, names, plain } = shorten(await readFile(join(bindgen, "nyne_phone_finder_bg.wasm")));

/**
 * wasm-bindgen's JavaScript holds its instance in variables of the file. To be able to start a fresh one, the whole of it
 * becomes the body of a function, which an instance is one call of. Its own ways to instantiate are left out: what a loader
 * hands over is always a compiled module.
 */
async function glue() {
  const parts = "__wbg_get_imports, __wbg_finalize_init";
  const result = await build({
    stdin: { contents: `export { ${parts} } from "./nyne_phone_finder.js";`, resolveDir: bindgen },
    bundle: true,
    format: "esm",
    write: false,
    logOverride,
    plugins: [
      {
        name: "snippets and parts",
        setup(b) {
          // The snippets are files of this folder, and every instance shares them.
          b.onResolve({ filter: /\/snippets\// }, ({ path }) => ({ path: `./${path.split("/").pop()}`, external: true }));
          b.onLoad({ filter: /\/nyne_phone_finder\.js$/ }, async ({ path }) => ({ contents: `${await readFile(path, "utf8")}\nexport { ${parts} };` }));
        },
      },
    ],
  });
  let text = result.outputFiles[0].text;
  // Longest first: a name may begin with another. Each stands there as a property: of `wasm`, of the imports, or quoted.
  for (const [name, short] of [...names].sort(([a], [b]) => b.length - a.length)) {
    const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    text = text.replace(new RegExp(`(?<=wasm\\.)${quoted}\\b|"${quoted}"(?=:)|(?<=^ *)${quoted}(?=:)`, "gm"), (found) => (found.startsWith('"') ? `"${short}"` : short));
  }
  // A snippet's functions that the module takes as they are: a line for each, with all that the snippet exports.
  const whole = /^ *("\$\w+"): import[1-9]\d*,?\n/gm;
  const [, key] = whole.exec(text) ?? [];
  const exported = /^export \{[^}]*\};$/m.exec(text)?.[0];
  if (!key || !exported) throw new Error("wasm-bindgen's output is not of the form this expects");
  text = text.replace(whole, "").replace(/return \{\n *__proto__: null,/, (start) => `${start} ${key}: { ${plain} },`);
  text = text.replace(/^import \* as .*$/gm, "");
  // What the module no longer imports.
  text = text.replace(/^ {4}__wb\w+: function\([^)]*\) \{\n[^]*?^ {4}\},?\n/gm, "");
  const imports = text.match(/^import .*;$/gm) ?? [];
  const body = text.replace(/^import .*;$/gm, "").replace(exported, "");
  return `import { ${plain} } from "./call.js";\n${imports.join("\n")}\nexport function instantiate(module) {\n${body}\n__wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);\n}\n`;
}

/** What unpacks the module, compiled. */
async function unpacker() {
  const module = binaryen.parseText(await readFile(join(template, "unpack.wat"), "utf8"));
  if (!module.validate()) throw new Error("unpack.wat is not valid");
  return Buffer.from(module.emitBinary()).toString("base64");
}

/** The files that exist only in the package. */
const generated = {
  "./glue.js": await glue(),
  "./bytes.js": `export const text = "${encode(wasm)}"; export const unpacker = "${await unpacker()}";`,
};

const common = {
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "none",
  logOverride,
  external: ["./nyne_phone_finder.wasm", "./nyne_phone_finder.wasm?module"],
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
for (const host of ["workerd.js", "edge-light.js"]) {
  await build({ ...common, entryPoints: [join(template, host)], format: "esm", outfile: join(dist, host) });
}

await writeFile(join(dist, "nyne_phone_finder.wasm"), wasm);
await cp(join(template, "index.d.ts"), join(dist, "index.d.ts"));
await cp(join(template, "index.d.ts"), join(dist, "index.d.cts"));
await cp(join(template, "README.md"), join(out, "README.md"));
for (const name of ["LICENSE", "CHANGELOG.md"]) await cp(join(template, "..", name), join(out, name));

const manifest = JSON.parse(await readFile(join(template, "package.json"), "utf8"));
await writeFile(join(out, "package.json"), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);
