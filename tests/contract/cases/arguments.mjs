// Wrong arguments: invalid_argument, which names what is wrong, before any request.

import { equal, match, ok, rejection } from "../../support/check.mjs";
import { ADA, MOBILE } from "../../support/emulator.mjs";

const REFUSED = { code: "invalid_argument", status: null, requestId: null, submitted: "no", retryable: false, posts: 0, gets: 0 };

const LONG = "x".repeat(60);

const QUERIES = [
  ["an unknown name", { emial: "ada@example.com" }, /emial.*"email"/],
  ["an unknown name beside a known one", { ...ADA, linkedinUrl: "x" }, /linkedinUrl/],
  ["linkedin", { linkedin: "https://www.linkedin.com/in/ada-example" }, /linkedin.*"socialMediaUrl"/],
  ["firstName", { firstName: "Ada" }, /firstName.*"name"/],
  ["surname", { surname: "Lovelace" }, /surname.*"name"/],
  ["work_email", { work_email: "ada@example.com" }, /work_email.*"email"/],
  ["linkedin_profile", { linkedin_profile: "https://www.linkedin.com/in/ada-example" }, /linkedin_profile.*"socialMediaUrl"/],
  ["organization", { ...ADA, organization: "Example Corp" }, /organization.*"company"/],
  ["webhookUrl", { ...ADA, webhookUrl: "https://example.com/" }, /webhookUrl.*"callbackUrl"/],
  ["nothing but null", { email: null, name: null }, /email.*name/],
  ["the wrong case", { Email: "ada@example.com" }, /Email.*"email"/],
  ["capitals and an underscore", { E_MAIL: "ada@example.com" }, /E_MAIL.*"email"/],
  ["a hyphen and a plural", { "e-mails": "ada@example.com" }, /e-mails.*"email"/],
  ["a name that is near to none", { zebra: "x" }, /zebra/],
  ["a name of more than 40 letters", { [LONG]: "x" }, /x{10}/],
  ["a field that is a number", { email: 5 }, /email/],
  ["a field that is an object", { phone: { number: "+1" } }, /phone/],
  ["an empty string", { email: "" }, /email/],
  ["blanks only", { name: " \t" }, /name/],
  ["an empty field beside a good one", { ...ADA, company: "" }, /company/],
  ["a company alone", { company: "Example Corp" }, /email.*name/],
  ["a callbackUrl alone", { callbackUrl: "https://example.com/" }, /email.*name/],
  ["nothing", {}, /email.*name/],
  ["nothing but undefined", { email: undefined }, /email.*name/],
  ["one field in both spellings", { socialMediaUrl: "a", social_media_url: "b" }, /socialMediaUrl|social_media_url/],
  ["a callbackUrl that is no URL", { ...ADA, callbackUrl: "example.com/hook" }, /callbackUrl/],
  ["a callbackUrl of another scheme", { ...ADA, callbackUrl: "ftp://example.com/hook" }, /callbackUrl/],
  ["a callbackUrl without a host", { ...ADA, callbackUrl: "https://" }, /callbackUrl/],
  ["a text as the query", "ada@example.com", /query/i],
  ["a list as the query", ["ada@example.com"], /query/i],
  ["null as the query", null, /query/i],
  ["no query", undefined, /query/i],
];

const BAD_NUMBERS = [["NaN", NaN], ["-1", -1], ['"5"', "5"], ["a bigint", 5n]];
const numbers = (name, option, values) =>
  values.map(([shown, value]) => [`${name} ${shown}`, option(value), new RegExp(name)]);

/** Options that every function takes, but for those that need `lookup`. */
const OPTIONS = [
  ["an unknown name", { apikey: "x" }, /apikey.*"apiKey"/],
  ["a snake_case name", { base_url: "https://example.com" }, /base_url.*"baseUrl"/],
  ["capitals and an underscore", { API_KEY: "x" }, /API_KEY.*"apiKey"/],
  ["a hyphen and a plural", { "max-retrys": 1 }, /max-retrys.*"maxRetries"/],
  ["a name that is near to none", { zebra: 1 }, /zebra/],
  ["a name of more than 40 letters", { [LONG]: 1 }, /x{10}/],
  ["options that are a text", "fast", /options/i],
  ["options that are a list", [], /options/i],
  ["an apiKey that is a number", { apiKey: 5 }, /apiKey/],
  ["an apiKey that is empty", { apiKey: "" }, /apiKey/],
  ["an apiSecret that is empty", { apiSecret: "" }, /apiSecret/],
  ["a baseUrl that is a number", { baseUrl: 5 }, /baseUrl/],
  ["a baseUrl that is empty", { baseUrl: "" }, /baseUrl/],
  ["headers that are a text", { headers: "X-Session: 1" }, /headers/],
  ["a header that is a number", { headers: { "X-Session": 1 } }, /headers/],
  ["a header with a line break", { headers: { "X-Session": "a\r\nX-Other: b" } }, /headers/],
  ["a header name with a blank", { headers: { "X Session": "a" } }, /headers/],
  ["X-API-Key among the headers", { headers: { "X-API-Key": "k" } }, /headers/],
  ["x-api-secret among the headers", { headers: { "x-api-secret": "s" } }, /headers/],
  ["a fetch that is no function", { fetch: {} }, /fetch/],
  ["a signal that is none", { signal: {} }, /signal/],
  // A getter, because a Worker makes no controller before its first request.
  ["a controller as the signal", { get signal() { return new AbortController(); } }, /signal/],
  ...numbers("requestTimeout", (requestTimeout) => ({ requestTimeout }), [...BAD_NUMBERS, ["0", 0]]),
  ...numbers("maxRetries", (maxRetries) => ({ maxRetries }), [...BAD_NUMBERS, ["1.5", 1.5]]),
];

