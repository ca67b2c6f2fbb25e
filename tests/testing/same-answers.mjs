// Cases of requests and answers. Each is told to a world of the emulator over HTTP and to `createEmulator`'s `fetch`, and both must
// answer the same, up to ids and times.

import { equal } from "../support/check.mjs";
import { ADA } from "../support/emulator.mjs";
import { wait } from "../support/case.mjs";

/** The headers of an answer that a page may read, too. */
const HEADERS = ["cache-control", "content-type", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining"];

/** Texts of an answer in which ids and times are alike. */
const alike = (text) =>
  text
    .replaceAll(/[0-9a-f]{32}[_\d]*/g, "ID")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?/g, "TIME")
    .replaceAll(/wait \d+ s/g, "wait N s");

/** One side: `send` makes a request and notes its answer; `transcript` has the answers so far. */
class Client {
  transcript = [];

  constructor(fetch, baseUrl, keys, read) {
    Object.assign(this, { fetch, baseUrl, keys, read });
  }

  /** @returns the job's id, if the answer names one */
  async send(method, path, { body, headers, patience } = {}) {
    // A browser's is called without an owner.
    const { fetch, read } = this;
    const { apiKey, apiSecret } = this.keys;
    const signal = patience && AbortSignal.timeout(patience);
    const init = { method, headers: { "X-API-Key": apiKey, "X-API-Secret": apiSecret, ...headers }, body, signal, redirect: "manual", cache: "no-store" };
    let text;
    const answer = {};
    try {
      const response = await fetch(this.baseUrl + path, init);
      const redirected = response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
      // A browser shows nothing of a redirect.
      Object.assign(answer, redirected ? { redirected } : { status: response.status, headers: headersOf(response) });
      text = await read(response);
      answer.body = redirected ? "" : text.length > 10_000 ? text.length : alike(text);
    } catch {
      // Each host has words of its own.
      answer.failed = signal?.aborted ? "left" : "broken";
    }
    this.transcript.push(answer);
    return /[0-9a-f]{32}_\d+_\d+/.exec(text ?? "")?.[0];
  }

  submit(query = ADA, more) {
    return this.send("POST", "/person/phone", { body: JSON.stringify(query), ...more });
  }

  poll(id, more) {
    return this.send("GET", `/person/phone?request_id=${id}`, more);
  }
}

/** In workerd, a body that breaks off leaves an unhandled rejection: one of a stream of JavaScript's with `text()`, one of its own with a reader. */
async function readPieces({ body }) {
  const [reader, decoder] = [body?.getReader(), new TextDecoder()];
  for (let text = ""; ; ) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
}

function headersOf({ headers }) {
  const found = HEADERS.filter((name) => headers.has(name)).map((name) => [name, name === "retry-after" ? "N" : headers.get(name)]);
  return Object.fromEntries(found);
}

/** The part of a log that does not depend on the transport. */
const logOf = ({ jobs, creditsLeft, requests }) => ({
  jobs,
  creditsLeft,
  requests: requests
    .filter(({ method }) => method !== "OPTIONS")
    .map(({ method, body, answered, fault }) => ({ method, body, answered, fault })),
});

/** Chromium sends a request again whose connection was reset. */
const resent = ({ kind, thenJob }) => kind === "reset" && thenJob && { hosts: ["node", "workerd"], because: "Chromium submits twice" };

const both = (name, settings, tell) => ({
  name,
  world: { latencyMs: 0, ...settings },
  async run({ api, baseUrl, keys, log, host }) {
    const { latencyMs, ...others } = { latencyMs: 0, ...settings };
    const emulator = api.createEmulator({ latency: latencyMs, exposeHeaders: true, ...keys, ...others });
    const http = new Client(fetch, baseUrl, keys, (response) => response.text());
    const own = new Client(emulator.fetch, "https://api.nyne.ai", keys, readPieces);
    // One after the other on each side, the sides side by side.
    await Promise.all([tell(http), tell(own)]);
    equal(own.transcript, http.transcript, "what it answers");
    // In which Chromium's own retries are, too.
    if (host === "chromium") return;
    equal(logOf({ jobs: emulator.jobs, creditsLeft: emulator.credits, requests: emulator.requests }), logOf(await log()), "its log");
  },
});

/** A job from its submit to its end, and once more. */
async function wholeJob(client, more) {
  const id = await client.submit(ADA, more);
  // If the answer names no job, any other is unknown.
  for (let polls = 0; polls < 3; polls++) await client.poll(id ?? "unknown", more);
}

