// Attacks on the proxy, in a real Worker: each is refused or does no harm, no answer holds a key, and nothing reaches Nyne that
// should not.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { REQUEST_ID } from "../../support/emulator.mjs";
import { ATTACKS, MARK, pollOf, PROXIES, submitOf } from "./attacks.mjs";
import { serve } from "./served.mjs";

/** The only headers that Nyne gets: the client's own, and those that workerd adds to each request of a Worker. */
const CLIENTS = ["accept", "content-type", "x-api-key", "x-api-secret"];
const WORKERDS = ["accept-encoding", "cache-control", "cf-worker", "content-length", "host", "pragma"];
const SENT = new Set([...CLIENTS, ...WORKERDS]);
/** The only headers that callers get, those of the connection included. */
const ANSWERED =
  /^(content-(type|length)|cache-control|x-content-type-options|vary|allow|retry-after|(x-)?ratelimit(-\w+)?|connection|access-control-[\w-]+)$/;

let served;
const ids = {};
let refused = 0;

before(async () => {
  served = await serve(PROXIES);
  const submit = async (proxy) => (await served.send(submitOf(proxy)(served))).json.data.request_id;
  [ids.ada, ids.adasNext, ids.elsewhere] = [await submit("main"), await submit("main"), await submit("other")];
  ids.nyne = ids.ada.slice(0, ids.ada.lastIndexOf("."));
  assert.match(ids.nyne, REQUEST_ID);
});
after(() => served?.stop());

const list = (value) => (Array.isArray(value) ? value : [value]);

describe("attacks on the proxy", () => {
  for (const attack of ATTACKS) {
    const { name, proxy = "main", status, code, reaches = 0, headers = {}, lacks = [], has = "", open, sent, sink, prints, polls } = attack;
    it(name, async () => {
      const world = served.worlds[proxy];
      let { request } = attack;
      if (polls) {
        const { json } = await served.send(submitOf(proxy)(served));
        request = pollOf(proxy, json.data.request_id);
      }
      const before = await world.log();
      const printed = served.printed().length;
      const answer = await served.send(request({ ...served, ids }));
      const { requests } = await world.log();
      const reached = requests.slice(before.requests.length);

      assert(list(status).includes(answer.status), `it was answered ${answer.text}`);
      if (code) assert.equal(answer.json?.error?.code, code, answer.text);
      if (answer.status >= 400 && answer.json) assert.equal(answer.json.success, false);
      assert(list(reaches).includes(reached.length), `${reached.length} requests reached Nyne`);
      for (const { headers, url } of reached) {
        assert.deepEqual(Object.keys(headers).filter((name) => !SENT.has(name)), [], "headers that Nyne got");
        assert.deepEqual([headers["x-api-key"], headers["x-api-secret"]], [world.keys.apiKey, world.keys.apiSecret]);
        assert(!`${url}${JSON.stringify(headers)}`.includes(MARK), `Nyne got ${url} ${JSON.stringify(headers)}`);
      }
      if (sent) assert.deepEqual(JSON.parse(reached[0].body), sent);
      if (sink !== undefined) assert.equal((await world.sink.requests()).length, sink, "requests to the place of the redirect");

      for (const { keys } of Object.values(served.worlds)) {
        for (const key of Object.values(keys)) assert(!answer.text.includes(key), "a key is in the answer");
      }
      for (const text of [MARK, ...lacks]) assert(!answer.text.includes(text), `"${text}" is in the answer`);
      assert(answer.text.includes(has), answer.text);
      // What workerd refuses by itself has never been here.
      const own = answer.headers["cache-control"] !== undefined;
      if (!Array.isArray(status)) assert(own, answer.text);
      if (own) {
        assert.equal(answer.headers["cache-control"], "no-store");
        assert.equal(answer.headers["x-content-type-options"], "nosniff");
        assert.equal(answer.headers["content-type"], "application/json");
        assert.deepEqual(Object.keys(answer.headers).filter((name) => !ANSWERED.test(name)), [], "headers of the answer");
      }
      for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers[name], value);
      if (open === false) assert.equal(answer.headers["access-control-allow-origin"], undefined);
      if (prints) await served.prints(prints, printed);
      if (!attack.harmless) refused++;
    });
  }

  it("were at least forty, and Nyne was asked by nobody but the proxy", async (test) => {
    test.diagnostic(`${ATTACKS.length} attacks: ${refused} refused, ${ATTACKS.length - refused} without effect; no key in any answer`);
    assert(ATTACKS.length >= 40);
    assert.equal(new Set(ATTACKS.map(({ name }) => name)).size, ATTACKS.length, "two attacks have one name");
  });
});
