// Chromium: a page for each contender, of the server's own origin.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { chromium as playwright } from "playwright-core";

import { bundle } from "../bundle.mjs";
import { cpuOf, descendants } from "./processes.mjs";

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser. `processes` are the ids of all of it that runs now. */
export async function launch() {
  const server = await playwright.launchServer({ executablePath: process.env.CHROMIUM, args: FLAGS });
  const browser = await playwright.connect(server.wsEndpoint());
  const id = String(server.process().pid);
  return { browser, processes: () => [id, ...descendants(id)], stop: () => server.close() };
}

/** Writes a page that runs `program` to the folder that the server serves below /page/. */
export async function writePage(pages, name, program) {
  await mkdir(pages, { recursive: true });
  await writeFile(join(pages, `${name}.js`), await bundle(program));
  await writeFile(join(pages, `${name}.html`), `<!doctype html><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="/page/${name}.js"></script>`);
}

export const chromium = {
  name: "Chromium",
  async start(contenders, origin, pages) {
    const { browser, processes, stop } = await launch();
    const open = {};
    for (const contender of contenders) {
      await writePage(
        pages,
        `cpu-${contender}`,
        `import * as contender from "./contenders/${contender}.mjs";
        import { client } from "./hosts/client.mjs";
        import { lookups } from "./workload.mjs";
        const clients = {};
        globalThis.make = (network, count, concurrency) =>
          lookups((clients[network] ??= client(contender, network, location.origin)), count, concurrency);`,
      );
      open[contender] = await browser.newPage();
      await open[contender].goto(`${origin}/page/cpu-${contender}.html`, { waitUntil: "load" });
    }
    return {
      async measure(contender, network, count, concurrency) {
        // All of the browser: what fetches is not the page's own process.
        const ids = processes();
        const before = cpuOf(ids);
        await open[contender].evaluate((what) => globalThis.make(...what), [network, count, concurrency]);
        return (cpuOf(ids) - before) / count;
      },
      stop,
    };
  },
};
