// What WXT cannot know from the entry points: the manifest's permissions, policy and ids. The same for Chromium and Firefox, save for
// the keys that only one of them reads.

import { defineConfig } from "wxt";

export default defineConfig({
  manifestVersion: 3,
  manifest: ({ browser }) => ({
    name: "Phone Finder",
    description: "Finds the mobile number of the person whose profile you are looking at.",
    version: "0.1.0",
    // activeTab: the address and title of a page, and only once the icon is clicked there.
    permissions: ["activeTab", "alarms", "storage"],
    host_permissions: ["https://api.nyne.ai/*"],
    // A proxy's or the emulator's: the settings ask for the one that is entered.
    optional_host_permissions: ["https://*/*", "http://127.0.0.1/*", "http://localhost/*"],
    content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" },
    // Who browses in private does not want a history.
    incognito: "not_allowed",
    ...(browser === "firefox"
      ? {
          browser_specific_settings: {
            gecko: {
              id: "phone-finder@example.com",
              strict_min_version: "140.0",
              // The person, the profile's address and the keys go to Nyne.
              data_collection_permissions: { required: ["personallyIdentifyingInfo", "browsingActivity", "authenticationInfo"] },
            },
            gecko_android: { strict_min_version: "142.0" },
          },
        }
      : { minimum_chrome_version: "120" }),
  }),
});
