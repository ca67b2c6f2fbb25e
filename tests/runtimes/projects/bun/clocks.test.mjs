import { describe, it, jest } from "bun:test";
import * as api from "nyne-phone-finder";

import { inSteps, lookups } from "./lookups-under-a-clock.mjs";

const clock = (move) => ({
  install: () => jest.useFakeTimers(),
  restore: () => jest.useRealTimers(),
  timers: () => jest.getTimerCount(),
  ...inSteps(move),
});

describe.each([
  ["moved in steps", clock((ms) => jest.advanceTimersByTime(ms))],
  ["moved from timer to timer", clock(() => jest.advanceTimersToNextTimer())],
])("Bun's clock, %s", (which, clock) => {
  for (const { name, run } of lookups) it(name, () => run(api, clock));
});
