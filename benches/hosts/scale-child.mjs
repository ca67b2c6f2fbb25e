// Makes lookups, many at a time, and answers with the CPU that each took, in µs.

import { stubFetch } from "../service.mjs";
import { SETTINGS, lookups } from "../workload.mjs";

const { contender } = JSON.parse(process.argv[2]);
const { connect } = await import(`../contenders/${contender}.mjs`);
// With very many in flight an answer has to wait for its turn, and that is no reason to give up on it.
const find = connect({ ...SETTINGS, limit: 1_000_000, fetch: stubFetch(1) });

process.on("message", async ({ count, concurrency }) => {
  const before = process.cpuUsage();
  await lookups(find, count, concurrency);
  const { user, system } = process.cpuUsage(before);
  process.send((user + system) / count);
});
