// Any query. An input is a field a line, its name before the first `=`. `\uXXXX` stands for what no file can hold.

import { api, ends, has, isOneLine, KEYS, stub, URL_SENT } from "../calls.mjs";
import { equal, ok } from "../../support/check.mjs";
import { holdsKey } from "../reading.mjs";

export const corpus = "query";
export const endings = [
  ...["accepted", "an unknown name", "an unknown name that no message can show", "given twice", "no usable text"],
  ...["no usable address", "nobody", "unreadable"],
];

/** Each field's own name, by every name that it may be given under, and how the service spells it. */
const FIELDS = new Map(
  ["name", "company", "email", "phone", "socialMediaUrl", "callbackUrl"].flatMap((name) => {
    const wire = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return [[name, { name, wire }], [wire, { name, wire }]];
  }),
);

const NAMES = [
  ...[...FIELDS.keys(), ...FIELDS.keys(), "emial", "E_MAIL", "social_mediaUrl"],
  ...["", "__proto__", "toString", "x".repeat(60), "a\\u2028b", "a\0b", "\\ud800"],
];
const TEXTS = [
  ...["Ada", "ada@example.com", "", " ", "\\ud800", "\0", "a\\u000ab", "😀", "\\ufeff", "x".repeat(5000)],
  ...["https://example.com/hook?a=b", "http://h", "http://[::1]/", "HTTPS://H", "https:///", "http://h h", "ftp://h", "httpſ://h"],
];

export function make(chance) {
  const line = () => (chance.likely(0.95) ? `${chance.pick(NAMES)}=${chance.pick(TEXTS)}` : chance.pick(NAMES));
  return Buffer.from(Array.from({ length: 1 + chance.below(4) }, line).join("\n"));
}

/** What may stand where a text belongs. Null is as good as nothing, so it says nothing. */
const NO_TEXTS = [7, true, {}, [], Symbol("odd"), () => {}, ["a"], new String("a")];

export async function check(bytes, chance) {
  const given = fieldsOf(bytes, chance);
  const query = {};
  for (const [name, value] of given) {
    const field = value === THROWS ? { get: () => { throw new Error("out of a getter"); } } : { value };
    Object.defineProperty(query, name, { ...field, enumerable: true, configurable: true });
  }
  const { sent, fetch } = stub(() => new Response('{"request_id":"a1","status":"queued"}'));
  // A caller who gives a key as a name is shown the name.
  const knowsKeys = !given.some(([name]) => holdsKey(name));
  const { result, error } = await ends(api.submitPhone(query, { ...KEYS, fetch }), { knowsKeys });

  const wrong = wrongsOf(given);
  if (error) {
    has(error, { code: "invalid_argument", status: null, requestId: null, submitted: "no", retryable: false, retryAfter: null });
    equal(sent.length, 0, "the count of requests");
    isOneLine(error.message);
    ok(error.message.length < 400, `the message is as long as ${error.message.length}`);
    ok(wrong.length > 0, `a good query is refused: ${error.message}`);
    const named = wrong.find(({ says }) => says.test(error.message));
    ok(named, `the message names nothing that is wrong (${wrong.map(({ says }) => says).join(" ")}): ${error.message}`);
    return named.what;
  }
  const faults = wrong.filter(({ maybe }) => !maybe).map(({ what }) => what);
  ok(faults.length === 0, `accepted, though ${faults.join(" ")}`);
  equal(result.requestId, "a1", "requestId");
  equal(sent.map(({ method, url }) => [method, url]), [["POST", URL_SENT]], "the requests");
  const expected = given.filter(([, value]) => value !== undefined).map(([name, value]) => [FIELDS.get(name).wire, value.toWellFormed()]);
  equal(JSON.parse(sent[0].body), Object.fromEntries(expected), "the body");
  return "accepted";
}

const THROWS = Symbol("throws");

/** The fields in their order, each name once: as in any object, the last value counts. */
function fieldsOf(bytes, chance) {
  const fields = new Map();
  for (const line of bytes.toString().split("\n")) {
    const at = line.indexOf("=");
    const name = unescaped(at < 0 ? line : line.slice(0, at));
    const value = at < 0 ? chance.pick([undefined, THROWS, ...NO_TEXTS]) : unescaped(line.slice(at + 1));
    fields.set(name, value);
  }
  return [...fields];
}

const unescaped = (text) => text.replace(/\\u([\da-f]{4})/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));

/** All that is wrong with a query, and what a message must say of it; some of it may be accepted. */
function wrongsOf(given) {
  const wrong = [];
  const fields = new Set();
  for (const [name, value] of given) {
    if (value === undefined) continue;
    const isPlain = /^[!-~]{1,40}$/.test(name);
    if (value === THROWS) {
      wrong.push({ what: "unreadable", says: isPlain ? literal(name) : /read/ });
      continue;
    }
    const field = FIELDS.get(name);
    const says = field && new RegExp(`${field.name}|${field.wire}`);
    if (field === undefined) wrong.push(isPlain ? { what: "an unknown name", says: literal(`"${name}"`) } : { what: "an unknown name that no message can show", says: /unknown/i });
    else if (typeof value !== "string" || value.trim() === "") wrong.push({ what: "no usable text", says });
    else {
      if (fields.has(field.name)) wrong.push({ what: "given twice", says });
      // Which addresses are refused that look like one is left to the package.
      if (field.name === "callbackUrl" && !isPlainUrl(value)) wrong.push({ what: "no usable address", says, maybe: /^https?:\/\/./i.test(value) });
    }
    if (field) fields.add(field.name);
  }
  if (!["name", "email", "phone", "socialMediaUrl"].some((name) => fields.has(name))) wrong.push({ what: "nobody", says: /email.*name/ });
  return wrong;
}

const literal = (text) => new RegExp(RegExp.escape(text));
const isPlainUrl = (value) => /^https?:\/\/[a-z\d[][^\s\p{Cc}]*$/iu.test(value) && URL.canParse(value);
