// findPhone in plain JavaScript, with the behaviour of this package's: the same checks of what it is given, the same
// schedule, retries, limits and errors. Written as one would write it by hand, with promises and no eye on the package's
// own structure, so that a difference between the two is the price or the gain of Rust and WebAssembly.

const PATH = "/person/phone";
const MOST = 1 << 20;
const LONGEST_TIMER = 2 ** 31 - 1;

/** By parameter: how the service spells it, and whether it alone names a person. */
const FIELDS = {
  name: ["name", true],
  company: ["company", false],
  email: ["email", true],
  phone: ["phone", true],
  socialMediaUrl: ["social_media_url", true],
  callbackUrl: ["callback_url", false],
};

const STATUS_BY_CODE = {
  missing_parameters: 400,
  invalid_request: 400,
  missing_api_key: 401,
  invalid_api_key: 401,
  missing_api_secret: 401,
  invalid_api_secret: 401,
  invalid_credentials: 401,
  insufficient_credits: 402,
  subscription_required: 403,
  ip_not_allowed: 403,
  api_key_disabled: 403,
  permission_denied: 403,
  forbidden: 403,
  request_not_found: 404,
  rate_limit_exceeded: 429,
  internal_error: 500,
  service_unavailable: 503,
};
const CODE_BY_STATUS = {
  400: "invalid_request",
  401: "invalid_credentials",
  402: "insufficient_credits",
  403: "forbidden",
  404: "request_not_found",
  429: "rate_limit_exceeded",
  503: "service_unavailable",
};
const PASSING = new Set([
  "timeout",
  "network_error",
  "invalid_response",
  "poll_budget_exhausted",
  "rate_limit_exceeded",
  "service_unavailable",
  "internal_error",
  "http_error",
]);
const NAMES = { aborted: "AbortError", timeout: "TimeoutError" };
const CREDENTIALS = "Check apiKey and apiSecret: both belong to the same key in Nyne's dashboard.";
const PLAN = "Check what the account's plan and this key allow.";
const ADVICE = {
  submit_outcome_unknown: "The job may have been made and may be charged, so it was not sent again. Look it up in Nyne's dashboard before you submit it anew.",
  missing_api_key: CREDENTIALS,
  invalid_api_key: CREDENTIALS,
  missing_api_secret: CREDENTIALS,
  invalid_api_secret: CREDENTIALS,
  invalid_credentials: CREDENTIALS,
  insufficient_credits: "Add credits to the account, then call again.",
  subscription_required: PLAN,
  permission_denied: PLAN,
  forbidden: PLAN,
  ip_not_allowed: "Add this machine's address to the key's allow-list in Nyne's dashboard.",
  api_key_disabled: "Enable the key in Nyne's dashboard or use another.",
  request_not_found: "The id is unknown or has expired, or belongs to another account.",
  missing_parameters: "Correct the query, then call again.",
  invalid_request: "Correct the query, then call again.",
  rate_limit_exceeded: "Wait for retryAfter (ms) if it is set, and send fewer requests a minute.",
  job_failed: "Submit again to try anew; a failed job finds no number.",
};
const BY_SUBMITTED = {
  yes: "The job is not lost: pollResult(error.requestId) goes on waiting for it, at no cost.",
  no: "No job was made and nothing was charged.",
  unknown: "The submit was under way: the job may have been made and may be charged.",
};

