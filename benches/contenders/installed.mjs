// The client in plain JavaScript once more, as an installed package: what Node takes to find a package is part of a start.

import { createClient } from "plain-client";

export function connect({ baseUrl, apiKey, apiSecret, fetch, delay, limit }) {
  const client = createClient({ baseUrl, apiKey, apiSecret, fetch, requestTimeout: limit, poll: { firstDelay: delay, maxDelay: delay } });
  return async () => (await client.findPhone({ email: "ada@example.com" })).mobile;
}
