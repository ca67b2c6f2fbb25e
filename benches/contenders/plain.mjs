// A client of the same behaviour in plain JavaScript.

import { createClient } from "./plain-client.mjs";

export function connect({ baseUrl, apiKey, apiSecret, fetch, delay }) {
  const client = createClient({ baseUrl, apiKey, apiSecret, fetch, poll: { firstDelay: delay, maxDelay: delay } });
  return async () => (await client.findPhone({ email: "ada@example.com" })).mobile;
}
