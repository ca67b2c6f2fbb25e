// FakeTime of @std/testing is not on npm. sinon's clock stands in for it: it is given a list of the functions that FakeTime
// replaces, and like that leaves performance alone.

import FakeTimers from "@sinonjs/fake-timers";
import * as api from "nyne-phone-finder";

import { inSteps, lookups } from "./lookups-under-a-clock.mjs";

const OF_FAKE_TIME = { toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"] };

function sinons(config) {
  let clock;
  return {
    install: () => (clock = FakeTimers.install(config)),
    restore: () => clock.uninstall(),
    now: () => clock.now,
    timers: () => clock.countTimers(),
    advance: (ms) => clock.tickAsync(ms),
    tick: (ms) => clock.tick(ms),
  };
}

const likeFakeTime = sinons(OF_FAKE_TIME);

for (const [which, clock] of [
  ["sinon's clock", sinons()],
  ["a clock like FakeTime, moved in one go", likeFakeTime],
  ["a clock like FakeTime, moved in steps", { ...likeFakeTime, ...inSteps(likeFakeTime.tick) }],
]) {
  for (const { name, run } of lookups) Deno.test(`${which}: ${name}`, () => run(api, clock));
}
