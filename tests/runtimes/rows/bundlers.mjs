// Bundles for pages, web workers and Node. They run under a strict Content-Security-Policy, which only what is built for
// development need not survive: webpack evaluates each module as text there.

import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import * as esbuild from "esbuild";

import { node20 } from "../../support/places.mjs";
import { bin, tool, toolVersion } from "../harness.mjs";
import { outcomeOf } from "../page.mjs";
import { serve, strictPolicy } from "../site.mjs";

const GROUP = "Bundlers";

/** Bundles each of `builds` into dist/, where one of the project's pages uses it. */
const page = ({ host, ran, fast, version, html = "index.html", builds }) => ({
  name: `${host} ${ran}`.toLowerCase().replaceAll(/[^a-z]+/g, "-"),
  group: GROUP,
  host,
  ran: `${ran}: ${Object.keys(builds).join(", ")}`,
  project: "bundled",
  fast,
  async run({ folder, exec, lookUp }) {
    const dist = join(folder, "dist");
    for (const [what, build] of Object.entries(builds)) {
      await build({ folder, dist, exec });
      for (const file of ["index.html", "worker.html", "start-worker.mjs", "report.mjs"]) {
        // Vite has made its own page.
        await cp(join(folder, file), join(dist, file), { force: false });
      }
      await using closing = new AsyncDisposableStack();
      const site = await serve(dist, what === "development" ? undefined : strictPolicy(), closing);
      await lookUp(what, (world) => outcomeOf(site.url + html, site, world, closing));
    }
    return version();
  },
});

const withEsbuild = (options) => ({ folder, dist }) =>
  esbuild.build({ entryPoints: [join(folder, "main.mjs")], bundle: true, outfile: join(dist, "main.mjs"), ...options });

const withRollup = (...options) => ({ exec }) =>
  exec(bin("rollup"), ["main.mjs", "--plugin", "node-resolve", "--file", "dist/main.mjs", ...options]);

/** webpack, and Rspack, which takes the same configuration. */
const withWebpack = (name, mode, target, entry) => async ({ folder, dist }) => {
  const { default: bundler } = await tool(name);
  const options = { mode, target, context: folder, entry, output: { path: dist, filename: entry } };
  const stats = await promisify(bundler)(options);
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
};

const webpacks = (host, name) =>
  [
    ["page", "web", "./main.mjs", "index.html"],
    ["webworker target", "webworker", "./worker.mjs", "worker.html"],
  ].map(([ran, target, entry, html]) =>
    page({
      host,
      ran,
      html,
      version: () => toolVersion(name),
      builds: {
        production: withWebpack(name, "production", target, entry),
        development: withWebpack(name, "development", target, entry),
      },
    }),
  );

const vite = {
  name: "vite",
  group: GROUP,
  host: "Vite",
  ran: "page: production, development server",
  project: "bundled",
  async run({ folder, lookUp }) {
    const { build, createServer, version } = await tool("vite");
    const options = { root: folder, configFile: false, logLevel: "error" };
    await using closing = new AsyncDisposableStack();
    await build(options);
    const site = await serve(join(folder, "dist"), strictPolicy(), closing);
    await lookUp("production", (world) => outcomeOf(site.url, site, world, closing));

    const server = await createServer({ ...options, server: { host: "127.0.0.1", port: 0 } });
    closing.defer(() => server.close());
    await server.listen();
    await lookUp("development server", (world) => outcomeOf(server.resolvedUrls.local[0], site, world, closing));
    return version;
  },
};

/** Bundled for a server or a function: the package's own code, not a reference to it. */
const nodeBundle = {
  name: "esbuild-node",
  group: GROUP,
  host: "esbuild",
  ran: "Node 20: ES module, CommonJS",
  project: "node",
  fast: true,
  async run({ folder, exec, lookUp }) {
    for (const [what, entry, format] of [["ES module", "main.mjs", "esm"], ["CommonJS", "main.cjs", "cjs"]]) {
      const outfile = join(folder, "dist", entry);
      await esbuild.build({ entryPoints: [join(folder, entry)], bundle: true, platform: "node", format, outfile });
      if (/(?:from|require\()\s*"nyne/.test(await readFile(outfile, "utf8"))) throw new Error(`${entry} is not bundled`);
      await lookUp(what, async (world) => JSON.parse(await exec(node20(), [outfile], { world })));
    }
    return esbuild.version;
  },
};

export default [
  vite,
  ...webpacks("webpack", "webpack"),
  ...webpacks("Rspack", "@rspack/core"),
  page({
    host: "Rollup",
    ran: "page",
    version: () => toolVersion("rollup"),
    builds: {
      production: withRollup("--format", "es"),
      "as a script": withRollup("--format", "iife"),
    },
  }),
  page({
    host: "esbuild",
    ran: "page",
    fast: true,
    version: () => esbuild.version,
    builds: {
      production: withEsbuild({ format: "esm", minify: true }),
      development: withEsbuild({ format: "iife", sourcemap: "inline" }),
    },
  }),
  nodeBundle,
];
