import type { findPhone, isNyneError, LookupOptions } from "nyne-phone-finder";

export function lookUp(api: { findPhone: typeof findPhone; isNyneError: typeof isNyneError }, world: LookupOptions): Promise<object>;
