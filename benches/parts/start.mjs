// Cold start: from nothing to the first request.

import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { bundle } from "../bundle.mjs";
import { CONTENDERS, FLOOR, OWN } from "../contenders/index.mjs";
import { launch, writePage } from "../hosts/chromium.mjs";
import { serve } from "../hosts/workerd.mjs";
import { bars } from "../report.mjs";
import { difference, median, rounds } from "../statistics.mjs";

const COMPARED = ["loop", "plain", "ky", "package"];
/** In Node alone: the plain client, minified and installed as a package is. */
const INSTALLED = "installed";
const NAMES = { ...CONTENDERS, [INSTALLED]: "plain JavaScript client, installed" };

export const title = "Cold start";

export async function run({ quick, origin, pages }) {
  const count = quick ? 3 : 21;
  const node = await inNode(count);
  const workerd = await inWorkerd(quick ? 2 : 11);
  const chromium = await inChromium(count, origin, pages);

  const total = (values) => Object.fromEntries(Object.entries(values).map(([name, pairs]) => [name, pairs.map(([load, call]) => load + call)]));
  const hosts = { Node: total(node), workerd, Chromium: total(chromium) };
  const more = (values, name) => difference(values[name], values[FLOOR]);
  const number = (ms) => ms.toFixed(2);
  const half = (values, name, index) => (values[name] ? number(median(values[name].map((pair) => pair[index]))) : "");
  const whole = (values, name) => (values[name] ? number(median(values[name])) : "");
  return {
    text:
      "From the import to the moment when the first request is handed to `fetch`, in a Node, a workerd and a page that have " +
      "not seen the contender before; medians of rounds in which they take turns. In Node and Chromium the clock is read " +
      "before the import, after it, and at the request. A Worker's clock stands still while it computes: there it is the " +
      "CPU of all of workerd, from its start to the first request, less that of the plain loop in the same round; so it " +
      "holds the compilation of the module too. The plain loop is a file of the program's own, as it would be; the plain " +
      "JavaScript client is too, and once more, for Node, a package, which Node has to find first. What this package takes " +
      "beyond that one goes into compiling the module and into the first run of its code.",
    goals: [{ what: "Node, more than the plain loop", most: 9, value: more(hosts.Node, OWN), unit: " ms" }],
    tables: [
      {
        columns: ["ms", "Node: import", "first request", "sum", "Chromium: import", "first request", "sum", "workerd, more than the loop"],
        rows: Object.keys(node).map((name) => [
          NAMES[name],
          half(node, name, 0),
          half(node, name, 1),
          whole(hosts.Node, name),
          half(chromium, name, 0),
          half(chromium, name, 1),
          whole(hosts.Chromium, name),
          workerd[name] ? number(more(workerd, name)) : "",
        ]),
      },
    ],
    charts: [
      {
        name: "start",
        alt: "Milliseconds from import to first request, by host",
        spec: bars({
          rows: Object.entries(hosts).flatMap(([host, values]) =>
            COMPARED.filter((name) => host !== "workerd" || name !== FLOOR).map((name) => ({
              group: host === "workerd" ? "workerd, CPU, more than the plain loop" : `${host}, from import to first request`,
              name: CONTENDERS[name],
              value: host === "workerd" ? more(values, name) : median(values[name]),
            })),
          ),
          axis: "ms",
          format: ".1f",
        }),
      },
    ],
  };
}

async function inNode(count) {
  const folder = new URL("../node_modules/plain-client/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL("package.json", folder), JSON.stringify({ name: "plain-client", type: "module", exports: "./index.js" }));
  await writeFile(new URL("index.js", folder), await bundle('export * from "./contenders/plain-client.mjs";'));
  const script = fileURLToPath(new URL("../hosts/start-node.mjs", import.meta.url));
  const start = async (contender) => JSON.parse((await promisify(execFile)(process.execPath, [script, contender])).stdout);
  return rounds([...COMPARED, INSTALLED], count, start);
}

function inWorkerd(count) {
  return rounds(COMPARED, count, async (contender) => {
    const server = await serve([contender], "start-worker.mjs");
    try {
      await server.ask(contender, {});
      return server.cpu() / 1000;
    } finally {
      await server.stop();
    }
  });
}

async function inChromium(count, origin, pages) {
  for (const contender of COMPARED) {
    await writePage(pages, `contender-${contender}`, `export * from "./contenders/${contender}.mjs";`);
  }
  await writePage(
    pages,
    "start",
    `import { firstRequest } from "./hosts/start.mjs";
    globalThis.start = async (script) => {
      const began = performance.now();
      const contender = await import(script);
      const imported = performance.now();
      const sent = await new Promise((resolve) => firstRequest(contender, () => resolve(performance.now())));
      return [imported - began, sent - imported];
    };`,
  );
  const { browser, stop } = await launch();
  try {
    return await rounds(COMPARED, count, async (contender) => {
      // Of its own, so that nothing is cached.
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${origin}/page/start.html`, { waitUntil: "load" });
      const times = await page.evaluate((script) => globalThis.start(script), `/page/contender-${contender}.js`);
      await context.close();
      return times;
    });
  } finally {
    await stop();
  }
}
