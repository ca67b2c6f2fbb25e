// A contender's first request, in a host that has not seen it before. For every host.

import { SETTINGS } from "../workload.mjs";

/**
 * Calls back when a contender, freshly imported, hands its first request to `fetch`, which never answers.
 * @param {{ connect: Function }} contender @param {() => void} sent
 */
export function firstRequest({ connect }, sent) {
  const fetch = () => {
    sent();
    return new Promise(() => {});
  };
  const find = connect({ ...SETTINGS, fetch });
  find().catch(() => {});
}
