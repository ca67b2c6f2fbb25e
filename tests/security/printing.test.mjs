import { ok } from "../support/check.mjs";
import { everyCase } from "../support/every-case.mjs";
import { chromium } from "../support/hosts/chromium.mjs";
import { node } from "../support/hosts/node.mjs";
import { workerd } from "../support/hosts/workerd.mjs";
import { node24 } from "../support/places.mjs";
import { KEY, MARK } from "./printing.mjs";

await everyCase(new URL("printing.mjs", import.meta.url), [node("Node 24", node24, "import"), workerd, chromium], {
  name: "the console has shown every error, and no key",
  check(host) {
    const printed = host.printed();
    const leak = printed.search(KEY);
    ok(leak === -1, `the console has shown a key: ${printed.slice(Math.max(0, leak - 300), leak + 100)}`);
    const times = printed.split(MARK).length - 1;
    ok(times > 400, `the console has shown ${times} values`);
    for (const words of ["NyneError", "AbortError", "TimeoutError", "pollResult"]) {
      ok(printed.includes(words), `the console has not shown "${words}"`);
    }
  },
});
