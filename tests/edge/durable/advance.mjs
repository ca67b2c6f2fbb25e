// `advance` as the recipes get it in these tests: against the emulator, with short waits.

import { advance as real } from "#advance";

/** The host's script sets it: `{ baseUrl, poll }`. */
export const advance = (state, options) => real(state, { ...globalThis.lookupOptions, ...options });
