const api = require("nyne-phone-finder");

const { clocksOf } = require("./clocks.js");
const { lookups } = require("./lookups-under-a-clock.cjs");

describe.each(clocksOf(jest))("Jest's clock, %s", (which, clock) => {
  for (const { name, run } of lookups) it(name, () => run(api, clock));
});
