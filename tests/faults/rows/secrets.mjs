// Servers that say the caller's keys back.

import { ALWAYS, nyneError, onGet, onPost } from "../../support/emulator.mjs";

/** An answer with the keys in whatever `body` makes of them. */
const saying = (status, body, headers) => ({ keys }) => ({ kind: "status", status, body: body(keys), headers: headers?.(keys) ?? {} });

const BODIES = [
  ["an error's message", 403, ({ apiKey, apiSecret }) => ({ error: { code: "forbidden", message: `${apiKey} / ${apiSecret}` } }), "forbidden"],
  ["a text", 403, ({ apiKey, apiSecret }) => `${apiKey} ${apiSecret}`, "forbidden"],
  ["a field nobody knows", 403, ({ apiKey, apiSecret }) => ({ detail: apiKey, apiSecret }), "forbidden"],
  ["a text, far down where the message is cut", 403, ({ apiKey, apiSecret }) => `${"x".repeat(190)}${apiKey}${apiSecret}`, "forbidden"],
  ["a text, further down", 403, ({ apiSecret }) => `${"x".repeat(1_990)}${apiSecret}`, "forbidden"],
];

export default [
  ...BODIES.flatMap(([what, status, body, code]) => {
    const fault = saying(status, body, ({ apiKey }) => ({ "X-Echo": apiKey }));
    return [
      {
        name: `POST: the keys come back in ${what}`,
        world: (known) => ({ faults: [onPost(fault(known), ALWAYS)] }),
        ends: { code, status, submitted: "no", requestId: null, posts: 1, gets: 0 },
      },
      {
        name: `GET: the keys come back in ${what}`,
        world: (known) => ({ faults: [onGet(fault(known), ALWAYS)] }),
        ends: { code, status, submitted: "yes", requestId: "known", posts: 1, gets: 1 },
      },
    ];
  }),
  ...[200, 401, 500].map((status) => ({
    name: `POST: the keys come back in body and headers, with ${status}`,
    world: { faults: [onPost({ kind: "echoSecrets", status }, ALWAYS)] },
    ends: { posts: 1, gets: 0, requestId: null, ...(status === 401 ? { code: "invalid_credentials", submitted: "no" } : { code: "submit_outcome_unknown", submitted: "unknown" }) },
  })),
  ...[200, 401, 500].map((status) => ({
    name: `GET: the keys come back in body and headers, with ${status}`,
    world: { faults: [onGet({ kind: "echoSecrets", status }, ALWAYS)] },
    options: { maxRetries: 1 },
    ends: { code: "invalid_credentials", submitted: "yes", requestId: "known", posts: 1, gets: status === 401 ? 1 : [1, 2] },
  })),
  {
    name: "GET: a key comes back as the error's code",
    world: ({ keys }) => ({ faults: [onGet(nyneError(403, keys.apiSecret), ALWAYS)] }),
    ends: { code: "forbidden", status: 403, submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },
  {
    name: "GET: a key comes back as the job's status",
    world: ({ keys }) => ({ faults: [onGet({ kind: "jobStatus", status: `waits for ${keys.apiKey}` }, ALWAYS)] }),
    options: { poll: { firstDelay: 5, maxDelay: 20, maxPolls: 1 } },
    ends: { code: "poll_budget_exhausted", submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },
  {
    name: "GET: the keys come back as the reason of a failed job",
    world: ({ keys }) => ({ faults: [onGet({ kind: "jobFailed", error: `${keys.apiKey} ${keys.apiSecret}` })] }),
    ends: { code: "job_failed", submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },
  {
    name: "POST: a key comes back as the request_id",
    world: ({ keys }) => ({ faults: [onPost({ kind: "replace", path: "data.request_id", value: `id-${keys.apiSecret}` }, ALWAYS)] }),
    ends: { code: "submit_outcome_unknown", submitted: "unknown", requestId: null, posts: 1, gets: 0 },
  },
  {
    name: "GET: a text holds the keys, written with escapes",
    world: ({ keys }) => {
      const escaped = (key) => [...key].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
      return { faults: [onGet({ kind: "status", status: 403, body: `["${escaped(keys.apiKey)}", "${escaped(keys.apiSecret)}"]` }, ALWAYS)] };
    },
    ends: { code: "forbidden", status: 403, submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },
  {
    name: "GET: a text that is no JSON holds a key",
    world: ({ keys }) => ({ faults: [onGet({ kind: "status", status: 200, body: `<p>${keys.apiKey}</p>` }, ALWAYS)] }),
    options: { maxRetries: 0 },
    ends: { code: "invalid_response", submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },
];
