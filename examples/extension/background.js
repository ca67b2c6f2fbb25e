// The lookup runs here and not in the popup, which ends when it loses the focus. Chrome stops a service worker after 30 s
// without an event or a call of an extension API: storing each status prevents that, and should the worker be stopped all
// the same, the alarm takes the stored request up again.

import { isNyneError, pollResult, submitPhone } from "nyne-phone-finder";

const { local } = chrome.storage;
let busy = false;

chrome.runtime.onMessage.addListener((email) => void run(email));
chrome.runtime.onStartup.addListener(() => void run());
chrome.alarms.onAlarm.addListener(() => void run());

/** Waits for the stored request if there is one, otherwise submits a new one for `email`. */
async function run(email) {
  if (busy) return;
  busy = true;
  try {
    let { apiKey, apiSecret, request } = await local.get(["apiKey", "apiSecret", "request"]);
    if (!request && !email) return;
    if (!request) {
      await local.set({ text: "Submitting…" });
      request = await submitPhone({ email }, { apiKey, apiSecret });
      await local.set({ request });
      await chrome.alarms.create({ periodInMinutes: 0.5 });
    }
    const onStatus = ({ status, elapsed }) => void local.set({ text: `${status}, ${Math.round(elapsed / 1000)} s` });
    const { mobile } = await pollResult(request, { apiKey, apiSecret, onStatus });
    await end(mobile ?? "No number found.");
  } catch (error) {
    // A request that may still be answered stays stored, and the alarm asks again.
    if (isNyneError(error) && error.retryable) await local.set({ text: error.message });
    else await end(error.message);
  } finally {
    busy = false;
  }
}

async function end(text) {
  await local.set({ text });
  await local.remove("request");
  await chrome.alarms.clearAll();
}
