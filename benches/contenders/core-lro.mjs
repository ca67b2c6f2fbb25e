// Azure's poller, which leaves the HTTP to its user. The first of its GETs comes without a wait.

import { createHttpPoller } from "@azure/core-lro";

export function connect({ baseUrl, apiKey, fetch = globalThis.fetch, delay }) {
  const url = `${baseUrl}/azure/phone`;
  const headers = { "api-key": apiKey };
  const exchange = async (method, url, init) => {
    const response = await fetch(url, { method, ...init });
    const body = await response.json();
    const rawResponse = { statusCode: response.status, headers: Object.fromEntries(response.headers), body, request: { method, url } };
    return { flatResponse: body, rawResponse };
  };
  return async () => {
    const poller = createHttpPoller(
      {
        sendInitialRequest: () =>
          exchange("POST", url, { headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify({ email: "ada@example.com" }) }),
        sendPollRequest: (path, options) => exchange("GET", path, { headers, signal: options?.abortSignal }),
      },
      { intervalInMs: delay },
    );
    const { mobile } = await poller.pollUntilDone();
    return mobile;
  };
}
