// What a browser downloads, and what takes its bytes.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { WHOLE_PACKAGE, bundle, sizes } from "../bundle.mjs";
import { CONTENDERS, OWN } from "../contenders/index.mjs";
import { bars } from "../report.mjs";

/** The one long text in the bundle is the module: see pkg-template/browser.js. */
const MODULE = /[A-Za-z0-9+/=]{10000,}/;

export const title = "Size as a browser downloads it";

export async function run({ repository }) {
  const programs = Object.keys(CONTENDERS).map((contender) => [
    CONTENDERS[contender],
    contender === OWN ? WHOLE_PACKAGE : `export * from "./contenders/${contender}.mjs";`,
  ]);
  const bundles = await Promise.all(programs.map(async ([name, program]) => ({ name, bytes: await bundle(program) })));
  const own = bundles.find(({ name }) => name === CONTENDERS[OWN]).bytes;
  return {
    text:
      "Bundled by esbuild for a browser, minified, compressed with gzip -9 and brotli -11. This package: all that it exports, " +
      "the module included. The others: what one lookup takes of them.",
    goals: [{ what: "the whole client, gzip", most: 32, value: sizes(own).gzip / 1000, unit: " kB" }],
    tables: [
      { columns: ["bytes", "minified", "gzip", "brotli"], rows: bundles.map(({ name, bytes }) => row(name, bytes)) },
      ...(await breakdown(own)),
      ...(await contents(repository)),
    ],
    charts: [
      {
        name: "size",
        alt: "Bytes of each contender, gzip",
        spec: bars({ rows: bundles.map(({ name, bytes }) => ({ group: "gzip -9", name, value: sizes(bytes).gzip / 1000 })), axis: "kB", format: ".1f" }),
      },
    ],
  };
}

function row(name, bytes) {
  const { raw, gzip, brotli } = sizes(bytes);
  return [name, raw, gzip, brotli];
}

/** The script and the module, each compressed alone. */
async function breakdown(bundle) {
  const script = bundle.toString();
  const [text] = MODULE.exec(script) ?? [];
  if (!text) throw new Error("the bundle holds no module as a text: benches/parts/size.mjs must learn its new form");
  const module = await readFile(fileURLToPath(import.meta.resolve("nyne-phone-finder/nyne_phone_finder.wasm")));
  return [
    {
      caption: "Its parts, each compressed alone",
      columns: ["bytes", "raw", "gzip", "brotli"],
      rows: [
        row("JavaScript", Buffer.from(script.replace(text, ""))),
        row("module, deflated, in base64", Buffer.from(text)),
        row("module, as it is", module),
      ],
    },
  ];
}

/** The module's bytes by the crate, and for this project's own the file, that they come from; and its largest functions. */
async function contents(repository) {
  const wasmOpt = join(repository, "node_modules/.bin/wasm-opt");
  const module = join(process.env.NAMED, "package/dist/nyne_phone_finder.wasm");
  const { stdout } = await promisify(execFile)(wasmOpt, [module, "--all-features", "--func-metrics"], { maxBuffer: Infinity });
  const all = [...stdout.matchAll(/^func: (.*)\n \[binary-bytes\] *: (\d+)/gm)].map(([, name, size]) => ({ name: readable(name), size: Number(size) }));
  if (all.length === 0) throw new Error("wasm-opt --func-metrics is not of the form that benches/parts/size.mjs reads");
  const bytes = new Map([["constants", Number(/\[memory-data\] *: (\d+)/.exec(stdout)[1])]]);
  for (const { name, size } of all) bytes.set(origin(name), (bytes.get(origin(name)) ?? 0) + size);
  const total = [...bytes.values()].reduce((sum, size) => sum + size, 0);
  const largest = (rows) => rows.sort(([, a], [, b]) => b - a).map(([name, size]) => [name, size, `${((100 * size) / total).toFixed(1)} %`]);
  const columns = ["", "bytes", "share"];
  return [
    { caption: "The module by where its bytes come from, as wasm-opt counts them (a function inlined into another counts there)", columns, rows: largest([...bytes]) },
    { caption: "Its largest functions", columns, rows: largest(all.map(({ name, size }) => [`\`${name}\``, size])).slice(0, 15) },
  ];
}

/** Rust's name of a function without the crates' hashes and the types that it is made for. */
function readable(name) {
  let short = name.replace(/\[[0-9a-f]{16}\]/g, "");
  if (short.length > 80) short = short.replace(/::<.*>(?=$|::)/, "::<…>");
  return short.length > 80 ? `${short.slice(0, 79)}…` : short;
}

/** `<a::B as c::D>::e` and `a::b::<c::D>` both come from a. */
function origin(name) {
  const [crate, ...path] = (/\w+(?:::\w+)*/.exec(name)?.[0] ?? "").split("::");
  if (crate === "nyne_phone_finder") return `src/${path.length > 2 ? path.slice(0, 2).join("/") : path.length === 2 ? `${path[0]}/mod` : "lib"}.rs`;
  if (["core", "alloc", "std", "hashbrown", "str", "__rustc", "dlmalloc", "compiler_builtins"].includes(crate)) return "Rust's standard library";
  return path.length > 0 ? crate : "wasm-bindgen's exports and shims";
}
