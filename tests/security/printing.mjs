// Every error and every result of the fault table, printed in every way that a program or a person may print it.

import { rows } from "../faults/table.mjs";
import { perform } from "../faults/row.mjs";
import { table } from "../support/case.mjs";
import { ADA } from "../support/emulator.mjs";

/** What the keys of every case look like, so that they are found in whatever a host's console has shown. */
export const KEY = /nyne_(live|sec)_[0-9a-f]{32}/;

/** Precedes everything that is printed here, so that a console that shows nothing proves nothing. */
export const MARK = "printed here:";

/** Shows a value to the host's console, which the test reads. `showsNoKey` looks at all that is no console. */
function print(context, value) {
  context.showsNoKey(value);
  context.showsNoKey([value]);
  context.showsNoKey({ inside: { of: value } });
  const copy = cloned(value);
  if (copy !== undefined) context.showsNoKey(copy);
  console.log(MARK, value);
  console.error(value);
  console.log("%s %o %O %j", value, value, value, value);
  console.dir(value, { depth: null, showHidden: true });
  console.table([value]);
}

function cloned(value) {
  try {
    return structuredClone(value);
  } catch {
    // A function, or a reason of an abort that cannot be cloned: then nothing is.
    return undefined;
  }
}

export default table(
  rows.map((row) => ({
    name: `no key is shown after this: ${row.name}`,
    world: row.world,
    prints: true,
    hosts: row.hosts,
    because: row.because,
    async run(context) {
      const { outcome, updates } = await perform(row, context);
      for (const value of [outcome.error ?? outcome.result, ...updates]) print(context, value);
    },
  })),
  {
    name: "a client, its functions and its promises show no key",
    prints: true,
    async run(context) {
      const nyne = context.api.createClient(context.options);
      const lookup = nyne.findPhone(ADA);
      for (const value of [nyne, { ...nyne }, Object.values(nyne), lookup]) print(context, value);
      await lookup;
      print(context, nyne);
    },
  },
  {
    name: "an argument that is wrong is not repeated in the error",
    prints: true,
    async run(context) {
      const { api, options, keys } = context;
      for (const call of [
        () => api.findPhone(ADA, { ...options, apiKey: `${keys.apiKey}\n` }),
        () => api.findPhone(ADA, { ...options, apiSecret: ` ${keys.apiSecret}` }),
        () => api.findPhone(ADA, { ...options, apiSecret: [keys.apiSecret] }),
        () => api.findPhone(ADA, { ...options, apiSecret: undefined }),
        () => api.findPhone(ADA, { ...options, baseUrl: `https://${keys.apiKey}:${keys.apiSecret}@api.nyne.ai` }),
        () => api.findPhone(ADA, { ...options, baseUrl: `https://api.nyne.ai/?key=${keys.apiKey}` }),
        () => api.findPhone(ADA, { ...options, headers: { "X-API-Key": keys.apiKey } }),
        () => api.findPhone(ADA, { ...options, headers: { "X-Session": `${keys.apiSecret}\r\nX-More: 1` } }),
        () => api.findPhone({ email: 7, name: keys.apiKey }, options),
        () => api.findPhone(keys, options),
        () => api.pollResult({ requestId: 7, ...keys }, options),
        async () => api.createClient({ ...options, apiSecret: `${keys.apiSecret}\u0000` }),
      ]) {
        print(context, await context.fails(call(), { code: "invalid_argument", posts: 0, gets: 0 }));
      }
    },
  },
);
