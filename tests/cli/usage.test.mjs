// Everything that the command line refuses before it sends or writes anything.

import assert from "node:assert/strict";
import { it } from "node:test";

import { ADA } from "../support/emulator.mjs";
import { inEachNode, place } from "./program.mjs";

const PEOPLE = `Email\n${ADA.email}\n`;

/** The files in the folder, the options, and the words of the message. */
const REFUSED = {
  "no person and no file": { options: [], says: /--name.*--help/s },
  "an unknown option": { options: ["--nmae", "Ada"], says: /'--nmae'.*--help/s },
  "a key on the command line": {
    options: ["--api-key", "nyne_live_on_the_command_line"],
    says: /NYNE_API_KEY/,
    never: /command_line/,
  },
  "a key glued to its option": {
    options: ["--secret=nyne_sec_on_the_command_line"],
    says: /NYNE_API_SECRET/,
    never: /command_line/,
  },
  "two persons": { options: ["ada@example.com", "grace@example.com"], says: /2 arguments/ },
  "a file and a person": { files: { "people.csv": PEOPLE }, options: ["people.csv", "--name", "Ada"], says: /not both/ },
  "a company alone": { options: ["--company", "Example Corp"], says: /--email, --phone, --url or --name/ },
  "an empty email": { options: ["--email", " "], says: /--email, --phone, --url or --name/ },
  "no keys": { options: [ADA.email], env: { NYNE_API_KEY: "", NYNE_BASE_URL: "" }, says: /NYNE_API_KEY and NYNE_API_SECRET/ },
  "keys for plain http": { options: [ADA.email, "--base-url", "http://nyne.example"], says: /http/ },
  "--resume without --output": { options: [ADA.email, "--resume"], says: /--resume needs the --output/ },
  "--resubmit-unknown without --resume": { options: [ADA.email, "--resubmit-unknown"], says: /needs --resume/ },
  "a value that looks like an option": { options: [ADA.email, "--per-hour", "-1"], says: /^[^\n]*'--per-hour'[^\n]* See --help\.\n$/ },
  "a limit that is no number": { options: [ADA.email, "--per-hour", "many"], says: /--per-hour/ },

  "a file that is not there": { options: ["nobody.csv"], says: /nobody\.csv: there is no such file/ },
  "a folder": { options: ["."], says: /it is a folder/ },
  "an empty file": { files: { "people.csv": "" }, options: ["people.csv"], says: /people\.csv: there is nobody in it/ },
  "a header alone": { files: { "people.csv": "Email\n" }, options: ["people.csv"], says: /nobody/ },
  "a column too many": {
    files: { "people.csv": "Email,Name\na@b.c,A\nd@e.f,D,E\n" },
    options: ["people.csv"],
    says: /people\.csv, line 3: .*more or fewer cells/,
  },
  "a quote that is never closed": {
    files: { "people.csv": 'Email\na@b.c\n"d@e.f\n' },
    options: ["people.csv"],
    says: /people\.csv, line \d+: .*never closed/,
  },
  "a quote inside a cell": {
    files: { "people.csv": 'Name\nAda\nGrace "Amazing" Hopper\n' },
    options: ["people.csv"],
    says: /people\.csv, line 3: .*quote/,
  },
  "text after a closing quote": {
    files: { "people.csv": 'Name\n"Ada"x\n' },
    options: ["people.csv"],
    says: /people\.csv, line 2: .*closing quote/,
  },
  "a file that is not UTF-8": {
    files: { "people.csv": Buffer.from("Name\nAda\nJos\xe9\n", "latin1") },
    options: ["people.csv"],
    says: /people\.csv, line 3: .*UTF-8/,
  },
  "JSON that breaks off": {
    files: { "people.jsonl": '{"email":"a@b.c"}\n{"email":\n' },
    options: ["people.jsonl"],
    says: /people\.jsonl, line 2: .*JSON object/,
  },
  "JSON that is no object": {
    files: { "people.jsonl": '{"email":"a@b.c"}\n\n["d@e.f"]\n' },
    options: ["people.jsonl"],
    says: /people\.jsonl, line 3: .*JSON object/,
  },
  "stdin without people": { options: ["-"], says: /stdin: there is nobody/ },

  "no column that names a person": {
    files: { "people.csv": "Company,Shoe size\nExample Corp,38\n" },
    options: ["people.csv"],
    says: /line 1: no column names a person.*"Shoe size"/,
  },
  "a map that is none": { files: { "people.csv": PEOPLE }, options: ["people.csv", "--map", "email"], says: /FIELD=COLUMN/ },
  "a map of an unknown field": {
    files: { "people.csv": PEOPLE },
    options: ["people.csv", "--map", "mail=Email"],
    says: /unknown field "mail".*email/,
  },
  "a map to an unknown column": {
    files: { "people.csv": PEOPLE },
    options: ["people.csv", "--map", "email=E-mail"],
    says: /line 1: .*email=E-mail names no column.*"Email"/,
  },

  "an output that exists": {
    files: { "people.csv": PEOPLE, "out.csv": "mine" },
    options: ["people.csv", "--output", "out.csv"],
    says: /out\.csv exists/,
  },
  "an output that exists, to resume": {
    files: { "people.csv": PEOPLE, "out.csv": "mine" },
    options: ["people.csv", "--output", "out.csv", "--resume"],
    says: /out\.csv exists/,
  },
  "an unfinished output": {
    files: { "people.csv": PEOPLE, "out.csv.part": "mine" },
    options: ["people.csv", "--output", "out.csv"],
    says: /out\.csv\.part exists/,
  },
  "a journal that exists": {
    files: { "people.csv": PEOPLE, "out.csv.journal": "" },
    options: ["people.csv", "--output", "out.csv"],
    says: /out\.csv\.journal exists.*--resume/,
  },
  "a journal that is none": {
    files: { "people.csv": PEOPLE, "out.csv.journal": "mine\nmine\n" },
    options: ["people.csv", "--output", "out.csv", "--resume"],
    says: /out\.csv\.journal, line 1/,
  },
  "an output in a folder that is not there": {
    files: { "people.csv": PEOPLE },
    options: ["people.csv", "--output", "nowhere/out.csv"],
    says: /nowhere/,
  },
};

inEachNode((node) => {
  for (const [what, { files = {}, options, env, says, never = /^$/ }] of Object.entries(REFUSED)) {
    it(
      `refuses ${what}`,
      place(node, {}, async ({ run, write, read, files: left, world }) => {
        for (const [name, content] of Object.entries(files)) await write(name, content);
        const { code, stdout, stderr } = await run(options, { env });
        assert.match(stderr, says);
        assert.doesNotMatch(stderr, never);
        assert.doesNotMatch(stderr, /\n {4}at /, "a stack helps nobody");
        assert.equal(stdout, "");
        assert.equal(code, 2);
        assert.deepEqual(left(), Object.keys(files).sort());
        for (const [name, content] of Object.entries(files)) assert.equal(await read(name), content.toString());
        assert.equal((await world.log()).requests.length, 0);
      }),
    );
  }

  it(
    "prints its help and its version",
    place(node, {}, async ({ run }) => {
      const help = await run(["--help"], { env: { NYNE_API_KEY: "" } });
      assert.deepEqual([help.code, help.stderr], [0, ""]);
      for (const option of ["--output", "--resume", "--resubmit-unknown", "--map", "--json", "--base-url", "NYNE_API_SECRET"]) {
        assert(help.stdout.includes(option), option);
      }
      const version = await run(["--version"]);
      assert.deepEqual([version.code, version.stderr], [0, ""]);
      assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    }),
  );
});
