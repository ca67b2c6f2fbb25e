// Keys go to the origin of baseUrl and to no other, whatever a server, an id or a callback says.

import { table } from "../support/case.mjs";
import { equal, ok } from "../support/check.mjs";
import { ADA, ALWAYS, MOBILE, onGet, onPost } from "../support/emulator.mjs";

/** The same server under another name is another origin. */
const elsewhere = (url) => url.replace("127.0.0.1", "localhost");

const set = (path, value) => ({ kind: "replace", path, value });

/** A fetch that takes down where it is sent. */
function watchedFetch() {
  const urls = [];
  return { urls, fetch: (url, init) => (urls.push(url), fetch(url, init)) };
}

/** That requests went to the one path below baseUrl, and nothing to the sink, which stands for any other address. */
async function staysHome({ baseUrl, sink }, urls) {
  ok(urls.length > 0, "there was no request");
  for (const url of urls) {
    ok(url === `${baseUrl}/person/phone` || url.startsWith(`${baseUrl}/person/phone?request_id=`), `a request went to ${url}`);
    ok(!url.slice(baseUrl.length + 14).includes("/"), `an id became a path: ${url}`);
  }
  equal(await sink.requests(), [], "what another address was sent");
}

const HOSTILE_IDS = [
  "http://localhost/emulator/sink/x",
  "//localhost/x",
  "../../../sink/x",
  "\\\\localhost\\x",
  "@localhost",
  "x?request_id=y",
  "x&request_id=y#z",
  "x%2f..%2f",
  ". .",
];

const LOCATIONS = [
  ["another origin", elsewhere],
  ["the same origin", (url) => url],
  ["a path", (url) => new URL(url).pathname],
  ["a relative path", (url) => `../../..${new URL(url).pathname}`],
  ["another origin without a scheme", (url) => elsewhere(url).replace("http:", "")],
  ["another origin with a user", (url) => elsewhere(url).replace("//", "//user:password@")],
];

const REFUSED_BASE_URLS = [
  "http://nyne.example",
  "http://127.0.0.1.nyne.example",
  "http://localhost.nyne.example",
  "http://128.0.0.1",
  "http://0.0.0.0",
  "http://192.168.0.1",
  "http://172.16.0.1",
  "http://169.254.169.254",
  "http://host.local",
  "http://[::ffff:10.0.0.1]",
  "http://[::2]",
  "HTTP://NYNE.EXAMPLE",
  "ftp://127.0.0.1",
  "file:///etc/hosts",
  "data:text/plain,",
  "javascript:alert(1)",
  "https://127.0.0.1@nyne.example",
  "https://user:password@api.nyne.ai",
  "https://api.nyne.ai/?to=nyne.example",
  "https://api.nyne.ai/#",
  "https://",
  "https://[",
];

