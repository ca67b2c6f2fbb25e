const { inSteps } = require("./lookups-under-a-clock.cjs");

/** Jest's clocks, and what they are. */
exports.clocksOf = (jest) => {
  const clock = (options, step) => ({
    install: () => jest.useFakeTimers(options),
    restore: () => jest.useRealTimers(),
    timers: () => jest.getTimerCount(),
    advance: (ms) => jest.advanceTimersByTimeAsync(ms),
    step,
  });
  const options = { doNotFake: ["performance"] };
  return [
    ["moved in one go", clock()],
    ["moved in steps", clock({}, 1_000)],
    ["without performance, moved in one go", clock(options)],
    ["without performance, moved in steps", clock(options, 1_000)],
    ["legacy", legacy(jest, clock({ legacyFakeTimers: true }))],
  ];
};

/** It moves timers alone. */
function legacy(jest, clock) {
  let now = 0;
  const tick = (ms) => {
    jest.advanceTimersByTime(ms);
    now += ms;
  };
  return { ...clock, now: () => now, ...inSteps(tick) };
}
