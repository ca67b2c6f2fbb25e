// Shows what background.js stores, and sends it the address to look for.

const { local } = chrome.storage;
const form = document.querySelector("form");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { apiKey, apiSecret, email } = Object.fromEntries(new FormData(form));
  await local.set({ apiKey, apiSecret });
  await chrome.runtime.sendMessage(email);
});

async function show() {
  const { apiKey = "", apiSecret = "", request, text = "" } = await local.get();
  if (!form.apiKey.value) form.apiKey.value = apiKey;
  if (!form.apiSecret.value) form.apiSecret.value = apiSecret;
  form.querySelector("button").disabled = request !== undefined;
  document.querySelector("output").textContent = text;
}

local.onChanged.addListener(show);
show();
