// What a careful program does without this package: a plain loop for each person, eight at a time, as more would only meet the
// limit; a poll every 5 s; after a 429 the wait that it asks for.

import pLimit from "p-limit";

const AT_A_TIME = 8;
const INTERVAL = 5_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function lookUp(people, { apiKey, apiSecret, baseUrl, fetch }, done) {
  const url = `${baseUrl}/person/phone`;
  const headers = { "X-API-Key": apiKey, "X-API-Secret": apiSecret };
  const ask = async (url, init) => {
    for (;;) {
      const response = await fetch(url, init);
      if (response.ok) return (await response.json()).data;
      if (response.status !== 429) throw new Error(`HTTP ${response.status}`);
      await sleep(1_000 * Number(response.headers.get("retry-after")));
    }
  };
  const find = async (person) => {
    let data = await ask(url, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(person) });
    const status = `${url}?request_id=${encodeURIComponent(data.request_id)}`;
    while (data.status !== "completed") {
      await sleep(INTERVAL);
      data = await ask(status, { headers });
    }
    return data.result.mobile;
  };
  const limit = pLimit(AT_A_TIME);
  await Promise.all(people.map((person) => limit(() => find(person)).then(done, (error) => done(undefined, error))));
}
