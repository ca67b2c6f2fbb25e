// What a browser downloads of a program, and how many bytes that is.

import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "esbuild";

/** One minified script. @param {string} program @param {{ nodePaths?: string[], conditions?: string[] }} [settings] */
export async function bundle(program, { nodePaths, conditions } = {}) {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    legalComments: "none",
    nodePaths,
    conditions,
  });
  return Buffer.from(outputFiles[0].contents);
}

/** The whole package: every function that it exports, and the module. */
export const WHOLE_PACKAGE = 'export * from "nyne-phone-finder";';

/** @param {Uint8Array} bytes */
export const sizes = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length,
});
