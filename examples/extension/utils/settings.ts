// Whom the extension asks, and with what. Pages cannot read this.

import type { LookupOptions } from "nyne-phone-finder";
import { browser, storage } from "#imports";

export type Settings =
  | { service: "nyne"; apiKey: string; apiSecret: string }
  | { service: "proxy"; baseUrl: string; token: string }
  | { service: "emulator"; baseUrl: string };

export const settings = storage.defineItem<Settings | null>("local:settings", { fallback: null });

/** The options that make a call ask this service. */
export function optionsOf(settings: Settings): LookupOptions {
  switch (settings.service) {
    case "nyne":
      return { apiKey: settings.apiKey, apiSecret: settings.apiSecret };
    case "proxy":
      return {
        baseUrl: settings.baseUrl,
        headers: settings.token ? { Authorization: `Bearer ${settings.token}` } : {},
        // Its own session, if it has one. It waits up to 15 s for Nyne, so it is given longer.
        fetch: (url, init) => fetch(url, { ...init, credentials: "include" }),
        requestTimeout: 20_000,
      };
    case "emulator":
      return { baseUrl: settings.baseUrl, apiKey: "nyne_live_emulator", apiSecret: "nyne_sec_emulator" };
  }
}

/** Where these settings ask. A job's id is good for nothing elsewhere. */
export const serviceOf = (settings: Settings) => optionsOf(settings).baseUrl ?? "https://api.nyne.ai";

/** The permission that these settings need. */
export function permissionOf(settings: Settings): { origins: string[] } {
  const { protocol, hostname } = new URL(serviceOf(settings));
  return { origins: [`${protocol}//${hostname}/*`] };
}

/** Why no request can be made at the moment, as a code, or null. */
export async function obstacle(settings: Settings | null): Promise<string | null> {
  if (!settings) return "no_settings";
  return (await browser.permissions.contains(permissionOf(settings))) ? null : "permission_missing";
}
