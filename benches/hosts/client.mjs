// A contender, connected to each of the networks there are. For every host.

import { stubFetch } from "../service.mjs";
import { SETTINGS } from "../workload.mjs";

/** How many GETs a lookup takes. */
export const GETS = 4;

/** Without a network; over loopback with answers of a declared length; and with answers of unknown length. */
export const NETWORKS = { stub: "stub fetch", loopback: "loopback HTTP", chunked: "loopback HTTP, bodies of unknown length" };

/** @param {{ connect: Function }} contender @param {keyof typeof NETWORKS} network @param {string} origin */
export function client({ connect }, network, origin) {
  if (network === "stub") return connect({ ...SETTINGS, fetch: stubFetch(GETS) });
  return connect({ ...SETTINGS, baseUrl: network === "chunked" ? `${origin}/chunked` : origin });
}
