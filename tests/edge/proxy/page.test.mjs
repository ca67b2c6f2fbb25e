// A page's client through the proxy: it finds numbers, keeps its jobs, and ends as it would if it had the keys itself.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";

import { ADA, gateway, MOBILE, nyneError, onGet, onPost } from "../../support/emulator.mjs";
import { createProxy, page, serve } from "./served.mjs";

const DONE = { latencyMs: 0, statuses: [] };
const SESSIONS = { ada: { Authorization: "Bearer session-of-ada" }, bob: { Authorization: "Bearer session-of-bob" } };
const PAGE = "https://app.example.com";
/** A page waits longer than its proxy. */
const QUICK = { poll: { firstDelay: 1, maxDelay: 1 }, requestTimeout: 20_000 };
/** How long whoever asks Nyne waits for a reply that hangs, in ms. No other row waits for a time that passes. */
const HANG_LIMIT = 300;

/** What a client sees of each fault, on a submit and on a poll. `on` says of which it is; both unless told otherwise. */
const FAULTS = {
  "a reset before the answer": { kind: "reset", at: "start" },
  "a reset within the answer": { kind: "reset", at: "body", thenJob: true },
  "an answer that never comes": { kind: "hang", at: "start", thenJob: true },
  "an answer that never ends": { kind: "hang", at: "body", thenJob: true },
  "500": nyneError(500, "internal_error"),
  "502 of a gateway": gateway(502),
  "503 of Nyne's own": nyneError(503, "service_unavailable"),
  "503 of Nyne's own with another code": nyneError(503, "internal_error"),
  "503 of a gateway": gateway(503),
  "599": { kind: "status", status: 599, body: "" },
  "429": nyneError(429, "rate_limit_exceeded"),
  "429 of a gateway": gateway(429),
  "429 with another code": nyneError(429, "insufficient_credits"),
  "400": nyneError(400, "missing_parameters"),
  "401": nyneError(401, "invalid_api_key"),
  "401 without a code": gateway(401),
  "402": nyneError(402, "insufficient_credits"),
  "403": nyneError(403, "ip_not_allowed"),
  "404": { kind: "notFound" },
  "404 with another code": nyneError(404, "gone"),
  "408": gateway(408),
  "418 with a code of tomorrow": nyneError(418, "teapot"),
  "425": gateway(425),
  "a redirect": { kind: "redirect", location: "https://example.com/" },
  "200 without a body": { kind: "empty" },
  "204": { kind: "noContent" },
  "200 with a page": gateway(200),
  "200 that says it failed": { kind: "status", status: 200, body: { success: false, error: { code: "invalid_credentials" } } },
  "200 that says it is unavailable": { kind: "status", status: 200, body: { success: false, error: { code: "service_unavailable" } } },
  "half of the JSON": { kind: "truncate" },
  "control characters": { kind: "controlCharacters" },
  "more than 1 MiB": { kind: "oversized", chunked: true },
  "another content type": { kind: "contentType", value: "text/html" },
  "a compressed answer": { kind: "gzip" },
  "no envelope": { kind: "bare" },
  "no id": { kind: "replace", path: "data.request_id" },
  "an id that is null": { kind: "replace", path: "data.request_id", value: null },
  "another job's id": { kind: "replace", path: "data.request_id", value: "another" },
  "an id with a control character": { kind: "replace", path: "data.request_id", value: "a\nb" },
  "no status": { kind: "replace", path: "data.status" },
  "a status of tomorrow": { kind: "jobStatus", status: "thinking" },
  "a job that fails": { kind: "jobFailed", error: "no source" },
  "a job that fails without a reason": { kind: "jobFailed", error: null },
  "a job without a match": { kind: "noMatch", form: "missing" },
  "a job without a match: null": { kind: "noMatch", form: "null" },
  "a job without a match: empty": { kind: "noMatch", form: "empty" },
  "a number that is a number": { kind: "replace", path: "data.result.mobile", value: 12025550100 },
  "a list of numbers": { kind: "replace", path: "data.result.mobile", value: ["", MOBILE] },
  "a number that cannot be read": { kind: "replace", path: "data.result.mobile", value: { number: MOBILE } },
  "a result that is a text": { kind: "replace", path: "data.result", value: MOBILE },
};

