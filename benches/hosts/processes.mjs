// The CPU that processes other than this one have used, as Linux counts it.

import { readFileSync, readdirSync } from "node:fs";

/** The children of a process, and theirs, by id. */
export function descendants(id) {
  const parents = new Map();
  for (const other of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    // The name in parentheses may hold anything.
    const [, parent] = /\) \S (\d+) /.exec(read(`/proc/${other}/stat`)) ?? [];
    if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), other]);
  }
  const below = (id) => (parents.get(String(id)) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(id);
}

/** What the program of a process is called. */
export const programOf = (id) => read(`/proc/${id}/comm`).trim();

/** The CPU that processes have used so far, all their threads together, in µs. @param {string[]} ids */
export function cpuOf(ids) {
  let nanoseconds = 0;
  for (const id of ids) {
    for (const thread of list(`/proc/${id}/task`)) nanoseconds += Number(read(`/proc/${id}/task/${thread}/schedstat`).split(" ")[0]);
  }
  return nanoseconds / 1000;
}

/** Processes and threads may end while they are looked at. */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