export class NyneError extends Error {
  constructor(code, what, { status, requestId, submitted, retryAfter, cause }) {
    const advice = ADVICE[code] ?? (PASSING.has(code) || code === "aborted" ? BY_SUBMITTED[submitted] : "");
    super(advice ? `${what} ${advice}` : what, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, "name", { value: NAMES[code] ?? "NyneError", configurable: true, writable: true });
    this.code = code;
    this.status = status ?? null;
    this.requestId = requestId ?? null;
    this.submitted = submitted;
    this.retryable = PASSING.has(code) && submitted !== "unknown" && !(status >= 300 && status < 500 && status !== 429);
    this.retryAfter = retryAfter ?? null;
  }

  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

/** What a failed exchange amounts to, before the lookup decides what to make of it. */
class Failure {
  constructor(code, what, { status, own = false, retryAfter, cause } = {}) {
    Object.assign(this, { code, what, status, own, retryAfter, cause });
  }
}

export function createClient(defaults = {}) {
  const bound = readOptions(defaults, DEFAULTS);
  const shared = { pause: 0, durations: [] };
  return Object.freeze({
    findPhone: async (query, options) => new Lookup(query, readOptions(options, bound), shared).run(),
  });
}

class Lookup {
  constructor(query, options, shared) {
    this.options = options;
    this.shared = shared;
    this.url = requestUrl(options);
    this.body = readQuery(query);
    this.headers = { ...options.headers };
    if (options.apiKey !== undefined) {
      this.headers["X-API-Key"] = options.apiKey;
      this.headers["X-API-Secret"] = options.apiSecret;
    }
    this.secrets = [options.apiKey, options.apiSecret].filter(Boolean).sort((a, b) => b.length - a.length);
    this.started = performance.now();
    this.deadline = this.started + options.timeout;
    this.submitted = "no";
    this.requestId = undefined;
    this.polls = 0;
    /** Ends what is under way. */
    this.stop = undefined;
    this.aborted = undefined;
  }

  async run() {
    const { signal } = this.options;
    if (signal?.aborted) throw this.error("aborted", "The caller aborted the call.", { cause: signal.reason });
    const onabort = () => {
      this.aborted = this.error("aborted", "The caller aborted the call.", { cause: signal.reason });
      this.stop?.(this.aborted);
    };
    signal?.addEventListener("abort", onabort);
    try {
      return await this.poll(await this.submit());
    } finally {
      try {
        signal?.removeEventListener("abort", onabort);
      } catch {}
    }
  }

  async submit() {
    const { firstDelay, maxDelay, maxRetries } = this.options;
    for (let failures = 1; ; failures++) {
      await this.pause();
      this.submitted = "unknown";
      try {
        const { job, wait } = await this.exchange("POST", this.url);
        this.submitted = "yes";
        this.submittedAt = performance.now();
        this.requestId = job.requestId;
        this.body = undefined;
        this.statusUrl = `${this.url}?request_id=${encodeURIComponent(this.requestId)}`;
        return { job, wait };
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        const { code, status, own, what } = failure;
        const unavailable = status === 503 && own && code === "service_unavailable";
        if (!(status === 429 && code === "rate_limit_exceeded") && !unavailable) {
          if (status >= 400 && status < 500 && status !== 408) {
            this.submitted = "no";
            throw this.error(code, what, failure);
          }
          throw this.error("submit_outcome_unknown", `It is not known whether the submit reached Nyne. ${what}`, failure);
        }
        this.submitted = "no";
        const wait = Math.max(Math.min(firstDelay, maxDelay), failure.retryAfter ?? 0) + this.backoff(failures);
        this.hold(failure.retryAfter);
        if (failures > maxRetries || performance.now() + wait >= this.deadline) throw this.error(code, what, failure);
        await this.sleep(wait);
      }
    }
  }

