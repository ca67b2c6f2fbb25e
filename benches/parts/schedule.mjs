// What the poll schedule of a single lookup costs: benches/schedule.rs, in virtual time.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { bars, lines } from "../report.mjs";

const DISTRIBUTIONS = {
  long: "median 35 s",
  short: "median 4 s",
  mixed: "both, mixed",
  shifting: "35 s, then 4 s, then 35 s",
};
const OURS = { unlearned: "ours, no job known", learned: "ours, after 200 jobs" };
const SCHEDULES = { every2s: "every 2 s", every5s: "every 5 s", before: "ours, before", ...OURS, optimum: "the optimum" };
/** The most that a lookup may cost before any job is known. */
const MOST_UNLEARNED = { long: 7.2, short: 2.25, mixed: 4.7 };
/** And after 200, of the optimum. */
const MOST_OF_OPTIMUM = 1.15;

export const title = "The poll schedule of one lookup";

export async function run({ quick, repository }) {
  const command = ["bench", "--quiet", "--package", "nyne-phone-finder", "--bench", "schedule", "--", ...(quick ? ["--quick"] : [])];
  const { stdout } = await promisify(execFile)("cargo", command, { cwd: repository });
  const { learned, jobs, clients, distributions } = JSON.parse(stdout);
  const goal = (name, schedule, optimum) => (schedule === "unlearned" ? MOST_UNLEARNED[name] : schedule === "learned" ? MOST_OF_OPTIMUM * optimum : undefined);
  return {
    text:
      "Polls, and 0.3 for each second from the end of the job to the poll that sees it, a lookup; in virtual time, by the package's own " +
      "state machine with its jitter (`benches/schedule.rs`). How long jobs take is lognormal: with a median of 35 s and σ 0.45, of 4 s " +
      `and σ 0.6, half and half of these, or the one, the other and the first again for ${learned} jobs each. The costs after ${learned} jobs are ` +
      `the mean over the next ${jobs - learned} of ${clients} clients, which remember the last 64. The optimum knows the lengths ` +
      "beforehand, and of the shifts too: optimal inspection by Barlow and Proschan, by dynamic programming over a grid of 0.1 s. " +
      "Before, the package polled after 3 s, then after a third of the time waited, between 3 and 15 s. " +
      "The draws are seeded: the figures are the same each time.",
    goals: distributions.flatMap(({ name, unlearned, learned, optimum }) => [
      ...(name in MOST_UNLEARNED ? [{ what: `${DISTRIBUTIONS[name]}, no job known`, most: MOST_UNLEARNED[name], value: unlearned }] : []),
      { what: `${DISTRIBUTIONS[name]}, after 200 jobs, of the optimum`, most: MOST_OF_OPTIMUM, value: learned / optimum },
    ]),
    tables: [
      {
        columns: ["cost of a lookup", ...Object.values(DISTRIBUTIONS)],
        rows: Object.entries(SCHEDULES).map(([schedule, name]) => [
          name,
          ...distributions.map(({ [schedule]: cost, optimum }) =>
            schedule === "learned" ? `${cost.toFixed(2)} (${(cost / optimum).toFixed(2)} of the optimum)` : cost.toFixed(2),
          ),
        ]),
      },
    ],
    charts: [
      {
        name: "schedule",
        alt: "Cost of a lookup by schedule, and the goals",
        spec: bars({
          rows: distributions.flatMap(({ name, ...costs }) =>
            Object.entries(SCHEDULES).map(([schedule, label]) => ({
              group: DISTRIBUTIONS[name],
              name: label,
              value: costs[schedule],
              goal: goal(name, schedule, costs.optimum),
            })),
          ),
          axis: "polls + 0.3 × seconds late; ticks: goals",
          own: Object.values(OURS),
        }),
      },
      {
        name: "schedule-learning",
        alt: "Cost of a lookup, of the optimum, by the jobs that the client has seen",
        spec: lines({
          rows: distributions.flatMap(({ name, curve }) => curve.map(({ jobs, ratio }) => ({ name: DISTRIBUTIONS[name], x: jobs, y: ratio }))),
          x: "jobs seen",
          y: "cost of a lookup, of the optimum for jobs of that time",
          goal: MOST_OF_OPTIMUM,
        }),
      },
    ],
  };
}
