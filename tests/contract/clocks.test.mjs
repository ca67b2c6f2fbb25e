// Lookups under the clocks that tests in plain Node use. Those of other test runners are in tests/runtimes.

import { describe, it, mock } from "node:test";
import { pathToFileURL } from "node:url";

import FakeTimers from "@sinonjs/fake-timers";

import { inSteps, lookups } from "../support/lookups-under-a-clock.mjs";
import { entry } from "../support/places.mjs";

const main = pathToFileURL(entry("import"));

function ofNode(apis) {
  let now = 0;
  return {
    install: () => mock.timers.enable({ apis }),
    restore: () => mock.timers.reset(),
    now: () => now,
    ...inSteps((ms) => {
      mock.timers.tick(ms);
      now += ms;
    }),
  };
}

/** Without process.nextTick, by which Node's test runner reports. */
const ALL = { toNotFake: ["nextTick"] };
const LIST = { toFake: ["setTimeout", "clearTimeout", "Date"] };

function ofSinon(config, moved = "in one go") {
  let clock;
  return {
    install: () => (clock = FakeTimers.install(config)),
    restore: () => clock.uninstall(),
    now: () => clock.now,
    timers: () => clock.countTimers(),
    // It replaces queueMicrotask, which Node needs to end the body of a Response.
    plain: config === ALL,
    ...(moved === "in steps" ? inSteps((ms) => clock.tick(ms)) : { advance: (ms) => clock.tickAsync(ms) }),
  };
}

// sinon's clock warns of a timer from before it, which it does not clear.
mock.method(console, "warn", () => {});

const first = ofSinon(ALL);
first.install();
const loadedUnderIt = await import(`${main}?loaded-under-a-clock`);
first.restore();

const api = await import(main);

for (const [which, clock, loaded = api] of [
  ["node:test's, which moves setTimeout", ofNode(["setTimeout"])],
  ["node:test's, which moves setTimeout and Date", ofNode(["setTimeout", "Date"])],
  ["sinon's, moved in one go", ofSinon(ALL)],
  ["sinon's, moved in steps", ofSinon(ALL, "in steps")],
  ["sinon's, which does not move performance, in one go", ofSinon(LIST)],
  ["sinon's, which does not move performance, in steps", ofSinon(LIST, "in steps")],
  ["sinon's, in place when the package is loaded", first, loadedUnderIt],
]) {
  describe(`a test's clock, ${which}`, () => {
    for (const { name, run } of lookups) it(name, () => run(loaded, clock));
  });
}
