// The receivers that need no server of a framework's: Hono's `fetch`, and API Gateway's handler, called with events as AWS
// sends them. And the recipes for the submit and for the sweep.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { ADA, MOBILE, nyneError, onGet, onPost, REQUEST_ID } from "../../support/emulator.mjs";
import { table } from "./cases.mjs";
import { eventually, holds, listen, load, serving, site } from "./site.mjs";

const hono = (name) => site(name, "hono.mjs", async (folder, closing) => {
  const { callbacks } = await load(folder, "hono.mjs");
  return listen(serving(async ({ method, url, headers }, body) => {
    const response = await callbacks.fetch(new Request(new URL(url, "http://127.0.0.1/"), { method, headers, body }));
    return { status: response.status, text: await response.text() };
  }), closing);
});
table("Hono", () => hono("callbacks-hono"));

const apiGateway = (format) => site(`callbacks-lambda-${format.name}`, "lambda.mjs", async (folder, closing) => {
  const { handler } = await load(folder, "lambda.mjs");
  return listen(serving(async ({ url, headers }, body) => {
    const [, key] = /^\/nyne\/([^/]+)$/.exec(url) ?? [];
    // API Gateway itself, since no route fits.
    if (key === undefined) return { status: 404, text: '{"message":"Not Found"}' };
    const { statusCode } = await handler(format(decodeURIComponent(key), headers, body));
    return { status: statusCode };
  }), closing);
});

/** Payload format 1.0, of REST APIs. */
const v1 = (key, headers, body) => ({
  version: "1.0",
  resource: "/nyne/{key}",
  path: `/nyne/${key}`,
  httpMethod: "POST",
  headers,
  multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters: { key },
  stageVariables: null,
  requestContext: {
    accountId: "123456789012", apiId: "a1b2c3", authorizer: null, domainName: "hooks.example.com", httpMethod: "POST", path: `/nyne/${key}`,
    protocol: "HTTP/1.1", requestId: "id=", requestTimeEpoch: 1_717_000_000_000, resourcePath: "/nyne/{key}", stage: "$default",
  },
  body: body.length === 0 ? null : body.toString(),
  isBase64Encoded: false,
});

/** The same of an API whose binary media types are all. */
const v1Base64 = (key, headers, body) => ({ ...v1(key, headers, body), body: body.length === 0 ? null : body.toString("base64"), isBase64Encoded: true });

/** Payload format 2.0, of HTTP APIs and function URLs: what is neither text nor JSON by its type comes in base64. */
function v2(key, headers, body) {
  const isBase64Encoded = !/^(text\/|application\/json)/.test(headers["content-type"] ?? "");
  return {
    version: "2.0",
    routeKey: "POST /nyne/{key}",
    rawPath: `/nyne/${key}`,
    rawQueryString: "",
    headers,
    requestContext: {
      accountId: "123456789012", apiId: "a1b2c3", domainName: "hooks.example.com", domainPrefix: "hooks", requestId: "id", routeKey: "POST /nyne/{key}",
      http: { method: "POST", path: `/nyne/${key}`, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "agent" },
      stage: "$default", time: "12/Mar/2026:19:03:58 +0000", timeEpoch: 1_717_000_000_000,
    },
    pathParameters: { key },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? "base64" : "utf8") }),
    isBase64Encoded,
  };
}

table("API Gateway, payload format 1.0", () => apiGateway(v1));
table("API Gateway, payload format 1.0 in base64", () => apiGateway(v1Base64));
table("API Gateway, payload format 2.0", () => apiGateway(v2));

describe("the submit", () => {
  let place;
  before(async () => (place = await hono("callbacks-submit")));
  after(() => place?.close());

  it("returns the key if the id cannot be stored; the log has the id, and the callback brings the result", async (test) => {
    const { mock } = test.mock.method(console, "error", () => {});
    await place.world();
    place.gate.open = false;
    // The job exists, and its id is under way.
    place.nyne.hold = (method) => method === "POST" && place.database("ALTER TABLE lookups RENAME TO away");
    const key = await place.submit(ADA);
    place.database("ALTER TABLE away RENAME TO lookups");
    const { body } = await eventually("a callback", () => place.gate.callbacks.find((one) => one.key === key));
    const requestId = JSON.parse(body).data.request_id;
    assert.equal((await place.lookups.get(key)).requestId, null);
    const told = mock.calls.flatMap(({ arguments: texts }) => texts).join(" ");
    assert.ok(told.includes(requestId), told);
    for (const secret of [key, ADA.email]) assert.ok(!told.includes(secret), told);
    assert.equal(await place.post(key, body), 204);
    await holds(place, { key, requestId }, MOBILE);
  });

  it("submits once for a key, also if the outcome of the first submit is unknown", async () => {
    for (const faults of [[], [onPost({ kind: "reset", at: "headers", thenJob: true })]]) {
      await place.world({ faults });
      place.gate.open = false;
      const key = crypto.randomUUID();
      await place.submit(ADA, key).catch(({ code }) => assert.equal(code, "submit_outcome_unknown"));
      assert.equal(await place.submit(ADA, key), key);
      assert.equal((await place.nyne.world.log()).posts, 1);
    }
  });

  it("submits again for a key whose submit made no job", async () => {
    await place.world({ faults: [onPost(nyneError(402, "insufficient_credits"))] });
    place.gate.open = false;
    const key = crypto.randomUUID();
    await assert.rejects(place.submit(ADA, key), { code: "insufficient_credits", submitted: "no" });
    assert.equal(await place.submit(ADA, key), key);
    assert.match((await place.lookups.get(key)).requestId, REQUEST_ID);
  });
});

