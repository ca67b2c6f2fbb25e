// Persons and files that are looked up: what is asked, what is answered, in which form and with which exit code.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, delimiter, join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";

import { parse } from "csv-parse/sync";

import { ADA, ALWAYS, MOBILE, nyneError, onGet, onPost } from "../support/emulator.mjs";
import { project } from "../support/places.mjs";
import { AT_ONCE, inEachNode, jsonLines, lines, place } from "./program.mjs";

const asked = async (world) =>
  (await world.log()).requests
    .filter(({ method }) => method === "POST")
    .map(({ body }) => (typeof body === "string" ? JSON.parse(body) : body));

/** Columns by the names that spreadsheets, CRMs and programs give them, and the query that they make. */
const COLUMNS = [
  [
    { "Full Name": "Ada Example", Company: "Example Corp" },
    { name: "Ada Example", company: "Example Corp" },
  ],
  [
    { "first name": "Ada", "last name": "Example", Employer: "Example Corp" },
    { name: "Ada Example", company: "Example Corp" },
  ],
  [{ "Given Name": "Ada", Surname: " Example " }, { name: "Ada Example" }],
  [{ "E-Mail": ADA.email }, ADA],
  [{ "Email Address": "", "Work Email": ADA.email }, ADA],
  [
    { "LinkedIn URL": "https://www.linkedin.com/in/ada-example" },
    { social_media_url: "https://www.linkedin.com/in/ada-example" },
  ],
  [
    { socialMediaUrl: "https://www.linkedin.com/in/ada-example" },
    { social_media_url: "https://www.linkedin.com/in/ada-example" },
  ],
  [{ Mobile: "+1-202-555-0101" }, { phone: "+1-202-555-0101" }],
  [
    { "Phone Number": "+1-202-555-0101", account_name: "Example Corp" },
    { phone: "+1-202-555-0101", company: "Example Corp" },
  ],
];