/** The proxy says of these that they failed; only the client that had the failure can say how. */
const FAILED_THERE = new Set(["network_error", "timeout", "invalid_response"]);

const rows = Object.entries(FAULTS).flatMap(([name, fault], number) =>
  [["submit", onPost], ["poll", onGet]].map(([what, on]) => ({
    name: `${name}, on a ${what}`, what, key: `${what}${number}`, world: { ...DONE, faults: [on(fault, { to: null })] },
    asking: fault.kind === "hang" ? { requestTimeout: HANG_LIMIT } : {},
  })),
);

/** A proxy with a new secret. The service still takes the old one. */
const rotated = ({ apiSecret }) => ({ apiSecret: "nyne_sec_of_tomorrow", secretSent: apiSecret });
/** It asks to wait for 90 s by its own clock, which is behind. */
const DATED = nyneError(429, "rate_limit_exceeded", { "Retry-After": "Thu, 01 Jan 2026 00:02:00 GMT", Date: "Thu, 01 Jan 2026 00:00:30 GMT" });

let served;
before(async () => {
  served = await serve({
    main: { world: DONE, options: { origins: [PAGE, "chrome-extension://abcdefghijklmnop"] } },
    slow: { world: { latencyMs: 100 } },
    callbacks: { world: DONE, options: ({ sink }) => ({ callbackUrls: [new URL(".", sink.url).href, "https://hooks.example.com"] }) },
    rotated: { of: "main", options: ({ keys }) => ({ ...rotated(keys), previousSecrets: ["nyne_sec_of_old_times", keys.apiSecret] }) },
    forgetful: { of: "main", options: ({ keys }) => rotated(keys) },
    forgotten: { world: { ...DONE, faults: [onGet({ kind: "notFound" }, { to: null })] } },
    limited: { world: { ...DONE, perMinute: 2 } },
    failsOnce: { world: { ...DONE, faults: [onPost(nyneError(503, "service_unavailable", { "Retry-After": "0.01" })), onGet(gateway(502))] } },
    dated: { world: { ...DONE, faults: [onPost(DATED)] } },
    odd: { world: { ...DONE, faults: [onPost({ kind: "replace", path: "data.request_id", value: " ü.a/b?c#d\u2028%2e=&.\ud83d\ude00 " })] } },
    long: { world: { ...DONE, faults: [onPost({ kind: "replace", path: "data.request_id", value: "x".repeat(1_000) })] } },
    whole: { world: { ...DONE, faults: [onPost({ kind: "replace", path: "data.request_id", value: 4271 })] } },
    ...Object.fromEntries(rows.map(({ key, world, asking }) => [key, { world, options: asking }])),
  });
});
after(() => served?.stop());

/** The options of a page whose user has a session, and those of a program that has the keys. */
const through = (name, caller = "ada", options = {}) => ({ ...QUICK, baseUrl: served.baseUrl(name), headers: SESSIONS[caller], ...options });
const direct = (name, options = {}) => ({ ...QUICK, ...served.worlds[name].keys, baseUrl: served.worlds[name].url, ...options });

