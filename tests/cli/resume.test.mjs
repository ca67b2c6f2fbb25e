// Runs that break off, in whatever way, and are resumed: nothing that was paid is lost, and nobody is submitted twice.

import assert from "node:assert/strict";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";

import { parse } from "csv-parse/sync";

import { ALWAYS, MOBILE, nyneError, onGet, onPost } from "../support/emulator.mjs";
import { AT_ONCE, inEachNode, jsonLines, lines, place, until } from "./program.mjs";

const EMAILS = ["ada@example.com", "nomobile@example.com", "alba.sample@example-corp.example"];
const PEOPLE = `Email\n${EMAILS.map((email) => `${email}\n`).join("")}`;
const BATCH = ["people.csv", "--output", "out.csv"];
const RESUME = [...BATCH, "--resume"];
/** Jobs that run until a fault lets them end. */
const SLOW = {
  latencyMs: 3_600_000,
  faults: [
    onGet({ kind: "jobStatus", status: "processing" }, { from: 1, to: 3 }),
    onGet({ kind: "noMatch", form: "null" }, ALWAYS),
  ],
};

/** Whether the journal has an id of each. */
const haveIds = async (read) => {
  const ids = jsonLines(await read("out.csv.journal").catch(() => "")).flatMap(({ claim }) => claim?.requestId ?? []);
  return new Set(ids).size === EMAILS.length;
};

/** Who was submitted, in order. */
const submitted = async (world) =>
  (await world.log()).requests
    .filter(({ method }) => method === "POST")
    .map(({ body }) => (typeof body === "string" ? JSON.parse(body) : body).email);

/** That the output is complete, with each row once. */
async function isWhole({ read, files }, statuses) {
  const rows = parse(await read("out.csv"), { columns: true });
  assert.deepEqual(
    rows.map(({ Email, nyne_status }) => [Email, nyne_status]),
    EMAILS.map((email, place) => [email, statuses[place]]),
  );
  assert.deepEqual(files(), ["out.csv", "out.csv.journal", "people.csv"]);
  return rows;
}

