// The other end of workerd.mjs: makes the lookups that it is asked for.

import * as contender from "#contender";

import { lookups } from "../workload.mjs";
import { client } from "./client.mjs";

const clients = {};

export default {
  async fetch(request) {
    const { network, count, concurrency, origin } = await request.json();
    try {
      await lookups((clients[network] ??= client(contender, network, origin)), count, concurrency);
      return new Response();
    } catch (error) {
      return new Response(String(error?.stack ?? error), { status: 500 });
    }
  },
};
