// Bodies about as large as what is read, 1 MiB, and of the kinds that take readers long.

import { answer, api, ends, has, ID, KEYS, stream, stub } from "./calls.mjs";
import { Chance } from "./chance.mjs";
import { equal, match, ok } from "../support/check.mjs";

const MIB = 1 << 20;
const job = (padding) => `{"request_id":"${ID}","status":"completed","result":{"mobile":"+1"},"padding":"${padding}"}`;
/** A job of exactly so many bytes. */
const jobOf = (bytes, letter = "x") => {
  const room = bytes - Buffer.byteLength(job(""));
  return job(letter.repeat(Math.floor(room / Buffer.byteLength(letter))) + "x".repeat(room % Buffer.byteLength(letter)));
};

/** Texts, and whether they tell of the job. `undefined` where it is left to what counts them, bytes or letters. */
const TEXTS = {
  "a job of 1 MiB": [jobOf(MIB), true],
  "a job of 1 MiB, of letters of three bytes": [jobOf(MIB, "€"), true],
  "a job of one byte more": [jobOf(MIB + 1), false],
  "a job of 1 MiB of letters, which are more bytes": [job("€".repeat(MIB - job("").length)), undefined],
  "a job of one letter more, which are many bytes": [job("€".repeat(MIB + 1 - job("").length)), false],
  "a job with 1 MiB of raw control characters": [jobOf(MIB, "\u0001"), true],
  "1 MiB of keys": [KEYS.apiSecret.repeat(MIB / 32), false],
  "1 MiB of blanks": [" ".repeat(MIB), false],
  "1 MiB of NUL": ["\0".repeat(MIB), false],
  "1 MiB of brackets": ["[".repeat(MIB), false],
  "lists a hundred thousand deep": [`{"request_id":"${ID}","status":"completed","x":${"[".repeat(1e5)}${"]".repeat(1e5)}}`, true],
  "objects a hundred thousand deep": [`${'{"data":'.repeat(1e5)}1${"}".repeat(1e5)}`, false],
  "1 MiB of halves of letters": ["\\ud800".repeat(MIB / 6), false],
  "1 MiB of quotation marks": ['"'.repeat(MIB), false],
  "a job with ninety thousand members": [job(`","${Array.from({ length: 9e4 }, (_, i) => i).join('":0,"')}":"`), true],
};

export function largeBodies(it) {
  for (const [name, [text, good]] of Object.entries(TEXTS)) {
    it(name, async () => {
      const bytes = Buffer.from(text);
      for (let seed = 0; seed < 5; seed++) {
        const chance = new Chance(seed);
        for (const status of [200, 500]) {
          const { fetch } = stub(() => answer(chance, { status, bytes }));
          const { result, error } = await ends(api.checkStatus(ID, { ...KEYS, fetch }));
          if (status === 500) has(error, { requestId: ID, retryable: true });
          else isRead(good, result, error);
        }
      }
      const request = new Request("https://hooks.example.com/nyne", { method: "POST", body: bytes });
      for (const input of [text, request, { body: stream(new Chance(1), bytes), text: async () => text }]) {
        const { result, error } = await ends(api.parseCallback(input), { knowsKeys: false });
        isRead(good, result, error);
      }
    });
  }
}

function isRead(good, result, error) {
  if (error) {
    equal(error.code, "invalid_response", "error.code");
    ok(error.message.length < 700, `the message is as long as ${error.message.length}`);
    ok(good !== true, `it is not read: ${error.message}`);
  } else {
    match(result.requestId, /^a1$/, "requestId");
    ok(good !== false, "it is read");
  }
}