describe("a page's client through the proxy", () => {
  it("finds a number without a key", async () => {
    const { mobile, status, data } = await page.findPhone(ADA, through("slow"));
    assert.deepEqual([mobile, status, data.result.mobile], [MOBILE, "completed", MOBILE]);
    const { posts, requests } = await served.worlds.slow.log();
    assert.equal(posts, 1);
    assert.deepEqual(JSON.parse(requests[0].body), ADA);
  });

  it("sends every field, and gets no number for nobody", async () => {
    const rest = { name: "Nobody", company: "Example Corp", email: "nobody@example.com", phone: "+1-202-555-0999" };
    const query = { ...rest, socialMediaUrl: "https://example.com/nobody" };
    assert.equal((await page.findPhone(query, through("main"))).mobile, null);
    const { requests } = await served.worlds.main.log();
    const { body } = requests.findLast(({ method }) => method === "POST");
    assert.deepEqual(JSON.parse(body), { ...rest, social_media_url: query.socialMediaUrl });
  });

  it("resumes a job later by the id it was given, as often as it likes", async () => {
    const request = await page.submitPhone(ADA, through("main"));
    for (let times = 0; times < 2; times++) assert.equal((await page.pollResult(request, through("main"))).mobile, MOBILE);
    assert.equal((await page.checkStatus(request.requestId, through("main"))).mobile, MOBILE);
  });

  it("does not find another caller's job", async () => {
    const { requestId } = await page.submitPhone(ADA, through("main"));
    const { gets } = await served.worlds.main.log();
    await assert.rejects(page.pollResult(requestId, through("main", "bob")), { code: "request_not_found", requestId, status: 404 });
    await assert.rejects(page.pollResult("never-was", through("main", "bob")), { code: "request_not_found", status: 404 });
    assert.equal((await served.worlds.main.log()).gets, gets);
  });

  it("cannot tell another caller's job from one that Nyne does not know", async () => {
    const { requestId } = await page.submitPhone(ADA, through("forgotten"));
    const answer = async (caller) => {
      const url = `${served.baseUrl("forgotten")}/person/phone?request_id=${requestId}`;
      const response = await fetch(url, { headers: SESSIONS[caller] });
      const { error } = await response.json();
      return [response.status, error, [...response.headers.keys()]];
    };
    assert.deepEqual(await answer("bob"), await answer("ada"));
    assert.equal((await served.worlds.forgotten.log()).gets, 1);
  });

  it("goes on with its jobs after the secret was replaced, as long as the proxy knows the old one", async () => {
    const { requestId } = await page.submitPhone(ADA, through("main"));
    assert.equal((await page.pollResult(requestId, through("rotated"))).mobile, MOBILE);
    await assert.rejects(page.pollResult(requestId, through("rotated", "bob")), { code: "request_not_found" });
    await assert.rejects(page.pollResult(requestId, through("forgetful")), { code: "request_not_found" });
    const { requestId: bound } = await page.submitPhone(ADA, through("rotated"));
    assert.equal((await page.pollResult(bound, through("forgetful"))).mobile, MOBILE, "an id that the new secret has bound");
    await assert.rejects(page.pollResult(bound, through("main")), { code: "request_not_found" });
  });

  it("gives a callback URL that is allowed", async () => {
    const { sink } = served.worlds.callbacks;
    await page.submitPhone({ ...ADA, callbackUrl: sink.url }, through("callbacks"));
    await page.submitPhone({ ...ADA, callbackUrl: "https://hooks.example.com/any?key=1" }, through("callbacks"));
    const { requests } = await served.worlds.callbacks.log();
    assert.deepEqual(requests.map(({ body }) => JSON.parse(body).callback_url), [sink.url, "https://hooks.example.com/any?key=1"]);
  });

  it("submits again after an answer that proves that no job was made, and polls again after any failure that may pass", async () => {
    const problems = [];
    const onStatus = ({ problem }) => problem && problems.push(problem.code);
    assert.equal((await page.findPhone(ADA, through("failsOnce", "ada", { onStatus }))).mobile, MOBILE);
    assert.deepEqual(problems, ["service_unavailable", "http_error"]);
    const { posts, jobs } = await served.worlds.failsOnce.log();
    assert.deepEqual([posts, jobs], [2, 1]);
  });

  it("learns from Nyne's own limit how long to wait", async () => {
    const options = { ...through("limited"), maxRetries: 0 };
    await page.findPhone(ADA, options);
    const error = await page.findPhone(ADA, options).catch((error) => error);
    assert.deepEqual([error.code, error.submitted, error.retryable], ["rate_limit_exceeded", "no", true]);
    assert(error.retryAfter > 30_000 && error.retryAfter <= 60_000, `${error.retryAfter}`);
    const headers = { ...SESSIONS.ada, "Content-Type": "application/json" };
    const response = await fetch(`${served.baseUrl("limited")}/person/phone`, { method: "POST", headers, body: JSON.stringify(ADA) });
    const limits = ["x-ratelimit-limit", "x-ratelimit-remaining", "ratelimit-remaining"].map((name) => response.headers.get(name));
    assert.deepEqual(limits, ["2", "0", "0"]);
  });

  it("is told seconds if Nyne names a date, which its own clock may not fit", async () => {
    const error = await page.submitPhone(ADA, { ...through("dated"), maxRetries: 0 }).catch((error) => error);
    assert.deepEqual([error.code, error.retryAfter], ["rate_limit_exceeded", 90_000]);
  });

  it("keeps ids of any form", async () => {
    const { requestId } = await page.submitPhone(ADA, through("odd"));
    assert.equal(requestId.slice(0, requestId.lastIndexOf(".")), " ü.a/b?c#d\u2028%2e=&.\ud83d\ude00 ");
    // Nyne does not know it. It was asked, though: the id was recognised.
    await assert.rejects(page.pollResult(requestId, through("odd")), { code: "request_not_found" });
    const { requests } = await served.worlds.odd.log();
    assert.equal(new URL(requests.at(-1).url, "http://nyne").searchParams.get("request_id"), " ü.a/b?c#d\u2028%2e=&.\ud83d\ude00 ");
    assert.match((await page.submitPhone(ADA, through("whole"))).requestId, /^4271\.[\w-]{43}$/);
  });

  it("is not told that there is no job if the id is too long to be bound, and the log has it", async () => {
    await assert.rejects(page.submitPhone(ADA, through("long")), { code: "submit_outcome_unknown", submitted: "unknown" });
    await served.prints(/x{1000}/);
  });
});

