// Makes texts that look like the service's and are wrong in one place or another. Random changes of bytes seldom come so
// far: most of them end in what is no JSON.

import { ID, KEYS } from "./calls.mjs";

const { apiKey, apiSecret } = KEYS;
const MOBILE = "+1-202-555-0100";

/** Values that may stand anywhere. */
const ODD = [
  ...[null, true, false, 0, -0, 7, 1e21, 1e-7, 12345678901234567890, [], [1], {}, { code: "x" }, [[[[]]]]],
  ...["", " ", "\0", "a\nb", "\u2028", "\ud800", "\ufeff", "x".repeat(300), "😀".repeat(201), "<p>no</p>", "null", "__proto__"],
  ...[apiKey, apiSecret, `${apiSecret} and ${apiKey}`, `${"x".repeat(190)}${apiSecret}`, `${apiSecret}${apiSecret}`],
];

/** By member: values of the kind that belongs there. */
const VALUES = {
  request_id: [
    ...[ID, ID, ID, ID, ID, "b2", "", " a1", "a1 ", "a\u0085b", "\ud800a1", "ａ1", "x".repeat(1024), "x".repeat(1025)],
    `id-${apiSecret}`,
  ],
  status: [
    ...["queued", "processing", "completed", "completed", "completed", "failed", "failed", "Completed", "completed "],
    `for ${apiKey}`,
  ],
  completed: [true, true, false, "true", 1],
  completed_on: ["2026-01-15T10:31:00Z", "", apiKey, 7],
  mobile: [MOBILE, MOBILE, ` ${MOBILE}\t`, "", " \u00a0", "\ufeff", apiSecret, 12025550100],
  error: [
    ...["no source", "internal_error", "rate_limit_exceeded", "Slow\u0001 down\n", "invalid_argument", "É_1"],
    ...["x".repeat(64), "x".repeat(65)],
  ],
  code: [
    ...["rate_limit_exceeded", "service_unavailable", "internal_error", "insufficient_credits", "request_not_found"],
    ...["a_new_one", "completed", "Not a code", apiSecret],
  ],
  message: ["Slow down.", "no\nsource", "Really?", "😀".repeat(200), apiKey, ""],
  detail: ["more of it", ""],
  success: [true, true, false],
  timestamp: ["2026-06-12T12:24:49"],
};

const NO_JSON = ["", " ", "\0", "\ufeff", "<!DOCTYPE html><title>502</title>", `no ${apiKey}`, "{", '{"a":', "[1,2", "NaN"];

/** One of `mostly`, or of all that is odd. */
const some = (chance, mostly) => chance.pick(chance.likely(0.85) ? mostly : ODD);

/** Members by their names; each of them may be missing. */
function members(chance, names) {
  const found = names.filter(() => chance.likely(0.7)).map((name) => [name, some(chance, VALUES[name])]);
  if (chance.likely(0.1)) found.push([chance.pick(["__proto__", "constructor", "toString", "", "length", apiKey]), chance.pick(ODD)]);
  // One name twice: the later one counts.
  if (chance.likely(0.1) && found.length > 0) found.push([chance.pick(found)[0], chance.pick(ODD)]);
  return found;
}

/** A list of members is an object in the order of its members, which may have one name twice. */
class Members {
  constructor(list) {
    this.list = list;
  }
}

const holder = (chance, names) => new Members(members(chance, names));

function job(chance) {
  const found = members(chance, ["status", "completed", "completed_on", "message"]);
  if (chance.likely(0.8)) found.push(["request_id", some(chance, VALUES.request_id)]);
  if (chance.likely(0.6)) found.push(["result", chance.likely(0.9) ? holder(chance, ["mobile"]) : chance.pick(ODD)]);
  if (chance.likely(0.3)) found.push(["error", fault(chance)]);
  return found;
}

const fault = (chance) => (chance.likely(0.5) ? holder(chance, ["code", "message"]) : some(chance, VALUES.error));

/** An answer's or a callback's body. */
export function body(chance) {
  const form = chance.below(20);
  if (form === 0) return write(chance, chance.pick(ODD));
  if (form === 1) return chance.pick(NO_JSON);
  if (form < 8) return write(chance, new Members(job(chance)));
  if (form < 11) {
    const found = members(chance, ["success", "code", "message", "detail"]);
    if (chance.likely(0.7)) found.push(["error", fault(chance)]);
    if (chance.likely(0.3)) found.push(["data", new Members(job(chance))]);
    return write(chance, new Members(found));
  }
  const data = ["data", chance.likely(0.9) ? new Members(job(chance)) : chance.pick(ODD)];
  return write(chance, new Members([...members(chance, ["success", "timestamp"]), data]));
}

const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A value as a JSON text, in one of the many ways that there are to write it. */
function write(chance, value) {
  const escapes = chance.pick([0, 0, 0.05, 1]);
  // As the service does now and then.
  const raw = chance.likely(0.3);
  const space = () => (chance.likely(0.05) ? chance.pick([" ", "\n", "\t", "\r\n  "]) : "");
  const text = (string) => {
    let written = "";
    for (const letter of string) {
      if (!letter.isWellFormed() || chance.likely(escapes)) written += letter.split("").map(escaped).join("");
      else written += raw && letter < " " ? letter : JSON.stringify(letter).slice(1, -1);
    }
    return `"${written}"`;
  };
  const list = (parts, open, close) => open + space() + parts.join(`${space()},${space()}`) + space() + close;
  const any = (value) => {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return list(value.map(any), "[", "]");
    if (chance.likely(0.002)) return chance.pick(["1e999", "-0", "1E+2"]);
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const pairs = value instanceof Members ? value.list : Object.entries(value);
    return list(pairs.map(([name, inner]) => `${text(name)}${space()}:${space()}${any(inner)}`), "{", "}");
  };
  return (chance.likely(0.05) ? "\ufeff" : "") + space() + any(value) + space();
}
