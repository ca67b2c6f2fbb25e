// One line for each mocking tool, and the program under test keeps its own options.

import fetchMock from "fetch-mock";
import { http } from "msw";
import { setupServer } from "msw/node";
import { findPhone } from "nyne-phone-finder";
import { createEmulator } from "nyne-phone-finder/testing";
import { expect, it } from "vitest";

const KEYS = { apiKey: "nyne_live_of_the_program", apiSecret: "nyne_sec_of_the_program" };

/** Finds a number, also if the answer comes compressed. */
async function lookUp(nyne) {
  nyne.fail({ kind: "gzip" }, { on: "GET" });
  const { mobile } = await findPhone({ email: "ada@example.com" }, { ...KEYS, poll: { firstDelay: 1 } });
  expect(mobile).toBe("+1-202-555-0100");
  expect(nyne.requests.map(({ method, answered }) => [method, answered])).toEqual([["POST", 202], ["GET", 200]]);
}

it("MSW hands requests to an emulator", async () => {
  const nyne = createEmulator(KEYS);
  const server = setupServer(http.all("https://api.nyne.ai/*", ({ request }) => nyne.fetch(request)));
  server.listen({ onUnhandledRequest: "error" });
  try {
    await lookUp(nyne);
  } finally {
    server.close();
  }
});

it("fetch-mock hands requests to an emulator", async () => {
  const nyne = createEmulator(KEYS);
  fetchMock.mockGlobal().route("begin:https://api.nyne.ai/", ({ url, options }) => nyne.fetch(url, options));
  try {
    await lookUp(nyne);
  } finally {
    fetchMock.unmockGlobal();
  }
});

it("a global fetch is replaced by an emulator's", async () => {
  const nyne = createEmulator(KEYS);
  const { fetch } = globalThis;
  globalThis.fetch = nyne.fetch;
  try {
    await lookUp(nyne);
  } finally {
    globalThis.fetch = fetch;
  }
});
