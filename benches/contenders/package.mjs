// This package.

import { createClient } from "nyne-phone-finder";

export function connect({ baseUrl, apiKey, apiSecret, fetch, delay }) {
  const client = createClient({ baseUrl, apiKey, apiSecret, fetch, poll: { firstDelay: delay, maxDelay: delay } });
  return async () => (await client.findPhone({ email: "ada@example.com" })).mobile;
}