  async poll({ job, wait: asked }) {
    const { firstDelay, maxDelay, maxRetries, maxPolls } = this.options;
    let scheduled = Math.max(firstDelay, Math.min(this.learned(), maxDelay)) * (1 + 0.2 * Math.random());
    let failures = 0;
    for (;;) {
      if (job?.state === "completed") {
        this.remember(performance.now() - this.submittedAt);
        this.tell(job, null);
        const { status, mobile, completedOn, data } = job;
        return { state: "completed", requestId: this.requestId, status, mobile, completedOn, data };
      }
      if (job?.state === "failed") {
        this.tell(job, null);
        throw this.error("job_failed", `Nyne could not complete the job: ${job.error}.`);
      }
      if (job && this.polls >= maxPolls) {
        this.tell(job, null);
        throw this.error("poll_budget_exhausted", `The job is still running after ${this.polls} polls, the most that poll.maxPolls allows.`);
      }
      const now = performance.now();
      const last = this.deadline - Math.min(this.options.timeout / 10, 1000);
      if (job && (now >= last || now + asked >= this.deadline)) {
        this.tell(job, null);
        throw this.timedOut(now + asked >= this.deadline ? asked : undefined);
      }
      const wait = Math.max(Math.min(now + scheduled, last) - now, asked);
      if (job) this.tell(job, Math.ceil(wait));
      await this.sleep(wait);
      await this.pause();
      try {
        ({ job, wait: asked } = await this.exchange("GET", this.statusUrl));
        this.polls++;
        failures = 0;
        scheduled = this.next() * (1 - 0.2 * Math.random());
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        const kind = STATUS_BY_CODE[failure.code] ?? failure.status ?? 0;
        const passing = kind === 0 || kind < 300 || kind === 408 || kind === 425 || kind === 429 || kind >= 500;
        this.hold(passing ? failure.retryAfter : undefined);
        asked = failure.retryAfter ?? 0;
        const now = performance.now();
        const over = now >= this.deadline - Math.min(this.options.timeout / 10, 1000) || now + asked >= this.deadline;
        if (!passing || ++failures > maxRetries || over) throw this.error(failure.code, failure.what, failure);
        scheduled = Math.max(this.next(), asked) + this.backoff(failures);
        job = undefined;
      }
    }
  }

  /** One request and its answer, read. Throws a Failure for what the lookup may survive. */
  async exchange(method, url) {
    if (this.aborted) throw this.aborted;
    const { fetch, requestTimeout } = this.options;
    const controller = new AbortController();
    const request = async () => {
      const headers = method === "POST" ? { ...this.headers, "Content-Type": "application/json" } : this.headers;
      const response = await fetch(url, { method, headers, body: this.body, signal: controller.signal, redirect: "manual" });
      if (typeof response?.status !== "number" || typeof response.headers?.get !== "function") {
        throw new Failure("invalid_response", "The answer cannot be used: fetch did not give a Response.");
      }
      return [response, await readText(response)];
    };
    const limit = Math.min(requestTimeout, this.deadline - performance.now());
    try {
      const [response, text] = await this.within(limit, request(), () => {
        return performance.now() >= this.deadline
          ? this.timedOut()
          : new Failure("timeout", `No answer came within ${Math.ceil(requestTimeout)} ms.`);
      });
      const wait = retryAfter(response);
      return { job: this.read(method, response.status, text, wait), wait: wait ?? 0 };
    } catch (error) {
      controller.abort();
      if (error instanceof Failure || error instanceof NyneError) throw error;
      const [words, cause] = copyError(error, (text) => this.redact(text));
      throw new Failure("network_error", `The request failed: ${words}.`, { cause });
    }
  }

  /** What an answer says, checked field by field. */
  read(method, status, text, retryAfter) {
    const unreadable = (what) =>
      new Failure("invalid_response", `The answer cannot be used: ${what}${text.trim() ? `: ${this.clip(text)}` : ""}.`, { retryAfter });
    const json = parse(text);
    const success = status >= 200 && status < 300;
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      if (!success) throw this.refusal(status, {}, text, retryAfter);
      throw unreadable(json === undefined ? "the body is not JSON" : "the body is JSON but no object");
    }
    const inner = isObject(json.data) ? json.data : json;
    const word = typeof inner.status === "string" ? inner.status : undefined;
    if (!success || (word === undefined && json.success === false)) throw this.refusal(status, json, "", retryAfter);

    const requestId = inner.request_id ?? undefined;
    if (requestId !== undefined && !(isId(requestId) && !this.secrets.some((secret) => requestId.includes(secret)))) {
      throw unreadable("request_id is no usable text");
    }
    if (requestId === undefined ? method === "POST" : method === "GET" && requestId !== this.requestId) {
      throw unreadable(requestId === undefined ? "request_id is missing" : "it is about another job");
    }

