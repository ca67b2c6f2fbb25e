// What the tests of the bulk Worker share: the files that they upload, and the Worker's API.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

import { parse } from "csv-parse/sync";

import { emulator } from "../../support/places.mjs";

export const TOKEN = "a long and random text";

/** The numbers of everybody whom the emulator knows, by email; null for those who have none. */
export async function directory() {
  const people = await (await fetch(`${emulator()}/emulator/people`)).json();
  return new Map(people.map(({ email, mobile }) => [email, mobile ?? null]));
}

/** So many emails: first those that the emulator knows. */
export const emails = (known, count) =>
  [...known.keys(), ...Array.from({ length: count }, (_, number) => `nobody-${number}@example.com`)].slice(0, count);

export const csvOf = (emails) => `Email\n${emails.join("\n")}\n`;

export async function eventually(what, condition, { seconds = 20, every = 20 } = {}) {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await delay(every)) {
    const value = await condition();
    if (value) return value;
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

/** The Worker's API, as the page uses it. `send` is a `fetch` of paths. */
export function api(send) {
  const ask = (method, path, body, token = TOKEN) => send(path, { method, body, headers: { Authorization: `Bearer ${token}` } });
  /** The state that the Worker answers. */
  const act = async (method, path, body) => {
    const response = await ask(method, path, body);
    const answer = await response.json();
    assert.equal(response.status, 200, JSON.stringify(answer));
    return answer;
  };
  const state = () => act("GET", "/api/state");
  return {
    ask,
    state,
    upload: (csv, name = "people.csv") => act("POST", `/api/upload?name=${name}`, csv),
    stop: () => act("POST", "/api/stop"),
    goOn: (query = "") => act("POST", `/api/go-on${query}`),
    /** Waits until the batch has got there. */
    until: (wanted, limit) =>
      eventually(
        `the batch is ${wanted}`,
        async () => {
          const now = await state();
          return now.state === wanted && now;
        },
        limit,
      ),
    /** The rows of the CSV, as objects. */
    async results() {
      const response = await ask("GET", "/api/results.csv");
      return parse(await response.text(), { columns: true });
    },
  };
}

/** Whom the requests of a world's log submit. */
export const submitted = (requests) => requests.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body).email);
