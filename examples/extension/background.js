// The lookup runs here and not in the popup, which ends when it loses the focus. Chrome stops a service worker after 30 s
// without an event or a call of an extension API: storing each status prevents that, and should the worker be stopped all
// the same, the alarm takes the stored request up again.
//
// What is stored is the one lookup, with the person it is for: { email, since, status, problem?, request?, end? }. `end` is its
// result or error.

import { isNyneError, pollResult, submitPhone } from "nyne-phone-finder";

const { local } = chrome.storage;
/** Stops the lookup that is being carried out. */
let controller;

chrome.runtime.onMessage.addListener(({ email, cancel }) => void (cancel ? stop() : run(email)));
chrome.runtime.onStartup.addListener(() => void run());
chrome.alarms.onAlarm.addListener(() => void run());

/** Begins a lookup for `email`, unless another one runs; without `email`, takes up the stored one. */
async function run(email) {
  if (controller) return;
  controller = new AbortController();
  const { signal } = controller;
  try {
    const { apiKey, apiSecret, lookup } = await local.get(["apiKey", "apiSecret", "lookup"]);
    const isRunning = lookup && lookup.end === undefined;
    if (!isRunning && email) {
      await change({ email, since: Date.now(), status: "submitting", problem: undefined, request: undefined, end: undefined });
      const request = await submitPhone({ email }, { apiKey, apiSecret, signal });
      await change({ request, status: "submitted" });
      await chrome.alarms.create({ periodInMinutes: 0.5 });
    } else if (!isRunning) {
      return;
    } else if (!lookup.request) {
      return await end("The browser stopped the lookup before Nyne had answered. It may be charged: look in Nyne's dashboard.");
    }
    const { lookup: stored } = await local.get("lookup");
    const onStatus = ({ status, problem }) => void change({ status, problem: problem?.message });
    const { mobile } = await pollResult(stored.request, { apiKey, apiSecret, signal, onStatus });
    await end(mobile ?? "No number found.");
  } catch (error) {
    if (signal.aborted) await end("Stopped. Nyne may still find the number, and charge it.");
    // A request that may still be answered stays stored, and the alarm asks again.
    else if (isNyneError(error) && error.retryable && error.requestId) await change({ problem: error.message });
    else await end(error.message);
  } finally {
    controller = undefined;
  }
}

/** Stops waiting. Nyne offers no way to cancel the job. */
async function stop() {
  if (controller) return controller.abort();
  const { lookup } = await local.get("lookup");
  if (lookup && lookup.end === undefined) await end("Stopped. Nyne may still find the number, and charge it.");
}

/** Changes of the stored lookup, one after the other. */
let changes = Promise.resolve();

function change(fields) {
  changes = changes.then(async () => {
    const { lookup } = await local.get("lookup");
    await local.set({ lookup: { ...lookup, ...fields } });
  });
  return changes;
}

async function end(text) {
  await change({ end: text, problem: undefined });
  await chrome.alarms.clearAll();
}
