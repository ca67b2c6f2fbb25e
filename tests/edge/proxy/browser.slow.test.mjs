// Pages of another origin in Chromium: those of the list call the proxy, with a token or with cookies, and no other page does.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, it } from "node:test";

import { chromium } from "playwright-core";

import { ADA, MOBILE } from "../../support/emulator.mjs";
import { chromium as program, packageFolder } from "../../support/places.mjs";
import { serve } from "./served.mjs";

const TOKEN = { headers: { Authorization: "Bearer session-of-ada" } };

let pages;
let served;
let browser;
let context;

before(async () => {
  const script = await readFile(join(packageFolder(), "dist/browser.js"));
  pages = createServer(({ url }, response) => {
    const [type, body] = url === "/browser.js" ? ["text/javascript", script] : ["text/html", "<!doctype html><title>A page</title>"];
    response.writeHead(200, { "Content-Type": type }).end(body);
  }).listen(0, "127.0.0.1");
  await once(pages, "listening");
  const options = { origins: [`http://127.0.0.1:${pages.address().port}`] };
  served = await serve({ main: { world: { latencyMs: 0, statuses: ["queued"] }, options }, limited: { of: "main", options: { ...options, limit: "later" } } });
  browser = await chromium.launch({ executablePath: program(), args: ["--no-sandbox"] });
  context = await browser.newContext();
  await context.addCookies([{ name: "session", value: "session-of-ada", domain: "127.0.0.1", path: "/" }]);
});
after(async () => {
  await browser?.close();
  await served?.stop();
  pages?.closeAllConnections();
  pages?.close();
});

/** What findPhone gives a page that was loaded from this host, which is what tells its origin from the other one. */
async function find(host, name, options) {
  const page = await context.newPage();
  await page.goto(`http://${host}:${pages.address().port}/`);
  const outcome = await page.evaluate(
    async ({ query, options, withCookies }) => {
      const { findPhone } = await import("/browser.js");
      const all = withCookies ? { ...options, fetch: (url, init) => fetch(url, { ...init, credentials: "include" }) } : options;
      return findPhone(query, all).then(
        ({ mobile }) => ({ mobile }),
        ({ code, retryAfter }) => ({ code, retryAfter }),
      );
    },
    { query: ADA, options: { baseUrl: served.baseUrl(name), poll: { firstDelay: 10 }, maxRetries: 0, ...options }, withCookies: !options },
  );
  await page.close();
  return outcome;
}

it("a page of the list finds a number with a token, or with its cookies", async () => {
  assert.deepEqual(await find("127.0.0.1", "main", TOKEN), { mobile: MOBILE });
  assert.deepEqual(await find("127.0.0.1", "main"), { mobile: MOBILE });
});

it("a page of the list learns how long to wait", async () => {
  assert.deepEqual(await find("127.0.0.1", "limited", TOKEN), { code: "rate_limit_exceeded", retryAfter: 2_000 });
});

it("another page submits nothing, whatever it sends", async () => {
  const { posts } = await served.worlds.main.log();
  for (const options of [TOKEN, undefined]) assert.equal((await find("localhost", "main", options)).code, "submit_outcome_unknown");
  assert.equal((await served.worlds.main.log()).posts, posts);
});
