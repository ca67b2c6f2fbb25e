import * as api from "nyne-phone-finder";

import { lookUp } from "./lookups.mjs";

chrome.runtime.onMessage.addListener((task, sender, answer) => {
  const done = task.where === "worker" ? lookUp(api, task.world) : openPopup({ ...task, site: sender.url });
  done.then(answer, (error) => answer(String(error)));
  // The answer comes later.
  return true;
});

async function openPopup(task) {
  await chrome.storage.local.set(task);
  await chrome.action.openPopup();
}
