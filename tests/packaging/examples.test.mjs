// The Worker of the examples in Miniflare, with the packed package, against the emulator.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

import { Miniflare } from "miniflare";

import { createWorld, MOBILE } from "../support/emulator.mjs";
import { bundle, COMPATIBILITY_DATE } from "../support/hosts/workerd.mjs";
import { emulator, entry } from "../support/places.mjs";

const WORKER = new URL("../../examples/worker/worker.js", import.meta.url);

describe("examples/worker", () => {
  let world;
  let worker;
  let origin;
  before(async () => {
    world = await createWorld(emulator(), { latencyMs: 0, statuses: ["queued"] });
    const { apiKey, apiSecret } = world.keys;
    worker = new Miniflare({
      modules: await bundle(WORKER),
      compatibilityDate: COMPATIBILITY_DATE,
      bindings: { NYNE_API_KEY: apiKey, NYNE_API_SECRET: apiSecret, NYNE_BASE_URL: world.url, ACCESS_TOKEN: "a token" },
      kvNamespaces: ["RESULTS"],
      handleRuntimeStdio: () => {},
    });
    ({ origin } = await worker.ready);
  });
  after(async () => {
    await worker?.dispose();
    await world?.remove();
  });

  const ask = async (path, body, token = "a token") => {
    const response = await fetch(origin + path, { method: body ? "POST" : "GET", body: body && JSON.stringify(body), headers: { Authorization: `Bearer ${token}` } });
    return [response.status, await response.json().catch(() => null)];
  };
  /** Asks until the job is over. */
  async function outcome(requestId) {
    for (let tries = 0; tries < 200; tries++) {
      const [status, body] = await ask(`/phone?request_id=${encodeURIComponent(requestId)}`);
      assert.equal(status, 200);
      if (body.state !== "pending") return body;
    }
    throw new Error("the job does not end");
  }

  for (const query of [
    { email: "ada@example.com" },
    { phone: "+1-202-555-0101" },
    { name: "Ada Example", company: "Example Corp" },
    { socialMediaUrl: "https://www.linkedin.com/in/ada-example" },
  ]) {
    it(`finds a number by ${Object.keys(query).join(" and ")}`, async () => {
      const [status, { requestId }] = await ask("/phone", query);
      assert.equal(status, 202);
      assert.equal((await outcome(requestId)).mobile, MOBILE);
    });
  }

  it("finds a number for a page that holds the token alone", async () => {
    const { findPhone } = await import(pathToFileURL(entry("import")));
    const page = (token) => ({ baseUrl: `${origin}/api/nyne`, headers: { Authorization: `Bearer ${token}` }, poll: { firstDelay: 10, maxDelay: 10 } });
    assert.equal((await findPhone({ email: "ada@example.com" }, page("a token"))).mobile, MOBILE);
    await assert.rejects(findPhone({ email: "ada@example.com" }, page("another")), { code: "invalid_credentials", submitted: "no" });
  });

  it("keeps the result that a callback brings, and asks Nyne no more for it", async () => {
    const [, { requestId }] = await ask("/phone", { email: "ada@example.com" });
    assert.equal((await outcome(requestId)).mobile, MOBILE);
    for (let tries = 0; !(await world.log()).callbacks.some(({ status, body }) => status === 204 && body.includes(requestId)); tries++) {
      if (tries > 500) throw new Error("no callback was accepted");
    }
    const { gets } = await world.log();
    assert.equal((await outcome(requestId)).mobile, MOBILE);
    assert.equal((await world.log()).gets, gets);
  });

  /** The path of a new job's callback, as Nyne knows it. */
  async function callbackPath() {
    await ask("/phone", { email: "ada@example.com" });
    const { requests } = await world.log();
    const { body } = requests.findLast(({ method, body }) => method === "POST" && body.includes("callback_url"));
    return new URL(JSON.parse(body).callback_url).pathname;
  }
  const forged = (request_id) => ({ data: { request_id, status: "completed", completed: true, result: { mobile: "+1-202-555-0199" } } });

  it("answers 400 to what is no callback, and asks Nyne nothing", async () => {
    const path = await callbackPath();
    const { gets } = await world.log();
    for (const body of [{}, { data: 1 }, "no callback"]) assert.equal((await ask(path, body))[0], 400);
    assert.equal((await world.log()).gets, gets);
  });

  it("keeps nothing of a callback that Nyne does not confirm", async () => {
    const path = await callbackPath();
    assert.equal((await ask(path, forged("never-was")))[0], 404);
    assert.equal((await ask("/phone?request_id=never-was"))[0], 404);
  });

  it("asks Nyne nothing for a callback at an address that it has not made", async () => {
    const [path, other] = [await callbackPath(), await callbackPath()];
    const [nonce, signature] = path.split("/").at(-1).split(".");
    assert.notEqual(other, path);
    const changed = signature.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    const tags = ["", "/", "/x", `/${nonce}`, `/${nonce}.`, `/.${signature}`, `/${nonce}.${changed}`, `/x${nonce}.${signature}`, `/${nonce}.${signature}x`];
    for (const tag of [...tags, `/${other.split("/").at(-1).split(".")[0]}.${signature}`]) {
      assert.equal((await ask(`/callback${tag}`, forged("invented")))[0], 404, tag);
    }
    assert.equal((await ask("/callback/x", forged("invented"), "another"))[0], 404);
    const { requests } = await world.log();
    assert.deepEqual(requests.filter(({ url }) => url.includes("invented")), []);
    // The same at an address of a job's, so that the tags made the difference.
    await ask(path, forged("invented"));
    assert.equal((await world.log()).requests.filter(({ url }) => url.includes("invented")).length, 1);
  });

  it("asks Nyne nothing for somebody without the token, nor for nobody", async () => {
    const { posts, gets } = await world.log();
    assert.equal((await ask("/phone", { email: "ada@example.com" }, "another"))[0], 401);
    assert.equal((await ask("/phone?request_id=a", undefined, "another"))[0], 401);
    const [status, { code, message }] = await ask("/phone", { company: "Example Corp" });
    assert.deepEqual([status, code], [400, "invalid_argument"]);
    assert.match(message, /email.*name/);
    const after = await world.log();
    assert.deepEqual([after.posts, after.gets], [posts, gets]);
  });
});