describe("CORS", () => {
  const url = () => `${served.baseUrl("main")}/person/phone`;
  const body = JSON.stringify(ADA);
  const headers = { ...SESSIONS.ada, "Content-Type": "application/json" };

  for (const origin of [PAGE, "chrome-extension://abcdefghijklmnop"]) {
    it(`lets ${new URL(origin).protocol} origins of the list call and read, after a preflight`, async () => {
      const asked = { Origin: origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type" };
      const preflight = await fetch(url(), { method: "OPTIONS", headers: asked });
      assert.equal(preflight.status, 204);
      const allowed = (response, name) => response.headers.get(`access-control-allow-${name}`);
      const said = ["origin", "methods", "headers", "credentials"].map((name) => allowed(preflight, name));
      assert.deepEqual(said, [origin, "GET, POST, OPTIONS", "authorization,content-type", "true"]);
      for (const sent of [{ method: "POST", headers: { ...headers, Origin: origin }, body }, { headers: { Origin: origin } }]) {
        const response = await fetch(url(), sent);
        assert.deepEqual([allowed(response, "origin"), allowed(response, "credentials")], [origin, "true"]);
        assert.equal(response.headers.get("vary"), "Origin");
        assert.match(response.headers.get("access-control-expose-headers"), /Retry-After.*RateLimit-Reset/);
      }
    });
  }

  it("is not needed by pages of the proxy's own origin, also behind a server that ends TLS", async () => {
    const secure = served.origin.replace("http:", "https:");
    for (const own of [{ Origin: served.origin }, { Origin: secure, "Sec-Fetch-Site": "same-origin" }, { Cookie: "session=session-of-ada" }]) {
      const response = await fetch(url(), { method: "POST", headers: { ...headers, ...own }, body });
      assert.deepEqual([response.status, response.headers.get("access-control-allow-origin")], [202, null]);
    }
  });
});

describe("a failure seen through the proxy is the one that the client would have seen itself:", () => {
  const seen = (promise) =>
    promise.then(
      ({ state, mobile }) => ({ state, mobile }),
      ({ code, submitted, retryable, requestId, retryAfter, data }) =>
        ({ code, submitted, retryable, hasId: requestId !== null, retryAfter, reason: data?.error ?? data?.data?.error }),
    );

  for (const { name, what, key, asking } of rows) {
    it(name, async () => {
      const options = { maxRetries: 0, poll: { ...QUICK.poll, maxPolls: 3 } };
      const world = served.worlds[key];
      const expected = await seen(page.findPhone(ADA, direct(key, { ...options, ...asking })));
      const { posts } = await world.log();
      const actual = await seen(page.findPhone(ADA, through(key, "ada", options)));
      assert.equal((await world.log()).posts, 2 * posts, "submits");
      if (expected.retryable && what === "poll" && FAILED_THERE.has(expected.code)) expected.code = "http_error";
      for (const one of [expected, actual]) if (one.code && one.code !== "job_failed") delete one.reason;
      assert.deepEqual(actual, expected);
    });
  }

  it("a table of them", (test) => test.diagnostic(`${rows.length} failures and odd replies end alike with and without the proxy`));
});

describe("createProxy", () => {
  const good = { apiKey: "nyne_live_of_a_test", apiSecret: "nyne_sec_of_a_test", authorize: () => "ada" };
  for (const [what, wrong, names] of [
    ["no options", undefined, /needs options/],
    ["no key", { apiKey: undefined }, /apiKey/],
    ["an empty secret", { apiSecret: "" }, /apiSecret/],
    ["a key of two lines", { apiKey: "nyne\nlive" }, /apiKey/],
    ["nobody who decides who may call", { authorize: undefined }, /authorize/],
    ["an unknown option", { origin: [PAGE] }, /"origin".*origins/],
    ["every origin", { origins: ["*"] }, /origins/],
    ["every subdomain", { origins: ["https://*.example.com"] }, /origins/],
    ["pages without an origin", { origins: ["null"] }, /origins/],
    ["an origin with a path", { origins: ["https://example.com/"] }, /origins/],
    ["origins that are no list", { origins: PAGE }, /origins/],
    ["a callback URL of plain http", { callbackUrls: ["http://example.com"] }, /callbackUrls/],
    ["a callback URL with a user", { callbackUrls: ["https://a@example.com"] }, /callbackUrls/],
    ["a callback URL with a query", { callbackUrls: ["https://example.com/?a"] }, /callbackUrls/],
    ["a callback URL below which every address is refused", { callbackUrls: ["https://example.com/a;b/"] }, /callbackUrls/],
    ["a path that ends with a slash", { path: "/api/nyne/" }, /path/],
    ["a path that is an address", { path: "//example.com/api" }, /path/],
    ["a path with dots", { path: "/api/../nyne" }, /path/],
    ["plain http to elsewhere", { baseUrl: "http://example.com" }, /baseUrl/],
    ["a limit that is a number", { limit: 10 }, /limit/],
    ["an old secret that is empty", { previousSecrets: [""] }, /previousSecrets/],
    ["a time that is none", { requestTimeout: -1 }, /requestTimeout/],
  ]) {
    it(`refuses ${what} at once`, () => {
      assert.throws(() => createProxy(wrong && { ...good, ...wrong }), (error) => {
        assert(page.isNyneError(error));
        assert.deepEqual([error.code, error.submitted], ["invalid_argument", "no"]);
        assert.match(error.message, names);
        for (const key of [good.apiKey, good.apiSecret]) assert(!error.message.includes(key), error.message);
        return true;
      });
    });
  }

  it("says that nothing was submitted if Nyne could not be reached at all", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const baseUrl = `http://127.0.0.1:${closed.address().port}`;
    closed.close();
    await once(closed, "close");
    const proxy = createProxy({ ...good, path: "", baseUrl });
    const options = { baseUrl: "https://example.com", fetch: (url, init) => proxy(new Request(url, init)), maxRetries: 0 };
    await assert.rejects(page.submitPhone(ADA, options), { code: "service_unavailable", submitted: "no", retryable: true });
  });

  it("hands over an id that came with headers that cannot be passed on", async () => {
    for (const headers of [undefined, {}, { get: () => "a\nb" }, { get: () => "ü\u2028" }, { get: () => { throw new Error("no headers"); } }]) {
      const reply = { status: 202, headers, text: async () => '{"data":{"request_id":"a1","status":"queued"}}' };
      const proxy = createProxy({ ...good, path: "", fetch: async () => reply });
      const submit = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(ADA) };
      const response = await proxy(new Request("https://example.com/person/phone", submit));
      assert.equal(response.status, 202);
      assert.match((await response.json()).data.request_id, /^a1\./);
    }
  });

  it("takes options that are undefined as left out", () => {
    const optional = ["previousSecrets", "limit", "path", "origins", "callbackUrls", "baseUrl", "fetch", "requestTimeout"];
    createProxy({ ...good, ...Object.fromEntries(optional.map((name) => [name, undefined])) });
  });
});
