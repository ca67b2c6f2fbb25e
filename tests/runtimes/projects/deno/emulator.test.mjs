import FakeTimers from "@sinonjs/fake-timers";
import { findPhone } from "nyne-phone-finder";
import { createEmulator, nyneError } from "nyne-phone-finder/testing";

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${actual}, expected ${expected}`);
}

Deno.test("finds a number with an emulator", async () => {
  const nyne = createEmulator({ people: { "ada@example.com": "+1-202-555-0199" } });
  equal((await findPhone({ email: "ada@example.com" }, nyne.options)).mobile, "+1-202-555-0199");
  equal(nyne.credits, 999);
});

Deno.test("takes as long as the job of an emulator", async () => {
  const clock = FakeTimers.install();
  try {
    const nyne = createEmulator({ latency: 40_000 });
    let found;
    findPhone({ email: "ada@example.com" }, { ...nyne.options, poll: {} }).then(({ mobile }) => (found = mobile));
    while (!found) await clock.tickAsync(1_000);
    equal(clock.now >= 40_000, true);
    equal(clock.countTimers(), 0);
  } finally {
    clock.uninstall();
  }
});

Deno.test("rejects as it is told", async () => {
  const find = () => Promise.reject(nyneError("insufficient_credits"));
  equal(await find().catch(({ status }) => status), 402);
});
