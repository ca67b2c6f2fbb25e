// A terminal gets a bar and colors; nothing else does.

import assert from "node:assert/strict";
import { it } from "node:test";

import { MOBILE } from "../support/emulator.mjs";
import { AT_ONCE, inEachNode, place } from "./program.mjs";

const PEOPLE = "Email\nada@example.com\n\nnomobile@example.com\n";
const ESCAPE = /\u001b/;
const COLOR = /\u001b\[3\dm/;

inEachNode((node) => {
  /** Runs it with a terminal as stdin, stdout and stderr: util-linux's script makes one. */
  const inTerminal = (run, bin, options, env) =>
    run([], {
      env: { TERM: "xterm-256color", ...env },
      command: ["script", "--quiet", "--return", "--command", [node, bin, ...options].join(" "), "/dev/null"],
    });

  it(
    "prints plain lines without a terminal",
    place(node, AT_ONCE, async ({ run, write }) => {
      await write("people.csv", PEOPLE);
      const { stdout, stderr } = await run(["people.csv"]);
      assert.doesNotMatch(stdout + stderr, ESCAPE);
      assert.match(stderr, /^2\/2: 1 found, 1 missing, 0 failed, credits 1, \d+\/min\n$/);
      const failed = await run(["nobody.csv"]);
      assert.doesNotMatch(failed.stderr, ESCAPE);
    }),
  );

  it(
    "draws a bar on a terminal",
    place(node, AT_ONCE, async ({ run, write, bin }) => {
      await write("people.csv", PEOPLE);
      const { code, stdout } = await inTerminal(run, bin, ["people.csv", "--output", "out.csv"]);
      assert.equal(code, 0);
      assert.match(stdout, /\u2588+ 2\/2: 1 found, 1 missing, 0 failed, credits 1/);
    }),
  );

  it(
    "colors errors on a terminal, unless NO_COLOR is set",
    place(node, AT_ONCE, async ({ run, bin }) => {
      const colored = await inTerminal(run, bin, ["nobody.csv"]);
      assert.match(colored.stdout, COLOR);
      const plain = await inTerminal(run, bin, ["nobody.csv"], { NO_COLOR: "1" });
      assert.match(plain.stdout, /nobody\.csv/);
      assert.doesNotMatch(plain.stdout, COLOR);
    }),
  );

  it(
    "prints one number on a terminal as anywhere else",
    place(node, AT_ONCE, async ({ run, bin }) => {
      const { stdout } = await inTerminal(run, bin, ["ada@example.com"]);
      assert.match(stdout, new RegExp(`^${MOBILE.replace("+", "\\+")}\\r?$`, "m"));
    }),
  );
});