/** Every kind of fault. */
const FAULTS = [
  { kind: "status", status: 418, body: "teapot", headers: { "Content-Type": "text/plain" } },
  { kind: "status", status: 200, body: { data: 5 } },
  { kind: "error", status: 403, code: "ip_not_allowed", message: "Not from here." },
  { kind: "error", code: "service_unavailable", headers: { "Retry-After": "7" } },
  { kind: "reset", at: "start" },
  { kind: "reset", at: "headers" },
  { kind: "reset", at: "body" },
  { kind: "reset", at: "start", thenJob: true },
  { kind: "empty" },
  { kind: "noContent" },
  { kind: "html" },
  { kind: "notFound" },
  { kind: "redirect", location: "http://127.0.0.1:9/elsewhere" },
  { kind: "echoSecrets" },
  { kind: "slowBody", bytesPerSecond: 2_000 },
  { kind: "delay", ms: 30 },
  { kind: "truncate" },
  { kind: "controlCharacters" },
  { kind: "replace", path: "data.request_id", value: 5 },
  { kind: "replace", path: "data.status" },
  { kind: "bare" },
  { kind: "oversized" },
  { kind: "oversized", bytes: 100_000, chunked: true },
  { kind: "contentType", value: "text/html" },
  { kind: "headers", headers: { "Cache-Control": "max-age=3600" } },
  { kind: "gzip" },
  { kind: "gzip", bytes: 200_000 },
  { kind: "jobStatus", status: "weird" },
  { kind: "jobFailed" },
  { kind: "completedAtOnce" },
  { kind: "noMatch", form: "empty" },
];

/** Those that a client leaves. */
const ENDLESS = [
  { kind: "hang", at: "start" },
  { kind: "hang", at: "headers" },
  { kind: "hang", at: "body" },
  { kind: "slowBody", bytesPerSecond: 1 },
  { kind: "delay", ms: 60_000 },
];
/** How long it stays, in ms. */
const PATIENCE = 500;

const faulty = (list, tell) =>
  list.flatMap((fault) =>
    ["POST", "GET"].map((on) => ({
      ...both(`answers ${on} with ${JSON.stringify(fault)} as the emulator does`, { faults: [{ on, fault }] }, (client) => tell(client, on)),
      ...resent(fault),
    })),
  );

const faults = [
  ...faulty(FAULTS, (client) => wholeJob(client)),
  ...faulty(ENDLESS, async (client, on) => {
    const leave = { patience: PATIENCE };
    const id = await client.submit(ADA, on === "POST" ? leave : {});
    if (on === "GET") await client.poll(id, leave);
  }),
];

export const sameAnswers = [
  ...faults,
  both("answers a job by polls as the emulator does", { statuses: ["queued", "pending", "of its own"] }, async (client) => {
    const id = await client.submit();
    for (let polls = 0; polls < 5; polls++) await client.poll(id);
  }),
  both("fails jobs as the emulator does", { failureShare: 1 }, (client) => wholeJob(client)),
  both("finds the same people as the emulator", { people: { "Grace Sample": "+1-202-555-0190", "nobody@example.com": null } }, async (client) => {
    for (const query of [ADA, { name: "grace sample" }, { email: "nobody@example.com" }, { email: "nomobile@example.com" }, { phone: "+1-202-555-0101" }, { name: "Alba Sample", company: "Sample Industries" }]) {
      await client.poll(await client.submit(query));
    }
  }),
  both("refuses as the emulator does what is no query", {}, async (client) => {
    for (const body of ["", "{", "[]", "{}", '{"email":5}', '{"mail":"a"}', '{"company":"a"}', '{"email":"ada@example.com","callback_url":"ftp://a"}']) {
      await client.send("POST", "/person/phone", { body });
    }
    await client.send("GET", "/person/phone");
    await client.send("GET", "/person/phone?request_id=unknown");
    for (const method of ["DELETE", "HEAD"]) await client.send(method, "/person/phone");
    await client.send("GET", "/person");
  }),
  both("refuses wrong keys as the emulator does", {}, async (client) => {
    for (const headers of [{ "X-API-Key": "nyne_live_of_another" }, { "X-API-Secret": "nyne_sec_of_another" }]) await client.submit(ADA, { headers });
  }),
  both("charges as the emulator does, until nothing is left", { credits: 2 }, async (client) => {
    for (let lookups = 0; lookups < 4; lookups++) await wholeJob(client);
  }),
  both("limits the requests of a minute as the emulator does", { perMinute: 3 }, (client) => wholeJob(client).then(() => wholeJob(client))),
  both("limits the requests of an hour as the emulator does", { perHour: 2 }, (client) => wholeJob(client)),
  both("forgets a job as the emulator does", { expireAfterMs: 0 }, (client) => wholeJob(client)),
  both("takes as long for a job as the emulator does", { latencyMs: 60_000 }, (client) => wholeJob(client)),
  both("has jobs that are done by the clock as the emulator does", { latencyMs: 5 }, async (client) => {
    const id = await client.submit();
    await wait(50);
    await client.poll(id);
  }),
];
