// The matrix of runtimes: each row is a small real project that has the packed tarball installed and uses it in one host.
//
// To add a row:
// 1. Make its project, projects/NAME/: a package.json and a few lines that import the package, call `lookUp` of lookups.mjs
//    (which is copied beside them) and hand over what it returns: print it as JSON, say, or, from a page, pass `report` of
//    report.mjs (copied too) what looks up. Rows may share a project.
// 2. Add the row to a file in rows/, whose default export is a list of
//      { name, group, host, ran, project, fast?, run }
//    name: unique, as a folder's; group, host, ran: what docs/compatibility.md says; project: NAME; fast: whether it runs in
//    every `cargo xtask test`, where the tools of package.json in this folder are missing: it may use the root's alone.
//    run({ folder, exec, lookUp, refused }) uses the copy in `folder` and returns the host's version. Its
//      await lookUp("development build", async (world) => …)
//    gives `world`, { baseUrl, apiKey, apiSecret }, to something that runs `lookUp` of lookups.mjs with it and returns what
//    that returned; it may be called several times. It checks the outcome, and at the emulator that it is no invention.
//    `refused`, called alike, expects that the host refuses WebAssembly and that the error says what to do about it.
//    `tested`, called alike, gives no world, and expects the names of the tests that passed: of each lookup of
//    ../support/lookups-under-a-clock.mjs, under every clock; or, of the project's tests with an emulator, of each of EMULATED.
// 3. Add the tools it needs to package.json in this folder (`npm install --package-lock-only`). The projects find them by
//    the ordinary rules, as they are installed in a folder above; a row gets at them with `tool` and `bin`.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { CACHEABLE, createWorld, MOBILE, onGet } from "../support/emulator.mjs";
import { lookups } from "../support/lookups-under-a-clock.mjs";
import { emulator, tarball } from "../support/places.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
/** The copies of the projects, and above them the tools. */
const TARGET = join(HERE, "../../target/runtimes");
export const RESULTS = join(TARGET, "results");

/** How long a program of a row may take: more than any takes on a busy machine, so only one that hangs gets there. */
const LIMIT = 180_000;

/** Every row, in the order of the table. */
export async function rows() {
  const files = (await readdir(join(HERE, "rows"))).filter((file) => file.endsWith(".mjs")).sort();
  const lists = await Promise.all(files.map((file) => import(`./rows/${file}`)));
  const all = lists.flatMap((list) => list.default);
  const names = all.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)], "two rows have one name");
  const places = ({ group, host, ran }) => [group, host, ran].join("\n");
  return all.sort((a, b) => places(a).localeCompare(places(b), "en"));
}

/** Runs a row and leaves its line of the table in RESULTS, however it ends. */
export async function runRow({ name, group, host, ran, project, run }) {
  const note = (version, result) => writeFile(join(RESULTS, `${name}.json`), `${JSON.stringify({ group, host, version, ran, result })}\n`);
  await mkdir(RESULTS, { recursive: true });
  await note("", "fails");
  const folder = await install(name, project);
  const results = new Set();
  const version = await run({
    folder,
    exec: (program, ...values) => exec(folder, program, ...values),
    lookUp: (what, use) => (results.add("works"), checkedLookUp(what, use)),
    tested: (what, use, names) => (results.add("works"), checkedTests(what, use, names)),
    refused: (what, use) => (results.add("refused, and says what to add"), checkedRefusal(what, use)),
  });
  assert.ok(results.size > 0, "the row has looked nothing up");
  await note(version, [...results].join("; "));
}

/** A fresh copy of the project with the tarball installed, as a user installs it. */
async function install(name, project) {
  const folder = join(TARGET, name);
  await rm(folder, { recursive: true, force: true });
  await cp(join(HERE, "projects", project), folder, { recursive: true });
  for (const file of ["lookups.mjs", "report.mjs"]) await cp(join(HERE, file), join(folder, file));
  await exec(folder, "npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel", "error", tarball()]);
  return folder;
}

/** What `lookUp` of lookups.mjs returns in every host. */
const OUTCOME = {
  mobile: MOBILE,
  failure: { isNyneError: true, name: "NyneError", code: "job_failed", submitted: "yes", hasRequestId: true },
  abort: { isNyneError: true, name: "AbortError", code: "aborted", submitted: "yes", hasRequestId: true },
};

/** What it returns where the host refuses WebAssembly: the error says what to add, to a policy or to a manifest. */
const REFUSED = /'wasm-unsafe-eval'/;

async function checkedLookUp(what, use) {
  // Each job ends at its third poll, the second job as failed. A cache may keep the answers before that.
  const [byAge, byDate] = Object.values(CACHEABLE);
  const faults = [
    onGet(byAge, { from: 1, to: 2 }),
    onGet(byDate, { from: 4, to: 5 }),
    onGet({ kind: "jobFailed" }, { from: 6 }),
  ];
  const world = await createWorld(emulator(), { statuses: ["queued", "processing"], faults });
  try {
    assert.deepEqual(await use({ baseUrl: world.url, ...world.keys }), OUTCOME, what);
    await sees(world, { posts: 3, gets: 6 });
  } finally {
    await world.remove();
  }
}

async function checkedRefusal(what, use) {
  const world = await createWorld(emulator());
  try {
    const { thrown, ...outcome } = await use({ baseUrl: world.url, ...world.keys });
    const { code, submitted, message } = thrown ?? {};
    assert.deepEqual({ code, submitted, ...outcome }, { code: "client_fault", submitted: "no" }, what);
    assert.match(message, REFUSED, what);
    await sees(world, { posts: 0, gets: 0 });
  } finally {
    await world.remove();
  }
}

async function checkedTests(what, use, names = lookups.map(({ name }) => name)) {
  const passed = await use();
  const clocks = passed.length / names.length;
  assert.ok(clocks > 0, `${what}: no test has passed`);
  for (const name of names) {
    assert.equal(passed.filter((test) => test.endsWith(name)).length, clocks, `${what}: the tests that ${name}`);
  }
}

async function sees(world, expected) {
  const { posts, gets } = await world.log();
  assert.deepEqual({ posts, gets }, expected, "the requests that the emulator has seen");
}

/**
 * What a program prints. It must end by itself. Its world is in WORLD, as JSON.
 *
 * @param {string} program @param {string[]} values @param {{ world?: object, env?: object }} [options]
 */
async function exec(cwd, program, values, { world, env } = {}) {
  const running = promisify(execFile)(program, values, {
    cwd,
    env: { ...process.env, ...(world && { WORLD: JSON.stringify(world) }), ...env },
    timeout: LIMIT,
    maxBuffer: 1 << 26,
  });
  running.child.stdin.end();
  const { stdout } = await running.catch((error) => {
    const why = error.killed ? `had not ended after ${LIMIT / 1000} s` : `ended with ${error.code ?? error.signal}`;
    throw new Error(`${[program, ...values].join(" ")} ${why}\n${error.stdout}\n${error.stderr}`);
  });
  return stdout.trim();
}

const resolver = createRequire(join(TARGET, "index.js"));

/** A module of the tools in package.json. */
export const tool = (name) => import(pathToFileURL(resolver.resolve(name)));

/** The version of a package of the tools. */
export const toolVersion = (name) => resolver(`${name}/package.json`).version;

/** A file of a package of the tools. */
export const toolFile = (path) => join(TARGET, "node_modules", path);

/** A program of the tools. */
export const bin = (name) => toolFile(`.bin/${name}`);
