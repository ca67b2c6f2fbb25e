// Browser extensions, Manifest V3. esbuild bundles the background script and the popup, as an extension's author does.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

import { chromium, firefox } from "../browsers.mjs";
import { serve } from "../site.mjs";

const row = ({ name, open }, fast, ran, adapt, check) => ({
  name: `${name} extension ${ran}`.toLowerCase().replaceAll(/[^a-z]+/g, "-"),
  group: "Extensions, Manifest V3",
  host: name,
  ran,
  project: "extension",
  fast,
  async run({ folder, [check]: checked }) {
    const manifest = join(folder, "manifest.json");
    await writeFile(manifest, JSON.stringify(adapt(JSON.parse(await readFile(manifest, "utf8")))));
    await build({
      entryPoints: ["background.js", "popup.js"].map((file) => join(folder, file)),
      bundle: true,
      format: "esm",
      outdir: join(folder, "dist"),
    });
    await using closing = new AsyncDisposableStack();
    const site = await serve(folder, undefined, closing);
    let version;
    for (const where of ["worker", "popup"]) {
      await checked(where, async (world) => {
        const page = `${site.url}#${encodeURIComponent(JSON.stringify({ world, where }))}`;
        const [outcome, opened] = await Promise.all([site.outcome(), open(page, closing, folder)]);
        version = opened;
        return outcome;
      });
    }
    return version;
  },
});

const withoutPolicy = ({ content_security_policy, ...manifest }) => manifest;

const rows = (browser, fast, background) => [
  row(browser, fast, `${background}, popup, content script through the ${background}`, (manifest) => manifest, "lookUp"),
  row(browser, fast, `${background} and popup without 'wasm-unsafe-eval'`, withoutPolicy, "refused"),
];

export default [...rows(chromium, true, "service worker"), ...rows(firefox, false, "background script")];
