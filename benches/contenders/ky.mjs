// ky, which brings timeouts and retries, with a loop around it.

import ky from "ky";

export function connect({ baseUrl, apiKey, apiSecret, fetch, delay, limit }) {
  const client = ky.create({ headers: { "X-API-Key": apiKey, "X-API-Secret": apiSecret }, timeout: limit, ...(fetch && { fetch }) });
  const url = `${baseUrl}/person/phone`;
  return async () => {
    let { data } = await client.post(url, { json: { email: "ada@example.com" } }).json();
    const status = `${url}?request_id=${encodeURIComponent(data.request_id)}`;
    while (data.status !== "completed") {
      await new Promise((resolve) => setTimeout(resolve, delay));
      ({ data } = await client.get(status).json());
    }
    return data.result.mobile;
  };
}
