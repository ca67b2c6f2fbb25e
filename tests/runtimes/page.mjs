// A page that reports, as report.mjs has it, how its lookups went.

import { chromium } from "./browsers.mjs";

/**
 * What the page at `url` reports, in Chromium. It may be on a server of its own: it reports to `site`'s.
 *
 * @param {string} url @param {Awaited<ReturnType<import("./site.mjs").serve>>} site @param {object} world
 * @param {AsyncDisposableStack} closing
 */
export async function outcomeOf(url, site, world, closing) {
  const hash = encodeURIComponent(JSON.stringify({ world, address: `${site.url}outcome` }));
  const [outcome] = await Promise.all([site.outcome(), chromium.open(`${url}#${hash}`, closing)]);
  return outcome;
}
