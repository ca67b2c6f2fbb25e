// Hosts that cannot run the module (rule 13). A Content-Security-Policy is a matter of tests/runtimes.

import { execFile } from "node:child_process";
import { it } from "node:test";
import { promisify } from "node:util";

import { equal, match } from "../support/check.mjs";
import { node20, node24, project } from "../support/places.mjs";

const LOOKUP = `findPhone({ email: "ada@example.com" }, { baseUrl: "http://localhost:1" })
  .catch(({ code, submitted, message }) => console.log(JSON.stringify({ code, submitted, message })))`;

/** What a lookup rejects with in a Node with these flags, in which `before` has run. */
async function errorIn(node, flags, before, load) {
  const values = [...flags, `--input-type=${load.type}`, "--eval", `${load.code};${before};${LOOKUP}`];
  return JSON.parse((await promisify(execFile)(node, values, { cwd: project() })).stdout);
}

const LOADS = [
  { how: "imported", type: "module", code: 'import { findPhone } from "nyne-phone-finder"' },
  { how: "required", type: "commonjs", code: 'const { findPhone } = require("nyne-phone-finder")' },
];

for (const [version, node] of [["Node 24", node24], ["Node 20", node20]]) {
  for (const load of LOADS) {
    it(`without WebAssembly, a call says so: ${version}, ${load.how}`, async () => {
      const { code, submitted, message } = await errorIn(node(), ["--jitless"], "", load);
      equal([code, submitted], ["client_fault", "no"], "the error");
      match(message, /^This host has no WebAssembly\. /, "error.message");
    });

    it(`without a global that the package needs, a call names it: ${version}, ${load.how}`, async () => {
      const { code, submitted, message } = await errorIn(node(), [], "delete globalThis.Buffer", load);
      equal([code, submitted], ["client_fault", "no"], "the error");
      match(message, /^This host lacks a global that this package needs: Buffer is not defined\. /, "error.message");
    });
  }
}
