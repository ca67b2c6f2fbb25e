// What every framework's receiver must do with a callback: the table of docs/callbacks.md, row by row.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { ADA, MOBILE, nyneError, onGet, onPost } from "../../support/emulator.mjs";
import { eventually, holds } from "./site.mjs";

const NOBODY = { email: "nomobile@example.com" };
const INVENTED = "+1-900-555-0199";
const callback = (request_id, fields) =>
  JSON.stringify({ success: true, data: { request_id, status: "completed", completed: true, result: { mobile: INVENTED }, ...fields } });
/** An id that Nyne may have given to somebody else. */
const UNKNOWN = "0123456789abcdef0123456789abcdef_1717000000_4271";

const BROKEN = [
  ["is empty", ""],
  ["is not JSON", "request_id=a1b2&status=completed"],
  ["is half a JSON text", callback("a1b2").slice(0, 60)],
  ["is a list", "[]"],
  ["is an empty object", "{}"],
  ["has no id", JSON.stringify({ data: { status: "completed", result: { mobile: INVENTED } } })],
  ["is an error", JSON.stringify({ success: false, error: { code: "internal_error", message: "An error." } })],
];

/** While Nyne answers so, a callback is answered 503, and 204 when it is repeated. */
const DOWN = [
  ["breaks the connection", { kind: "reset", at: "start" }],
  ["breaks off its answer", { kind: "reset", at: "body" }],
  ["answers 429", nyneError(429, "rate_limit_exceeded")],
  ["answers 500", nyneError(500, "internal_error")],
  ["answers 503", nyneError(503, "service_unavailable")],
  ["answers as a gateway does, 502", { kind: "html", status: 502 }],
  ["answers with something else", { kind: "html", status: 200 }],
];

