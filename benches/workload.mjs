// What every contender is given to do, in every host.

import { NUMBER } from "./service.mjs";

/** How a contender is used: keys of the usual length, the shortest waits there are, and 15 s for one request. */
export const SETTINGS = {
  apiKey: "nyne_live_a17f0000000000000000000000003c9b",
  apiSecret: "nyne_sec_0123456789abcdef0123456789abcdef",
  baseUrl: "https://api.nyne.ai",
  delay: 1,
  limit: 15_000,
};

/**
 * Makes `count` lookups, `concurrency` at a time.
 * @param {() => Promise<string>} find
 */
export async function lookups(find, count, concurrency) {
  let left = count;
  const lane = async () => {
    while (left-- > 0) {
      const number = await find();
      if (number !== NUMBER) throw new Error(`a lookup found ${JSON.stringify(number)}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, lane));
}
