// Pages without a bundler, and their workers, under a strict Content-Security-Policy.

import { chromium, firefox, webkit } from "../browsers.mjs";
import { serve, strictPolicy } from "../site.mjs";

const row = ({ name, open }, fast, where, ran, policy, check) => ({
  name: `${name} ${ran}`.toLowerCase().replaceAll(/[^a-z]+/g, "-"),
  group: "Browsers without a bundler",
  host: name,
  ran,
  project: "page",
  fast,
  async run({ folder, [check]: checked }) {
    await using closing = new AsyncDisposableStack();
    const site = await serve(folder, policy, closing);
    let version;
    await checked(where, async (world) => {
      const page = `${site.url}#${encodeURIComponent(JSON.stringify({ world, where }))}`;
      const [outcome, opened] = await Promise.all([site.outcome(), open(page, closing)]);
      version = opened;
      return outcome;
    });
    return version;
  },
});

const rows = (browser, fast) => [
  ...["page", "web worker", "shared worker", "service worker"].map((where) => row(browser, fast, where, where, strictPolicy(), "lookUp")),
  row(browser, fast, "page", "page without 'wasm-unsafe-eval'", strictPolicy(""), "refused"),
];

export default [...rows(chromium, true), ...rows(firefox), ...rows(webkit)];
