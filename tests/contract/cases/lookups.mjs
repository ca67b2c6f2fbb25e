// findPhone, submitPhone and pollResult, when all goes well.

import { equal, match, ok } from "../../support/check.mjs";
import { ADA, MOBILE, onGet, onPost, REQUEST_ID } from "../../support/emulator.mjs";

/** The updates about a job that is known, without those that tell a problem. */
const heard = (updates) => updates.filter(({ requestId, problem }) => requestId && !problem);

const found = (name, query) => ({
  name: `findPhone finds a number by ${name}`,
  async run({ api, options }) {
    const { mobile } = await api.findPhone(query, options);
    equal(mobile, MOBILE, "mobile");
  },
});

const noMatch = (what, form) => ({
  name: `a completed job ${what} is a result with mobile null`,
  world: { latencyMs: 0, faults: [onGet({ kind: "noMatch", form })] },
  async run({ api, options }) {
    const { state, mobile } = await api.findPhone(ADA, options);
    equal({ state, mobile }, { state: "completed", mobile: null });
  },
});

export default [
  found("email", ADA),
  found("phone", { phone: "+1-202-555-0101" }),
  found("profile URL", { socialMediaUrl: "https://www.linkedin.com/in/ada-example" }),
  found("name", { name: "Ada Example" }),
  found("name and company", { name: "Ada Example", company: "Example Corp" }),
  found("Nyne's own spelling social_media_url", { social_media_url: "linkedin.com/in/ada-example" }),
  found("an email beside fields that are undefined", { ...ADA, name: undefined, socialMediaUrl: undefined }),
  {
    name: "a company tells namesakes apart",
    async run({ api, options }) {
      const numbers = [];
      for (const company of ["Example Corp", "Sample Industries"]) {
        numbers.push((await api.findPhone({ name: "Bruno Testerby", company }, options)).mobile);
        numbers.push((await api.findPhone({ name: "Alba Sample", company }, options)).mobile);
      }
      ok(numbers[1] !== numbers[3], `the namesakes have the numbers ${numbers}`);
    },
  },

  {
    name: "a number that is found costs one credit",
    world: { credits: 10 },
    async run({ api, options, log }) {
      await api.findPhone(ADA, options);
      equal((await log()).creditsLeft, 9, "credits left");
    },
  },
  {
    name: "no match is a result with mobile null and costs nothing",
    world: { credits: 10 },
    async run({ api, options, log }) {
      const { state, mobile } = await api.findPhone({ email: "nomobile@example.com" }, options);
      equal({ state, mobile }, { state: "completed", mobile: null });
      equal((await log()).creditsLeft, 10, "credits left");
    },
  },
  noMatch("without a mobile", "missing"),
  noMatch("whose mobile is null", "null"),
  noMatch("whose mobile is empty", "empty"),

  {
    name: "a result has the fields that are documented, and data as the API sent it",
    async run({ api, options, keys, baseUrl }) {
      const result = await api.findPhone(ADA, options);
      const { requestId } = result;
      match(requestId, REQUEST_ID, "requestId");
      const response = await fetch(`${baseUrl}/person/phone?request_id=${requestId}`, {
        headers: { "X-API-Key": keys.apiKey, "X-API-Secret": keys.apiSecret },
      });
      const { data } = await response.json();
      match(data.completed_on, /^\d{4}-/, "the API's completed_on");
      equal(
        { ...result },
        { state: "completed", requestId, status: "completed", mobile: MOBILE, completedOn: data.completed_on, data },
        "the result",
      );
      equal(JSON.parse(JSON.stringify(result)), { ...result }, "the result as JSON");
    },
  },
  {
    name: "a completion without its date has completedOn null",
    world: { latencyMs: 0, faults: [onGet({ kind: "replace", path: "data.completed_on" })] },
    async run({ api, options }) {
      equal((await api.findPhone(ADA, options)).completedOn, null, "completedOn");
    },
  },
  ...[
    ["the bare object, without its envelope", { kind: "bare" }],
    ["raw control characters in their text", { kind: "controlCharacters" }],
    ["another content type", { kind: "contentType", value: "text/plain" }],
    ["compression", { kind: "gzip" }],
    ["a body that comes in drips", { kind: "slowBody", bytesPerSecond: 2_000 }],
    ["a body just under the limit", { kind: "oversized", bytes: 1_000_000 }],
    ["a body just under the limit and of no declared length", { kind: "oversized", bytes: 1_000_000, chunked: true }],
  ].map(([what, fault]) => ({
    name: `answers with ${what} are understood`,
    world: { latencyMs: 0, faults: [onPost(fault), onGet(fault)] },
    async run(context) {
      equal((await context.api.findPhone(ADA, context.options)).mobile, MOBILE, "mobile");
      await context.counts({ posts: 1, gets: 1 });
    },
  })),
  {
    name: "a submit that is answered with the result needs no poll",
    world: { faults: [onPost({ kind: "completedAtOnce" })] },
    async run({ api, options, log }) {
      const updates = [];
      const { mobile, requestId } = await api.findPhone(ADA, { ...options, onStatus: (update) => updates.push(update) });
      equal(mobile, MOBILE, "mobile");
      const told = heard(updates).map(({ elapsed, problem, ...rest }) => rest);
      equal(told, [{ requestId, status: "completed", polls: 0, nextPollIn: null }]);
      equal((await log()).gets, 0, "GETs");
    },
  },

  {
    name: "a submit sends Nyne's field names as JSON, and the keys as headers",
    async run(context) {
      const { api, options, keys } = context;
      const query = {
        name: "Ada Example",
        company: "Example Corp",
        email: "ada@example.com",
        phone: "+1-202-555-0101",
        socialMediaUrl: "https://www.linkedin.com/in/ada-example",
        callbackUrl: context.sink.url,
      };
      await api.findPhone(query, options);
      const [post] = await context.requests("POST");
      const { socialMediaUrl: social_media_url, callbackUrl: callback_url, ...same } = query;
      equal(JSON.parse(post.body), { ...same, social_media_url, callback_url }, "the body");
      ok(post.url.endsWith("/person/phone"), `the submit went to ${post.url}`);
      match(post.headers["content-type"], /^application\/json\b/, "Content-Type");
      const gets = await context.requests("GET");
      ok(gets.length > 0, "there was no poll");
      for (const { headers } of [post, ...gets]) {
        equal([headers["x-api-key"], headers["x-api-secret"]], [keys.apiKey, keys.apiSecret], "the keys");
      }
    },
  },
  {
    name: "text of any language, quotes and emoji arrive as they were given",
    async run(context) {
      const name = 'Zoë "Zed" \\ Łukasz 张伟 👩‍💻 \u2028 \u0007';
      await context.api.findPhone({ name }, context.options);
      const [post] = await context.requests("POST");
      equal(JSON.parse(post.body), { name }, "the body");
    },
  },
  {
    name: "a request id of any form is carried whole",
    world: { faults: [onPost({ kind: "replace", path: "data.request_id", value: "a/b?c=d&é #%20+" })] },
    async run(context) {
      const requestId = "a/b?c=d&é #%20+";
      await context.fails(context.api.findPhone(ADA, context.options), { code: "request_not_found", requestId });
      const [{ url }] = await context.requests("GET");
      equal(new URL(url, context.origin).searchParams.get("request_id"), requestId, "the id that was asked for");
    },
  },

  {
    name: "onStatus tells each status in order, with polls, elapsed and nextPollIn",
    world: { statuses: ["queued", "processing", "pending"] },
    async run({ api, options }) {
      const all = [];
      const { requestId } = await api.findPhone(ADA, { ...options, onStatus: (update) => all.push(update) });
      const updates = heard(all);
      equal(
        updates.map(({ requestId: id, status, polls }) => [id, polls, status]),
        [[0, "queued"], [1, "queued"], [2, "processing"], [3, "pending"], [4, "completed"]].map((row) => [requestId, ...row]),
      );
      const { problem, ...fields } = updates[0];
      ok(!problem, `a problem without a cause: ${problem}`);
      equal(Object.keys(fields).sort(), ["elapsed", "nextPollIn", "polls", "requestId", "status"], "the fields");
      const [first, ...rest] = updates.map((update) => update.nextPollIn);
      ok(first >= 5 && first <= 6, `the first poll is announced for ${first} ms`);
      equal(rest.pop(), null, "the last nextPollIn");
      for (const wait of rest) ok(wait >= 4 && wait <= 20, `a later poll is announced for ${wait} ms`);
      updates.slice(1).forEach(({ elapsed }, index) => {
        const before = updates[index];
        // Timers and clocks of hosts are rounded to the millisecond, each in its own way.
        ok(elapsed - before.elapsed >= before.nextPollIn - 2, `poll ${index + 1} came ${elapsed - before.elapsed} ms later`);
      });
    },
  },
  {
    name: "a status that is not known means that the job runs on",
    world: { statuses: ["weird", "QUEUED", "completed_soon"] },
    async run({ api, options }) {
      const seen = [];
      const { mobile } = await api.findPhone(ADA, { ...options, onStatus: (update) => seen.push(update) });
      equal(mobile, MOBILE, "mobile");
      equal(heard(seen).slice(1).map(({ status }) => status), ["weird", "QUEUED", "completed_soon", "completed"], "the statuses");
    },
  },
  {
    name: "an exception in onStatus is reported with console.error and does not end the lookup",
    async run({ api, options }) {
      const reported = [];
      const { error } = console;
      console.error = (...values) => reported.push(...values);
      try {
        const thrown = new Error("out of onStatus");
        const { mobile } = await api.findPhone(ADA, { ...options, onStatus: () => { throw thrown; } });
        equal(mobile, MOBILE, "mobile");
        ok(reported.includes(thrown), "console.error was not given what onStatus threw");
      } finally {
        console.error = error;
      }
    },
  },

  {
    name: "findPhone waits for the result also when a callbackUrl is given, and the callback is delivered",
    async run(context) {
      const { api, options, sink } = context;
      const { mobile, requestId } = await api.findPhone({ ...ADA, callbackUrl: sink.url }, options);
      equal(mobile, MOBILE, "mobile");
      await context.eventually("the callback", async () => (await sink.requests()).length > 0);
      const [callback] = await sink.requests();
      equal(JSON.parse(callback.body).data.request_id, requestId, "the callback's request_id");
    },
  },
  {
    name: "Nyne's own spelling callback_url works",
    async run(context) {
      const request = await context.api.submitPhone({ ...ADA, callback_url: context.sink.url }, context.requestOptions);
      await context.eventually("the callback", async () => (await context.sink.requests()).length > 0);
      const [callback] = await context.sink.requests();
      equal(JSON.parse(callback.body).data.request_id, request.requestId, "the callback's request_id");
    },
  },

  {
    name: "submitPhone submits once, does not poll, and returns plain JSON",
    async run(context) {
      const request = await context.api.submitPhone(ADA, context.requestOptions);
      equal(Object.keys(request).sort(), ["requestId", "submittedAt"], "the fields");
      match(request.requestId, REQUEST_ID, "requestId");
      equal(new Date(request.submittedAt).toISOString(), request.submittedAt, "submittedAt");
      ok(Math.abs(Date.now() - Date.parse(request.submittedAt)) <= 2_000, `submittedAt is ${request.submittedAt}`);
      equal(JSON.parse(JSON.stringify(request)), { ...request }, "the request as JSON");
      context.showsNoKey(request);
      await context.counts({ posts: 1, gets: 0 });
    },
  },
  {
    name: "pollResult with an id polls at once and never submits",
    world: { latencyMs: 0 },
    async run(context) {
      const { requestId } = await context.api.submitPhone(ADA, context.requestOptions);
      const poll = { firstDelay: 600_000, maxDelay: 600_000 };
      const result = await context.api.pollResult(requestId, { ...context.options, poll });
      equal([result.mobile, result.requestId], [MOBILE, requestId]);
      await context.counts({ posts: 1, gets: 1 });
    },
  },
  {
    name: "pollResult with a request that was stored as JSON goes on with its schedule",
    world: { latencyMs: 0 },
    async run(context) {
      const request = JSON.parse(JSON.stringify(await context.api.submitPhone(ADA, context.requestOptions)));
      const result = await context.api.pollResult(request, { ...context.options, poll: { firstDelay: 300, maxDelay: 300 } });
      equal([result.mobile, result.requestId], [MOBILE, request.requestId]);
      const { requests } = await context.log();
      const [post, get] = requests.filter(({ method }) => method === "POST" || method === "GET");
      // The submit was logged before its answer, from which the delay counts; the clocks' rounding is a few ms.
      ok(get.atMs - post.atMs >= 290, `the first poll came ${get.atMs - post.atMs} ms after the submit`);
      await context.counts({ posts: 1, gets: 1 });
    },
  },
  {
    name: "pollResult with a request that was submitted long ago polls at once",
    world: { latencyMs: 0 },
    async run(context) {
      const { requestId } = await context.api.submitPhone(ADA, context.requestOptions);
      const request = { requestId, submittedAt: new Date(Date.now() - 3_600_000).toISOString() };
      const poll = { firstDelay: 600_000, maxDelay: 600_000 };
      equal((await context.api.pollResult(request, { ...context.options, poll })).mobile, MOBILE, "mobile");
    },
  },
  {
    name: "pollResult tells onStatus of its polls, and of no submit",
    world: { statuses: ["queued"] },
    async run(context) {
      const { requestId } = await context.api.submitPhone(ADA, context.requestOptions);
      const updates = [];
      await context.api.pollResult(requestId, { ...context.options, onStatus: (update) => updates.push(update) });
      equal(
        heard(updates).map(({ status, polls, requestId: id }) => [status, polls, id]),
        [["queued", 1, requestId], ["completed", 2, requestId]],
      );
    },
  },
  {
    name: "lookups that run at once do not disturb each other",
    world: { latencyMs: { uniform: [0, 80] }, perMinute: 100_000, perHour: 100_000 },
    async run(context) {
      const { api, options } = context;
      const names = ["Alba Sample", "Clara Testerby", "Dario Pretend", "Nobody Atall", "Ada Example"];
      const alone = [];
      for (const name of names) alone.push((await api.findPhone({ name }, options)).mobile);
      equal(alone.at(-1), MOBILE, "Ada's number");
      const many = Array.from({ length: 40 }, (_, index) => index % names.length);
      const together = await Promise.all(many.map((index) => api.findPhone({ name: names[index] }, options)));
      equal(together.map(({ mobile }) => mobile), many.map((index) => alone[index]), "the numbers");
    },
  },
];
