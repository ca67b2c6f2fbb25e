// A Worker whose requests look many people up, each with a batch of its own, through one client of the module.

import { createClient } from "nyne-phone-finder";

// Six requests at once is the limit that is met here.
const limits = { requestsPerMinute: 100_000, requestsPerHour: 1_000_000 };
const nyne = createClient({ baseUrl: "http://127.0.0.1:1", ...limits, poll: { firstDelay: 20, maxDelay: 40 } });

const peopleOf = (name, count) => Array.from({ length: count }, (_, number) => ({ email: `${name}-${number}@example.com` }));

export default {
  /** `/world/name/count`: a batch of so many people of that name; for a count of 0, one lookup. */
  async fetch(request, { WORLDS }) {
    const [world, name, count] = new URL(request.url).pathname.slice(1).split("/");
    const said = [];
    const options = { ...WORLDS[world], timeout: 30_000 };
    if (count === "0") {
      await nyne.findPhone({ email: `${name}@example.com` }, options).then(() => said.push("found"), (error) => said.push(error.message));
    } else {
      for await (const { ok, error } of nyne.findPhones(peopleOf(name, Number(count)), options)) said.push(ok ? "found" : error.message);
    }
    return Response.json(said);
  },
};
