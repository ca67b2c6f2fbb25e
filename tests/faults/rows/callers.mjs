// A host or a caller whose own functions misbehave.

import { ADA, MOBILE, onGet } from "../../support/emulator.mjs";

const broken = (what) => () => {
  throw new Error(`no ${what} here`);
};

/** Runs `call` while globals are replaced. What stands in for one is given the original. */
async function replacing(globals, call) {
  const originals = {};
  for (const [name, make] of Object.entries(globals)) {
    originals[name] = globalThis[name];
    globalThis[name] = make(originals[name]);
  }
  try {
    return await call();
  } finally {
    Object.assign(globalThis, originals);
  }
}
const find = ({ api }, options) => api.findPhone(ADA, options);
const poll = ({ api }, options) => api.pollResult("some-id", options);
const within = (globals, call = find) => (context, options) => replacing(globals, () => call(context, options));

/** A host whose timers work until the first request is answered. */
async function timersUntilAnswered({ api }, options) {
  let answered = false;
  const request = async (url, init) => {
    const response = await options.fetch(url, init);
    answered = true;
    return response;
  };
  const setTimeout = (original) => (...values) => (answered ? broken("timers")() : original(...values));
  return replacing({ setTimeout }, () => api.findPhone(ADA, { ...options, fetch: request }));
}

/** Ends in the error of `bad`, a poll for "some-id", during which globals are replaced, while a lookup beside it finds its number. */
const beside = (bad, globals = {}) => async ({ api }, { signal, onStatus, ...options }) => {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  let other;
  await new Promise((started) => {
    other = api.findPhone(ADA, { ...options, fetch: (...values) => (started(), opened.then(() => fetch(...values))) });
  });
  // Its timer is set once its request is under way, in the same turn.
  await null;
  const ended = await replacing(globals, () =>
    api.pollResult("some-id", { ...options, signal, fetch: running, maxRetries: 0, requestTimeout: 50, ...bad }).then(
      () => { throw new Error("the call that misbehaves found a number"); },
      (error) => error,
    ),
  );
  open();
  const { mobile } = await other;
  if (mobile !== MOBILE) throw new Error(`the other call found ${mobile}`);
  throw ended;
};
const running = async () => new Response('{"request_id":"some-id","status":"queued"}');
/** A class that is the original but for what throws. */
const but = (name) => (original) => Object.defineProperty(class extends original {}.prototype, name, { value: broken(name) }).constructor;
const unmade = () => class { constructor() { broken("class")(); } };
/** A signal of which one method throws. */
const signalBut = (name) => Object.assign(new EventTarget(), { aborted: false, [name]: broken(name) });

/** What throws in one call, and how that one ends. */
const ALONE = [
  ["fetch", { get fetch() { return broken("fetch"); } }, {}, "network_error"],
  ["setTimeout", {}, { setTimeout: () => broken("setTimeout") }, "client_fault"],
  ["the constructor of AbortController", {}, { AbortController: unmade }, "client_fault"],
  ["AbortController's abort", { fetch: () => new Promise(() => {}) }, { AbortController: but("abort") }, "timeout"],
  ["the constructor of TextDecoder", {}, { TextDecoder: unmade }, "network_error"],
  ["TextDecoder's decode", {}, { TextDecoder: but("decode") }, "network_error"],
  ["a getter of a response", { fetch: async () => ({ get status() { return broken("status")(); } }) }, {}, "invalid_response"],
  ["the signal's addEventListener", { get signal() { return signalBut("addEventListener"); } }, {}, "client_fault"],
  ["the signal's removeEventListener", { get signal() { return signalBut("removeEventListener"); }, fetch: broken("fetch") }, {}, "network_error"],
];

/** A Date whose every reading is hours off, to and fro. */
function jumping(Date) {
  let readings = 0;
  const off = () => (readings++ % 2 ? 1 : -1) * readings * 3_600_000;
  return class extends Date {
    constructor(...values) {
      super(...(values.length > 0 ? values : [Date.now() + off()]));
    }
    static now() {
      return Date.now() + off();
    }
  };
}

const INVALID = { code: "invalid_argument", submitted: "no", requestId: null, retryable: false, posts: 0, gets: 0 };
const throwing = (name, rest = {}) => Object.defineProperty({ ...rest }, name, { enumerable: true, get: broken(name) });
/** An option that reports what it is given, where no row wants to see it in the console. */
const quietly = (call) => (context, options) => replacing({ console: (console) => ({ ...console, error() {} }) }, () => call(context, options));

