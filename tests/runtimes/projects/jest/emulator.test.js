const { findPhone } = require("nyne-phone-finder");
const { createEmulator, nyneError } = require("nyne-phone-finder/testing");

afterEach(() => jest.useRealTimers());

it("finds a number with an emulator", async () => {
  const nyne = createEmulator({ people: { "ada@example.com": "+1-202-555-0199" } });
  expect((await findPhone({ email: "ada@example.com" }, nyne.options)).mobile).toBe("+1-202-555-0199");
  expect(nyne.credits).toBe(999);
});

it("takes as long as the job of an emulator", async () => {
  jest.useFakeTimers();
  const start = Date.now();
  const nyne = createEmulator({ latency: 40_000 });
  let found;
  findPhone({ email: "ada@example.com" }, { ...nyne.options, poll: {} }).then(({ mobile }) => (found = mobile));
  while (!found) await jest.advanceTimersByTimeAsync(1_000);
  expect(Date.now() - start).toBeGreaterThanOrEqual(40_000);
  expect(jest.getTimerCount()).toBe(0);
});

it("rejects as it is told", async () => {
  const find = jest.fn().mockRejectedValue(nyneError("insufficient_credits"));
  await expect(find()).rejects.toMatchObject({ code: "insufficient_credits", status: 402 });
});
