// What `createEmulator` and `nyneError` give beyond the emulator's answers.

import { equal, match, ok, rejection } from "../support/check.mjs";
import { ADA, MOBILE, REQUEST_ID } from "../support/emulator.mjs";

const GRACE = { email: "grace@example.com" };
const CALLBACK = "https://hooks.example.com/nyne?order=1";

const once = (name, run) => ({ name, run: ({ api }) => run(api) });

/** The fields of a rejection that do not depend on which job it is. */
const kindOf = ({ name, code, status, submitted, retryable }) => ({ name, code, status, submitted, retryable });

/** A message without what belongs to one call. */
const wording = ({ message }) => message.replaceAll(/[0-9a-f]{32}_\d+_\d+/g, "ID").replaceAll(/\d+ (ms|polls)/g, "N $1");

/** How a call of the package ends that meets what the emulator is told to do. */
const REJECTIONS = {
  invalid_argument: ({ findPhone }, nyne) => findPhone({}, nyne.options),
  aborted: ({ findPhone }, nyne) => findPhone(ADA, { ...nyne.options, signal: AbortSignal.abort() }),
  timeout: ({ findPhone, createEmulator }) => findPhone(ADA, { ...createEmulator({ latency: 60_000 }).options, timeout: 60 }),
  network_error: async ({ submitPhone, pollResult }, nyne) => {
    const request = await submitPhone(ADA, nyne.options);
    nyne.fail("network error");
    return pollResult(request, { ...nyne.options, maxRetries: 0 });
  },
  submit_outcome_unknown: ({ findPhone }, nyne) => (nyne.fail("lost answer"), findPhone(ADA, nyne.options)),
  invalid_response: async ({ submitPhone, pollResult }, nyne) => {
    const request = await submitPhone(ADA, nyne.options);
    nyne.fail({ kind: "truncate" });
    return pollResult(request, { ...nyne.options, maxRetries: 0 });
  },
  job_failed: ({ findPhone, createEmulator }) => findPhone(ADA, createEmulator({ failureShare: 1 }).options),
  poll_budget_exhausted: ({ findPhone, createEmulator }) => {
    const { options } = createEmulator({ statuses: ["queued", "queued"] });
    return findPhone(ADA, { ...options, poll: { ...options.poll, maxPolls: 1 } });
  },
  request_not_found: ({ checkStatus }, nyne) => checkStatus({ requestId: "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4_1780000000_4271", submittedAt: "2026-01-01T00:00:00Z" }, nyne.options),
  internal_error: async ({ submitPhone, checkStatus }, nyne) => {
    const request = await submitPhone(ADA, nyne.options);
    nyne.fail("internal_error");
    return checkStatus(request, nyne.options);
  },
};
/** Refusals of a submit. */
for (const code of ["invalid_request", "missing_parameters", "invalid_api_key", "invalid_credentials", "insufficient_credits", "subscription_required",
  "ip_not_allowed", "forbidden", "rate_limit_exceeded", "service_unavailable"]) {
  REJECTIONS[code] = ({ findPhone }, nyne) => (nyne.fail(code), findPhone(ADA, { ...nyne.options, maxRetries: 0 }));
}

const rejections = Object.entries(REJECTIONS).map(([code, provoke]) =>
  once(`makes the error ${code} as a call ends with it`, async (api) => {
    const real = await rejection(provoke(api, api.createEmulator()));
    const made = api.nyneError(code);
    equal(kindOf(made), kindOf(real), "the error");
    ok(made instanceof api.NyneError && api.isNyneError(made), "it is no NyneError");
    equal(made.requestId === null, real.requestId === null, "whether it has an id");
    match(made.message, new RegExp(` Code: ${code}\\.$`), "its message");
    // Nyne's own words come after a colon; advice on an account is left out.
    const [what] = wording(real).split(/: (?!pollResult|ID)|\. /);
    ok(wording(made).startsWith(what), `its message is ${made.message}, and that of a call ${real.message}`);
  }),
);

