// Makes each case of a table one test, in each host.

import { after, before, describe, it } from "node:test";

/**
 * A host: its name for people, its kind as cases know it, and `start`, which is given the table's URL and the emulator's
 * origin and returns `run(name)`, which settles as the case does there, `printed()`, all that its console has shown, and
 * `stop()`.
 *
 * @param {URL} url of the module whose default export is the table
 * @param {{ name: string, check: (host: object) => unknown }} [last] a test of each host when all cases have run there
 */
export async function everyCase(url, hosts, last) {
  const { default: table } = await import(url);
  for (const { name, kind, start } of hosts) {
    describe(name, () => {
      let host;
      before(async () => {
        host = await start(url);
      });
      after(() => host?.stop());
      for (const { name, hosts } of table) {
        if (hosts && !hosts.includes(kind)) continue;
        // Every call must settle: a case that hangs has found one that does not.
        it(name, { timeout: 20_000 }, () => host.run(name));
      }
      if (last) it(last.name, () => last.check(host));
    });
  }
}