inEachNode((node) => {
  for (const [what, options] of Object.entries({
    "an email address": [ADA.email],
    "a profile's URL": ["https://www.linkedin.com/in/ada-example"],
    "--email": ["--email", ADA.email],
    "--name and --company": ["--name", "Ada Example", "--company", "Example Corp"],
    "--phone": ["--phone", "+1-202-555-0101"],
    "--url": ["--url", "https://www.linkedin.com/in/ada-example"],
  })) {
    it(
      `finds one person by ${what}, and prints the number alone`,
      place(node, AT_ONCE, async ({ run }) => {
        const { code, stdout } = await run(options);
        assert.deepEqual([code, stdout], [0, `${MOBILE}\n`]);
      }),
    );
  }

  it(
    "waits for a job that takes its time, and tells the id",
    place(node, {}, async ({ run }) => {
      const { code, stdout, stderr } = await run([ADA.email]);
      assert.deepEqual([code, stdout], [0, `${MOBILE}\n`]);
      assert.match(stderr, /^Submitted as request [0-9a-f]{32}_/);
    }),
  );

  it(
    "prints nothing on stdout for a person without a number",
    place(node, AT_ONCE, async ({ run }) => {
      const { code, stdout, stderr } = await run(["nobody@example.com"]);
      assert.deepEqual([code, stdout], [0, ""]);
      assert.match(stderr, /No number was found/);
    }),
  );

  it(
    "prints one person as JSON",
    place(node, AT_ONCE, async ({ run }) => {
      const { code, stdout } = await run(["--name", "Ada Example", "--json"]);
      const [{ nyne_request_id: id, ...row }, ...others] = jsonLines(stdout);
      assert.deepEqual([code, others], [0, []]);
      assert.match(id, /^[0-9a-f]{32}_/);
      assert.deepEqual(row, {
        name: "Ada Example",
        nyne_mobile: MOBILE,
        nyne_status: "found",
        nyne_error: null,
        nyne_message: null,
      });
    }),
  );

  it(
    "takes the base URL from --base-url before NYNE_BASE_URL",
    place(node, AT_ONCE, async ({ run, world }) => {
      const { stdout } = await run([ADA.email, "--base-url", world.url], { env: { NYNE_BASE_URL: "http://127.0.0.1:9" } });
      assert.equal(stdout, `${MOBILE}\n`);
    }),
  );

  it(
    "is in node_modules/.bin",
    place(node, AT_ONCE, async ({ folder, world }) => {
      const env = {
        PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
        NYNE_BASE_URL: world.url,
        NYNE_API_KEY: world.keys.apiKey,
        NYNE_API_SECRET: world.keys.apiSecret,
      };
      const { stdout } = await promisify(execFile)(join(project(), "node_modules/.bin/nyne-phone-finder"), [ADA.email], {
        cwd: folder,
        env,
      });
      assert.equal(stdout, `${MOBILE}\n`);
    }),
  );

  it(
    "ends with 1 if a lookup failed",
    place(node, { faults: [onPost({ kind: "reset", at: "start" })] }, async ({ run }) => {
      const { code, stdout, stderr } = await run([ADA.email]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /submit_outcome_unknown/);
    }),
  );

  for (const [status, error] of [
    [401, "invalid_credentials"],
    [402, "insufficient_credits"],
    [403, "subscription_required"],
  ]) {
    it(
      `ends with 3 if the account is refused with ${status}, and says so once`,
      place(node, { faults: [onPost(nyneError(status, error), ALWAYS)] }, async ({ run, world }) => {
        const { code, stdout, stderr } = await run(["-", "--json"], {
          input: `Email\n${"a b c d e"
            .split(" ")
            .map((name) => `${name}@example.com\n`)
            .join("")}`,
        });
        assert.equal(code, 3);
        assert.deepEqual(
          jsonLines(stdout).map((row) => row.nyne_error),
          Array(5).fill(error),
        );
        assert.equal(stderr.split(`Code: ${error}`).length - 1, 1, stderr);
        assert((await world.log()).jobs === 0);
      }),
    );
  }

  it(
    "never prints a key that the server echoes",
    place(node, { faults: [onPost({ kind: "echoSecrets" }, ALWAYS)] }, async ({ run, write }) => {
      assert.equal((await run([ADA.email])).code, 3);
      await write("people.csv", `Email\n${ADA.email}\n`);
      // The place looks at what it leaves behind.
      assert.equal((await run(["people.csv", "--output", "out.csv"])).code, 3);
    }),
  );

  it(
    "keeps a key that the server gives as a reason out of the output",
    place(
      node,
      ({ keys }) => ({
        faults: [onPost({ kind: "jobFailed", error: `bad ${keys.apiSecret}` })],
      }),
      async ({ run, write, read }) => {
        await write("people.csv", `Email\n${ADA.email}\n`);
        assert.equal((await run(["people.csv", "--output", "out.csv"])).code, 1);
        assert.match(await read("out.csv"), /bad /);
      },
    ),
  );

  it(
    "keeps a key that the server echoes into a result out of the journal",
    place(
      node,
      ({ keys }) => ({
        latencyMs: 10,
        faults: [onGet({ kind: "replace", path: "data.note", value: keys.apiKey }, ALWAYS)],
      }),
      async ({ run, write, read }) => {
        await write("people.csv", `Email\n${ADA.email}\n`);
        assert.equal((await run(["people.csv", "--output", "out.csv"])).code, 0);
        assert.match(await read("out.csv.journal"), /completed/);
      },
    ),
  );

  it(
    "reads CSV and writes CSV, in the order of the input and with its other columns",
    place(node, AT_ONCE, async ({ run, write, read, files }) => {
      await write(
        "people.csv",
        'Id,Email,Note\n1,ada@example.com,"a, b"\n2,nomobile@example.com,\n3,alba.sample@example-corp.example,"two\nlines"\n',
      );
      const { code, stdout, stderr } = await run(["people.csv", "--output", "out.csv"]);
      assert.deepEqual([code, stdout], [0, ""]);
      assert.match(stderr, /3\/3: 2 found, 1 missing, 0 failed, credits 2, /);
      assert.deepEqual(files(), ["out.csv", "out.csv.journal", "people.csv"]);
      const rows = parse(await read("out.csv"), { columns: true });
      assert.deepEqual(Object.keys(rows[0]), [
        "Id",
        "Email",
        "Note",
        "nyne_mobile",
        "nyne_status",
        "nyne_request_id",
        "nyne_error",
        "nyne_message",
      ]);
      assert.deepEqual(
        rows.map((row) => [row.Id, row.Note, row.nyne_mobile !== "", row.nyne_status]),
        [
          ["1", "a, b", true, "found"],
          ["2", "", false, "missing"],
          ["3", "two\nlines", true, "found"],
        ],
      );
      assert.equal(rows[0].nyne_mobile, MOBILE);
    }),
  );

  for (const [what, input] of Object.entries({
    semicolons: "Email;Note\nada@example.com;1,5\n",
    tabs: "Email\tNote\nada@example.com\t1,5\n",
    "a byte order mark and CRLF": '\ufeffEmail,Note\r\nada@example.com,"1,5"\r\n',
    "empty lines": 'Email,Note\n\nada@example.com,"1,5"\n,\n\n',
  })) {
    it(
      `reads CSV with ${what}`,
      place(node, AT_ONCE, async ({ run }) => {
        const { code, stdout } = await run(["-", "--json"], { input });
        assert.equal(code, 0);
        assert.deepEqual(
          jsonLines(stdout).map((row) => [row.Email, row.Note, row.nyne_mobile]),
          [[ADA.email, "1,5", MOBILE]],
        );
      }),
    );
  }

  it(
    "writes CSV with the delimiter that it read",
    place(node, AT_ONCE, async ({ run }) => {
      const { stdout } = await run(["-"], { input: "Email;Note\nada@example.com;1,5\n" });
      assert.match(lines(stdout)[1], /^ada@example\.com;1,5;\+1-202-555-0100;found;/);
    }),
  );

  it(
    "reads JSON Lines and writes them",
    place(node, AT_ONCE, async ({ run }) => {
      const input = '{"email":"ada@example.com","id":7,"tags":["a"]}\n\n{"name":"Nobody Here","id":8}\n';
      const { code, stdout } = await run(["-"], { input });
      assert.equal(code, 0);
      const [first, second] = jsonLines(stdout);
      assert.deepEqual([first.id, first.tags, first.nyne_mobile, Object.hasOwn(first, "name")], [7, ["a"], MOBILE, false]);
      assert.deepEqual([second.id, second.nyne_mobile, second.nyne_status], [8, null, "missing"]);
    }),
  );

  it(
    "converts between the formats by the output's ending",
    place(node, AT_ONCE, async ({ run, write, read }) => {
      await write("people.jsonl", '{"email":"ada@example.com","tags":["a"]}\n{"email":"nobody@example.com","age":3}\n');
      assert.equal((await run(["people.jsonl", "-o", "out.csv"])).code, 0);
      const rows = parse(await read("out.csv"), { columns: true });
      assert.deepEqual(
        rows.map((row) => [row.email, row.tags, row.age]),
        [
          ["ada@example.com", '["a"]', ""],
          ["nobody@example.com", "", "3"],
        ],
      );
      assert.equal((await run(["out.csv", "-o", "again.jsonl"])).code, 0);
      const again = jsonLines(await read("again.jsonl"));
      assert.deepEqual(Object.keys(again[0]), [
        "email",
        "tags",
        "age",
        "nyne_mobile",
        "nyne_status",
        "nyne_request_id",
        "nyne_error",
        "nyne_message",
      ]);
    }),
  );

  it(
    "recognises columns by common names",
    place(node, AT_ONCE, async ({ run, world }) => {
      for (const [row, query] of COLUMNS) {
        const before = (await asked(world)).length;
        await run(["-"], { input: `${JSON.stringify(row)}\n` });
        const [{ ...sent }] = (await asked(world)).slice(before);
        assert.deepEqual(sent, query, Object.keys(row).join());
      }
    }),
  );

  it(
    "reads a field from the column that --map names",
    place(node, AT_ONCE, async ({ run, world }) => {
      const input = "Vorname,Nachname,Firma,Name\nAda,Example,Example Corp,Example Corp\n";
      await run(["-", "--map", "first-name=Vorname", "--map", "last-name=Nachname", "--map=company=Name"], { input });
      assert.deepEqual(await asked(world), [{ name: "Ada Example", company: "Example Corp" }]);
    }),
  );

  it(
    "answers a row that names nobody with an error, and looks up the others",
    place(node, AT_ONCE, async ({ run, world }) => {
      const { code, stdout, stderr } = await run(["-"], { input: "Email,Company\nada@example.com,\n,Example Corp\n" });
      assert.equal(code, 1);
      assert.match(stderr, /stdin, line 3: /);
      const rows = parse(stdout, { columns: true });
      assert.deepEqual(
        rows.map((row) => [row.nyne_status, row.nyne_error]),
        [
          ["found", ""],
          ["failed", "invalid_argument"],
        ],
      );
      assert.equal((await world.log()).posts, 1);
    }),
  );

  it(
    "tells why a job failed",
    place(
      node,
      {
        faults: [
          onPost({ kind: "jobFailed", error: "no such domain" }),
          onGet({ kind: "jobFailed", error: "no such domain" }, ALWAYS),
        ],
      },
      async ({ run }) => {
        const { code, stdout, stderr } = await run(["-"], { input: '{"email":"ada@example.com"}\n' });
        assert.equal(code, 1);
        const [row] = jsonLines(stdout);
        assert.deepEqual([row.nyne_status, row.nyne_error], ["failed", "job_failed"]);
        assert.match(row.nyne_message, /^no such domain\. /);
        assert.match(stderr, /stdin, line 1: .*job_failed/);
      },
    ),
  );

  it(
    "disarms formulas in CSV, and leaves phone numbers as they are",
    place(node, AT_ONCE, async ({ run, write, read }) => {
      const cells = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", "\uff1d1"];
      await write(
        "people.jsonl",
        cells.map((note) => `${JSON.stringify({ email: ADA.email, "=head": note, phone: "+1 (202) 555-0101" })}\n`).join(""),
      );
      assert.equal((await run(["people.jsonl", "--output", "out.csv"])).code, 0);
      const rows = parse(await read("out.csv"), { columns: true });
      assert.deepEqual(
        rows.map((row) => row["'=head"]),
        cells.map((cell) => `'${cell}`),
      );
      for (const { phone, nyne_mobile } of rows) assert.deepEqual([phone, nyne_mobile], ["+1 (202) 555-0101", MOBILE]);
    }),
  );

  it(
    "answers equal rows from one lookup",
    place(node, AT_ONCE, async ({ run, world }) => {
      const { code, stdout, stderr } = await run(["-", "--json"], { input: "Email\nada@example.com\nada@example.com\n" });
      assert.equal(code, 0);
      assert.deepEqual(
        jsonLines(stdout).map((row) => row.nyne_mobile),
        [MOBILE, MOBILE],
      );
      assert.match(stderr, /2 found, .*credits 1,/);
      assert.equal((await world.log()).posts, 1);
    }),
  );
});
