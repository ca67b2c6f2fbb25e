// @ts-check
// Reads what the caller passed, without trusting any of it. What is wrong is thrown, in words.

/** Where Nyne is, unless the caller says otherwise, and what it answers on. */
const BASE_URL = "https://api.nyne.ai";
const PATH = "/person/phone";

/** The service's parameters: how JavaScript spells them and how the service does. `phone` is in its prose and missing from its table: it is accepted here. */
const FIELDS = {
  name: "name",
  company: "company",
  email: "email",
  phone: "phone",
  socialMediaUrl: "social_media_url",
  callbackUrl: "callback_url",
};
/** Those that name nobody alone: `company` is context, `callbackUrl` an address. */
const CONTEXT = ["company", "callbackUrl"];

/** Says what is wrong. @param {string} what @returns {never} */
function wrong(what) {
  throw what;
}

const isObject = (/** @type {any} */ value) => typeof value === "object" && value !== null;

/**
 * The named values of an object that are not undefined.
 * @param {any} object @param {string} what its name in messages
 * @returns {[string, any][]}
 */
function entries(object, what) {
  if (!isObject(object)) wrong(`${what} must be an object.`);
  /** @type {[string, any][]} */
  const found = [];
  let reading = what;
  let isList;
  try {
    isList = Array.isArray(object);
    for (const name of Reflect.ownKeys(object)) {
      // What is no text is a symbol, and nobody's option.
      if (typeof name !== "string") continue;
      reading = `${what}.${shown(name)}`;
      const value = object[name];
      if (value !== undefined) found.push([name, value]);
    }
  } catch {
    wrong(`${reading} could not be read: it threw.`);
  }
  if (isList) wrong(`${what} must be an object.`);
  return found;
}

/** A name as a message shows it: on one line, and no longer than it takes to recognise it. @param {string} name */
const shown = (name) => name.slice(0, 40).replace(/[\p{Cc}\p{Cs}\s]+/gu, " ");

/** Tells that a name is not known, and which comes nearest to it. @param {string} name @param {string} what @param {string[]} known @returns {never} */
function unknown(name, what, known) {
  const given = shown(name);
  const [distance, nearest] = known.map((other) => /** @type {const} */ ([distanceOf(given, other), other])).sort(([a], [b]) => a - b)[0];
  return wrong(`unknown name "${given}" in ${what}${distance <= nearest.length / 2 ? `: did you mean "${nearest}"?` : `; known are ${known.join(", ")}.`}`);
}

/**
 * How many single letters must be put in, taken out or changed to get from one name to the other, whatever their case and
 * underscores.
 * @param {string} a @param {string} b
 */
