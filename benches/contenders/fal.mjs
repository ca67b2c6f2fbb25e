// fal's queue client, which is bound to fal's address: its own hook for proxies sends it here. Three of its GETs ask for
// the status, the first without a wait; the fourth fetches the result.

import { createFalClient } from "@fal-ai/client";

export function connect({ baseUrl, apiKey, fetch, delay }) {
  const client = createFalClient({
    credentials: apiKey,
    suppressLocalCredentialsWarning: true,
    requestMiddleware: async (request) => ({ ...request, url: request.url.replace("https://queue.fal.run", `${baseUrl}/fal`) }),
    ...(fetch && { fetch }),
  });
  return async () => {
    const { data } = await client.subscribe("nyne/phone", { input: { email: "ada@example.com" }, pollInterval: delay });
    return data.mobile;
  };
}