    let job;
    if (word === "failed") job = { state: "failed", error: this.reason(inner) };
    else if (word === "completed" || (word === undefined && inner.completed === true)) job = completion(inner);
    else if (word !== undefined) job = { state: "pending" };
    else job = "status is missing or no text";
    if (typeof job === "string") {
      if (method !== "POST") throw unreadable(job);
      job = { state: "pending" };
    }
    const implied = job.state === "pending" ? "queued" : "completed";
    return { ...job, requestId, status: this.redact(word ?? implied), data: inner };
  }

  refusal(status, json, text, retryAfter) {
    let own;
    let message;
    for (const error of [json.error, json.data?.error]) {
      const words = typeof error === "string" ? error : undefined;
      own ??= typeof error?.code === "string" ? error.code : isCode(words) ? words : undefined;
      message ??= typeof error?.message === "string" ? error.message : words;
    }
    own ??= json.code;
    if (!isCode(own)) own = undefined;
    message ??= [json.message, json.detail].find((text) => typeof text === "string") ?? text;
    const code = own === undefined ? (CODE_BY_STATUS[status] ?? "http_error") : this.redact(own);
    const said = this.clip(message);
    const what = `Nyne answered ${status || ""} ${code}${said ? `: ${said}` : ""}`;
    return new Failure(code, /[.!?…]$/.test(what) ? what : `${what}.`, { status: status || undefined, own: own !== undefined, retryAfter });
  }

  reason({ error, message }) {
    const text = [error, error?.message, message].find((text) => typeof text === "string");
    return (text && this.clip(text)) || "no reason was given";
  }

  error(code, what, { status, retryAfter, cause } = {}) {
    return new NyneError(code, what, { status, requestId: this.requestId, submitted: this.submitted, retryAfter, cause });
  }

  timedOut(retryAfter) {
    const what = `The call was not done within its timeout of ${Math.ceil(this.options.timeout)} ms.`;
    if (this.submitted === "unknown") return this.error("submit_outcome_unknown", `It is not known whether the submit reached Nyne. ${what}`, {});
    return this.error("timeout", what, { retryAfter });
  }

  tell({ status }, nextPollIn) {
    const { onStatus } = this.options;
    if (!onStatus) return;
    const elapsed = Math.floor(performance.now() - this.started);
    const report = (thrown) => console.error("nyne-phone-finder: onStatus threw; the lookup goes on.", thrown);
    try {
      const result = onStatus({ requestId: this.requestId, status, polls: this.polls, elapsed, nextPollIn });
      if (typeof result?.then === "function") result.then(undefined, report);
    } catch (thrown) {
      report(thrown);
    }
  }

  /** Keeps away for as long as the service asked any call of this client to. */
  async pause() {
    const wait = this.shared.pause - performance.now();
    if (wait <= 0) return;
    if (this.shared.pause >= this.deadline) {
      throw this.error("rate_limit_exceeded", "Nyne asked to send nothing for longer than this call may last.", { retryAfter: wait });
    }
    await this.sleep(wait);
  }

  hold(retryAfter) {
    if (retryAfter !== undefined) this.shared.pause = Math.max(this.shared.pause, performance.now() + retryAfter);
  }

  async sleep(ms) {
    const until = performance.now() + ms;
    for (let left = ms; left > 0; left = until - performance.now()) {
      if (this.aborted) throw this.aborted;
      await new Promise((resolve, reject) => {
        const end = () => {
          this.stop = undefined;
          resolve();
        };
        const timer = setTimeout(end, Math.min(Math.ceil(left), LONGEST_TIMER));
        this.stop = (error) => {
          clearTimeout(timer);
          reject(error);
        };
      });
    }
    if (performance.now() >= this.deadline) throw this.timedOut();
  }

