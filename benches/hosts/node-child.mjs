// The other end of node.mjs: makes lookups with one contender and answers with the CPU that each took, in µs.

import { lookups } from "../workload.mjs";
import { client } from "./client.mjs";

const { contender, origin } = JSON.parse(process.argv[2]);
const module = await import(`../contenders/${contender}.mjs`);
const clients = {};

process.on("message", async ({ network, count, concurrency }) => {
  const find = (clients[network] ??= client(module, network, origin));
  // The whole process: also its collector's and its compiler's threads.
  const before = process.cpuUsage();
  await lookups(find, count, concurrency);
  const { user, system } = process.cpuUsage(before);
  process.send((user + system) / count);
});
