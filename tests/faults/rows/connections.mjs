// No answer, or one that breaks off, stands still or takes its time.

import { ADA, ALWAYS, MOBILE, onGet, onPost } from "../../support/emulator.mjs";

/** Nothing listens here: it is outside the range that systems hand out. */
const CLOSED = "http://127.0.0.1:61999";

const PLACES = { start: "before the answer", headers: "inside the answer's headers", body: "inside the answer's body" };

/** What a host's own code does, below anything that a page can see. */
const RESENT = "on a connection that was used before, Chromium itself sends a request again after a reset";

const UNKNOWN = { code: "submit_outcome_unknown", submitted: "unknown", requestId: null, retryable: false, status: null };

const places = (rows) => Object.entries(PLACES).flatMap(([at, place]) => rows(at, place));

export default [
  {
    name: "POST: the connection is refused",
    options: { baseUrl: CLOSED },
    // One request, also where it is proven that nothing was sent.
    fetch: (url, init) => fetch(url, init),
    ends: { ...UNKNOWN, posts: 1, gets: 0 },
    unlike: { node: { code: "network_error", submitted: "no", retryable: true }, because: "Node alone tells that no connection was made" },
  },
  {
    name: "GET: the connection is refused",
    options: { baseUrl: CLOSED, maxRetries: 2 },
    call: ({ api }, options) => api.pollResult("some-id", options),
    ends: { code: "network_error", submitted: "yes", requestId: "some-id", retryable: true, posts: 0, gets: 0 },
  },
  {
    name: "GET: the connection is refused, for as often as maxRetries says",
    options: { baseUrl: CLOSED, maxRetries: 2 },
    fetch: (url, init) => fetch(url, init),
    call: ({ api }, options) => api.pollResult("some-id", options),
    ends: { code: "network_error", submitted: "yes", requestId: "some-id", posts: 0, gets: 3 },
  },

  ...places((at, place) => [
    {
      name: `POST: reset ${place}`,
      world: { faults: [onPost({ kind: "reset", at }, ALWAYS)] },
      ends: { ...UNKNOWN, posts: 1, gets: 0 },
      ...(at !== "body" && { unlike: { chromium: { posts: [1, 2] }, because: RESENT } }),
    },
    {
      name: `POST: reset ${place}, and the job was made all the same`,
      world: { faults: [onPost({ kind: "reset", at, thenJob: true }, ALWAYS)] },
      ends: { ...UNKNOWN, posts: 1, gets: 0 },
      ...(at !== "body" && { unlike: { chromium: { posts: [1, 2] }, because: RESENT } }),
    },
    {
      name: `GET: reset ${place}, then answered`,
      world: { latencyMs: 0, faults: [onGet({ kind: "reset", at })] },
      ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 2 },
    },
    {
      name: `GET: always reset ${place}`,
      world: { faults: [onGet({ kind: "reset", at }, ALWAYS)] },
      options: { maxRetries: 2 },
      ends: { code: "network_error", submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: 3 },
      ...(at !== "body" && { unlike: { chromium: { gets: [3, 6] }, because: RESENT } }),
    },

    {
      name: `POST: hangs ${place}`,
      world: { faults: [onPost({ kind: "hang", at, thenJob: true }, ALWAYS)] },
      options: { requestTimeout: 250 },
      ends: { ...UNKNOWN, posts: 1, gets: 0 },
      closes: "POST",
    },
    {
      name: `GET: hangs ${place}, then answers`,
      world: { latencyMs: 0, faults: [onGet({ kind: "hang", at })] },
      options: { requestTimeout: 250 },
      ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 2 },
    },
    {
      name: `GET: always hangs ${place}`,
      world: { faults: [onGet({ kind: "hang", at }, ALWAYS)] },
      options: { requestTimeout: 250, maxRetries: 1 },
      ends: { code: "timeout", submitted: "yes", requestId: "known", retryable: true, posts: 1, gets: 2 },
      closes: "GET",
    },
  ]),

  {
    name: "POST: a body that takes longer than requestTimeout",
    world: { faults: [onPost({ kind: "slowBody", bytesPerSecond: 20 })] },
    options: { requestTimeout: 250 },
    ends: { ...UNKNOWN, posts: 1, gets: 0 },
    closes: "POST",
  },
  {
    name: "GET: a body that takes longer than requestTimeout",
    world: { faults: [onGet({ kind: "slowBody", bytesPerSecond: 20 }, ALWAYS)] },
    options: { requestTimeout: 250, maxRetries: 1 },
    ends: { code: "timeout", submitted: "yes", requestId: "known", posts: 1, gets: 2 },
    closes: "GET",
  },
  {
    name: "slow bodies and late answers within requestTimeout do no harm",
    world: {
      statuses: ["queued"],
      faults: [
        onPost({ kind: "slowBody", bytesPerSecond: 2_000 }),
        onGet({ kind: "slowBody", bytesPerSecond: 2_000 }),
        onGet({ kind: "delay", ms: 200 }, { from: 2 }),
      ],
    },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 2 },
  },
  {
    name: "checkStatus: reset, and not repeated",
    world: { faults: [onGet({ kind: "reset", at: "body" }, ALWAYS)] },
    async call({ api }, { signal, ...options }) {
      const { poll, onStatus, ...request } = options;
      return api.checkStatus(await api.submitPhone(ADA, request), { ...request, signal, maxRetries: 3 });
    },
    ends: { code: "network_error", submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },
];