inEachNode((node) => {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    it(
      `ends on ${signal}, says how to resume, and can be resumed`,
      place(node, SLOW, async (here) => {
        await here.write("people.csv", PEOPLE);
        const { child, ended } = here.start(BATCH);
        await until(() => haveIds(here.read));
        child.kill(signal);
        const { code, stderr } = await ended;
        assert.equal(code, 130);
        assert.match(stderr, /Interrupted\. 3 of 3 have no answer/);
        assert(stderr.includes("npx nyne-phone-finder people.csv --output out.csv --resume"), stderr);
        assert.deepEqual(here.files(), ["out.csv.journal", "out.csv.part", "people.csv"]);
        assert.equal((await here.run(BATCH)).code, 2);

        assert.equal((await here.run(RESUME)).code, 0);
        await isWhole(here, ["missing", "missing", "missing"]);
        assert.equal((await here.world.log()).posts, 3);
      }),
    );
  }

  it(
    "waits for the ids of those who are being submitted before it ends",
    place(node, { ...SLOW, faults: [onPost({ kind: "delay", ms: 1_500 }, ALWAYS), ...SLOW.faults] }, async (here) => {
      await here.write("people.csv", PEOPLE);
      const { child, ended } = here.start(BATCH);
      await until(async () => (await here.world.log()).posts === 3);
      child.kill("SIGINT");
      assert.equal((await ended).code, 130);
      assert(await haveIds(here.read));
      assert.equal((await here.run(RESUME)).code, 0);
      await isWhole(here, ["missing", "missing", "missing"]);
      assert.equal((await here.world.log()).posts, 3);
    }),
  );

  it(
    "ends at once on a second signal",
    place(node, { faults: [onPost({ kind: "hang", at: "start" }, ALWAYS)] }, async (here) => {
      await here.write("people.csv", PEOPLE);
      const { child, ended } = here.start(BATCH);
      await until(async () => (await here.world.log()).posts === 3);
      child.kill("SIGINT");
      // Two signals at a time could arrive as one.
      child.kill("SIGTERM");
      const { code, stderr } = await ended;
      assert.equal(code, 130);
      assert.match(stderr, /Whether 3 of them were submitted is unknown/);
    }),
  );

  it(
    "finishes if nobody reads stderr any more",
    place(node, SLOW, async (here) => {
      await here.write("people.csv", PEOPLE);
      const { child, ended } = here.start(BATCH);
      child.stderr.destroy();
      assert.equal((await ended).code, 0);
      await isWhole(here, ["missing", "missing", "missing"]);
    }),
  );

  it(
    "tells the id of one person who is interrupted",
    place(node, SLOW, async ({ start }) => {
      const { child, printed, ended } = start(["ada@example.com"]);
      const [, id] = await until(() => /Submitted as request (\S+)\.\n/.exec(printed.stderr));
      child.kill("SIGINT");
      const { code, stdout, stderr } = await ended;
      assert.deepEqual([code, stdout], [130, ""]);
      assert(stderr.includes(`pollResult("${id}")`), stderr);
    }),
  );

  it(
    "writes the ids of interrupted lookups to stdout if there is no journal",
    place(node, SLOW, async ({ start, world }) => {
      const { child, ended } = start(["-", "--json"], { input: PEOPLE });
      await until(async () => (await world.log()).gets > 0);
      child.kill("SIGINT");
      const { code, stdout } = await ended;
      assert.equal(code, 130);
      const rows = jsonLines(stdout);
      assert.deepEqual(
        rows.map((row) => [row.Email, row.nyne_error, row.nyne_request_id !== null]),
        EMAILS.map((email) => [email, "aborted", true]),
      );
    }),
  );

  it(
    "can be resumed after it was killed",
    place(node, SLOW, async (here) => {
      await here.write("people.csv", PEOPLE);
      const { child, ended } = here.start(BATCH);
      await until(() => haveIds(here.read));
      child.kill("SIGKILL");
      await ended;
      assert.equal((await here.run(RESUME)).code, 0);
      await isWhole(here, ["missing", "missing", "missing"]);
      assert.equal((await here.world.log()).posts, 3);
    }),
  );

  it(
    "does not submit again whoever may have been submitted, unless it is told to",
    place(
      node,
      { faults: [onPost({ kind: "hang", at: "start", thenJob: true }, { from: 1, to: 3 }), ...AT_ONCE.faults] },
      async (here) => {
        await here.write("people.csv", PEOPLE);
        const { child, ended } = here.start(BATCH);
        await until(async () => (await here.world.log()).posts === 3);
        child.kill("SIGKILL");
        await ended;
        const claims = jsonLines(await here.read("out.csv.journal"));
        assert.deepEqual(
          claims.map(({ claim }) => [claim.requestId, claim.result]),
          Array(3).fill([null, null]),
          "on the disk before the submit",
        );

        const { code, stderr } = await here.run(RESUME);
        assert.equal(code, 1);
        assert.match(stderr, /Whether 3 of them were submitted is unknown.*--resubmit-unknown/s);
        await isWhole(here, ["failed", "failed", "failed"]);
        assert.equal((await here.world.log()).posts, 3);

        assert.equal((await here.run([...RESUME, "--resubmit-unknown"])).code, 0);
        await isWhole(here, ["found", "missing", "found"]);
        assert.equal((await here.world.log()).posts, 6);
      },
    ),
  );

  it(
    "answers from the journal without a request, whoever is in it",
    place(node, AT_ONCE, async (here) => {
      await here.write("people.csv", PEOPLE);
      assert.equal((await here.run(BATCH)).code, 0);
      const before = await here.read("out.csv");
      const { requests } = await here.world.log();
      const again = await here.run(RESUME);
      assert.equal(again.code, 0);
      assert.match(again.stderr, /2 found, 1 missing, 0 failed, credits 0,/);
      assert.equal(await here.read("out.csv"), before);
      assert.equal((await here.world.log()).requests.length, requests.length);

      // More people: those alone are looked up.
      await here.write("people.csv", `${PEOPLE}bruno.sample@sample-industries.example\n`);
      assert.equal((await here.run(RESUME)).code, 0);
      assert.equal(lines(await here.read("out.csv")).length, 5);
      assert.equal((await here.world.log()).posts, 4);
    }),
  );

  it(
    "looks up again who has failed without a job",
    place(
      node,
      { faults: [onPost(nyneError(402, "insufficient_credits"), { from: 1, to: 3 }), ...AT_ONCE.faults] },
      async (here) => {
        await here.write("people.csv", PEOPLE);
        assert.equal((await here.run([...BATCH])).code, 3);
        await isWhole(here, ["failed", "failed", "failed"]);
        const { posts } = await here.world.log();
        // The fault ends after three submits, of which the first run may have made fewer.
        for (let post = posts; post < 3; post += 1) assert.equal((await here.run(RESUME)).code, 3);
        assert.equal((await here.run(RESUME)).code, 0);
        await isWhole(here, ["found", "missing", "found"]);
      },
    ),
  );

  it(
    "survives a journal whose last line is torn",
    place(node, AT_ONCE, async (here) => {
      await here.write("people.csv", PEOPLE);
      assert.equal((await here.run(BATCH)).code, 0);
      const journal = await here.read("out.csv.journal");
      for (const torn of [journal.slice(0, -20), `${journal}{"key":"`, `${journal}\0\0\0\0\n`]) {
        await here.write("out.csv.journal", torn);
        assert.equal((await here.run(RESUME)).code, 0);
        await isWhole(here, ["found", "missing", "found"]);
        jsonLines(await here.read("out.csv.journal"));
      }
      assert.equal((await here.world.log()).posts, 3);
    }),
  );

  it(
    "refuses a journal that is damaged inside",
    place(node, AT_ONCE, async (here) => {
      await here.write("people.csv", PEOPLE);
      assert.equal((await here.run(BATCH)).code, 0);
      const [first, ...others] = lines(await here.read("out.csv.journal"));
      await here.write("out.csv.journal", [first, "{", ...others, ""].join("\n"));
      const { code, stderr } = await here.run(RESUME);
      assert.equal(code, 2);
      assert.match(stderr, /out\.csv\.journal, line 2: /);
      assert.equal((await here.world.log()).posts, 3);
    }),
  );

  it(
    "refuses to work on an output that another process works on",
    place(node, SLOW, async (here) => {
      await here.write("people.csv", PEOPLE);
      const { child, ended } = here.start(BATCH);
      await until(() => haveIds(here.read));
      const { code, stderr } = await here.run(RESUME);
      assert.equal(code, 2);
      assert(stderr.includes(`out.csv.lock exists: process ${child.pid} `), stderr);
      child.kill("SIGINT");
      await ended;
    }),
  );

  /** The most that a file may hold, in blocks of 1,024 bytes. A full disk gives another code at the same place. */
  const withFileLimit = (blocks, { node, bin }, options) => [
    "bash",
    "-c",
    `ulimit -f ${blocks}; exec "$@"`,
    "bash",
    node,
    bin,
    ...options,
  ];

  // Full before the first submit, and full of ids and results.
  for (const blocks of [2, 16]) {
    it(
      `submits nobody once the journal cannot be written beyond ${blocks} KiB, and can be resumed`,
      place(node, AT_ONCE, async (here) => {
        const people = Array.from({ length: 50 }, (_, place) => `person.${place}@example.com`);
        await here.write("people.csv", `Email\n${people.join("\n")}\n`);
        const { code, stderr } = await here.run([], { command: withFileLimit(blocks, here, BATCH) });
        assert.equal(code, 1);
        assert.match(stderr, /Cannot write out\.csv\.journal: the file would become too large \(EFBIG\)/);
        assert.match(stderr, /--resume/);
        jsonLines(await here.read("out.csv.journal"));

        const again = await here.run(RESUME);
        const rows = parse(await here.read("out.csv"), { columns: true });
        assert.deepEqual(
          rows.map(({ Email }) => Email),
          people,
        );
        const emails = await submitted(here.world);
        assert.equal(new Set(emails).size, emails.length, "somebody was submitted twice");
        // Whose submit or id is not in the journal is not submitted again. The first run has printed the ids.
        const unknown = rows.filter(({ nyne_status }) => nyne_status === "failed");
        assert.equal(again.code, unknown.length > 0 ? 1 : 0);
        for (const { Email, nyne_error } of unknown) assert.equal(nyne_error, "submit_outcome_unknown", Email);
      }),
    );
  }

  it(
    "keeps in the journal what a full disk keeps out of the output",
    place(node, AT_ONCE, async (here) => {
      await here.write("people.csv", PEOPLE);
      // A run that did nothing yet, whose unfinished output is a full disk.
      await here.write("out.csv.journal", "");
      await symlink("/dev/full", join(here.folder, "out.csv.part"));
      const { code, stderr } = await here.run(RESUME);
      assert.equal(code, 1);
      assert.match(stderr, /Cannot write out\.csv\.part: no space left on the disk \(ENOSPC\)/);
      assert.match(stderr, /Everything paid is in out\.csv\.journal.*--resume/s);
      const { posts } = await here.world.log();

      await rm(join(here.folder, "out.csv.part"));
      assert.equal((await here.run(RESUME)).code, 0);
      const rows = await isWhole(here, ["found", "missing", "found"]);
      assert.equal(rows[0].nyne_mobile, MOBILE);
      assert(posts >= 1);
      assert.equal((await here.world.log()).posts, 3);
    }),
  );

  it(
    "prints on stderr what cannot be written to stdout",
    place(node, AT_ONCE, async ({ run, bin }) => {
      const { code, stderr } = await run([], {
        input: PEOPLE,
        command: ["bash", "-c", 'exec "$@" > /dev/full', "bash", node, bin, "-", "--json"],
      });
      assert.equal(code, 1);
      assert.match(stderr, /Cannot write stdout: no space left on the disk \(ENOSPC\)/);
      assert(stderr.includes(`"nyne_mobile":"${MOBILE}"`), stderr);
    }),
  );

  it(
    "ends quietly if nobody reads stdout",
    place(node, AT_ONCE, async ({ start }) => {
      const { child, ended } = start(["-", "--json"], { input: PEOPLE, read: false });
      child.stdout.destroy();
      const { code, stderr } = await ended;
      assert.equal(code, 1);
      assert.doesNotMatch(stderr, /EPIPE|Cannot|Error|nyne_mobile/);
    }),
  );
});
