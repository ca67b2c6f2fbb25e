// @ts-check
// Bytes as a text that compresses nearly as well as the bytes do: hexadecimal digits would take a tenth more, and base64 a
// quarter more. The commonest bytes are one character each, the others two, all of them such as stand in any script as they are.

/** The codes of the characters: the printable ones without `"`, `<` and the backslash. The last two begin a pair. */
const CODES = Uint8Array.from({ length: 127 - 32 }, (_, index) => index + 32).filter((code) => code !== 34 && code !== 60 && code !== 92);
const SINGLES = CODES.length - 2;
/** Where unpack.wat has its tables and the text. */
const BYTES = 128;
const TEXT = 1024;

/**
 * The bytes. In front of them the text says which ones are single: as the lengths of the runs of those that are and of those
 * that are not, in turn.
 * @param {string} text @param {Uint8Array<ArrayBuffer>} unpacker what unpack.wat is compiled to
 */
export function decode(text, unpacker) {
  const { m, f } = /** @type {any} */ (new WebAssembly.Instance(new WebAssembly.Module(unpacker)).exports);
  const memory = new Uint8Array(m.buffer);
  CODES.forEach((code, number) => (memory[code] = number));
  new TextEncoder().encodeInto(text, memory.subarray(TEXT));
  let at = TEXT;
  /** @type {number[][]} */
  const lists = [[], []];
  for (let byte = 0, turn = 0; byte < 256; turn ^= 1) {
    for (let length = memory[memory[at++]]; length > 0; length--) lists[turn].push(byte++);
  }
  memory.set(lists.flat(), BYTES);
  return memory.slice(TEXT, f(at, TEXT + text.length));
}

/** @param {Uint8Array} bytes */
export function encode(bytes) {
  const count = new Uint32Array(256);
  for (const byte of bytes) count[byte]++;
  const common = new Set([...count.keys()].sort((a, b) => count[b] - count[a]).slice(0, SINGLES));
  const byNumber = [...count.keys()].sort((a, b) => +common.has(b) - +common.has(a) || a - b);
  const character = (/** @type {number} */ number) => String.fromCharCode(CODES[number]);

  let text = "";
  for (let byte = 0, single = true; byte < 256; single = !single) {
    let length = 0;
    while (byte < 256 && length < CODES.length - 1 && common.has(byte) === single) byte++, length++;
    text += character(length);
  }
  for (const byte of bytes) {
    const number = byNumber.indexOf(byte);
    const pair = Math.floor(number / SINGLES);
    text += number < SINGLES ? character(number) : character(SINGLES - 1 + pair) + character(number % SINGLES);
  }
  if (TEXT + text.length > 65_536) throw new Error("the module no longer fits into the one page of memory of unpack.wat");
  return text;
}