export default [
  {
    name: "setTimeout throws, as at a Worker's global scope",
    call: within({ setTimeout: () => broken("timers") }),
    ends: { code: "client_fault", submitted: "no", requestId: null, posts: 0, gets: 0 },
  },
  {
    name: "setTimeout throws for a poll",
    call: within({ setTimeout: () => broken("timers") }, poll),
    ends: { code: "client_fault", submitted: "yes", requestId: "some-id", posts: 0, gets: 0 },
  },
  {
    name: "setTimeout throws once the submit is answered",
    fetch: (url, init) => fetch(url, init),
    call: timersUntilAnswered,
    hosts: ["workerd", "chromium"],
    because: "Node's fetch uses setTimeout itself",
    ends: { code: "client_fault", submitted: "yes", requestId: "known", posts: 1, gets: 0 },
  },
  {
    name: "the clock of dates jumps hours to and fro",
    world: { statuses: ["queued", "processing"] },
    call: within({ Date: jumping }),
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 3 },
  },
  {
    name: "the clock of dates jumps between submitPhone and pollResult",
    world: { latencyMs: 0 },
    call: within({ Date: jumping }, async ({ api }, { poll, onStatus, ...options }) =>
      api.pollResult(await api.submitPhone(ADA, options), { ...options, poll }),
    ),
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 1 },
  },

  {
    name: "onStatus throws",
    world: { statuses: ["queued"] },
    options: { onStatus: broken("onStatus") },
    call: quietly(find),
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 2 },
  },
  {
    name: "onStatus rejects",
    world: { statuses: ["queued"] },
    options: { onStatus: async () => { throw new Error("out of onStatus"); } },
    call: quietly(find),
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 2 },
  },
  {
    name: "onStatus never settles",
    world: { statuses: ["queued"] },
    options: { onStatus: () => new Promise(() => {}) },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 2 },
  },
  {
    name: "onStatus throws for a job that has failed",
    world: { faults: [onGet({ kind: "jobFailed", error: "No." })] },
    options: { onStatus: broken("onStatus") },
    call: quietly(find),
    ends: { code: "job_failed", submitted: "yes", requestId: "known", posts: 1, gets: 1 },
  },
  {
    name: "onStatus changes what it is given",
    world: { statuses: ["queued"] },
    options: { onStatus: (update) => Object.assign(update, { requestId: "another", status: "completed", nextPollIn: null }) },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 2 },
  },
  {
    name: "onStatus starts another lookup",
    world: { latencyMs: 0 },
    async call({ api }, options) {
      let second;
      const onStatus = () => (second ??= api.findPhone(ADA, { ...options, onStatus: undefined }));
      await api.findPhone(ADA, { ...options, onStatus });
      return second;
    },
    ends: { mobile: MOBILE, requestId: "known", posts: 2, gets: 2 },
  },

  ...[
    ["a query", (options) => [throwing("email"), options]],
    ["a query beside a good field", (options) => [throwing("name", ADA), options]],
    ["an option", (options) => [ADA, throwing("timeout", options)]],
    ["the keys", (options) => [ADA, throwing("apiSecret", options)]],
    ["poll", (options) => [ADA, { ...options, poll: throwing("maxDelay") }]],
    ["headers", (options) => [ADA, { ...options, headers: throwing("X-Session") }]],
    ["a signal", (options) => [ADA, { ...options, signal: throwing("aborted", { addEventListener() {}, removeEventListener() {} }) }]],
  ].map(([what, input]) => ({
    name: `a getter that throws in ${what}`,
    call: ({ api }, options) => api.findPhone(...input(options)),
    ends: INVALID,
  })),
  ...[
    ["a query", (options) => [new Proxy({}, { ownKeys: broken("keys") }), options]],
    ["the options", (options) => [ADA, new Proxy(options, { ownKeys: broken("keys") })]],
  ].map(([what, input]) => ({
    name: `${what} whose names cannot be listed`,
    call: ({ api }, options) => api.findPhone(...input(options)),
    ends: INVALID,
  })),
  {
    name: "a signal that takes no listeners",
    call({ api }, options) {
      const signal = { aborted: false, addEventListener: broken("listeners"), removeEventListener() {} };
      return api.findPhone(ADA, { ...options, signal });
    },
    ends: { code: ["client_fault", "invalid_argument"], submitted: "no", requestId: null, posts: 0, gets: 0 },
  },
  ...ALONE.map(([what, bad, globals, code]) => ({
    name: `a throw out of ${what} ends that call alone`,
    world: { latencyMs: 0 },
    call: (context, options) => beside(bad, globals)(context, options),
    ends: { code, submitted: "yes", requestId: "some-id", posts: 1, gets: 1 },
  })),
  {
    name: "a throw out of a getter of the options ends that call alone",
    world: { latencyMs: 0 },
    // The options are read in the same turn as the call.
    async call(context, options) {
      const other = context.api.findPhone(ADA, { ...options, signal: undefined });
      const error = await context.api.pollResult("some-id", throwing("timeout", options)).catch((error) => error);
      await other;
      throw error;
    },
    ends: { ...INVALID, submitted: "yes", requestId: "some-id", posts: 1, gets: 1 },
  },
  {
    name: "the caller changes the options after the call",
    world: { latencyMs: 0 },
    async call({ api }, options) {
      const own = { ...options, poll: { ...options.poll }, headers: { "X-Session": "first" } };
      const lookup = api.findPhone(ADA, own);
      for (const name of Object.keys(own)) own[name] = undefined;
      return lookup;
    },
    ends: { mobile: MOBILE, requestId: "known", posts: 1, gets: 1 },
  },
];
