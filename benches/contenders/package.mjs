// This package.

import { createClient } from "nyne-phone-finder";

export function connect({ baseUrl, apiKey, apiSecret, fetch, delay, limit }) {
  const limits = { requestsPerMinute: Infinity, requestsPerHour: Infinity };
  const poll = { firstDelay: delay, maxDelay: delay };
  const client = createClient({ baseUrl, apiKey, apiSecret, fetch, requestTimeout: limit, poll, ...limits });
  return async () => (await client.findPhone({ email: "ada@example.com" })).mobile;
}