/** @type {[string, object, (site: Awaited<ReturnType<typeof import("./site.mjs").site>>) => Promise<void>][]} */
const CASES = [
  ["the callback of a found number is answered 204, and Nyne's number is stored by request id", {}, async (site) => {
    const lookup = await site.delivered(ADA);
    assert.equal(lookup.status, 204);
    await holds(site, lookup, MOBILE);
    assert.deepEqual(await site.answers(1), [204]);
    assert.equal(await site.polls(), 1);
  }],
  ["no number is a result", {}, async (site) => {
    const lookup = await site.delivered(NOBODY);
    assert.equal(lookup.status, 204);
    await holds(site, lookup, null);
  }],
  ["a job that failed is a result, with Nyne's reason", { failureShare: 1 }, async (site) => {
    const { status, requestId } = await site.delivered(ADA);
    const { state, error } = await site.results.get(requestId);
    assert.deepEqual([status, state, typeof error], [204, "failed", "string"]);
  }],
  ["a number that cannot be read is answered 204, and stored as a failure with Nyne's data",
    { faults: [onGet({ kind: "replace", path: "data.result.mobile", value: { number: MOBILE } }, { to: null })] },
    async (site) => {
      const { status, requestId } = await site.delivered(ADA);
      const { state, error, data } = await site.results.get(requestId);
      assert.deepEqual([status, state, data.result.mobile], [204, "failed", { number: MOBILE }]);
      assert.match(error, /invalid_response/);
      assert.ok(!error.includes(MOBILE), error);
    }],
  ["the content type does not matter", {}, async (site) => {
    for (const type of ["application/json; charset=utf-8", "text/plain", "application/octet-stream", undefined]) {
      const lookup = await site.lost(ADA);
      assert.equal(await site.post(lookup.key, lookup.body, type), 204, type);
      await holds(site, lookup, MOBILE);
    }
  }],

  ["repeated: answered 204 again, without asking Nyne, and the result stays", {}, async (site) => {
    const { key, requestId, body } = await site.delivered(ADA);
    const result = await site.results.get(requestId);
    for (const again of [body, callback(requestId), callback(requestId, { status: "failed", completed: false })]) assert.equal(await site.post(key, again), 204);
    assert.deepEqual(await site.results.get(requestId), result);
    assert.equal(await site.polls(), 1);
  }],
  ["repeated at the same moment: both are answered 204, and one result is stored", {}, async (site) => {
    const lookup = await site.lost(ADA);
    // Each asks Nyne before the other has stored anything.
    let asking = 0;
    site.nyne.hold = () => (asking++, eventually("both ask", () => asking === 2));
    assert.deepEqual(await Promise.all([site.post(lookup.key, lookup.body), site.post(lookup.key, lookup.body)]), [204, 204]);
    await holds(site, lookup, MOBILE);
  }],

  ["late, after another way has stored the result: answered 204, and the result stays", {}, async (site) => {
    const { key, requestId, body } = await site.lost(ADA);
    const polled = { state: "completed", requestId, status: "completed", mobile: MOBILE, completedOn: null, data: {} };
    await site.results.set(requestId, polled);
    assert.equal(await site.post(key, body), 204);
    assert.deepEqual(await site.results.get(requestId), polled);
    assert.equal(await site.polls(), 0);
  }],
  ["late, while another way stores the result: answered 204, and the first result stays", {}, async (site) => {
    const { key, requestId, body } = await site.lost(ADA);
    const polled = { state: "completed", requestId, status: "completed", mobile: MOBILE, completedOn: null, data: {} };
    site.nyne.hold = () => site.results.set(requestId, polled);
    assert.equal(await site.post(key, body), 204);
    assert.deepEqual(await site.results.get(requestId), polled);
  }],
  ["late, after Nyne has forgotten the job: 204 if there is a result, which stays, and 404 if there is none", {}, async (site) => {
    const known = await site.delivered(ADA);
    const unknown = await site.lost(ADA);
    const result = await site.results.get(known.requestId);
    await site.world(); // a Nyne that knows neither
    assert.deepEqual([await site.post(known.key, known.body), await site.post(unknown.key, unknown.body)], [204, 404]);
    assert.deepEqual(await site.results.get(known.requestId), result);
    assert.equal(await site.results.get(unknown.requestId), null);
    assert.equal(await site.polls(), 1);
  }],

  ["early, before submitPhone has returned: it is stored by its id, and the lookup gets the same id", {}, async (site) => {
    site.nyne.hold = (method) => method === "POST" && eventually("the callback's answer", () => site.gate.callbacks.some(({ status }) => status));
    const { key, status, body, requestId } = await site.delivered(ADA);
    assert.equal(status, 204);
    assert.equal(JSON.parse(body).data.request_id, requestId);
    await holds(site, { key, requestId }, MOBILE);
  }],
  ["early, and the submit's reply is lost: the callback brings the id, and the result has the lookup's key",
    { faults: [onPost({ kind: "reset", at: "headers", thenJob: true })] },
    async (site) => {
      const key = crypto.randomUUID();
      await assert.rejects(site.submit(ADA, key), { code: "submit_outcome_unknown" });
      assert.deepEqual(await site.answers(1), [204]);
      assert.equal((await site.lookups.get(key)).requestId, null);
      const [found, ...more] = site.database("SELECT value FROM results").map(({ value }) => JSON.parse(value)).filter((one) => one.key === key);
      assert.deepEqual([found.state, found.mobile, more.length], ["completed", MOBILE, 0]);
    }],
  ["early, while Nyne says that the job still runs: answered 503, sent again, then stored",
    { faults: [onGet({ kind: "jobStatus", status: "processing" })] },
    async (site) => {
      const lookup = await site.delivered(ADA);
      assert.deepEqual(await site.answers(2), [503, 204]);
      await holds(site, lookup, MOBILE);
    }],

  ["forged, with an id that Nyne does not know: answered 404, and nothing is stored", {}, async (site) => {
    const bound = await site.lost(ADA);
    assert.equal(await site.post(bound.key, callback(UNKNOWN)), 404);
    assert.equal(await site.polls(), 0, "polls, since the lookup has another id");
    // No id yet, so that Nyne is asked.
    await site.lookups.set("unbound", { ...(await site.lookups.get(bound.key)), requestId: null });
    assert.equal(await site.post("unbound", callback(UNKNOWN)), 404);
    assert.equal(await site.polls(), 1);
    assert.equal(await site.results.get(UNKNOWN), null);
  }],
  ["forged, with another number: the number that is stored is Nyne's", {}, async (site) => {
    const lookup = await site.lost(ADA);
    assert.equal(await site.post(lookup.key, callback(lookup.requestId)), 204);
    await holds(site, lookup, MOBILE);
  }],
  ["forged, with the failure of a job that found a number: what is stored is Nyne's", {}, async (site) => {
    const lookup = await site.lost(ADA);
    assert.equal(await site.post(lookup.key, callback(lookup.requestId, { status: "failed", completed: false, result: undefined })), 204);
    await holds(site, lookup, MOBILE);
  }],
  ["forged, while the job runs: answered 503, and nothing is stored", { latencyMs: 3_600_000, statuses: undefined }, async (site) => {
    const key = await site.submit(ADA);
    const { requestId } = await site.lookups.get(key);
    assert.equal(await site.post(key, callback(requestId)), 503);
    assert.equal(await site.results.get(requestId), null);
  }],

  ["foreign, with the id of another lookup: answered 404 without asking Nyne, and nothing is stored", {}, async (site) => {
    const [own, other] = [await site.lost(ADA), await site.lost(NOBODY)];
    assert.equal(await site.post(own.key, other.body), 404);
    assert.equal(await site.polls(), 0);
    assert.deepEqual([await site.results.get(own.requestId), await site.results.get(other.requestId)], [null, null]);
    // Each is taken at its own address.
    assert.deepEqual([await site.post(own.key, own.body), await site.post(other.key, other.body)], [204, 204]);
  }],
  ["foreign, at an address with another key or none: answered 404 without asking Nyne, and nothing is stored", {}, async (site) => {
    const { requestId, body } = await site.lost(ADA);
    for (const key of [crypto.randomUUID(), requestId, "x", "%00", "__proto__", "a/b", "", undefined]) assert.equal(await site.post(key, body), 404, `the key ${key}`);
    assert.equal(await site.polls(), 0);
    assert.equal(await site.results.get(requestId), null);
  }],

  ["what is no callback is answered 400 without asking Nyne", {}, async (site) => {
    const { key, requestId } = await site.lost(ADA);
    for (const [what, body] of BROKEN) assert.equal(await site.post(key, body), 400, `a body that ${what}`);
    assert.equal(await site.polls(), 0);
    assert.equal(await site.results.get(requestId), null);
  }],
  ["what is larger than 1 MiB is refused without asking Nyne, and the next callback is taken", {}, async (site) => {
    const lookup = await site.lost(ADA);
    const status = await site.post(lookup.key, lookup.body.replace("{", `{"padding":"${"x".repeat(1_100_000)}",`));
    assert.ok([400, 413].includes(status), `it is answered ${status}`);
    assert.equal(await site.polls(), 0);
    assert.equal(await site.post(lookup.key, lookup.body), 204);
    await holds(site, lookup, MOBILE);
  }],

  ...DOWN.map(([what, fault]) => [`while Nyne ${what}, it is answered 503; it is sent again, then stored`, { faults: [onGet(fault)] }, async (site) => {
    const lookup = await site.delivered(ADA);
    assert.equal(lookup.status, 503);
    assert.deepEqual(await site.answers(2), [503, 204]);
    await holds(site, lookup, MOBILE);
  }]),
  ["while Nyne refuses the keys or the account, it is answered 500; it is sent again, then stored",
    { faults: [onGet(nyneError(401, "invalid_api_key")), onGet(nyneError(403, "ip_not_allowed"), { from: 2 })] },
    async (site) => {
      const lookup = await site.delivered(ADA);
      assert.deepEqual(await site.answers(3), [500, 500, 204]);
      await holds(site, lookup, MOBILE);
    }],
  ["while the database fails, it is answered 500; once it works, the result is stored", {}, async (site) => {
    const lookup = await site.lost(ADA);
    site.database("ALTER TABLE results RENAME TO away");
    assert.equal(await site.post(lookup.key, lookup.body), 500);
    site.database("ALTER TABLE away RENAME TO results");
    assert.equal(await site.post(lookup.key, lookup.body), 204);
    await holds(site, lookup, MOBILE);
  }],
];

/** Runs the table against a framework. @param {string} framework @param {() => ReturnType<typeof import("./site.mjs").site>} open */
export function table(framework, open) {
  describe(`callbacks in ${framework}`, () => {
    let site;
    before(async () => (site = await open()));
    after(() => site?.close());
    for (const [name, settings, run] of CASES) {
      it(name, async (test) => {
        // What a receiver in this process tells its log.
        test.mock.method(console, "error", () => {});
        await site.world(settings);
        await run(site);
      });
    }
  });
}