describe("the sweep", () => {
  const MINUTE = 60_000;
  let place;
  before(async () => (place = await site("callbacks-sweep", undefined, async () => undefined)));
  after(() => place?.close());

  /** What a sweep tells its log, so many minutes from now. */
  async function sweepIn(minutes, test) {
    const { mock } = test.mock.method(console, "error", () => {});
    await place.sweep(Date.now() + minutes * MINUTE);
    mock.restore();
    return mock.calls.map(({ arguments: [text] }) => text);
  }
  const mobiles = (list) => Promise.all(list.map(async ({ requestId }) => (await place.results.get(requestId))?.mobile));
  /** A world, and a store without what earlier tests have left. */
  async function clean(settings) {
    for (const table of ["lookups", "results"]) place.database(`DELETE FROM ${table}`);
    await place.world(settings);
  }

  it("stores the results whose callbacks never came, once they are ten minutes old and until they are a day old", async (test) => {
    await clean();
    const lookups = [await place.lost(ADA), await place.lost({ email: "nomobile@example.com" })];
    for (const minutes of [9, 24 * 60 + 1]) {
      assert.deepEqual(await sweepIn(minutes, test), []);
      assert.equal(await place.polls(), 0);
    }
    assert.deepEqual(await sweepIn(11, test), []);
    assert.deepEqual(await mobiles(lookups), [MOBILE, null]);
    await sweepIn(11, test);
    assert.equal(await place.polls(), 2, "polls, since nothing is asked for twice");
  });

  it("stores a failed job, and not one that still runs", async (test) => {
    await clean({ failureShare: 1, faults: [onGet({ kind: "jobStatus", status: "processing" })] });
    const { requestId } = await place.lost(ADA);
    await sweepIn(11, test);
    assert.equal(await place.results.get(requestId), null);
    await sweepIn(11, test);
    assert.equal((await place.results.get(requestId)).state, "failed");
  });

  it("asks after an outage of more than a day if it is told an earlier time", async (test) => {
    await clean();
    const lookups = [await place.lost(ADA)];
    const outage = 30 * 60;
    await sweepIn(outage, test);
    assert.deepEqual(await mobiles(lookups), [undefined]);
    await sweepIn(outage - 24 * 60, test);
    assert.deepEqual(await mobiles(lookups), [MOBILE]);
  });

  it("stores a job whose number cannot be read as failed, with Nyne's data, and does not ask for it again", async (test) => {
    await clean({ faults: [onGet({ kind: "replace", path: "data.result.mobile", value: { number: MOBILE } }, { to: null })] });
    const { requestId } = await place.lost(ADA);
    assert.deepEqual(await sweepIn(11, test), []);
    await sweepIn(11, test);
    assert.equal(await place.polls(), 1);
    const { state, data } = await place.results.get(requestId);
    assert.deepEqual([state, data.result.mobile], ["failed", { number: MOBILE }]);
  });

  it("asks again in the next run while Nyne refuses the keys or fails", async (test) => {
    await clean({ faults: [onGet(nyneError(401, "invalid_api_key")), onGet({ kind: "html", status: 502 }, { from: 2 })] });
    const lookups = [await place.lost(ADA)];
    assert.match(String(await sweepIn(11, test)), /invalid_api_key/);
    assert.match(String(await sweepIn(11, test)), /502/);
    await sweepIn(11, test);
    assert.deepEqual(await mobiles(lookups), [MOBILE]);
  });

  it("reports a job that Nyne has forgotten, goes on with the next, and does not ask for it again", async (test) => {
    await clean({ faults: [onGet({ kind: "notFound" })] });
    const [forgotten, known] = [await place.lost(ADA), await place.lost(ADA)];
    const [told, ...more] = await sweepIn(11, test);
    assert.match(told, /request_not_found/);
    assert.ok(told.includes(forgotten.requestId), told);
    assert.deepEqual(more, []);
    const { state, error } = await place.results.get(forgotten.requestId);
    assert.deepEqual([state, error], ["failed", told]);
    assert.deepEqual(await mobiles([known]), [MOBILE]);
    await sweepIn(11, test);
    assert.equal(await place.polls(), 2);
  });

  it("stops when Nyne limits requests, and continues with the next run", async (test) => {
    await clean({ faults: [onGet(nyneError(429, "rate_limit_exceeded"))] });
    const lookups = [await place.lost(ADA), await place.lost(ADA)];
    assert.match(String(await sweepIn(11, test)), /rate_limit_exceeded/);
    assert.equal(await place.polls(), 1);
    await sweepIn(11, test);
    assert.deepEqual(await mobiles(lookups), [MOBILE, MOBILE]);
  });

  it("asks nothing about a lookup without an id", async (test) => {
    await clean();
    const { key } = await place.lost(ADA);
    await place.lookups.set(key, { ...(await place.lookups.get(key)), requestId: null });
    assert.deepEqual(await sweepIn(11, test), []);
    assert.equal(await place.polls(), 0);
  });

  it("has nothing to do for a submit that made no job: no lookup is left", async () => {
    await clean({ credits: 0 });
    await assert.rejects(place.submit(ADA), { code: "insufficient_credits", submitted: "no" });
    assert.deepEqual(place.database("SELECT value FROM lookups").map(({ value }) => value), ["null"]);
  });
});
