#!/usr/bin/env node
// @ts-check
// The command line, `npx nyne-phone-finder`. Answers go to stdout or to a file, everything else to stderr.

import { HELP, readArguments } from "./arguments.js";
import { emulate } from "./emulator.js";
import { EXIT } from "./failure.js";
import { readPeople } from "./input.js";
import { complain } from "./progress.js";
import { failureOf, Run } from "./run.js";

// Whoever reads them may leave, and jobs that run must not be lost by that. Writes to stdout learn it from their callbacks.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  const { message, exitCode } = failureOf(thrown);
  complain(message);
  process.exitCode = exitCode;
}

/** @param {string[]} argv */
async function main(argv) {
  if (argv[0] === "emulator") {
    await emulate(argv.slice(1));
    return EXIT.ok;
  }
  const settings = readArguments(argv, process.env);
  if (settings === "help" || settings === "version") {
    process.stdout.write(settings === "help" ? HELP : `${VERSION}\n`);
    return EXIT.ok;
  }
  const run = new Run(argv, settings, await readPeople(settings));
  try {
    await run.lookUp();
    return run.report();
  } finally {
    run.close();
  }
}
