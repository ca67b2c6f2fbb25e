// An emulator under the clocks that tests in plain Node use: its jobs take the time of that clock, and its answers arrive all the same.

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { pathToFileURL } from "node:url";

import FakeTimers from "@sinonjs/fake-timers";

import { ADA, MOBILE } from "../support/emulator.mjs";
import { entry } from "../support/places.mjs";

const { findPhone } = await import(pathToFileURL(entry("import")));
const { createEmulator } = await import(pathToFileURL(entry("import", "nyne-phone-finder/testing")));

/** Enough of them for a request and its answer. */
async function microtasks() {
  for (let count = 0; count < 200; count++) await null;
}

const CLOCKS = {
  "node:test's": () => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    return { tick: (ms) => mock.timers.tick(ms), restore: () => mock.timers.reset() };
  },
  // Without process.nextTick, by which Node's test runner reports.
  "sinon's": () => {
    const clock = FakeTimers.install({ toNotFake: ["nextTick"] });
    return { tick: (ms) => clock.tick(ms), restore: () => clock.uninstall() };
  },
};

for (const [name, install] of Object.entries(CLOCKS)) {
  describe(`under ${name} clock`, () => {
    /** Runs `use` and moves the clock, a second at a time, until it settles or an hour has passed. */
    async function under(use) {
      const { tick, restore } = install();
      try {
        const start = Date.now();
        let settled = false;
        const result = use().finally(() => (settled = true));
        result.catch(() => {});
        for (let seconds = 0; seconds < 3_600 && !settled; seconds++) {
          await microtasks();
          if (!settled) tick(1_000);
          await microtasks();
        }
        assert(settled, "it does not settle");
        return { result: await result, elapsed: Date.now() - start };
      } finally {
        restore();
      }
    }

    it("a job takes its time", async () => {
      const { result, elapsed } = await under(() => {
        const nyne = createEmulator({ latency: 40_000 });
        return findPhone(ADA, { ...nyne.options, poll: { firstDelay: 3_000, maxDelay: 3_000 } });
      });
      assert.equal(result.mobile, MOBILE);
      assert(elapsed >= 40_000 && elapsed <= 50_000, `it took ${elapsed} ms`);
    });

    it("an answer that is late or comes in drips takes its time, too", async () => {
      const { result, elapsed } = await under(() => {
        const nyne = createEmulator();
        nyne.fail({ kind: "delay", ms: 5_000 });
        nyne.fail({ kind: "slowBody", bytesPerSecond: 40 });
        return findPhone(ADA, nyne.options);
      });
      assert.equal(result.mobile, MOBILE);
      assert(elapsed >= 9_000 && elapsed <= 60_000, `it took ${elapsed} ms`);
    });

    it("a body that the test reads itself ends", async () => {
      const { result } = await under(async () => (await createEmulator().fetch("https://api.nyne.ai/person/phone")).json());
      assert.equal(result.error.code, "missing_api_key");
    });

    it("a callback comes when its job is done, and again if it is not taken", async () => {
      const { result } = await under(
        () =>
          new Promise((resolve, reject) => {
            const came = [];
            const start = Date.now();
            const onCallback = () => {
              came.push(Date.now() - start);
              if (came.length === 3) resolve(came);
              return { status: 500 };
            };
            const nyne = createEmulator({ latency: 10_000, onCallback });
            findPhone({ ...ADA, callbackUrl: "https://hooks.example.com/" }, nyne.options).catch(reject);
          }),
      );
      const [first, second, third] = result;
      assert(first >= 10_000 && first <= 12_000 && second - first >= 1_000 && second - first <= 3_000 && third - second >= 5_000, `${result}`);
    });
  });
}
