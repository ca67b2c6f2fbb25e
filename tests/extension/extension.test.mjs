// The example's extension in Chromium, with the emulator in Nyne's place, used as a person uses it: the popup is the one that a click
// on the toolbar's icon opens.

import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

import { createWorld, gateway, MOBILE, nyneError, onGet, onPost } from "../support/emulator.mjs";
import { emulator, entry, packageFolder } from "../support/places.mjs";
import { axe, bin, build, change, choose, exec, find, open, press, project, says, text, tool, type, useEmulator } from "./browser.mjs";

const ADA = { url: "https://www.linkedin.com/in/ada-example", title: "(2) Ada Example - Engineer | LinkedIn" };
const WHERE = "https://example.com/";
/** The keys that the extension gives the emulator. */
const KEYS = { apiKey: "nyne_live_emulator", apiSecret: "nyne_sec_emulator" };
const found = new RegExp(MOBILE.replaceAll("+", "\\+"));

let source, folder, manifest, careless;
before(async () => {
  source = await project("chromium");
  folder = await build(source, "chrome");
  manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  await change(folder, (manifest) => manifest.host_permissions.push("http://127.0.0.1/*"));
  // The same with a content script, which it has not: as if one were added, and the page got hold of it.
  careless = `${folder}-careless`;
  await cp(folder, careless, { recursive: true });
  await writeFile(join(careless, "content.js"), "");
  await change(careless, (manifest) => (manifest.content_scripts = [{ matches: ["https://www.linkedin.com/*"], js: ["content.js"] }]));
});

/** A browser with the extension and a world for it, until the test ends. `settings` false: none are stored. */
async function start(test, world, settings, extensionFolder = folder) {
  const service = await createWorld(emulator(), { ...KEYS, latencyMs: 0, statuses: [], ...world });
  test.after(() => service.remove());
  const extension = await open(extensionFolder);
  test.after(() => extension.close());
  if (settings !== false) await store(extension, { settings: settings ?? { service: "emulator", baseUrl: service.url } });
  return { world: service, ...extension };
}

/** Through a page: a service worker that a test is connected to cannot be ended. */
async function store({ tab }, values) {
  const page = await tab("options.html");
  await page.evaluate((values) => chrome.storage.local.set(values), values);
  await page.close();
}
/** The bodies of the submits. */
const submitted = async (world) => (await world.log()).requests.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body));

