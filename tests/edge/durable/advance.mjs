// `advance` as the recipes get it in these tests: with short waits.

import { advance as real } from "#advance";

/** The host's script sets it: `{ poll }`. */
export const advance = (state, options) => real(state, { ...globalThis.lookupOptions, ...options });
