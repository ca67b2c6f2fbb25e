import { jest } from "@jest/globals";
import * as api from "nyne-phone-finder";

import { clocksOf } from "./clocks.js";
import { lookups } from "./lookups-under-a-clock.mjs";

describe.each(clocksOf(jest))("Jest's clock, %s", (which, clock) => {
  for (const { name, run } of lookups) it(name, () => run(api, clock));
});
