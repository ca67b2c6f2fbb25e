// This package.

import { createClient } from "nyne-phone-finder";

export function connect({ baseUrl, apiKey, apiSecret, fetch, delay, limit }) {
  const client = createClient({ baseUrl, apiKey, apiSecret, fetch, requestTimeout: limit, poll: { firstDelay: delay, maxDelay: delay } });
  return async () => (await client.findPhone({ email: "ada@example.com" })).mobile;
}