async function until(condition) {
  const end = Date.now() + 60_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `it does not come: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// They mostly wait: for polls and for the alarm. Those that wait longest begin first.
describe("examples/extension in Chromium", { concurrency: 6 }, () => {
  it("killed in the wait, its alarm continues the lookup while nobody looks", async (test) => {
    const { world, visit, click, kill, worker } = await start(test);
    const page = await visit(ADA.url, ADA.title);
    const popup = await click(page);
    await press(popup, "Find the number");
    await says(popup, /Asking in/, "Ada Example");
    await popup.close();
    await kill();
    await until(async () => (await world.log()).gets === 1);
    await until(async () => found.test(await (await worker()).evaluate(async () => JSON.stringify(await chrome.storage.local.get("lookups")))));
    await says(await click(page), found, "Ada Example");
    assert.equal((await world.log()).posts, 1);
  });

  it("waits out a rate limit, says for how long, and submits once", async (test) => {
    const { world, visit, click } = await start(test, { faults: [onPost(nyneError(429, "rate_limit_exceeded", { "Retry-After": "2" })), onGet(gateway(502))] });
    const popup = await click(await visit(ADA.url, ADA.title));
    await press(popup, "Find the number");
    await says(popup, /too many requests\.\s+Nothing was charged\. Trying again in \d+ s[^]*rate_limit_exceeded/, "Ada Example");
    await says(popup, /answered with an error\.\s+The lookup continues at Nyne\. Asking again in \d+ s[^]*http_error/, "Ada Example");
    await says(popup, found, "Ada Example");
    const { posts, jobs } = await world.log();
    assert.deepEqual([posts, jobs], [2, 1]);
  });

  it("offline it sends nothing and says so, and tries again when told to", async (test) => {
    const { world, visit, click, workerSession } = await start(test);
    const popup = await click(await visit(ADA.url, ADA.title));
    const sessions = [await workerSession(), await popup.createCDPSession()];
    const line = async (offline) => {
      for (const session of sessions) {
        await session.send("Network.enable");
        await session.send("Network.emulateNetworkConditions", { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
      }
    };
    await line(true);
    await press(popup, "Find the number");
    await says(popup, /You are offline\.\s+Nothing was charged\. Check your connection[^]*network_error/, "Ada Example");
    assert.equal((await world.log()).posts, 0);
    await line(false);
    await press(popup, "Try again", "Ada Example");
    await says(popup, /Asking in/, "Ada Example");
    await line(true);
    await says(popup, /You are offline\.\s+The lookup continues at Nyne\. Asking again in/, "Ada Example");
    await line(false);
    await says(popup, found, "Ada Example");
    const { posts, jobs } = await world.log();
    assert.deepEqual([posts, jobs], [1, 1]);
  });

  it("asks for settings first, and then gives the number on a profile page with one click", async (test) => {
    const { world, visit, click, settings } = await start(test, {}, false);
    const page = await visit(`${ADA.url}/details/?trk=people#top`, ADA.title);
    const first = await click(page);
    assert.doesNotMatch(await says(first, /First choose whom to ask/), /Find the number/);
    await press(first, "Open settings");
    await useEmulator(await settings(), world);

    const popup = await click(page);
    assert.match(await says(popup, /Ada Example/), /linkedin\.com\/in\/ada-example\n/);
    await press(popup, "Find the number");
    await says(popup, /Nyne is looking for the number…[^]*Asking in \d+ s/, "Ada Example");
    await says(popup, found, "Ada Example");
    // Only the address of the profile, and nothing of the visit.
    assert.deepEqual(await submitted(world), [{ social_media_url: ADA.url }]);
    await press(popup, "Copy", "Ada Example");
    await says(popup, /Copied/);
    await press(popup, "Look for someone else");
    await popup.keyboard.press("v", { commands: ["Paste"] });
    assert.equal(await popup.$eval("#who", (field) => field.value), MOBILE);
  });

  it("takes an email, a profile's address, a phone, or a name with its company, and refuses what is none", async (test) => {
    const { world, tab } = await start(test);
    const popup = await tab("popup.html");
    for (const wrong of ["", "   ", "ada@", "12", "@ada"]) {
      await find(popup, wrong);
      await says(popup, /Enter an email, the address of a profile, a phone number or a name/);
      assert.equal(await popup.evaluate(() => document.activeElement.id), "who", "the focus");
    }
    assert.deepEqual(await submitted(world), []);
    const queries = {
      " ada@example.com ": { email: "ada@example.com" },
      "linkedin.com/in/ada-example/": { social_media_url: ADA.url },
      "https://people.example/ada": { social_media_url: "https://people.example/ada" },
      "+1 202-555-0101": { phone: "+1 202-555-0101" },
      "Ada  Example,Example Corp": { name: "Ada Example", company: "Example Corp" },
      "Grace O'Example": { name: "Grace O'Example" },
    };
    for (const who of Object.keys(queries)) await find(popup, who);
    await until(async () => (await world.log()).posts === 6);
    assert.deepEqual(new Set((await submitted(world)).map((body) => JSON.stringify(body))), new Set(Object.values(queries).map((body) => JSON.stringify(body))));
    for (const who of ["ada@example.com", "linkedin.com/in/ada-example", "+1 202-555-0101", "Ada Example, Example Corp"]) await says(popup, found, who);
    for (const who of ["people.example/ada", "Grace O'Example"]) await says(popup, /No number found\.\s+Nothing was charged/, who);
  });

  it("keeps each number under its person, newest first, and on another's page shows none of it as theirs", async (test) => {
    const { world, visit, click } = await start(test, { people: { "grace@example.com": "+1-202-555-0177" } });
    const elsewhere = await visit(WHERE);
    let popup = await click(elsewhere);
    // The later lookup ends first.
    await find(popup, "ada@example.com");
    await find(popup, "grace@example.com");
    await find(popup, "nomobile@example.com");
    await says(popup, found, "ada@example.com");
    await says(popup, /\+1-202-555-0177/, "grace@example.com");
    assert.doesNotMatch(await says(popup, /No number found/, "nomobile@example.com"), /555/);
    const names = () => popup.$$eval("#list h2", (names) => names.map((name) => name.textContent));
    assert.deepEqual(await names(), ["nomobile@example.com", "grace@example.com", "ada@example.com"]);

    const page = await visit("https://www.linkedin.com/in/noah-example", "Noah Example | LinkedIn");
    popup = await click(page);
    await says(popup, /Noah Example[^]*Find the number[^]*History[^]*nomobile@example\.com/);
    assert.equal(await popup.$eval("#current", (current) => current.innerText), "");

    await press(popup, "Delete", "grace@example.com");
    await until(async () => !(await text(popup)).includes("grace"));
    assert.deepEqual(await names(), ["nomobile@example.com", "ada@example.com"]);
    await press(popup, "Delete history");
    await press(popup, "Keep");
    assert.equal((await names()).length, 2);
    await press(popup, "Delete history");
    await popup.click("dialog [value=delete]");
    await until(async () => (await names()).length === 0);

    // Escape does not repeat the last answer.
    popup = await click(elsewhere);
    await find(popup, "ada@example.com");
    await says(popup, found, "ada@example.com");
    await press(popup, "Delete history");
    await popup.click("dialog [value=delete]");
    await until(async () => (await names()).length === 0);
    await find(popup, "ada@example.com");
    await says(popup, found, "ada@example.com");
    await press(popup, "Delete history");
    await popup.keyboard.press("Escape");
    // Whoever types a person again who has a number sees it, and what another one may cost.
    await find(popup, "ADA@example.com");
    assert.match(await popup.evaluate(() => document.activeElement.innerText), /ada@example\.com\s+\+1[^]*Look up again \(may cost a credit\)/);
    assert.deepEqual(await names(), ["ada@example.com"]);
    assert.equal((await world.log()).posts, 5);
  });

  it("asks for a job only where it was made", async (test) => {
    const extension = await start(test, { statuses: ["queued"] });
    const { world, visit, click } = extension;
    const other = await createWorld(emulator(), KEYS);
    test.after(() => other.remove());
    const page = await visit(ADA.url, ADA.title);
    let popup = await click(page);
    await press(popup, "Find the number");
    await says(popup, /Asking in/, "Ada Example");
    await store(extension, { settings: { service: "emulator", baseUrl: other.url } });
    popup = await click(page);
    await says(popup, /made with other settings\.\s+Enter those again[^]*other_settings/, "Ada Example");
    await store(extension, { settings: { service: "emulator", baseUrl: world.url } });
    popup = await click(page);
    await press(popup, "Ask again", "Ada Example");
    await says(popup, found, "Ada Example");
    assert.equal((await world.log()).posts, 1);
    assert.deepEqual((await other.log()).requests, []);
  });

  it("does not take a name from a title that belongs to another address", async (test) => {
    const { visit, click } = await start(test);
    // A site has changed the address, and not yet the title.
    const page = await visit("https://www.linkedin.com/in/grace-example", ADA.title);
    const popup = await click(page);
    assert.doesNotMatch(await says(popup, /linkedin\.com\/in\/grace-example/), /Ada/);
    // Parts of its words are in the address.
    const longer = await visit("https://www.linkedin.com/in/alice-lincoln", "Al Li | LinkedIn");
    assert.doesNotMatch(await says(await click(longer), /linkedin\.com\/in\/alice-lincoln/), /Al Li/);
  });

  it("tells profiles apart that differ in the query only", async (test) => {
    const { world, visit, click } = await start(test);
    const profile = (id) => visit(`https://www.facebook.com/profile.php?id=${id}&ref=x`, "Facebook");
    const popup = await click(await profile(1001));
    await press(popup, "Find the number");
    await says(popup, /No number found/, "facebook.com/profile.php?id=1001");
    assert.deepEqual(await submitted(world), [{ social_media_url: "https://www.facebook.com/profile.php?id=1001" }]);
    const another = await click(await profile(2002));
    await says(another, /facebook\.com\/profile\.php\?id=2002[^]*Find the number/);
    assert.equal(await another.$eval("#current", (current) => current.innerText), "");
  });

  it("makes one lookup of two clicks, and of two windows", async (test) => {
    const { world, visit, click, tab } = await start(test);
    const popup = await click(await visit(ADA.url, ADA.title));
    const button = await popup.waitForSelector("#find");
    await button.click({ count: 2 });
    // And of clicks that had not seen the first one's lookup, nor its number.
    const late = (url) => chrome.runtime.sendMessage({ type: "find", person: { name: null, query: { socialMediaUrl: url } }, after: null });
    await Promise.all([popup.evaluate(late, ADA.url), popup.evaluate(late, ADA.url)]);
    await says(popup, found, "Ada Example");
    await popup.evaluate(late, ADA.url);
    assert.equal((await world.log()).posts, 1);
    const windows = [await tab("popup.html"), await tab("popup.html")];
    for (const window of windows) await type(window, "Who are you looking for?", "ada@example.com");
    await Promise.all(windows.map((window) => window.$eval("#ask", (form) => form.requestSubmit())));
    for (const window of windows) await says(window, found, "ada@example.com");
    const { posts, jobs } = await world.log();
    assert.deepEqual([posts, jobs], [2, 2]);
    // It is asked again only on purpose.
    await press(windows[0], "Look up again (may cost a credit)", "ada@example.com");
    await until(async () => (await world.log()).posts === 3);
  });

  it("killed inside the submit, it says that the outcome is unknown, and never submits again by itself", async (test) => {
    const { world, visit, click, kill } = await start(test, { faults: [onPost({ kind: "hang", at: "start", thenJob: true })] });
    const page = await visit(ADA.url, ADA.title);
    let popup = await click(page);
    await press(popup, "Find the number");
    await until(async () => (await world.log()).posts === 1);
    await kill();
    popup = await click(page);
    await says(popup, /It is unknown whether Nyne received the request\.[^]*dashboard[^]*submit_outcome_unknown/, "Ada Example");
    await kill();
    popup = await click(page);
    await popup.evaluate(() => chrome.runtime.sendMessage({ type: "wake" }));
    await says(popup, /submit_outcome_unknown/, "Ada Example");
    const { posts, jobs } = await world.log();
    assert.deepEqual([posts, jobs], [1, 1]);
    await press(popup, "Look up again (may cost a credit)", "Ada Example");
    await says(popup, found, "Ada Example");
    assert.equal((await world.log()).posts, 2);
  });

  it("killed in the wait, it continues as soon as the popup is opened, also if the last poll was cut off", async (test) => {
    const { world, visit, click, kill } = await start(test, { faults: [onGet({ kind: "hang", at: "start" })] });
    const page = await visit(ADA.url, ADA.title);
    await press(await click(page), "Find the number");
    await until(async () => (await world.log()).gets === 1);
    await kill();
    await says(await click(page), found, "Ada Example");
    const { posts, jobs } = await world.log();
    assert.deepEqual([posts, jobs], [1, 1]);
  });

  it("stops waiting when told to, in a wait and in the submit, keeps the job, and asks again for nothing", async (test) => {
    const { world, visit, click } = await start(test, { faults: [onPost({ kind: "delay", ms: 4_000 })] });
    const popup = await click(await visit(ADA.url, ADA.title));
    await press(popup, "Find the number");
    await says(popup, /Sending the request to Nyne…/, "Ada Example");
    await press(popup, "Stop waiting", "Ada Example");
    await says(popup, /Stopping…/, "Ada Example");
    await says(popup, /Stopped\.[^]*a number that it finds is charged\. Asking again costs nothing/, "Ada Example");
    // Another's lookup takes longer than the wait that was stopped.
    await press(popup, "Look for someone else");
    await find(popup, "nomobile@example.com");
    await says(popup, /No number found/, "nomobile@example.com");
    assert.equal((await world.log()).gets, 1, "polls");
    await press(popup, "Ask again", "Ada Example");
    await says(popup, found, "Ada Example");
    await find(popup, "grace@example.com");
    await says(popup, /Asking in/, "grace@example.com");
    await press(popup, "Stop waiting", "grace@example.com");
    await says(popup, /Stopped\./, "grace@example.com");
    const { posts, gets } = await world.log();
    assert.deepEqual([posts, gets], [3, 2]);
  });

  const LATER = { name: "Try again", jobs: 0 };
  for (const [name, { world: settings, says: expected, ...after }] of Object.entries({
    "no credits": { world: { credits: 0 }, says: /no credits left\.\s+Nothing was charged\. Add credits[^]*insufficient_credits/, ...LATER },
    "wrong keys": { world: { apiKey: "nyne_live_another" }, says: /keys were not accepted\.\s+Nothing was charged\.[^]*invalid_api_key[^]*Settings/, ...LATER },
    "a plan without the Phone Finder": { world: { faults: [onPost(nyneError(403, "subscription_required"))] }, says: /plan does not include[^]*Nothing was charged/, ...LATER },
    "a code of tomorrow": { world: { faults: [onPost(nyneError(418, "teapot"))] }, says: /Something went wrong\.\s+Nothing was charged[^]*teapot/, ...LATER },
    "a failed job": { world: { faults: [onGet({ kind: "jobFailed", error: "no source" })] }, says: /could not complete this lookup\.\s+Nothing was charged\.\s+job_failed/, name: "Look up again", jobs: 1 },
    "a lost answer": { world: { faults: [onPost({ kind: "reset", at: "start", thenJob: true })] }, says: /unknown whether Nyne received/, name: "Look up again (may cost a credit)", jobs: 1 },
    "keys that are refused in a poll": { world: { faults: [onGet(nyneError(401, "invalid_api_key"))] }, says: /keys were not accepted\.\s+Nyne may still find the number, and charge/, name: "Ask again", jobs: 1 },
    "a job that is forgotten": { world: { statuses: ["queued"], faults: [onGet({ kind: "notFound" }, { from: 2 })] }, says: /does not know this lookup[^]*Ask again\s+Look up again \(may cost a credit\)/, name: "Ask again", jobs: 1 },
  })) {
    it(`says what to do about ${name}, and submits nothing by itself`, async (test) => {
      const { world, visit, click } = await start(test, settings);
      const popup = await click(await visit(ADA.url, ADA.title));
      await press(popup, "Find the number");
      assert.match(await says(popup, expected, "Ada Example"), new RegExp(after.name.replace(/[()]/g, "\\$&")));
      const { posts, jobs } = await world.log();
      assert.deepEqual([posts, jobs], [1, after.jobs]);
    });
  }

  it("says that the browser's permission is missing, before it sends anything", async (test) => {
    const extension = await start(test);
    const { world, visit, click } = extension;
    const baseUrl = world.url.replace("127.0.0.1", "localhost");
    await store(extension, { settings: { service: "emulator", baseUrl } });
    const popup = await click(await visit(ADA.url, ADA.title));
    await press(popup, "Find the number");
    await says(popup, /The browser does not let the extension ask there\.[^]*permission_missing[^]*Settings/, "Ada Example");
    assert.equal((await world.log()).posts, 0);
  });

  it("gives the keys to Nyne, and to no page, no content script and no message", async (test) => {
    const keys = { apiKey: `nyne_live_${crypto.randomUUID()}`, apiSecret: `nyne_sec_${crypto.randomUUID()}` };
    const { world, visit, click, workerSession, at, tab, worker } = await start(test, keys, false, careless);
    const options = await tab("options.html");
    await type(options, "API key", keys.apiKey);
    await type(options, "API secret", keys.apiSecret);
    const session = await workerSession();
    const asked = [];
    await session.send("Fetch.enable", { patterns: [{ urlPattern: "*" }] });
    session.on("Fetch.requestPaused", async ({ requestId, request: { url, method, headers, postData } }) => {
      asked.push([new URL(url).origin, headers["X-API-Key"], headers["X-API-Secret"]]);
      const response = await fetch(url.replace("https://api.nyne.ai", world.url), { method, headers, body: postData });
      const body = Buffer.from(await response.arrayBuffer()).toString("base64");
      await session.send("Fetch.fulfillRequest", { requestId, responseCode: response.status, responseHeaders: [{ name: "Content-Type", value: "application/json" }], body });
    });
    await press(options, "Save");
    await says(options, /Saved, but Nyne cannot be reached/);

    const page = await visit(ADA.url, ADA.title);
    const popup = await click(page);
    await press(popup, "Find the number");
    await says(popup, found, "Ada Example");
    assert.deepEqual([...new Set(asked.map((one) => JSON.stringify(one)))], [JSON.stringify(["https://api.nyne.ai", keys.apiKey, keys.apiSecret])]);

    /** What a script can get hold of, and get done. Of a message that is not answered, nothing. */
    const attack = async (url) => {
      const attempts = [
        async () => chrome.storage.local.get(),
        async () => chrome.storage.local.get("settings"),
        async () => (await fetch(url)).text(),
        async () => (await new Promise((resolve, reject) => Object.assign(indexedDB.open("claims"), { onsuccess: ({ target }) => resolve([...target.result.objectStoreNames]), onerror: reject }))),
        async () => chrome.runtime.sendMessage({ type: "find", person: { name: null, query: { email: "ada@example.com" } }, after: null }),
        async () => chrome.runtime.sendMessage(new URL(url).host, { type: "removeAll" }),
      ];
      return JSON.stringify(await Promise.all(attempts.map((attempt) => Promise.race([attempt().catch((error) => `refused: ${error}`), new Promise((resolve) => setTimeout(resolve, 500, "no answer"))]))));
    };
    const fromPage = await page.evaluate(attack, at("popup.html"));
    const context = await contentScript(page, new URL(at("")).host);
    const fromScript = await context(`(${attack})(${JSON.stringify(at("popup.html"))})`);
    assert.equal(await context("chrome.runtime.id"), new URL(at("")).host, "it is the extension's");
    for (const got of [fromPage, fromScript]) {
      for (const secret of [keys.apiKey, keys.apiSecret, MOBILE]) assert.ok(!got.includes(secret), got);
      assert.match(got, /^\["refused: [^"]+","refused: [^"]+","refused: /, got);
    }
    assert.equal((await world.log()).posts, 1, "submits");
    await says(popup.isClosed() ? await click(page) : popup, found, "Ada Example");
    assert.deepEqual(await (await worker()).evaluate(() => chrome.permissions.getAll().then(({ permissions }) => permissions.sort())), ["activeTab", "alarms", "storage"]);
  });

  it("asks a proxy with a token of its own and without keys, once the proxy allows its origin", async (test) => {
    const { createProxy } = await import(pathToFileURL(entry("import", "nyne-phone-finder/proxy")));
    const extension = await start(test);
    const { world, visit, click, at, tab } = extension;
    const origin = at("").slice(0, -1);
    const origins = [];
    const seen = [];
    const server = createServer(async (request, response) => {
      seen.push(request.headers);
      if (request.url.startsWith("/elsewhere")) return response.writeHead(404).end("Not Found");
      const body = await new Response(request).text();
      const proxy = createProxy({ ...KEYS, baseUrl: world.url, origins, authorize: ({ headers }) => (headers.get("Authorization") === "Bearer a-token" ? "ada" : null) });
      const { status, headers, body: answer } = await proxy(new Request(`http://${request.headers.host}${request.url}`, { method: request.method, headers: request.headers, body: body || undefined }));
      response.writeHead(status, Object.fromEntries(headers)).end(answer ? Buffer.from(await new Response(answer).arrayBuffer()) : undefined);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    test.after(() => server.close());

    const options = await tab("options.html");
    await choose(options, "Your proxy, which has the keys");
    await says(options, new RegExp(origin));
    const address = `http://127.0.0.1:${server.address().port}/api/nyne`;
    for (const [wrong, message] of [["", /Enter the address/], ["http://example.com/api", /begins with https/], [`${address}?a=b`, /without a user/], ["nothing", /begins with https/]]) {
      await type(options, "Address", wrong);
      await press(options, "Save");
      await says(options, message);
    }
    await type(options, "Access token, if it asks for one", "a-token");
    for (const [wrong, message] of [[address.replace("/api/nyne", ""), /answered with an error \(not_found\)/], [address.replace("api/nyne", "elsewhere"), /no Phone Finder at this address/]]) {
      await type(options, "Address", wrong);
      await press(options, "Save");
      await says(options, message);
    }
    await type(options, "Address", address);
    await press(options, "Save");
    await says(options, /You can look people up now: the proxy answers/);
    const page = await visit(ADA.url, ADA.title);
    const popup = await click(page);
    await press(popup, "Find the number");
    await says(popup, /Access was refused\.\s+Nothing was charged\.[^]*forbidden/, "Ada Example");
    origins.push(origin);
    await press(popup, "Try again", "Ada Example");
    await says(popup, found, "Ada Example");
    assert.ok(seen.every((headers) => !headers["x-api-key"] && !headers["x-api-secret"]));
    assert.deepEqual([(await world.log()).jobs, (await world.log()).creditsLeft], [1, 999]);
  });

  it("is used with the keyboard alone, and axe finds nothing in any state, light or dark", async (test) => {
    const extension = await start(test);
    const { visit, click, tab } = extension;
    const popup = await click(await visit(ADA.url, ADA.title));
    await says(popup, /Find the number/);
    const press = async (label) => {
      for (let tabs = 0; (await popup.evaluate(() => document.activeElement.textContent)) !== label; tabs++) {
        assert.ok(tabs < 20, `Tab does not reach ${label}`);
        await popup.keyboard.press("Tab");
      }
      await popup.keyboard.press("Enter");
    };
    await axe(popup);
    await press("Find the number");
    await says(popup, /Asking in/, "Ada Example");
    await axe(popup);
    await press("Look for someone else");
    await popup.keyboard.type("nobody");
    await popup.keyboard.press("Enter");
    await says(popup, /looking/, "nobody");
    await popup.keyboard.type("@");
    await popup.keyboard.press("Enter");
    await says(popup, /Enter an email/);
    await axe(popup);
    await says(popup, found, "Ada Example");
    await says(popup, /No number found/, "nobody");
    await press("Copy");
    await says(popup, /Copied/);
    // What changes elsewhere leaves the focus where it is.
    await popup.evaluate(async () => {
      document.querySelector("#current .copy").focus();
      const { lookups } = await chrome.storage.local.get("lookups");
      await chrome.storage.local.set({ lookups: lookups.map((lookup) => ({ ...lookup, startedAt: 0 })) });
    });
    await says(popup, /1970|1969/);
    assert.equal(await popup.evaluate(() => document.activeElement.className), "copy primary");
    await axe(popup);
    const options = await tab("options.html");
    await axe(options);
  });
});

/** Runs scripts in the world that the extension's content scripts have in a page. */
async function contentScript(page, id) {
  const session = await page.createCDPSession();
  const worlds = [];
  session.on("Runtime.executionContextCreated", ({ context }) => worlds.push(context));
  await session.send("Runtime.enable");
  await until(() => worlds.some(({ origin }) => origin === `chrome-extension://${id}`));
  const { id: contextId } = worlds.find(({ origin }) => origin === `chrome-extension://${id}`);
  return async (expression) => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, contextId, awaitPromise: true, returnByValue: true });
    assert.ok(!exceptionDetails, JSON.stringify(exceptionDetails));
    return result.value;
  };
}

describe("examples/extension as it is built", () => {
  it("has the manifest that the package's README asks for", async () => {
    const readme = await readFile(join(packageFolder(), "README.md"), "utf8");
    const [, needed] = /^\*\*Browser extensions\.[^]*?^```json\n([^]*?)^```$/m.exec(readme);
    // It may ask for a newer one.
    const { minimum_chrome_version: oldest, ...others } = JSON.parse(needed);
    assert.ok(Number(manifest.minimum_chrome_version) >= Number(oldest ?? 0));
    for (const [name, value] of Object.entries(others)) assert.deepEqual(manifest[name], value, name);
  });

  it("has types that fit", async () => {
    await exec(process.execPath, [new URL("../../node_modules/typescript/bin/tsc", import.meta.url).pathname, "--noEmit"], source);
  });

  it("passes the checks of web-ext lint, without an error and without a warning", async () => {
    const built = await build(source, "firefox");
    const { errors, warnings, notices } = JSON.parse(await exec(bin("addons-linter"), ["--output", "json", built], source));
    assert.deepEqual([...errors, ...warnings, ...notices], []);
  });
});
