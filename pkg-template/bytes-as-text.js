// @ts-check
// Bytes as a text that compresses nearly as well as the bytes do: hexadecimal digits would take a tenth more, and base64 a
// quarter more. The commonest bytes are one character each, the others two, all of them such as stand in any script as they are.

/** How many characters there are: the printable ones without `"`, `<` and the backslash. The last two begin a pair. */
const CHARACTERS = 92;
export const SINGLES = CHARACTERS - 2;

/** The number of a character, by its code. @param {number} code */
const numberOf = (code) => code - 32 - +(code > 34) - +(code > 60) - +(code > 92);

/**
 * The bytes. In front of them the text says which ones are single: as the lengths of the runs of those that are and of those
 * that are not, in turn.
 * @param {string} text
 */
export function decode(text) {
  let at = 0;
  const next = () => numberOf(text.charCodeAt(at++));
  /** @type {number[][]} */
  const lists = [[], []];
  for (let byte = 0, turn = 0; byte < 256; turn ^= 1) {
    for (let length = next(); length > 0; length--) lists[turn].push(byte++);
  }
  const byNumber = lists.flat();
  const bytes = new Uint8Array(text.length);
  let length = 0;
  while (at < text.length) {
    const number = next();
    bytes[length++] = byNumber[number < SINGLES ? number : (number - SINGLES + 1) * SINGLES + next()];
  }
  return bytes.subarray(0, length);
}

/** @param {Uint8Array} bytes */
export function encode(bytes) {
  const count = new Uint32Array(256);
  for (const byte of bytes) count[byte]++;
  const common = new Set([...count.keys()].sort((a, b) => count[b] - count[a]).slice(0, SINGLES));
  const byNumber = [...count.keys()].sort((a, b) => +common.has(b) - +common.has(a) || a - b);
  const codes = Array.from({ length: 95 }, (_, index) => index + 32).filter((code) => !'"<\\'.includes(String.fromCharCode(code)));
  const character = (/** @type {number} */ number) => String.fromCharCode(codes[number]);

  let text = "";
  for (let byte = 0, single = true; byte < 256; single = !single) {
    let length = 0;
    while (byte < 256 && length < CHARACTERS - 1 && common.has(byte) === single) byte++, length++;
    text += character(length);
  }
  for (const byte of bytes) {
    const number = byNumber.indexOf(byte);
    const pair = Math.floor(number / SINGLES);
    text += number < SINGLES ? character(number) : character(SINGLES - 1 + pair) + character(number % SINGLES);
  }
  return text;
}
