// The crate for those who build it themselves, with wasm-bindgen or wasm-pack and no script of this repository.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { it } from "node:test";

const FOLDER = process.env.NYNE_BINDINGS_DIR;
/** The one file of this ending. */
function file(ending) {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(ending));
  assert.equal(files.length, 1, `the files that end with ${ending}: ${files}`);
  return join(FOLDER, files[0]);
}

it("exports every function of the package, and they work", async () => {
  const bindings = await import(pathToFileURL(file(".js")));
  await bindings.default({ module_or_path: await readFile(file(".wasm")) });

  const job = (status) => ({ request_id: "a1", status, result: { mobile: "+1-202-555-0100" } });
  const fetch = async (url, { method }) => Response.json({ data: job(method === "POST" ? "queued" : "completed") });
  const request = { apiKey: "nyne_live_0123456789", apiSecret: "nyne_sec_0123456789", fetch };
  const lookup = { ...request, poll: { firstDelay: 1, maxDelay: 1 } };
  const query = { email: "ada@example.com" };
  const callback = JSON.stringify(job("completed"));
  const outcomes = await Promise.all([
    bindings.findPhone(query, lookup),
    bindings.pollResult("a1", lookup),
    bindings.submitPhone(query, request),
    bindings.checkStatus("a1", request),
    bindings.parseCallback(callback),
    bindings.confirmCallback(callback, request),
  ]);
  assert.deepEqual(outcomes.map(({ requestId, mobile }) => [requestId, mobile]), [
    ["a1", "+1-202-555-0100"],
    ["a1", "+1-202-555-0100"],
    ["a1", undefined],
    ["a1", "+1-202-555-0100"],
    ["a1", "+1-202-555-0100"],
    ["a1", "+1-202-555-0100"],
  ]);
});
