// The CPU that a lookup takes of its client's machine.

import { CONTENDERS, FLOOR, OWN } from "../contenders/index.mjs";
import { chromium } from "../hosts/chromium.mjs";
import { NETWORKS } from "../hosts/client.mjs";
import { node } from "../hosts/node.mjs";
import { workerd } from "../hosts/workerd.mjs";
import { bars } from "../report.mjs";
import { median, ratio, rounds } from "../statistics.mjs";

const HOSTS = [node, workerd, chromium];
/** How much the bodies' unknown length costs is seen in one host. */
const networksOf = (host) => Object.keys(NETWORKS).filter((network) => host === node || network !== "chunked");
/** Lookups under way at a time: as many as a batch makes unless told otherwise. */
const CONCURRENCY = 32;
/** Lookups a round and before the first one: enough for some tenths of a second, and to be compiled. */
const LOOKUPS = {
  stub: { round: 1_000, warmUp: 5_000 },
  loopback: { round: 300, warmUp: 2_000 },
  chunked: { round: 300, warmUp: 2_000 },
  // In Chromium a request passes through several processes.
  betweenProcesses: { round: 15, warmUp: 100 },
};

export const title = "CPU a lookup";

export async function run({ quick, origin, pages }) {
  const contenders = Object.keys(CONTENDERS);
  const results = [];
  for (const host of HOSTS) {
    const running = await host.start(contenders, origin, pages);
    try {
      for (const network of networksOf(host)) {
        const slow = host === chromium && network !== "stub";
        const { round, warmUp } = slow ? LOOKUPS.betweenProcesses : LOOKUPS[network];
        const measure = (count) => (contender) => running.measure(contender, network, count, CONCURRENCY);
        await rounds(contenders, 1, measure(quick ? round : warmUp));
        const values = await rounds(contenders, quick ? 3 : 15, measure(round));
        results.push({ host, network, values });
        console.log(`  ${host.name}, ${NETWORKS[network]}: ${ratio(values[OWN], values[FLOOR]).toFixed(2)} of the ${CONTENDERS[FLOOR]}`);
      }
    } finally {
      await running.stop();
    }
  }

  const own = (network, other) => {
    const { values } = results.find((result) => result.host === node && result.network === network);
    return ratio(values[OWN], values[other]);
  };
  return {
    text:
      `One lookup is one POST and four GETs. Medians of rounds in which the contenders take turns, each in a process (in ` +
      `workerd: an isolate, in Chromium: a page) of its own, ${CONCURRENCY} lookups at a time; the factor is the median over the ` +
      `rounds of what a contender took against the plain loop in the same round. The server has a process of its own, ` +
      `which does not count. The stub answers at once with real \`Response\` objects. fal, Replicate and core-lro send ` +
      `their first GET without a wait, fal its last one too. The plain loop that can stop gives each request a signal and a ` +
      `limit and follows no redirect: what fetch takes for these, no client that keeps a deadline can save.`,
    goals: [
      { what: "Node, stub fetch, of ky with a loop", most: 0.5, value: own("stub", "ky") },
      { what: "Node, loopback HTTP, of ky with a loop", most: 0.8, value: own("loopback", "ky") },
      { what: "Node, loopback HTTP, of the plain loop", most: 1.3, value: own("loopback", "loop") },
    ],
    tables: HOSTS.map((host) => {
      const here = results.filter((result) => result.host === host);
      return {
        caption: host.name,
        columns: ["", ...here.flatMap(({ network }) => [`${NETWORKS[network]}, µs`, "factor"])],
        rows: contenders.map((contender) => [
          CONTENDERS[contender],
          ...here.flatMap(({ values }) => [median(values[contender]).toFixed(0), ratio(values[contender], values[FLOOR]).toFixed(2)]),
        ]),
      };
    }),
    charts: [
      {
        name: "cpu",
        alt: "CPU of each contender as a factor of the plain loop's, by host and network",
        spec: bars({
          rows: results
            .filter(({ network }) => network !== "chunked")
            .flatMap(({ host, network, values }) =>
              contenders.map((contender) => ({
                group: `${host.name}, ${NETWORKS[network]}`,
                name: CONTENDERS[contender],
                value: ratio(values[contender], values[FLOOR]),
              })),
            ),
          axis: "CPU a lookup, as a factor of the plain loop's",
        }),
      },
    ],
  };
}