/** Options for the functions that wait for a result. */
const LOOKUP_OPTIONS = [
  ["timeOut for timeout", { timeOut: 5 }, /timeOut.*"timeout"/],
  ["onProgress for onStatus", { onProgress: () => {} }, /onProgress.*"onStatus"/],
  ["pollInterval for poll", { pollInterval: 5 }, /pollInterval.*"poll"/],
  ["customFetch for fetch", { customFetch: () => {} }, /customFetch.*"fetch"/],
  ["maxAttempts for maxRetries", { maxAttempts: 5 }, /maxAttempts.*"maxRetries"/],
  ["callbackUrl, which belongs into the query", { callbackUrl: "https://example.com/" }, /callbackUrl(?!.*Did you mean)/],
  ["onStatus that is no function", { onStatus: "log" }, /onStatus/],
  ["poll that is a number", { poll: 5 }, /poll/],
  ["an unknown name in poll", { poll: { firstdelay: 5 } }, /firstdelay.*"firstDelay"/],
  ["capitals and an underscore in poll", { poll: { MAX_DELAY: 5 } }, /MAX_DELAY.*"maxDelay"/],
  ["a hyphen and a letter less in poll", { poll: { "max-poll": 5 } }, /max-poll.*"maxPolls"/],
  ["a name in poll that is near to none", { poll: { zebra: 5 } }, /zebra/],
  ["a name in poll of more than 40 letters", { poll: { [LONG]: 5 } }, /x{10}/],
  ...numbers("timeout", (timeout) => ({ timeout }), [...BAD_NUMBERS, ["0", 0], ["-Infinity", -Infinity]]),
  ...numbers("firstDelay", (firstDelay) => ({ poll: { firstDelay } }), [...BAD_NUMBERS, ["0", 0]]),
  ...numbers("maxDelay", (maxDelay) => ({ poll: { maxDelay } }), [...BAD_NUMBERS, ["0", 0]]),
  ...numbers("maxPolls", (maxPolls) => ({ poll: { maxPolls } }), [...BAD_NUMBERS, ["0", 0], ["1.5", 1.5]]),
];

const BASE_URLS = [
  ["of another scheme", "ftp://127.0.0.1/"],
  ["of the scheme javascript", "javascript:alert(1)"],
  ["that is plain http", "http://api.example.com"],
  ["that is plain http to a private address", "http://10.0.0.1"],
  ["that is plain http to the network at home", "http://192.168.0.1"],
  ["that is plain http to a private address of a data centre", "http://172.16.0.1"],
  ["that is plain http to a name on the local network", "http://host.local"],
  ["that is plain http to a private address in IPv6's form", "http://[::ffff:10.0.0.1]"],
  ["that is plain http to a name that begins like loopback", "http://127.0.0.1.example.com"],
  ["that is plain http to a name that begins like localhost", "http://localhost.example.com"],
  ["with a user", "https://user@example.com"],
  ["with a user and a password", "https://user:swordfish@example.com"],
  ["with a query", "https://example.com/?tenant=1"],
  ["with a fragment", "https://example.com/#top"],
];

const REQUESTS = [
  ["an empty id", ""],
  ["a blank id", " "],
  ["an id with a line break", "a\nb"],
  ["no request", undefined],
  ["null", null],
  ["a number", 5],
  ["an object without requestId", { submittedAt: "2026-01-01T00:00:00Z" }],
  ["a request whose requestId is empty", { requestId: "", submittedAt: "2026-01-01T00:00:00Z" }],
  ["a request whose submittedAt is a Date of no time", { requestId: "a1b2", submittedAt: new Date(NaN) }],
  ["a request whose submittedAt is a number", { requestId: "a1b2", submittedAt: 5 }],
  ["a request whose submittedAt is no date", { requestId: "a1b2", submittedAt: "last week" }],
];

