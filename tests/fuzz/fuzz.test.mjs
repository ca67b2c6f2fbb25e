// What reads bytes from outside, given any bytes: the inputs that are kept in fuzz/corpus/, and random changes of them.
//
// A failure names its seed: FUZZ_SEED=… runs that one alone. FUZZ_RUNS=… sets how many there are of each target.

import { describe, it } from "node:test";

import { ok } from "../support/check.mjs";
import { Chance } from "./chance.mjs";
import { change, kept } from "./corpus.mjs";
import { largeBodies } from "./large.mjs";
import * as callback from "./targets/callback.mjs";
import * as envelope from "./targets/envelope.mjs";
import * as options from "./targets/options.mjs";
import * as query from "./targets/query.mjs";
import * as request from "./targets/request.mjs";
import * as retryAfter from "./targets/retry-after.mjs";
import * as state from "./targets/state.mjs";

const RUNS = number("FUZZ_RUNS") ?? 20_000;
const SEED = number("FUZZ_SEED");
/** Each kept input is tried in so many of the forms that an answer may come in. */
const FORMS = 6;
/** So many runs meet every ending that a target names. */
const MANY = 5_000;

const TARGETS = { query, options, request, "retry-after": retryAfter, envelope, callback, state };

for (const [name, { corpus, endings, make, check }] of Object.entries(TARGETS)) {
  const inputs = corpus ? kept(corpus) : [];
  const all = inputs.map(({ bytes }) => bytes);

  describe(name, () => {
    if (inputs.length > 0 && SEED === undefined) {
      it("kept inputs keep the rules", async () => {
        for (const { name, bytes } of inputs) {
          for (let seed = 0; seed < FORMS; seed++) {
            await run(bytes, new Chance(seed), (input) => `fuzz/corpus/${corpus}/${name}, in form ${seed}: ${input}`);
          }
        }
      });
    }

    it("random inputs keep the rules", async () => {
      const met = new Map();
      for (let seed = SEED ?? 0; seed < (SEED === undefined ? RUNS : SEED + 1); seed++) {
        const chance = new Chance(seed);
        // As many that are made as that are changed: the ones reach far, the others go astray.
        const origin = all.length > 0 && chance.likely(0.4) ? chance.pick(all) : make(chance);
        const bytes = chance.likely(0.5) ? change(origin, [...all, origin], chance) : origin;
        const ending = await run(bytes, chance, (input) => `${input}\nTo see it again: FUZZ_SEED=${seed} cargo xtask test fuzz`);
        met.set(ending, (met.get(ending) ?? 0) + 1);
      }
      if (SEED !== undefined || RUNS < MANY) return;
      // What nothing ends with has not been tested.
      for (const ending of endings) ok(met.has(ending), `no run ended with "${ending}"`);
    });

    async function run(bytes, chance, where) {
      try {
        return await check(bytes, chance);
      } catch (error) {
        const message = `${error.message}\nInput of ${name}: ${where(shown(bytes))}`;
        // Of a test in which a rejection is not handled, Node tells the rejection and not what the test itself throws.
        if (error.message.startsWith("an unhandled rejection")) console.error(message);
        throw new Error(message, { cause: error });
      }
    }
  });
}

if (SEED === undefined) describe("large bodies", () => largeBodies(it));

/** The number in an environment variable, if there is one. */
function number(name) {
  const text = process.env[name];
  if (text === undefined) return undefined;
  ok(/^\d+$/.test(text), `${name} is no number`);
  return Number(text);
}

/** Bytes for people, so that no byte is lost. */
function shown(bytes) {
  const text = bytes.toString();
  const whole = Buffer.from(text).equals(bytes) ? JSON.stringify(text) : `hex ${bytes.toString("hex")}`;
  return whole.length > 4_000 ? `${whole.slice(0, 4_000)}… (${bytes.length} bytes)` : whole;
}
