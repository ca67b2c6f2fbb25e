// Shows the lookup that background.js stores, under the person it is for, and sends it the address to look for.

const { local } = chrome.storage;
const form = document.querySelector("form");
const cancel = document.querySelector("#cancel");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { apiKey, apiSecret, email } = Object.fromEntries(new FormData(form));
  await local.set({ apiKey, apiSecret });
  await chrome.runtime.sendMessage({ email });
});
cancel.addEventListener("click", () => chrome.runtime.sendMessage({ cancel: true }));

async function show() {
  const { apiKey = "", apiSecret = "", lookup } = await local.get();
  if (!form.apiKey.value) form.apiKey.value = apiKey;
  if (!form.apiSecret.value) form.apiSecret.value = apiSecret;
  const isRunning = lookup !== undefined && lookup.end === undefined;
  form.querySelector("button").disabled = isRunning;
  cancel.hidden = !isRunning;
  document.querySelector("#person").textContent = lookup?.email ?? "";
  document.querySelector("output").textContent = isRunning ? progress(lookup) : (lookup?.end ?? "");
}

/** How the lookup stands: Nyne's word, how long it has taken since the submit, and what went wrong at last. */
function progress({ status, since, problem }) {
  const seconds = Math.round((Date.now() - since) / 1000);
  return `${status}, ${seconds} s${problem ? `. Trying again: ${problem}` : ""}`;
}

local.onChanged.addListener(show);
setInterval(show, 1_000);
show();
