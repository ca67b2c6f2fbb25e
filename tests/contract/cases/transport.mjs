// Where requests go and what carries them: baseUrl, headers, fetch, redirects, and the keys on their way.

import { equal, match, ok } from "../../support/check.mjs";
import { ADA, ALWAYS, CACHEABLE, MOBILE, nyneError, onGet, onPost } from "../../support/emulator.mjs";

const redirectToSink = (status) => ({ sink }) => ({ kind: "redirect", status, location: sink.url });

export default [
  {
    name: "a relative baseUrl is resolved against the page",
    hosts: ["chromium"],
    because: "only a page has a location",
    async run({ api, options, path }) {
      // The page's own server passes this path on to the emulator.
      equal((await api.findPhone(ADA, { ...options, baseUrl: path })).mobile, MOBILE, "mobile");
    },
  },
  {
    name: "without a baseUrl requests go to Nyne",
    async run(context) {
      const urls = [];
      const request = async (url) => (urls.push(url), Response.json({ error: { code: "seen" } }, { status: 403 }));
      await context.fails(context.api.findPhone(ADA, { ...context.keys, fetch: request }), { code: "seen" });
      await context.fails(context.api.pollResult("a b", { ...context.keys, fetch: request }), { code: "seen" });
      equal(urls, ["https://api.nyne.ai/person/phone", "https://api.nyne.ai/person/phone?request_id=a%20b"], "the URLs");
    },
  },
  {
    name: "a slash at the end of baseUrl changes nothing",
    async run({ api, options }) {
      equal((await api.findPhone(ADA, { ...options, baseUrl: `${options.baseUrl}/` })).mobile, MOBILE, "mobile");
    },
  },
  {
    name: "a proxy is called without keys",
    world: { latencyMs: 0 },
    async run(context) {
      const { keys, baseUrl } = context;
      const seen = [];
      // The proxy: it adds the keys.
      const proxy = (url, init) => {
        seen.push(Object.keys(init.headers).map((name) => name.toLowerCase()));
        return fetch(url, { ...init, headers: { ...init.headers, "X-API-Key": keys.apiKey, "X-API-Secret": keys.apiSecret } });
      };
      equal((await context.api.findPhone(ADA, { baseUrl, poll: context.options.poll, fetch: proxy })).mobile, MOBILE);
      ok(seen.length >= 2 && seen.flat().every((name) => !name.startsWith("x-api")), `the headers are ${seen.flat()}`);
    },
  },
  {
    name: "the headers option reaches the server with every request",
    async run(context) {
      await context.api.findPhone(ADA, { ...context.options, headers: { "X-Session": "abc 123", Authorization: "Bearer t" } });
      const requests = [...(await context.requests("POST")), ...(await context.requests("GET"))];
      ok(requests.length >= 2, "there were too few requests");
      for (const { headers } of requests) equal([headers["x-session"], headers.authorization], ["abc 123", "Bearer t"]);
    },
  },
  {
    name: "a custom fetch is given a URL and a plain init, and is used alone",
    world: { latencyMs: 0 },
    async run(context) {
      const { apiKey, apiSecret } = context.keys;
      const calls = [];
      const request = function (...values) {
        calls.push([this, ...values]);
        return fetch(...values);
      };
      equal((await context.api.findPhone(ADA, { ...context.options, fetch: request })).mobile, MOBILE, "mobile");
      await context.counts({ posts: 1, gets: calls.length - 1 });
      for (const [self, url, { method, headers, body, signal, redirect }, ...rest] of calls) {
        // A host's own fetch works with no other `this`.
        ok(self === undefined || self === globalThis, "this is an object of the package's");
        equal(rest, [], "further arguments");
        ok(url.startsWith(`${context.baseUrl}/person/phone`), `the URL is ${url}`);
        equal([headers["X-API-Key"], headers["X-API-Secret"]], [apiKey, apiSecret], "the keys");
        ok(typeof signal?.aborted === "boolean", "there is no signal");
        match(redirect, /^(error|manual)$/, "redirect");
        if (method === "POST") equal(JSON.parse(body), ADA, "the body");
        else equal([method, body], ["GET", undefined], "method and body");
      }
    },
  },
  {
    name: "every request says that it takes JSON, and that no cache may answer it",
    world: { statuses: ["queued"] },
    async run({ api, options, requestOptions }) {
      const inits = [];
      const request = (url, init) => (inits.push(init), fetch(url, init));
      const { requestId } = await api.findPhone(ADA, { ...options, fetch: request });
      await api.checkStatus(requestId, { ...requestOptions, fetch: request });
      await api.submitPhone(ADA, { ...requestOptions, fetch: request });
      await api.confirmCallback({ request_id: requestId, status: "completed" }, { ...requestOptions, fetch: request });
      ok(inits.length >= 6, `there were ${inits.length} requests`);
      for (const { headers, cache } of inits) {
        equal([new Headers(headers).get("Accept"), cache], ["application/json", "no-store"], "Accept and cache");
      }
    },
  },
  ...Object.entries(CACHEABLE).map(([what, fault]) => ({
    name: `answers that a cache may keep (${what}): every poll reaches the server`,
    world: { statuses: ["queued", "processing"], faults: [onGet(fault, ALWAYS)] },
    async run(context) {
      const { api, options, requestOptions } = context;
      const { mobile, requestId } = await api.findPhone(ADA, { ...options, poll: { ...options.poll, maxPolls: 20 } });
      equal(mobile, MOBILE, "mobile");
      await api.checkStatus(requestId, requestOptions);
      await context.counts({ posts: 1, gets: 4 });
    },
  })),
  ...[
    ["goes on without it", (refused) => refused, { result: true }],
    // Nothing of it is proven, so the submit may have been sent.
    ["for another reason than the host's Request does", () => "no such route", { code: "submit_outcome_unknown", submitted: "unknown", posts: 1 }],
  ].map(([what, reason, expected]) => ({
    name: `a fetch that refuses a foreign AbortSignal: the call ${expected.result ? what : `ends if fetch does so ${what}`}`,
    hosts: ["node", "chromium"],
    because: "a Worker's AbortController cannot be told from another's",
    async run(context) {
      const { AbortController, Request, AbortSignal, fetch } = globalThis;
      let asked = 0;
      const answers = [
        Response.json({ data: { request_id: "a1b2", status: "queued" } }, { status: 202 }),
        Response.json({ data: { request_id: "a1b2", status: "completed", result: { mobile: MOBILE } } }),
      ];
      const refuse = (init, words) => {
        if (init?.signal != null && !(init.signal instanceof AbortSignal)) throw new TypeError(words("Expected signal to be an AbortSignal."));
      };
      // As in jsdom: its own AbortController, and the host's fetch and Request.
      globalThis.AbortController = class {
        signal = Object.assign(new EventTarget(), { aborted: false, reason: undefined });
        abort() {}
      };
      globalThis.Request = class {
        constructor(url, init) {
          refuse(init, (words) => words);
        }
      };
      globalThis.fetch = async (url, init) => {
        asked++;
        refuse(init, reason);
        return answers.shift();
      };
      try {
        const call = context.api.findPhone(ADA, context.options);
        if (expected.result) equal((await call).mobile, MOBILE, "mobile");
        else await context.fails(call, { code: expected.code, submitted: expected.submitted, requestId: null });
        equal(asked, expected.posts ?? 4, "calls of fetch");
        // A function of the caller's own may have sent the request before it throws the same.
        asked = 0;
        const own = globalThis.fetch;
        await context.fails(context.api.findPhone(ADA, { ...context.options, fetch: own }), { code: "submit_outcome_unknown" });
        equal(asked, 1, "calls of the caller's own fetch");
      } finally {
        Object.assign(globalThis, { AbortController, Request, fetch });
      }
    },
  })),
  ...[
    ["before and after", [false, false], { code: "network_error", submitted: "no", retryable: true }],
    ["before, and online after", [false, true], { code: "submit_outcome_unknown", submitted: "unknown", retryable: false }],
    ["after, and online before", [true, false], { code: "submit_outcome_unknown", submitted: "unknown", retryable: false }],
  ].map(([when, online, expected]) => ({
    name: `a browser that is offline ${when} a submit: ${expected.code}, after one request`,
    async run(context) {
      const own = Object.getOwnPropertyDescriptor(globalThis, "navigator");
      let asked = 0;
      Object.defineProperty(globalThis, "navigator", { configurable: true, value: { get onLine() { return online[Math.min(asked, 1)]; } } });
      try {
        const fetch = async () => {
          asked++;
          throw new TypeError("Failed to fetch");
        };
        await context.fails(context.api.findPhone(ADA, { ...context.options, fetch }), { ...expected, requestId: null, status: null });
        equal(asked, 1, "calls of fetch");
      } finally {
        if (own) Object.defineProperty(globalThis, "navigator", own);
        else delete globalThis.navigator;
      }
    },
  })),
  ...[
    ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"].map((code) => [{ code }, true]),
    ...["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID"].map((code) => [{ code }, true]),
    ...["SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"].map((code) => [{ code }, true]),
    ...["ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT"].map((code) => [{ code, syscall: "connect" }, true]),
    ...["ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH"].map((code) => [{ code, syscall: "read" }, false]),
    ...["EPIPE", "UND_ERR_SOCKET", "UND_ERR_HEADERS_TIMEOUT", "ERR_SSL_WRONG_VERSION_NUMBER"].map((code) => [{ code }, false]),
  ].map(([facts, unsent]) => ({
    name: `a submit that fetch refuses with ${Object.values(facts).join(" of ")} was ${unsent ? "not sent" : "perhaps sent"}`,
    async run(context) {
      const expected = unsent
        ? { code: "network_error", submitted: "no", retryable: true, message: /could not be sent.*Check the network/ }
        : { code: "submit_outcome_unknown", submitted: "unknown", retryable: false };
      // As Node's fetch throws it, and as node-fetch does.
      const error = () => Object.assign(new Error("no connection"), facts);
      for (const thrown of [new TypeError("fetch failed", { cause: error() }), error()]) {
        const fetch = async () => { throw thrown; };
        await context.fails(context.api.findPhone(ADA, { ...context.options, fetch }), { ...expected, requestId: null });
      }
    },
  })),
  {
    name: "without a custom fetch, the one that is global at the time of the call is used",
    async run(context) {
      const { fetch } = globalThis;
      await context.api.submitPhone(ADA, context.requestOptions);
      globalThis.fetch = async () => Response.json({ error: { code: "seen" } }, { status: 403 });
      try {
        await context.fails(context.api.submitPhone(ADA, context.requestOptions), { code: "seen" });
      } finally {
        globalThis.fetch = fetch;
      }
      await context.api.submitPhone(ADA, context.requestOptions);
      await context.counts({ posts: 2 });
    },
  },
  {
    name: "the host's own fetch can be passed as it is",
    async run({ api, options }) {
      equal((await api.findPhone(ADA, { ...options, fetch })).mobile, MOBILE, "mobile");
      equal((await api.findPhone(ADA, { ...options, fetch: globalThis.fetch })).mobile, MOBILE, "mobile");
    },
  },
  {
    name: "what a fetch throws is told without the request it may carry",
    async run(context) {
      const { options } = context;
      const request = async (url, init) => {
        const { "X-API-Key": key, "X-API-Secret": secret } = init.headers;
        const cause = { message: `refused ${secret}`, request: init };
        throw Object.assign(new TypeError(`no route for ${key}`, { cause }), { code: "E_ROUTE", config: init });
      };
      const error = await context.fails(context.api.findPhone(ADA, { ...options, fetch: request }), {
        code: "submit_outcome_unknown", submitted: "unknown",
      });
      equal([error.cause.name, error.cause.code], ["TypeError", "E_ROUTE"], "the cause's name and code");
      equal([error.cause.config, error.cause.cause?.request], [undefined, undefined], "what else the cause carries");
      await context.fails(context.api.pollResult("some-id", { ...options, fetch: request, maxRetries: 0 }), {
        code: "network_error", requestId: "some-id",
      });
    },
  },
  ...[
    ["throws at once", () => { throw new Error("at once"); }],
    ["rejects with undefined", () => Promise.reject()],
    ["returns undefined", () => undefined],
    ["resolves with null", async () => null],
    ["resolves with a text", async () => "ok"],
    ["resolves with a response whose getters throw", async () => ({ get status() { throw new Error("no status"); } })],
    ["resolves with a status that is no number", async () => ({ status: "200", headers: new Headers(), body: null })],
  ].map(([what, request]) => ({
    name: `a fetch that ${what} ends in an error that keeps the id`,
    async run(context) {
      await context.fails(context.api.findPhone(ADA, { ...context.options, fetch: request }), {
        code: "submit_outcome_unknown", submitted: "unknown", requestId: null,
      });
      const error = await context.fails(
        context.api.pollResult("some-id", { ...context.options, fetch: request, maxRetries: 1 }),
        { requestId: "some-id", submitted: "yes" },
      );
      match(error.code, /^(network_error|invalid_response)$/, "error.code");
    },
  })),
  {
    name: "a fetch that never settles is ended by requestTimeout and by an abort",
    async run(context) {
      const never = () => new Promise(() => {});
      const options = { ...context.options, fetch: never };
      await context.fails(context.api.findPhone(ADA, { ...options, requestTimeout: 20 }), { code: "submit_outcome_unknown" });
      const controller = new AbortController();
      const call = context.api.pollResult("some-id", { ...options, signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      await context.fails(call, { code: "aborted", requestId: "some-id", submitted: "yes" });
    },
  },

  ...[301, 302, 303, 307, 308].flatMap((status) => [
    {
      name: `a submit that is redirected with ${status} is not sent on, and its outcome is unknown`,
      world: ({ sink }) => ({ faults: [onPost(redirectToSink(status)({ sink }), ALWAYS)] }),
      async run(context) {
        await context.fails(context.api.findPhone(ADA, context.options), {
          code: "submit_outcome_unknown", submitted: "unknown", requestId: null, posts: 1, gets: 0,
        });
        equal(await context.sink.requests(), [], "what the other address was sent");
      },
    },
    {
      name: `a poll that is redirected with ${status} is not sent on, and ends as http_error with the id`,
      world: ({ sink }) => ({ faults: [onGet(redirectToSink(status)({ sink }), ALWAYS)] }),
      async run(context) {
        await context.fails(context.api.findPhone(ADA, context.options), {
          code: "http_error", submitted: "yes", requestId: "known", posts: 1, gets: 1,
        });
        equal(await context.sink.requests(), [], "what the other address was sent");
      },
    },
  ]),

  ...[401, 429, 500, 200].map((status) => ({
    name: `keys that the server sends back with ${status} are shown nowhere`,
    world: { faults: [onPost({ kind: "echoSecrets", status }), onGet({ kind: "echoSecrets", status }, ALWAYS)] },
    async run(context) {
      const { options, requestOptions } = context;
      // `fails` looks for the keys in all that an error shows.
      await context.fails(context.api.submitPhone(ADA, { ...requestOptions, maxRetries: 0 }), {});
      await context.fails(context.api.checkStatus("some-id", requestOptions), { requestId: "some-id" });
      await context.fails(context.api.pollResult("some-id", { ...options, maxRetries: 1 }), { requestId: "some-id" });
    },
  })),
  {
    name: "keys that the server puts into a failed job's reason, a status or a code are shown nowhere",
    world: ({ keys }) => ({
      latencyMs: 3_600_000,
      faults: [
        onGet({ kind: "jobStatus", status: `processing for ${keys.apiKey}` }),
        onGet({ kind: "jobFailed", error: `refused ${keys.apiKey} ${keys.apiSecret}` }, { from: 2 }),
        onGet(nyneError(403, keys.apiSecret), { from: 3 }),
      ],
    }),
    async run(context) {
      const onStatus = (update) => context.showsNoKey(update);
      const call = context.api.findPhone(ADA, { ...context.options, onStatus });
      const { requestId } = await context.fails(call, { code: "job_failed", requestId: "known", gets: 2 });
      await context.fails(context.api.pollResult(requestId, context.options), { status: 403, requestId, gets: 3 });
    },
  },
  {
    name: "a page that the server does not admit gets network_error or submit_outcome_unknown",
    hosts: ["chromium"],
    because: "only a browser asks for CORS",
    world: { cors: false },
    async run(context) {
      await context.fails(context.api.pollResult("some-id", { ...context.options, maxRetries: 0 }), {
        code: "network_error", requestId: "some-id",
      });
      await context.fails(context.api.findPhone(ADA, context.options), { code: "submit_outcome_unknown", posts: 0 });
    },
  },
];
