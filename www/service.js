// Who answers the page: a proxy that config.json names, or else the emulator inside the page.

import { SCENARIOS } from "./scenarios.js";

const config = await fetch("./config.json")
  .then((response) => (response.ok ? response.json() : null))
  .catch(() => null);
const { proxy, emulated } = config ?? {};

/** The emulator's jobs take seconds, so look at them as often. */
const POLL = { firstDelay: 1_000, maxDelay: 4_000 };
const LATENCY = { uniform: [3_300, 3_900] };
const CREDITS = 1_000;

export const SERVICE = !proxy
  ? { kind: "page", words: `${config ? "" : "config.json cannot be read. "}An emulator in this page answers: nobody is real, nothing is charged.` }
  : emulated
    ? { kind: "proxy", words: `The demo's emulator answers, through ${proxy}: nobody is real, nothing is charged.` }
    : { kind: "nyne", words: `Nyne itself answers, through ${proxy}: a number that is found is charged.` };

/** Whether a lookup outside of the scenarios asks an emulator. */
export const isEmulated = !proxy || emulated === true;

/** What is asked, and what that has cost. `options` are those of the package; `spent` returns null if only the proxy could say. */
export async function open(scenario) {
  if (proxy && !scenario) {
    // Not `fetch` itself, which must be called as a method of the window.
    return { options: { baseUrl: proxy, ...(emulated && { poll: POLL }) }, fetch: (...asked) => fetch(...asked), spent: () => null };
  }
  const { settings, faults = [], options } = SCENARIOS[scenario] ?? {};
  const { createEmulator } = await import("nyne-phone-finder/testing");
  const nyne = createEmulator({ latency: LATENCY, credits: CREDITS, ...settings });
  for (const [fault, which] of faults) nyne.fail(fault, which);
  const start = nyne.credits;
  return { options: { ...nyne.options, poll: POLL, ...options }, fetch: nyne.fetch, spent: () => start - nyne.credits };
}

// It is large: have it here before the first lookup.
if (!proxy) import("nyne-phone-finder/testing").catch(() => {});