/** A fetch that must not be called. */
const unused = () => {
  throw new Error("a request was sent");
};

/** A good input for each function; and what an error then says of the job, where the input names one. */
const KNOWN = { submitted: "yes", requestId: "some-id" };
const INPUTS = {
  findPhone: [ADA],
  submitPhone: [ADA],
  pollResult: ["some-id", KNOWN],
  checkStatus: ["some-id", KNOWN],
  confirmCallback: ['{"request_id":"some-id","status":"completed"}'],
};

const refusedOptions = (functions) => ([what, option, names]) => ({
  name: `refused as an option: ${what}`,
  async run(context) {
    const options = typeof option === "object" && !Array.isArray(option) ? { ...context.requestOptions, ...option } : option;
    for (const name of functions) {
      const [input, expected] = INPUTS[name];
      await context.fails(context.api[name](input, options), { ...REFUSED, ...expected, message: names });
    }
    const error = thrown(() => context.api.createClient(options));
    await context.fails(Promise.reject(error), { ...REFUSED, message: names });
  },
});

function thrown(act) {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("it did not throw");
}

export default [
  ...QUERIES.map(([what, query, names]) => ({
    name: `refused as a query: ${what}`,
    async run(context) {
      const { requestOptions } = context;
      await context.fails(context.api.findPhone(query, context.options), { ...REFUSED, message: names });
      await context.fails(context.api.submitPhone(query, requestOptions), { ...REFUSED, message: names });
      await context.fails(context.api.createClient(requestOptions).findPhone(query), { ...REFUSED, message: names });
    },
  })),
  ...REQUESTS.map(([what, request]) => ({
    name: `refused as a request: ${what}`,
    async run(context) {
      // An id that can be read is not withheld.
      const known = request?.requestId === "a1b2" && { requestId: "a1b2", submitted: "yes" };
      const expected = { ...REFUSED, ...known, message: /request/i };
      await context.fails(context.api.pollResult(request, context.options), expected);
      await context.fails(context.api.checkStatus(request, context.requestOptions), expected);
    },
  })),
  ...OPTIONS.map(refusedOptions(["findPhone", "submitPhone", "pollResult", "checkStatus", "confirmCallback"])),
  ...LOOKUP_OPTIONS.map(refusedOptions(["findPhone", "pollResult"])),
  {
    name: "a field of a query that is null is as good as left out",
    async run(context) {
      await context.api.submitPhone({ name: "Ada Example", company: null, phone: null, callbackUrl: null }, context.requestOptions);
      const [{ body }] = await context.requests("POST");
      equal(JSON.parse(body), { name: "Ada Example" }, "the body");
    },
  },
  {
    name: "a signal that is null is as good as none",
    async run({ api, options }) {
      equal((await api.findPhone(ADA, { ...options, signal: null })).mobile, MOBILE, "mobile");
      const nyne = api.createClient({ ...options, signal: AbortSignal.abort() });
      equal((await nyne.findPhone(ADA, { signal: null })).mobile, MOBILE, "mobile of a call that takes the client's signal back");
    },
  },
  {
    name: "submittedAt may be a Date or null",
    async run({ api, options, requestOptions }) {
      const { requestId } = await api.submitPhone(ADA, requestOptions);
      // The last one stands for a Date of another realm, as a driver gives it in Jest.
      for (const submittedAt of [new Date(), null, undefined, { __proto__: null, getTime: () => Date.now() }]) {
        equal((await api.pollResult({ requestId, submittedAt }, options)).mobile, MOBILE, "pollResult's mobile");
        equal((await api.checkStatus({ requestId, submittedAt }, requestOptions)).requestId, requestId, "checkStatus's requestId");
      }
    },
  },
  {
    name: "one object of options does for every function",
    world: { latencyMs: 0 },
    async run({ api, options }) {
      const all = {
        ...options, headers: { "X-Session": "1" }, fetch: (...values) => fetch(...values), signal: new AbortController().signal,
        requestTimeout: 5_000, maxRetries: 3, timeout: 10_000, poll: { firstDelay: 5, maxDelay: 20, maxPolls: 100 }, onStatus() {},
      };
      for (const of of [api, api.createClient(all)]) {
        const { requestId, mobile } = await of.findPhone(ADA, all);
        equal(mobile, MOBILE, "findPhone");
        ok((await of.submitPhone(ADA, all)).requestId, "submitPhone");
        equal((await of.pollResult(requestId, all)).mobile, MOBILE, "pollResult");
        equal((await of.checkStatus(requestId, all)).mobile, MOBILE, "checkStatus");
        const callback = JSON.stringify({ data: { request_id: requestId, status: "completed" } });
        equal((await of.confirmCallback(callback, all)).mobile, MOBILE, "confirmCallback");
      }
    },
  },
  {
    name: "options that are undefined are as good as left out",
    async run({ api, options }) {
      const none = { headers: undefined, fetch: undefined, signal: undefined, timeout: undefined, onStatus: undefined };
      const poll = { ...options.poll, maxPolls: undefined };
      equal((await api.findPhone(ADA, { ...options, ...none, requestTimeout: undefined, poll })).mobile, MOBILE);
      await rejection(api.findPhone(ADA));
    },
  },

  ...BASE_URLS.map(([what, baseUrl]) => ({
    name: `refused: a baseUrl ${what}`,
    async run(context) {
      for (const options of [{ baseUrl, fetch: unused }, { baseUrl, fetch: unused, ...context.keys }]) {
        const error = await context.fails(context.api.findPhone(ADA, options), { ...REFUSED, message: /baseUrl/ });
        ok(!error.message.includes("swordfish"), `a password is shown: ${error.message}`);
      }
    },
  })),
  {
    name: "refused: a relative baseUrl, where there is nothing to resolve it against",
    hosts: ["node", "workerd"],
    because: "a page has a location",
    async run(context) {
      for (const baseUrl of ["/api/nyne", "api/nyne", "//example.com"]) {
        const call = context.api.findPhone(ADA, { baseUrl, fetch: unused });
        await context.fails(call, { ...REFUSED, message: /baseUrl/ });
      }
    },
  },
  {
    name: "plain http is allowed to this machine itself",
    async run(context) {
      for (const host of ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "localhost:8787"]) {
        const urls = [];
        const request = async (url) => (urls.push(url), Response.json({ error: { code: "seen" } }, { status: 403 }));
        const call = context.api.findPhone(ADA, { ...context.keys, baseUrl: `http://${host}/x`, fetch: request });
        await context.fails(call, { code: "seen" });
        equal(urls, [`http://${host.toLowerCase()}/x/person/phone`], "the URLs");
      }
    },
  },

  {
    name: "Nyne itself needs both keys, and is not asked without them",
    async run(context) {
      const { apiKey, apiSecret } = context.keys;
      for (const [keys, missing] of [[{}, /apiKey.*apiSecret/], [{ apiKey }, /apiSecret/], [{ apiSecret }, /apiKey/]]) {
        for (const [name, [input, expected]] of Object.entries(INPUTS)) {
          const call = context.api[name](input, { ...keys, fetch: unused });
          await context.fails(call, { ...REFUSED, ...expected, message: missing });
        }
      }
    },
  },
  {
    name: "another baseUrl takes both keys or none, and not one alone",
    async run(context) {
      const { apiKey, apiSecret } = context.keys;
      const { baseUrl } = context;
      await context.fails(context.api.findPhone(ADA, { apiKey, baseUrl }), { ...REFUSED, message: /apiSecret/ });
      await context.fails(context.api.findPhone(ADA, { apiSecret, baseUrl }), { ...REFUSED, message: /apiKey/ });
    },
  },
  {
    name: "a key that no header can carry is refused and not shown",
    async run(context) {
      const { baseUrl } = context;
      for (const bad of ["hush\nhush", "hush\r\nX-Other: 1", "hush hush", "hush\u0000", "hush–hush", "hush张"]) {
        for (const keys of [{ apiKey: bad, apiSecret: "s" }, { apiKey: "k", apiSecret: bad }]) {
          const error = await context.fails(context.api.findPhone(ADA, { ...keys, baseUrl }), {
            ...REFUSED, message: keys.apiKey === bad ? /apiKey/ : /apiSecret/,
          });
          for (const text of [String(error), error.stack, JSON.stringify(error), context.inspect?.(error) ?? ""]) {
            ok(!text.includes("hush"), `the key is shown: ${text}`);
          }
        }
      }
    },
  },

  {
    name: "createClient throws at once, without a promise, and its defaults are an object",
    async run(context) {
      for (const defaults of [null, "keys", { timeOut: 5 }]) {
        const error = thrown(() => context.api.createClient(defaults));
        context.isSound(error);
        equal(error.code, "invalid_argument", "error.code");
      }
    },
  },
  {
    name: "a wrong argument rejects the promise and is not thrown at once",
    async run({ api }) {
      for (const name of ["findPhone", "submitPhone", "pollResult", "checkStatus", "parseCallback", "confirmCallback"]) {
        const promise = api[name](Symbol("odd"), { odd: Symbol("odd") });
        ok(promise instanceof Promise, `${name} returned ${typeof promise}`);
        match((await rejection(promise)).code, /^(invalid_argument|invalid_response)$/, "error.code");
      }
    },
  },
  {
    name: "an argument whose getter throws rejects with invalid_argument",
    async run(context) {
      const odd = { get email() { throw new Error("out of a getter"); } };
      await context.fails(context.api.findPhone(odd, context.options), { ...REFUSED, message: /email/ });
    },
  },
];
