// The caller's functions run in the caller's async context, and so in its trace. Node alone has one that can be told.

import { AsyncLocalStorage } from "node:async_hooks";
import { it } from "node:test";
import { pathToFileURL } from "node:url";

import { answer } from "../support/answers.mjs";
import { equal, ok } from "../support/check.mjs";
import { MOBILE } from "../support/emulator.mjs";
import { entry } from "../support/places.mjs";

const CALLS = 100;
const KEYS = { apiKey: "nyne_live_0123456789", apiSecret: "nyne_sec_0123456789" };

it(`${CALLS} calls at once: fetch and onStatus of each see its own store`, async () => {
  const { findPhone } = await import(pathToFileURL(entry("import")));
  const options = { ...KEYS, poll: { firstDelay: 5, maxDelay: 5 } };
  const storage = new AsyncLocalStorage();
  // All calls wait for the same promises, so one microtask polls many of them, in the context of whichever woke first.
  const gates = new Map();
  const together = (what) => {
    const gate = gates.get(what) ?? { count: 0 };
    gate.opened ??= new Promise((resolve) => (gate.open = resolve));
    gates.set(what, gate);
    if (++gate.count === CALLS) gate.open();
    return gate.opened;
  };
  const seen = { fetch: 0, onStatus: 0 };
  const find = (number) => {
    const check = (what) => {
      seen[what]++;
      equal(storage.getStore(), number, `the store in ${what} of call ${number}`);
    };
    let polls = 0;
    const wrong = [];
    const guarded = (what) => {
      try {
        check(what);
      } catch (error) {
        wrong.push(error);
      }
    };
    const fetch = (url, { method }) => {
      guarded("fetch");
      const request_id = `job-${number}`;
      const isDone = method === "GET" && ++polls === 3;
      const job = { request_id, status: isDone ? "completed" : "queued", result: { mobile: MOBILE } };
      return together(`${method} ${polls}`).then(() => answer(200, { data: job }));
    };
    return storage.run(number, async () => {
      const { mobile } = await findPhone({ email: `${number}@example.com` }, { ...options, fetch, onStatus: () => guarded("onStatus") });
      equal(mobile, MOBILE, "mobile");
      equal(storage.getStore(), number, `the store after call ${number}`);
      if (wrong.length > 0) throw wrong[0];
    });
  };
  await Promise.all(Array.from({ length: CALLS }, (_, number) => find(number)));
  equal(seen.fetch, 4 * CALLS, "calls of fetch");
  ok(seen.onStatus >= 4 * CALLS, `${seen.onStatus} calls of onStatus`);
});

it("batches at once: fetch and onStatus of each see the store of its findPhones, whoever takes the outcomes", async () => {
  const { createClient } = await import(pathToFileURL(entry("import")));
  const limits = { requestsPerMinute: Infinity, requestsPerHour: Infinity };
  const nyne = createClient({ ...KEYS, ...limits, poll: { firstDelay: 1, maxDelay: 5 } });
  const storage = new AsyncLocalStorage();
  const wrong = [];
  let calls = 0;
  const begin = (number) => {
    const check = (what) => {
      calls++;
      if (storage.getStore() !== number) wrong.push(`${what} of batch ${number} sees ${storage.getStore()}`);
    };
    const fetch = async (url, { method, body }) => {
      check(method);
      const request_id = method === "POST" ? JSON.parse(body).email : new URL(url).searchParams.get("request_id");
      return answer(200, { data: { request_id, status: method === "POST" ? "queued" : "completed", result: { mobile: MOBILE } } });
    };
    const people = Array.from({ length: 20 }, (_, person) => ({ email: `${number}-${person}@example.com` }));
    return storage.run(number, () => nyne.findPhones(people, { fetch, onStatus: () => check("onStatus") }));
  };
  const counts = await Promise.all(
    Array.from({ length: 10 }, (_, number) => begin(number)).map(async (batch) => {
      let found = 0;
      for await (const { result } of batch) found += result.mobile === MOBILE;
      return found;
    }),
  );
  equal([counts, wrong.slice(0, 3)], [Array(10).fill(20), []], "the numbers found, and wrong contexts");
  ok(calls >= 10 * 20 * 4, `${calls} calls`);
});
