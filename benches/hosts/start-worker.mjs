// A Worker that answers once its contender has handed its first request to `fetch`.

import * as contender from "#contender";

import { firstRequest } from "./start.mjs";

export default {
  fetch: () => new Promise((resolve) => firstRequest(contender, () => resolve(new Response()))),
};
