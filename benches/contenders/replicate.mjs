// Replicate's client. The first of its GETs comes without a wait.

import Replicate from "replicate";

export function connect({ baseUrl, apiKey, fetch, delay }) {
  const client = new Replicate({ auth: apiKey, baseUrl: `${baseUrl}/replicate/v1`, useFileOutput: false, fetch: fetch ?? globalThis.fetch.bind(globalThis) });
  return async () => {
    const prediction = await client.predictions.create({ model: "nyne/phone", input: { email: "ada@example.com" } });
    const { output } = await client.wait(prediction, { interval: delay });
    return output.mobile;
  };
}