  /** What `work` gives, unless it takes longer than `ms` or is stopped. */
  within(ms, work, late) {
    return new Promise((resolve, reject) => {
      const timer = ms > LONGEST_TIMER ? undefined : setTimeout(() => this.stop(late()), Math.max(ms, 0));
      this.stop = (error) => {
        clearTimeout(timer);
        this.stop = undefined;
        reject(error);
      };
      const end = (settle) => (value) => {
        clearTimeout(timer);
        this.stop = undefined;
        settle(value);
      };
      work.then(end(resolve), end(reject));
    });
  }

  next() {
    const { firstDelay, maxDelay } = this.options;
    return Math.min(Math.max((performance.now() - this.submittedAt) / 3, firstDelay), maxDelay);
  }

  backoff(failures) {
    const { firstDelay, maxDelay } = this.options;
    return Math.min(firstDelay * 2 ** (failures - 1), maxDelay) * Math.random();
  }

  learned() {
    const { durations } = this.shared;
    return durations.length < 8 ? 0 : Math.min(...durations) * 0.8;
  }

  remember(duration) {
    const { durations } = this.shared;
    durations.push(Math.max(duration, 1));
    if (durations.length > 8) durations.shift();
  }

  redact(text) {
    return this.secrets.reduce((text, secret) => text.replaceAll(secret, "[redacted]"), text);
  }

