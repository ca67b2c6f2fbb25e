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
  const { createClient } = await import(pathToFileURL(entry("import")));
  const nyne = createClient({ ...KEYS, poll: { firstDelay: 5, maxDelay: 5 }, requestsPerMinute: Infinity, requestsPerHour: Infinity });
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
      const { mobile } = await nyne.findPhone({ email: `${number}@example.com` }, { fetch, onStatus: () => guarded("onStatus") });
      equal(mobile, MOBILE, "mobile");
      equal(storage.getStore(), number, `the store after call ${number}`);
      if (wrong.length > 0) throw wrong[0];
    });
  };
  await Promise.all(Array.from({ length: CALLS }, (_, number) => find(number)));
  equal(seen.fetch, 4 * CALLS, "calls of fetch");
  ok(seen.onStatus >= 4 * CALLS, `${seen.onStatus} calls of onStatus`);
});
