// The floor: what anyone would write first. No timeouts, no abort, no retries, no checks.

export function connect({ baseUrl, apiKey, apiSecret, fetch = globalThis.fetch, delay }) {
  const url = `${baseUrl}/person/phone`;
  const headers = { "X-API-Key": apiKey, "X-API-Secret": apiSecret };
  return async () => {
    const body = JSON.stringify({ email: "ada@example.com" });
    const submitted = await fetch(url, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body });
    let { data } = await submitted.json();
    const status = `${url}?request_id=${encodeURIComponent(data.request_id)}`;
    while (data.status !== "completed") {
      await new Promise((resolve) => setTimeout(resolve, delay));
      const response = await fetch(status, { headers });
      ({ data } = await response.json());
    }
    return data.result.mobile;
  };
}