export const createEmulatorCases = [
  ...rejections,
  once("finds a number with no clock and no options", async ({ createEmulator, findPhone }) => {
    const nyne = createEmulator({ people: { [GRACE.email]: "+1-202-555-0190" } });
    equal((await findPhone(GRACE, nyne.options)).mobile, "+1-202-555-0190");
    equal((await findPhone(ADA, nyne.options)).mobile, MOBILE);
    equal([nyne.jobs, nyne.credits], [2, 998]);
  }),
  once("finds a number of a job that takes time, long before the limit of requests", async ({ createEmulator, findPhone }) => {
    const nyne = createEmulator({ latency: 300 });
    equal((await findPhone(ADA, nyne.options)).mobile, MOBILE);
    ok(nyne.requests.length < 30, `it takes ${nyne.requests.length} requests`);
  }),
  once("lists the requests", async ({ createEmulator, findPhone }) => {
    const nyne = createEmulator();
    const { requestId } = await findPhone(ADA, nyne.options);
    const [post, get, ...more] = nyne.requests;
    equal(more, []);
    equal([post.method, post.url, JSON.parse(post.body), post.answered, post.fault, post.closedEarly], ["POST", "/person/phone", ADA, 202, null, false]);
    equal(post.headers["x-api-key"], nyne.options.apiKey);
    equal([get.method, get.url, get.answered], ["GET", `/person/phone?request_id=${requestId}`, 200]);
    match(requestId, REQUEST_ID);
  }),
  once("answers a Request, whatever its origin", async ({ createEmulator }) => {
    const nyne = createEmulator();
    const { apiKey, apiSecret } = nyne.options;
    const request = new Request("https://proxy.example/person/phone", {
      method: "POST",
      headers: { "X-API-Key": apiKey, "X-API-Secret": apiSecret },
      body: JSON.stringify(ADA),
    });
    const response = await nyne.fetch(request);
    equal(response.status, 202);
    equal((await response.json()).data.status, "queued");
  }),
  once("keeps emulators apart", async ({ createEmulator, findPhone }) => {
    const [one, other] = [createEmulator(), createEmulator({ credits: 0 })];
    one.fail("ip_not_allowed");
    equal((await rejection(findPhone(ADA, other.options))).code, "insufficient_credits");
    equal((await rejection(findPhone(ADA, one.options))).code, "ip_not_allowed");
    equal([one.requests.length, other.requests.length], [1, 1]);
  }),
  once("goes wrong as it is told, in order, and then no more", async ({ createEmulator, checkStatus, submitPhone }) => {
    const nyne = createEmulator({ statuses: Array(9).fill("queued") });
    const request = await submitPhone(ADA, nyne.options);
    nyne.fail("internal_error", { on: "GET", times: 2 });
    nyne.fail("insufficient_credits", { on: "POST" });
    nyne.fail("ip_not_allowed");
    const poll = () => checkStatus(request, nyne.options).then(({ state }) => state, ({ code }) => code);
    equal([await poll(), await poll(), await poll(), await poll()], ["internal_error", "internal_error", "ip_not_allowed", "pending"]);
    equal((await rejection(submitPhone(ADA, nyne.options))).code, "insufficient_credits");
    await submitPhone(ADA, nyne.options);
    nyne.fail("service_unavailable", { times: Infinity });
    for (let polls = 0; polls < 5; polls++) equal(await poll(), "service_unavailable");
  }),
  once("loses an answer but not its job", async ({ createEmulator, findPhone }) => {
    const nyne = createEmulator();
    nyne.fail("network error");
    equal((await rejection(findPhone(ADA, nyne.options))).submitted, "unknown");
    equal(nyne.jobs, 0);
    nyne.fail("lost answer");
    equal((await rejection(findPhone(ADA, nyne.options))).submitted, "unknown");
    equal(nyne.jobs, 1);
  }),
  once("gives no answer until the request is aborted, and notes who left", async ({ createEmulator, findPhone }) => {
    const nyne = createEmulator();
    nyne.fail("no answer");
    const error = await rejection(findPhone(ADA, { ...nyne.options, requestTimeout: 30 }));
    equal([error.code, error.submitted], ["submit_outcome_unknown", "unknown"]);
    equal([nyne.requests[0].answered, nyne.requests[0].closedEarly], [null, true]);
  }),
  once("refuses what is too large", async ({ createEmulator }) => {
    const nyne = createEmulator();
    equal((await nyne.fetch(`https://api.nyne.ai/person/phone?request_id=${"a".repeat(70_000)}`)).status, 400);
    equal((await nyne.fetch("https://api.nyne.ai/person/phone", { method: "POST", body: "a".repeat((1 << 20) + 1) })).status, 413);
  }),
  once("sends nothing for a signal that is aborted already", async ({ createEmulator }) => {
    const nyne = createEmulator();
    const reason = await rejection(nyne.fetch("https://api.nyne.ai/person/phone", { signal: AbortSignal.abort("enough") }));
    equal([reason, nyne.requests.length], ["enough", 0]);
  }),
  once("moves its clock: jobs end, limits are lifted, jobs are forgotten", async ({ createEmulator, submitPhone, checkStatus }) => {
    const nyne = createEmulator({ latency: 40_000, perMinute: 2 });
    const request = await submitPhone(ADA, nyne.options);
    equal((await checkStatus(request, nyne.options)).state, "pending");
    equal((await rejection(checkStatus(request, nyne.options))).code, "rate_limit_exceeded");
    await nyne.advance(60_000);
    equal((await checkStatus(request, nyne.options)).mobile, MOBILE);
    await nyne.advance(3_600_000);
    equal((await rejection(checkStatus(request, nyne.options))).code, "request_not_found");
  }),
  once("takes a latency under the name that the emulator's worlds have for it", async ({ createEmulator, submitPhone, checkStatus }) => {
    const { options } = createEmulator({ latencyMs: 60_000 });
    equal((await checkStatus(await submitPhone(ADA, options), options)).state, "pending");
  }),
  once("keeps callbacks for those who look", async ({ createEmulator, submitPhone }) => {
    const nyne = createEmulator({ latency: 1_000 });
    const { requestId } = await submitPhone({ ...ADA, callbackUrl: CALLBACK }, nyne.options);
    equal(nyne.callbacks, []);
    await nyne.advance(1_000);
    const [{ url, status, body }, ...more] = nyne.callbacks;
    equal([url, status, more], [CALLBACK, null, []]);
    const { data } = JSON.parse(body);
    equal([data.request_id, data.result.mobile], [requestId, MOBILE]);
  }),
  once("delivers callbacks to a handler, again until they are taken", async ({ createEmulator, submitPhone, confirmCallback }) => {
    const seen = [];
    const answers = [() => new Response(null, { status: 500 }), () => { throw new Error("down"); }, () => undefined];
    const nyne = createEmulator({
      latency: 1_000,
      async onCallback(request) {
        seen.push([request.method, request.url, (await confirmCallback(request, nyne.options)).mobile]);
        return answers.shift()();
      },
    });
    await submitPhone({ ...ADA, callbackUrl: CALLBACK }, nyne.options);
    equal(seen, []);
    await nyne.advance(1_000);
    equal(seen, [["POST", CALLBACK, MOBILE]]);
    await nyne.advance(1_000 + 5_000);
    equal(seen.length, 3);
    await nyne.advance(60_000);
    equal(nyne.callbacks.map(({ status }) => status), [500, null, 204]);
  }),
  {
    name: "delivers callbacks on time by itself",
    async run({ api, eventually }) {
      const { createEmulator, submitPhone } = api;
      let taken = 0;
      const nyne = createEmulator({ latency: 20, onCallback: () => void taken++ });
      await submitPhone({ ...ADA, callbackUrl: CALLBACK }, nyne.options);
      await eventually("the callback", () => taken === 1);
    },
  },
  once("says what is wrong with a setting, a fault or a time", async ({ createEmulator }) => {
    const thrown = (call) => {
      try {
        call();
      } catch (error) {
        return [error.name, error.message];
      }
      return [];
    };
    const nyne = createEmulator();
    for (const [call, words] of [
      [() => createEmulator({ latncy: 5 }), /latncy/],
      [() => createEmulator({ latency: -1 }), /negative/],
      [() => createEmulator({ people: { "ada@example.com": 5 } }), /people\.ada@example\.com.*string/],
      [() => createEmulator({ credits: 1.5 }), /credits/],
      [() => createEmulator({ seed: NaN }), /seed.*NaN/],
      [() => createEmulator({ perMinute: Infinity }), /perMinute.*Infinity/],
      [() => nyne.fail("no_such_code"), /status/],
      [() => nyne.fail("internal_error", { times: NaN }), /times.*NaN/],
      [() => nyne.fail("internal_error", { time: 2 }), /time/],
      [() => nyne.fail({ kind: "explode" }), /explode/],
    ]) {
      const [name, message] = thrown(call);
      equal(name, "TypeError");
      match(message, words);
    }
    for (const ms of [-1, Infinity, "1000"]) equal((await rejection(nyne.advance(ms))).name, "RangeError");
  }),
  once("makes errors with the fields that a test needs", ({ nyneError }) => {
    const cause = new TypeError("fetch failed");
    const error = nyneError("rate_limit_exceeded", { requestId: "a1", retryAfter: 7_000, cause });
    equal([error.status, error.requestId, error.submitted, error.retryAfter], [429, "a1", "yes", 7_000]);
    ok(error.cause === cause, "its cause is another");
    match(error.message, /pollResult\("a1"\)/);
    equal(kindOf(nyneError("insufficient_credits", { requestId: undefined, status: undefined })), kindOf(nyneError("insufficient_credits")));
    equal(nyneError("of_tomorrow", { status: 409, message: "Mine." }).message, "Mine.");
    equal([nyneError("timeout", { requestId: null }).submitted, nyneError("http_error").status, nyneError("aborted").name], ["no", 502, "AbortError"]);
  }),
];