function distanceOf(a, b) {
  const [left, right] = [a, b].map((name) => name.replaceAll("_", "").toLowerCase());
  // One row of the table of Wagner and Fischer: the distance of the part of `left` so far from each part of `right`.
  const row = [...right, ""].map((_, length) => length);
  for (const [i, letter] of [...left].entries()) {
    let diagonal = row[0]++;
    for (const [j, other] of [...right].entries()) {
      const changed = diagonal + (letter === other ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = Math.min(changed, diagonal + 1, row[j] + 1);
    }
  }
  return row[right.length];
}

/** A query, as the service spells it. @param {any} query */
export function readQuery(query) {
  /** @type {Record<string, string>} */
  const fields = {};
  let namesSomebody = false;
  for (const [given, value] of entries(query, "query")) {
    const [name, wire] = Object.entries(FIELDS).find((names) => names.includes(given)) ?? unknown(given, "the query", Object.keys(FIELDS));
    const field = `query.${name}`;
    if (typeof value !== "string") wrong(`${field} must be a string; leave it out if it is not known.`);
    if (value.trim() === "") wrong(`${field} is empty; leave it out if it is not known.`);
    if (name === "callbackUrl" && !/^https?:\/\/[^\0-/:-@\\\]^_`{|}~][^\s\0-\x1f\x7f]*$/i.test(value)) wrong(`${field} must be an http: or https: URL that Nyne can reach.`);
    if (wire in fields) wrong(`${field} is given twice, in both spellings.`);
    fields[wire] = value;
    namesSomebody ||= !CONTEXT.includes(name);
  }
  if (!namesSomebody) wrong("the query names nobody: give at least one of email, phone, socialMediaUrl or name (company alone is not enough).");
  return fields;
}

/**
 * Whether a value can be an id at all. Its form is the service's own business: only what could not be carried in a URL or
 * stored as one line is refused, which half a surrogate pair cannot either.
 * @param {unknown} id @returns {id is string}
 */
export const isId = (id) => typeof id === "string" && id.length <= 1024 && id.trim() !== "" && !/[\p{Cc}\p{Cs}]/u.test(id);

/**
 * Reads what `pollResult` and `checkStatus` are given, an id or what `submitPhone` gave, into the call.
 * @param {import("./call.js").Call} call @param {any} request
 */
export function readRequest(call, request) {
  let requestId = request;
  let submittedAt;
  try {
    if (isObject(request)) ({ requestId, submittedAt } = request);
  } catch {
    wrong("request could not be read: it threw.");
  }
  if (!isId(requestId)) wrong("request must be a request id, or the PhoneRequest that submitPhone gave: its requestId is no usable text.");
  call.id = requestId;
  if (submittedAt === undefined) return;
  call.submittedAt = typeof submittedAt === "string" ? Date.parse(submittedAt) : NaN;
  if (Number.isNaN(call.submittedAt)) wrong("request.submittedAt must be a date and time as submitPhone gave it (ISO 8601).");
}

/** @param {number} least @param {number} [most] */
const milliseconds = (least, most = Infinity) => (/** @type {any} */ value) =>
  typeof value === "number" && value >= least && value <= most
    ? value
    : wrong(`must be a number of milliseconds (${least} or more${most === Infinity ? " or Infinity" : ""}).`);

/** @param {number} least */
const count = (least) => (/** @type {any} */ value) =>
  value === Infinity || (Number.isInteger(value) && value >= least) ? value : wrong(`must be a whole number (${least} or more or Infinity).`);

/** A key as it can stand in a header. Its value is in no message. @param {any} value */
const key = (value) =>
  typeof value === "string" && /^[!-~]+$/.test(value)
    ? value
    : wrong("must be the text from Nyne's dashboard, without spaces or line breaks.");

/** What each option is read with; what it throws goes behind the option's name. */
const OPTIONS = {
  apiKey: key,
  apiSecret: key,
  baseUrl,
  headers: readHeaders,
  fetch: (/** @type {any} */ value) => (typeof value === "function" ? value : wrong("must be a function like the platform's fetch.")),
  signal: (/** @type {any} */ value) =>
    typeof value?.addEventListener === "function" && typeof value.aborted === "boolean" ? value : wrong("must be an AbortSignal."),
  requestTimeout: milliseconds(1),
  maxRetries: count(0),
  timeout: milliseconds(1),
  poll: undefined,
  onStatus: (/** @type {any} */ value) => (typeof value === "function" ? value : wrong("must be a function.")),
};
const POLL = { firstDelay: milliseconds(1, Number.MAX_VALUE), maxDelay: milliseconds(1), maxPolls: count(1) };
/** The options that a function which waits for no result has no use for. */
const LOOKUP_ONLY = ["timeout", "poll", "onStatus"];

/** The options that are limits, in the order of src/host/call.rs. */
const LIMITS = ["firstDelay", "maxDelay", "timeout", "requestTimeout", "maxRetries", "maxPolls"];

/**
 * Reads `source` over the options that were read before.
 * @param {any} source @param {Record<string, any>} options @param {string} what @param {Record<string, any>} readers
 * @param {boolean} waits whether options for lookups are taken
 */
function readInto(source, options, what = "options", readers = OPTIONS, waits = true) {
  for (const [name, value] of entries(source, what)) {
    if (!Object.hasOwn(readers, name)) unknown(name, what, Object.keys(readers));
    const path = `${what}.${name}`;
    if (!waits && LOOKUP_ONLY.includes(name)) wrong(`${path} has no meaning here: this function waits for no result.`);
    if (name === "poll") {
      readInto(value, options, path, POLL);
      continue;
    }
    try {
      options[name] = readers[name](value, options);
    } catch (what) {
      throw typeof what !== "string" ? `${path} could not be read: it threw.` : what.startsWith(path) ? what : `${path} ${what}`;
    }
  }
  return options;
}

/** A client's defaults, read once. @param {any} defaults @returns {Record<string, any>} */
export const readClientOptions = (defaults) => readInto(defaults, {});

/**
 * A call's options, over its client's.
 * @param {any} given @param {Record<string, any>} defaults @param {boolean} waits
 */
export function readOptions(given, defaults, waits) {
  const options = given === undefined ? defaults : readInto(given, { ...defaults, request: undefined }, "options", OPTIONS, waits);
  // Of a client's own options it is made once.
  options.request ??= requestOf(options);
  if (typeof (options.fetch ?? globalThis.fetch) !== "function") wrong("this host has no fetch: pass one as options.fetch.");
  return options;
}

/** Sets those limits that the options set. @param {Record<string, any>} options @param {Float64Array} limits */
export function setLimits(options, limits) {
  LIMITS.forEach((name, index) => (limits[index] = options[name] ?? limits[index]));
  // A default that fits what is given beside it.
  if (options.firstDelay === undefined) limits[0] = Math.min(limits[0], limits[1]);
}

/**
 * Where requests go and what they carry, and the texts that nothing may repeat.
 * @param {Record<string, any>} options
 */
function requestOf({ apiKey, apiSecret, baseUrl = BASE_URL, headers }) {
  if (apiKey !== undefined && apiSecret === undefined) throw "options.apiSecret is missing: a key goes with its secret.";
  if (apiKey === undefined && apiSecret !== undefined) throw "options.apiKey is missing: a secret goes with its key.";
  if (apiKey === undefined && baseUrl === BASE_URL)
    throw "options.apiKey and options.apiSecret are missing. Nyne needs both; in a page, where keys do not belong, set options.baseUrl to your own proxy instead.";
  return {
    url: baseUrl + PATH,
    headers: apiKey === undefined ? headers : { ...headers, "X-API-Key": apiKey, "X-API-Secret": apiSecret },
    // A key may hold another: the longer one is looked for first, or a part of it would remain.
    secrets: [apiKey, apiSecret].filter((key) => key !== undefined).sort((a, b) => b.length - a.length),
  };
}

/** A base URL in its normal form, without a slash at its end. @param {any} value */
function baseUrl(value) {
  if (typeof value !== "string" || value.trim() === "") throw "must be a URL or a path, as text.";
  let url;
  try {
    url = new URL(value, globalThis.location?.href);
  } catch {
    throw `must be a whole URL, like "${BASE_URL}"; a path alone only where the script has an address to resolve it against.`;
  }
  const { protocol, hostname, href } = url;
  if (!/^https?:$/.test(protocol)) throw "must begin with https:.";
  if (url.username || url.password || /[?#]/.test(href)) throw "must have no user, password, query or fragment.";
  // The URL parser has made it lower case, and any spelling of an IPv4 address four decimal numbers.
  if (protocol === "http:" && !/^(.*\.)?localhost$|^127\.[\d.]+$|^\[::1\]$/.test(hostname))
    throw "must begin with https: (http: is only for this machine itself): keys and names would go over the wire in the open.";
  return href.replace(/\/+$/, "");
}

/** Headers over those that were read before. Their names are lower case. @param {any} source @param {Record<string, any>} options */
function readHeaders(source, { headers }) {
  const prototype = isObject(source) && Object.getPrototypeOf(source);
  // A Headers or a Map has no properties of its own and would be taken for an empty object.
  if (!isObject(source) || (prototype && Object.getPrototypeOf(prototype))) throw "must be a plain object of names and texts.";
  /** @type {Record<string, string>} */
  let merged = { ...headers };
  for (const [given, value] of entries(source, "options.headers")) {
    const name = given.toLowerCase();
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw `hold the name "${shown(given)}", which is no header's.`;
    if (/^x-api-(key|secret)$/.test(name)) throw "must not hold X-API-Key and X-API-Secret, which are sent for you: use apiKey and apiSecret.";
    if (name === "content-type") throw "must not hold Content-Type, which is the client's own.";
    if (typeof value !== "string" || !/^[\t -~\xa0-\xff]*$/.test(value)) throw `must hold text on one line, and "${shown(name)}" does not.`;
    // As a property of its own, whatever its name.
    merged = { ...merged, [name]: value };
  }
  return merged;
}
