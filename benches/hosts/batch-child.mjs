// Looks many people up, in time that runs faster, and answers with when each had an answer and what was sent.

import { realTimeout, speedUp } from "./clock.mjs";
import { memory, watchMemories } from "./memory.mjs";

const { contender, speed, options, people: count, until, looks } = JSON.parse(process.argv[2]);

watchMemories();
const http = speedUp(speed);
const { lookUp } = await import(`../contenders/batch/${contender}.mjs`);

const requests = { POST: 0, GET: 0, refused: 0 };
async function fetch(url, init) {
  requests[init.method ?? "GET"]++;
  const response = await http(url, init);
  if (response.status === 429) requests.refused++;
  return response;
}

// The emulator knows her by her email; by their names they all differ.
const people = Array.from({ length: count }, (_, number) => ({ email: "ada@example.com", name: `Person ${number}` }));

process.once("message", async () => {
  const began = performance.now();
  /** When each number came, in ms of scaled time. */
  const found = [];
  const errors = {};
  const memories = [];
  let ended = 0;
  const look = async () => memories.push({ ended, ...(await memory()) });
  const done = (mobile, error) => {
    ended++;
    if (mobile) found.push(performance.now() - began);
    else errors[error?.code ?? error?.message ?? "no number"] = (errors[error?.code ?? error?.message ?? "no number"] ?? 0) + 1;
    if (looks && ended % looks === 0) look();
  };
  const limit = new Promise((resolve) => realTimeout(resolve, until / speed, true));
  const cut = await Promise.race([lookUp(people, { ...options, fetch }, done).then(() => false), limit]);
  const took = performance.now() - began;
  await new Promise((resolve) => realTimeout(resolve, 50));
  process.send({ found, errors, ended, cut, took, requests, memories });
});
