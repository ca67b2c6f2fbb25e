import * as api from "nyne-phone-finder";
import { describe, it, vi } from "vitest";

import { lookups } from "./lookups-under-a-clock.mjs";

const LIST = ["setTimeout", "clearTimeout", "Date"];

const clock = (toFake, step) => ({
  install: () => vi.useFakeTimers(toFake && { toFake }),
  restore: () => vi.useRealTimers(),
  timers: () => vi.getTimerCount(),
  advance: (ms) => vi.advanceTimersByTimeAsync(ms),
  step,
});

describe.each([
  ["moved in one go", clock()],
  ["moved in steps", clock(undefined, 1_000)],
  ["with a list of functions, moved in one go", clock(LIST)],
  ["with a list of functions, moved in steps", clock(LIST, 1_000)],
  ["with queueMicrotask in the list", { ...clock([...LIST, "queueMicrotask"]), plain: true }],
])("Vitest's clock, %s", (which, clock) => {
  for (const { name, run } of lookups) it(name, () => run(api, clock));
});
