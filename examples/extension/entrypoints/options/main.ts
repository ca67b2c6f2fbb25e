// The settings: whom to ask, and with what. Saving asks the browser for the permission that this needs, and the service whether it
// accepts the keys, with one poll, which is free.

import { checkStatus, isNyneError } from "nyne-phone-finder";
import { browser } from "#imports";
import { optionsOf, permissionOf, type Settings, settings } from "@/utils/settings";

const form = document.querySelector("form")!;
const element = (id: string) => document.getElementById(id)!;
const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement;
const value = (name: string) => field(name).value.trim();

class Wrong extends Error {
  constructor(readonly field: string, message: string) {
    super(message);
  }
}

function entered(): Settings {
  switch (value("service")) {
    case "proxy":
      return { service: "proxy", baseUrl: address("proxyUrl"), token: value("token") };
    case "emulator":
      return { service: "emulator", baseUrl: address("emulatorUrl") };
    default:
      return { service: "nyne", apiKey: needed("apiKey", "Enter the API key."), apiSecret: needed("apiSecret", "Enter the API secret.") };
  }
}

function needed(name: string, message: string): string {
  if (!value(name)) throw new Wrong(name, message);
  return value(name);
}

function address(name: string): string {
  const text = needed(name, "Enter the address.");
  const { protocol, hostname, username, search, hash } = URL.canParse(text) ? new URL(text) : new URL("about:blank");
  const isLocal = hostname === "127.0.0.1" || hostname === "localhost";
  if (protocol !== "https:" && !(protocol === "http:" && isLocal)) throw new Wrong(name, "Enter an address that begins with https://, or with http:// on this computer.");
  if (username || search || hash) throw new Wrong(name, "Enter the address without a user, “?” or “#”.");
  return text;
}

/** Says how it went. What is wrong with a field stands at the field, which gets the focus. */
function tell(error = "", saved = "", wrong?: string) {
  for (const input of form.querySelectorAll("input")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  if (wrong) {
    field(wrong).after(element("error"));
    field(wrong).setAttribute("aria-invalid", "true");
    field(wrong).setAttribute("aria-describedby", "error");
    field(wrong).focus();
  } else {
    form.querySelector(".actions")!.before(element("error"));
  }
  element("error").textContent = error;
  element("saved").textContent = saved;
}

async function save() {
  tell();
  const given = entered();
  // The first thing that is waited for: a browser asks for a permission only right after a click.
  const allowed = await browser.permissions.request(permissionOf(given));
  if (!allowed) throw new Error("Not saved: without this permission the extension cannot ask there. Save again, and allow it.");
  await replace(given);
  tell("", "Saved. Checking…");
  const error: unknown = await checkStatus("check", { ...optionsOf(given), requestTimeout: 10_000 }).catch((error) => error);
  tell(...outcome(error, given.service));
}

/** Gives the permission back that only the settings before needed. */
async function replace(given: Settings | null) {
  const before = await settings.getValue();
  await settings.setValue(given);
  if (!before || (given && `${permissionOf(before).origins}` === `${permissionOf(given).origins}`)) return;
  // That for Nyne is not optional, and stays.
  await browser.permissions.remove(permissionOf(before)).catch(() => {});
}

function outcome(error: unknown, service: Settings["service"]): [error: string, saved?: string] {
  const { code, data } = isNyneError(error) ? error : { code: "client_fault", data: null };
  const who = { nyne: "Nyne", proxy: "the proxy", emulator: "the emulator" }[service];
  switch (code) {
    // It knows no such lookup, and so it knows the keys.
    case "request_not_found":
      // Any other server answers 404 too, but not in Nyne's form.
      if ((data as { error?: { code?: unknown } } | null)?.error?.code !== code) return [`Saved, but there is no Phone Finder at this address.`];
      return ["", `Saved. You can look people up now: ${who} answers.`];
    case "network_error":
    case "timeout":
      return [`Saved, but ${who} cannot be reached. Check the address and your connection.`];
    case "forbidden":
      return [`Saved, but ${who} refuses this extension.`];
    default:
      if (/^(missing|invalid)_(api_key|api_secret|credentials)$/.test(`${code}`)) return [`Saved, but ${who} does not accept what you entered.`];
      return [`Saved, but ${who} answered with an error (${code}). Check what you entered.`];
  }
}

function show(given: Settings | null) {
  if (given?.service === "proxy") [field("proxyUrl").value, field("token").value] = [given.baseUrl, given.token];
  if (given?.service === "emulator") field("emulatorUrl").value = given.baseUrl;
  if (given?.service === "nyne") [field("apiKey").value, field("apiSecret").value] = [given.apiKey, given.apiSecret];
  (form.elements.namedItem("service") as RadioNodeList).value = given?.service ?? "nyne";
  choose();
}

function choose() {
  for (const part of form.querySelectorAll<HTMLElement>(".service")) part.hidden = part.dataset.service !== value("service");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save().catch((error) => tell(`${error instanceof Error ? error.message : error}`, "", error instanceof Wrong ? error.field : undefined));
});
form.addEventListener("change", choose);
element("forget").addEventListener("click", async () => {
  await replace(null);
  form.reset();
  choose();
  tell("", "Deleted.");
});
element("origin").textContent = location.origin;
show(await settings.getValue());
