// The floor for a client that can stop: the plain loop, but each request has a signal and a limit, and follows no redirect that
// would carry keys elsewhere. Still no retries, no checks and no abort of the caller's.

export function connect({ baseUrl, apiKey, apiSecret, fetch = globalThis.fetch, delay, limit }) {
  const url = `${baseUrl}/person/phone`;
  const keys = { "X-API-Key": apiKey, "X-API-Secret": apiSecret };
  const ask = async (url, method, headers, body) => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), limit);
    try {
      const response = await fetch(url, { method, headers, body, signal: controller.signal, redirect: "manual" });
      return await response.json();
    } finally {
      clearTimeout(timer);
    }
  };
  return async () => {
    const body = JSON.stringify({ email: "ada@example.com" });
    let { data } = await ask(url, "POST", { ...keys, "Content-Type": "application/json" }, body);
    const status = `${url}?request_id=${encodeURIComponent(data.request_id)}`;
    while (data.status !== "completed") {
      await new Promise((resolve) => setTimeout(resolve, delay));
      ({ data } = await ask(status, "GET", keys));
    }
    return data.result.mobile;
  };
}