  clip(text) {
    const line = this.redact(text).replace(/[\p{Cc}\s]+/gu, " ").trim();
    const characters = line.length > 200 ? [...line] : [];
    return characters.length > 200 ? `${characters.slice(0, 200).join("")}…` : line;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isId = (value) => typeof value === "string" && /^[^\p{Cc}]{1,512}$/u.test(value);
const isCode = (value) => typeof value === "string" && /^[a-z0-9_]{1,64}$/.test(value);

function completion({ result, completed_on }) {
  if (result != null && !isObject(result)) return "result is no object";
  const mobile = result?.mobile ?? null;
  if (mobile !== null && typeof mobile !== "string") return "result.mobile is no text";
  return { state: "completed", mobile: mobile?.trim() || null, completedOn: typeof completed_on === "string" ? completed_on : null };
}

function parse(text) {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  try {
    return JSON.parse(body);
  } catch {
    try {
      return JSON.parse(body.replace(/[\0-\x1f]/g, " "));
    } catch {
      return undefined;
    }
  }
}

/** The body, up to the limit: in one piece where its length is known, otherwise chunk by chunk. */
async function readText(response) {
  const { headers, body, type } = response;
  const length = headers.get("content-length");
  const known = length !== null && Number(length) <= MOST && type !== "cors" && headers.get("content-encoding") === null;
  if (typeof response.text === "function" && (known || !body)) return response.text();
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  let read = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    read += value.length;
    if (read > MOST) {
      reader.cancel().catch(() => {});
      throw new Failure("invalid_response", "The answer cannot be used: the body is larger than 1 MiB.");
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** How long the answer asks to stay away, in ms. */
function retryAfter({ status, headers }) {
  const asked = headers.get("retry-after");
  const limited = status === 429 || status === 503;
  if (asked === null && !limited) return undefined;
  const number = (text) => (text !== null && /^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) * 1000 : undefined);
  const own = Date.parse(headers.get("date") ?? "");
  const now = Number.isNaN(own) ? Date.now() : own;
  const date = Date.parse(asked ?? "");
  let wait = number(asked) ?? (Number.isNaN(date) ? undefined : date - now);
  if (limited) {
    wait ??= number(headers.get("ratelimit-reset"));
    const reset = number(headers.get("x-ratelimit-reset"));
    if (reset !== undefined) wait ??= reset - now;
  }
  return wait === undefined ? undefined : Math.max(wait, 0);
}

/** What fetch threw, in words, and a copy that holds no request. */
function copyError(thrown, redact, depth = 4) {
  const text = (value) => (typeof value === "string" ? redact(value) : undefined);
  const message = text(thrown?.message) ?? text(thrown) ?? "fetch gave no reason";
  const [deeper, cause] = depth > 0 && isObject(thrown?.cause) ? copyError(thrown.cause, redact, depth - 1) : [];
  const copy = new Error(message, cause === undefined ? undefined : { cause });
  const name = text(thrown?.name);
  if (name !== undefined) Object.defineProperty(copy, "name", { value: name, configurable: true, writable: true });
  const code = text(thrown?.code);
  if (code !== undefined) copy.code = code;
  return [deeper === undefined ? message : `${message} (${deeper})`, copy];
}

function invalid(what) {
  return new NyneError("invalid_argument", what, { submitted: "no" });
}

/** The named values of an object that are not undefined. */
function entries(object, what) {
  if (!isObject(object)) throw invalid(`${what} must be an object.`);
  const found = [];
  let reading;
  try {
    for (reading of Object.keys(object)) {
      const value = object[reading];
      if (value !== undefined) found.push([reading, value]);
    }
  } catch {
    throw invalid(`${reading === undefined ? what : `${what}.${reading}`} could not be read.`);
  }
  return found;
}

function readQuery(query) {
  const body = {};
  let named = false;
  for (const [name, value] of entries(query, "query")) {
    const known = FIELDS[name] ? name : Object.keys(FIELDS).find((field) => FIELDS[field][0] === name);
    if (known === undefined) throw unknownName("the query", name, Object.keys(FIELDS));
    const [wire, identifies] = FIELDS[known];
    if (typeof value !== "string") throw invalid(`query.${known} must be a string; leave it out if it is not known.`);
    if (value.trim() === "") throw invalid(`query.${known} is empty; leave it out if it is not known.`);
    if (known === "callbackUrl" && !/^https?:\/\/./i.test(value)) {
      throw invalid("query.callbackUrl must be an http: or https: URL that Nyne can reach.");
    }
    if (wire in body) throw invalid(`query.${known} is given twice, in both spellings.`);
    body[wire] = value;
    named ||= identifies;
  }
  if (!named) throw invalid("the query names nobody: give at least one of email, phone, socialMediaUrl or name (company alone is not enough).");
  return JSON.stringify(body);
}

const milliseconds = (name, value, most = Infinity) => {
  if (typeof value !== "number" || !(value >= 1 && value <= most)) throw invalid(`options.${name} must be a number of milliseconds (1 or more).`);
  return value;
};
const count = (name, value, least) => {
  if (typeof value !== "number" || !(value >= least) || (Number.isFinite(value) && !Number.isInteger(value))) {
    throw invalid(`options.${name} must be a whole number (${least} or more).`);
  }
  return value;
};
const key = (name, value) => {
  if (typeof value !== "string" || !/^[!-~]+$/.test(value)) throw invalid(`options.${name} must be the text from Nyne's dashboard, without spaces or line breaks.`);
  return value;
};
const callable = (name, value) => {
  if (typeof value !== "function") throw invalid(`options.${name} must be a function.`);
  return value;
};

const READERS = {
  apiKey: (value) => key("apiKey", value),
  apiSecret: (value) => key("apiSecret", value),
  baseUrl: (value) => {
    if (typeof value !== "string" || value.trim() === "") throw invalid("options.baseUrl must be a URL or a path, as text.");
    return serviceUrl(value);
  },
  fetch: (value) => callable("fetch", value),
  signal: (value) => {
    if (typeof value?.addEventListener !== "function" || typeof value.aborted !== "boolean") throw invalid("options.signal must be an AbortSignal.");
    return value;
  },
  onStatus: (value) => callable("onStatus", value),
  timeout: (value) => milliseconds("timeout", value),
  requestTimeout: (value) => milliseconds("requestTimeout", value),
  maxRetries: (value) => count("maxRetries", value, 0),
};
const POLL_READERS = {
  firstDelay: (value) => milliseconds("poll.firstDelay", value, Number.MAX_VALUE),
  maxDelay: (value) => milliseconds("poll.maxDelay", value),
  maxPolls: (value) => count("poll.maxPolls", value, 1),
};

const DEFAULTS = {
  headers: {},
  timeout: 300_000,
  requestTimeout: 15_000,
  maxRetries: 5,
  firstDelay: 3_000,
  maxDelay: 15_000,
  maxPolls: Infinity,
};

/** The options over those read before. */
function readOptions(source, before) {
  const options = { ...before };
  if (source === undefined) return options;
  for (const [name, value] of entries(source, "options")) {
    if (name === "headers") options.headers = { ...options.headers, ...readHeaders(value) };
    else if (name === "poll") {
      for (const [name, limit] of entries(value, "options.poll")) {
        if (!POLL_READERS[name]) throw unknownName("options.poll", name, Object.keys(POLL_READERS));
        options[name] = POLL_READERS[name](limit);
      }
      if (value.firstDelay === undefined) options.firstDelay = Math.min(options.firstDelay, options.maxDelay);
    } else if (READERS[name]) options[name] = READERS[name](value);
    else throw unknownName("options", name, [...Object.keys(READERS), "headers", "poll"]);
  }
  return options;
}

function readHeaders(source) {
  const prototype = isObject(source) ? Object.getPrototypeOf(source) : undefined;
  if (prototype === undefined || (prototype !== null && Object.getPrototypeOf(prototype) !== null)) {
    throw invalid("options.headers must be a plain object of names and texts.");
  }
  const headers = {};
  for (const [given, value] of entries(source, "options.headers")) {
    const name = given.toLowerCase();
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw invalid("options.headers: a name is no header name.");
    if (name === "x-api-key" || name === "x-api-secret") throw invalid("options.headers: X-API-Key and X-API-Secret are sent for you: use apiKey and apiSecret.");
    if (name === "content-type") throw invalid("options.headers: Content-Type is the client's own.");
    if (typeof value !== "string" || !/^[\t\x20-\x7e\xa0-\xff]*$/.test(value)) throw invalid(`options.headers: the value of "${name}" must be text on one line.`);
    headers[name] = value;
  }
  return headers;
}

function requestUrl(options) {
  const { apiKey, apiSecret, baseUrl } = options;
  options.fetch ??= globalThis.fetch;
  if (typeof options.fetch !== "function") throw invalid("this host has no fetch: pass one as options.fetch.");
  if (apiKey !== undefined && apiSecret === undefined) throw invalid("options.apiSecret is missing: a key goes with its secret.");
  if (apiSecret !== undefined && apiKey === undefined) throw invalid("options.apiKey is missing: a secret goes with its key.");
  if (baseUrl === undefined && apiKey === undefined) throw invalid("options.apiKey and options.apiSecret are missing.");
  return (baseUrl ?? "https://api.nyne.ai") + PATH;
}

/** A base URL, checked, and without a slash at its end. */
function serviceUrl(text) {
  let url;
  try {
    url = new URL(text, globalThis.location?.href);
  } catch {
    throw invalid("options.baseUrl must be a whole URL: this host has no address to resolve a path against.");
  }
  if (url.username || url.password || url.search || url.hash) throw invalid("options.baseUrl must have no user, password, query or fragment.");
  const loopback = /^(localhost|.*\.localhost|\[::1\]|127\.[\d.]+)$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback)) throw invalid("options.baseUrl must begin with https:.");
  return url.href.replace(/\/+$/, "");
}

function unknownName(what, name, known) {
  const [nearest] = known.map((candidate) => [distance(name, candidate), candidate]).sort(([a], [b]) => a - b);
  const hint = nearest[0] * 2 <= nearest[1].length ? `: did you mean "${nearest[1]}"?` : `; known are ${known.join(", ")}.`;
  return invalid(`unknown name "${name.slice(0, 40)}" in ${what}${hint}`);
}

/** The letters to put in, take out or change to get from one name to the other. */
function distance(a, b) {
  const [from, to] = [a, b].map((name) => name.replaceAll("_", "").toLowerCase());
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    row = row.reduce((next, above, j) => {
      next.push(j === 0 ? i : Math.min(above + 1, next[j - 1] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)));
      return next;
    }, []);
  }
  return row[to.length];
}
