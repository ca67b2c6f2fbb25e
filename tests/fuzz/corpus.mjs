// The inputs that are kept in fuzz/corpus/, and random changes of inputs.

import { readdirSync, readFileSync } from "node:fs";

import { KEYS } from "./calls.mjs";

/** What is kept of a corpus: names and bytes. */
export function kept(corpus) {
  const folder = new URL(`../../fuzz/corpus/${corpus}/`, import.meta.url);
  // Sorted: a seed means the same input everywhere.
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(new URL(name, folder)) }));
}

/** What single bytes seldom add up to. */
const PIECES = [
  ...["\0", "\x1b", "\x7f", "\x85", "\u2028", "\ufeff", "😀", "é", "\r\n", "\n", "=", '"', "\\", "[", "{", "}"],
  ...["\\ud800", "\\udc00", "\\u0000", "\\u2028", "1e999", "-0", "null", "__proto__", "constructor", "toJSON"],
  ...['"request_id":"a1",', '"status":"completed",', '"success":false,', '"data":{', "client_fault"],
  ...Object.values(KEYS),
  ...Object.values(KEYS).map((key) => `\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}`),
].map((piece) => Buffer.from(piece));

/** An input, changed in a few places; parts of `others` may come into it. */
export function change(input, others, chance) {
  for (let changes = chance.below(4); changes >= 0; changes--) {
    const at = chance.below(input.length + 1);
    const end = Math.min(at + chance.below(16), input.length);
    const [before, after] = [input.subarray(0, at), input.subarray(end)];
    switch (chance.below(6)) {
      case 0:
        input = before;
        break;
      case 1:
        input = Buffer.concat([before, after]);
        break;
      case 2:
        input = Buffer.concat([before, Buffer.of(chance.below(256)), input.subarray(at)]);
        break;
      case 3:
        input = Buffer.from(input);
        if (at < input.length) input[at] ^= 1 << chance.below(8);
        break;
      case 4:
        input = Buffer.concat([before, chance.pick(PIECES), input.subarray(at)]);
        break;
      default: {
        const other = chance.pick(others);
        input = Buffer.concat([before, other.subarray(chance.below(other.length + 1)), after]);
      }
    }
  }
  return input;
}
