// Holds lookups in flight, or makes very many one after another, and answers with the memory that it takes.

import { setTimeout } from "node:timers/promises";

import { NUMBER, stubFetch } from "../service.mjs";
import { SETTINGS, lookups } from "../workload.mjs";
import { memory, watchMemories } from "./memory.mjs";

const { contender } = JSON.parse(process.argv[2]);

watchMemories();
const { connect } = await import(`../contenders/${contender}.mjs`);

/** Longer than any of this takes. */
const NEVER = 1_000_000;

const COMMANDS = {
  /** `count` lookups that wait for their first poll. */
  async waiting({ count }) {
    const find = connect({ ...SETTINGS, fetch: stubFetch(1) });
    await lookups(find, 300, 30);
    let answered = 0;
    const fetch = stubFetch(4);
    const patient = connect({
      ...SETTINGS,
      delay: NEVER,
      fetch: (...request) => fetch(...request).finally(() => answered++),
    });
    const before = await memory();
    for (let i = 0; i < count; i++) patient().catch(fail);
    while (answered < count) await setTimeout(10);
    await setTimeout(50);
    return { before, during: await memory() };
  },

  /** `count` lookups whose first poll is under way, and what is left when they have ended. */
  async polling({ count }) {
    let polls = 0;
    let ended = 0;
    let release;
    const gate = new Promise((resolve) => (release = resolve));
    const answer = stubFetch(1);
    const fetch = async (input, init) => {
      if ((input.method ?? init?.method ?? "GET") === "GET") {
        polls++;
        await gate;
      }
      return answer(input, init);
    };
    await lookups(connect({ ...SETTINGS, fetch: stubFetch(1) }), 300, 30);
    const find = connect({ ...SETTINGS, limit: NEVER, fetch });
    const before = await memory();
    for (let i = 0; i < count; i++) {
      find().then((number) => (number === NUMBER ? ended++ : fail(number)), fail);
    }
    while (polls < count) await setTimeout(10);
    await setTimeout(50);
    const during = await memory();
    release();
    while (ended < count) await setTimeout(10);
    return { before, during, after: await memory() };
  },

  /** The next `count` of many lookups. */
  async next({ count }) {
    find ??= connect({ ...SETTINGS, fetch: stubFetch(1) });
    await lookups(find, count, 32);
    return memory();
  },
};

let find;

function fail(what) {
  console.error(what);
  process.exit(1);
}

process.on("message", async ({ command, ...what }) => process.send(await COMMANDS[command](what)));