export default table(
  [301, 302, 303, 307, 308].flatMap((status) =>
    LOCATIONS.map(([where, location]) => ({
      name: `redirects with ${status} to ${where} are not followed`,
      world: ({ sink }) => {
        const redirect = { kind: "redirect", status, location: location(sink.url) };
        return { faults: [onPost(redirect), onGet(redirect, ALWAYS)] };
      },
      async run(context) {
        const { urls, fetch } = watchedFetch();
        const options = { ...context.options, fetch };
        await context.fails(context.api.findPhone(ADA, options), { code: "submit_outcome_unknown" });
        await context.fails(context.api.findPhone(ADA, options), { code: "http_error", requestId: "known" });
        await context.fails(context.api.checkStatus("some-id", { ...context.requestOptions, fetch }), { code: "http_error" });
        await staysHome(context, urls);
      },
    })),
  ),
  HOSTILE_IDS.map((id) => ({
    name: `an id that looks like an address is only asked for: ${id}`,
    world: { faults: [onPost(set("data.request_id", id), ALWAYS)] },
    async run(context) {
      const { urls, fetch } = watchedFetch();
      await context.fails(context.api.findPhone(ADA, { ...context.options, fetch }), { code: "request_not_found", requestId: id });
      await context.fails(context.api.pollResult(id, { ...context.options, fetch }), { code: "request_not_found", requestId: id });
      await staysHome(context, urls);
      for (const { url } of await context.requests("GET")) equal(new URL(url, context.origin).searchParams.getAll("request_id"), [id]);
    },
  })),
  {
    name: "addresses in an answer's body and headers are not called",
    world: ({ sink }) => {
      const url = elsewhere(sink.url);
      const fields = ["status_url", "poll_url", "callback_url", "next", "links"].map((name) => onGet(set(`data.${name}`, url)));
      const headers = { Link: `<${url}>; rel="preload"`, Refresh: `0; url=${url}`, "Content-Location": url };
      return { latencyMs: 0, faults: [onPost(set("data.status_url", url)), onGet({ kind: "status", status: 500, body: "", headers }), ...fields.map((fault) => ({ ...fault, from: 2, to: 2 }))] };
    },
    async run(context) {
      const { urls, fetch } = watchedFetch();
      equal((await context.api.findPhone(ADA, { ...context.options, fetch })).mobile, MOBILE, "mobile");
      await staysHome(context, urls);
    },
  },
  {
    name: "a call's own baseUrl has all of its requests, and the client's has none",
    world: { latencyMs: 0 },
    async run(context) {
      const { urls, fetch } = watchedFetch();
      const nyne = context.api.createClient({ ...context.options, baseUrl: elsewhere(context.sink.url), fetch });
      equal((await nyne.findPhone(ADA, { baseUrl: context.baseUrl })).mobile, MOBILE, "mobile");
      await staysHome(context, urls);
    },
  },
  {
    name: "a callback's receiver is called by Nyne alone, and gets no key",
    world: { latencyMs: 0 },
    async run(context) {
      const { urls, fetch } = watchedFetch();
      const callbackUrl = elsewhere(context.sink.url);
      await context.api.findPhone({ ...ADA, callbackUrl }, { ...context.options, fetch });
      ok(urls.every((url) => url.startsWith(`${context.baseUrl}/person/phone`)), `requests went to ${urls}`);
      await context.eventually("the callback", async () => (await context.sink.requests()).length > 0);
      const requests = await context.sink.requests();
      equal(requests.length, 1, "requests to the receiver");
      context.showsNoKey(requests);
    },
  },
  {
    name: "a callback that names another job, key or address is only read for its id",
    world: { latencyMs: 0 },
    async run(context) {
      const { urls, fetch } = watchedFetch();
      const url = elsewhere(context.sink.url);
      const callback = { data: { request_id: "forged", status: "completed", result: { mobile: "+1-000" }, status_url: url, baseUrl: url } };
      await context.fails(context.api.confirmCallback(callback, { ...context.requestOptions, fetch }), { code: "request_not_found" });
      await staysHome(context, urls);
    },
  },
  REFUSED_BASE_URLS.map((baseUrl) => ({
    name: `a baseUrl that would take keys elsewhere or in the open is refused: ${baseUrl}`,
    async run(context) {
      const { urls, fetch } = watchedFetch();
      const options = { ...context.options, baseUrl, fetch };
      await context.fails(context.api.findPhone(ADA, options), { code: "invalid_argument", submitted: "no", requestId: null });
      await context.fails(context.api.pollResult("some-id", options), { code: "invalid_argument" });
      equal(urls, [], "requests");
    },
  })),
  {
    name: "keys stand in headers and nowhere else of a request",
    world: { statuses: ["queued"] },
    async run(context) {
      await context.api.findPhone(ADA, context.options);
      const requests = [...(await context.requests("POST")), ...(await context.requests("GET"))];
      equal(requests.length, 3, "requests");
      for (const { headers, url, body } of requests) {
        const { "x-api-key": key, "x-api-secret": secret, ...others } = headers;
        equal([key, secret], [context.keys.apiKey, context.keys.apiSecret], "the keys");
        context.showsNoKey({ url, body, others });
      }
    },
  },
);
