// Prints how long a contender took in a new Node to be imported, and from then to its first request, in ms.

import { firstRequest } from "./start.mjs";

const began = performance.now();
const contender = await import(`../contenders/${process.argv[2]}.mjs`);
const imported = performance.now();
firstRequest(contender, () => {
  const sent = performance.now();
  console.log(JSON.stringify([imported - began, sent - imported]));
  process.exit();
});
