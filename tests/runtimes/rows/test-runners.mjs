// Test runners: the projects' tests look up under the clock that each has (rule 12), without the emulator over HTTP; and with one of
// nyne-phone-finder/testing, as its users write them.

import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { bin, toolFile, toolVersion } from "../harness.mjs";
import { bun } from "./deno-bun.mjs";

const SUPPORT = fileURLToPath(new URL("../../support/", import.meta.url));
const LOOKUPS = "lookups-under-a-clock";
/** The tests with an emulator. */
const EMULATED = ["finds a number with an emulator", "takes as long as the job of an emulator", "rejects as it is told"];
/** Those with mocking tools. */
const MOCKING = ["MSW hands requests to an emulator", "fetch-mock hands requests to an emulator", "a global fetch is replaced by an emulator's"];

/** @typedef {{ folder: string, exec: Function }} Given @typedef {(given: Given) => Promise<string[]>} Run gives the names of the tests that passed */

/** @param {string} host @param {string} ran @param {(given: Given) => Promise<string>} version @param {Record<string, Run>} runs @param {Record<string, Run>} [emulated] */
const row = (host, ran, version, runs, emulated = {}) => ({
  name: `${host}-${ran}`.toLowerCase().replaceAll(/[^a-z]+/g, "-"),
  group: "Test runners",
  host,
  ran,
  project: host.toLowerCase(),
  async run({ folder, exec, tested }) {
    for (const file of [`${LOOKUPS}.mjs`, "check.mjs"]) await cp(join(SUPPORT, file), join(folder, file));
    for (const [what, run] of Object.entries(runs)) await tested(what, () => run({ folder, exec }));
    for (const [what, run] of Object.entries(emulated)) await tested(`${what}, with an emulator`, () => run({ folder, exec }), EMULATED);
    return version({ folder, exec });
  },
});

const vitest = (environment, file) => async ({ folder, exec }) => {
  const report = join(folder, "report.json");
  const values = [`--environment=${environment}`, "--reporter=json", `--outputFile=${report}`];
  await exec(process.execPath, [toolFile("vitest/vitest.mjs"), "run", file, ...values]);
  return passedOfJson(report);
};

const jest = (testEnvironment, file, fakeTimers) => async ({ folder, exec }) => {
  // Without more configuration, Jest's tests are CommonJS and can require nothing else.
  const outfile = join(folder, `${LOOKUPS}.cjs`);
  await build({ entryPoints: [join(folder, `${LOOKUPS}.mjs`)], bundle: true, format: "cjs", outfile });
  const report = join(folder, "report.json");
  const values = [file, `--config=${JSON.stringify({ testEnvironment, fakeTimers })}`, "--json", `--outputFile=${report}`];
  await exec(process.execPath, ["--experimental-vm-modules", toolFile("jest/bin/jest.js"), ...values]);
  return passedOfJson(report);
};

const jests = (environment, emulated) =>
  row("Jest", `${environment} environment: require, import, enableGlobally`, () => toolVersion("jest"), {
    require: jest(environment, "clocks.test.js"),
    import: jest(environment, "clocks.test.mjs"),
    enableGlobally: jest(environment, "clocks.test.js", { enableGlobally: true }),
  }, emulated);

const deno = (file) => async ({ folder, exec }) => {
  const report = join(folder, "report.xml");
  await exec(bin("deno"), ["test", `--junit-path=${report}`, file]);
  return passedOfJunit(report);
};

const buns = (file) => async ({ folder, exec }) => {
  const report = join(folder, "report.xml");
  await exec(bun(), ["test", `./${file}`, "--reporter=junit", `--reporter-outfile=${report}`]);
  return passedOfJunit(report);
};

/** Vitest's report has the form of Jest's. */
async function passedOfJson(file) {
  const { testResults } = JSON.parse(await readFile(file, "utf8"));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return tests.filter(({ status }) => status === "passed").map(({ title }) => title);
}

async function passedOfJunit(file) {
  const passed = (await readFile(file, "utf8")).matchAll(/<testcase name="([^"]*)"[^>]*(?:\/>|>\s*<\/testcase>)/g);
  return [...passed].map(([, name]) => name);
}

const versionOf = (program) => async ({ exec }) => /\d+\.\d+\.\d+/.exec(await exec(program(), ["--version"]))[0];

const [CLOCKS, EMULATOR] = ["clocks.test.mjs", "emulator.test.mjs"];

const mocking = {
  name: "vitest-mocking",
  group: "Test runners",
  host: "Vitest",
  ran: "MSW, fetch-mock",
  project: "vitest",
  async run({ folder, exec, tested }) {
    await tested("mocking tools", () => vitest("node", "mocking.test.mjs")({ folder, exec }), MOCKING);
    return toolVersion("vitest");
  },
};

export default [
  mocking,
  row("Vitest", "node and jsdom environments", () => toolVersion("vitest"),
    { node: vitest("node", CLOCKS), jsdom: vitest("jsdom", CLOCKS) }, { node: vitest("node", EMULATOR), jsdom: vitest("jsdom", EMULATOR) }),
  jests("node", { require: jest("node", "emulator.test.js"), import: jest("node", EMULATOR) }),
  // That has no Response, and so no emulator.
  jests("jsdom"),
  row("Deno", "deno test, with sinon's clock", versionOf(() => bin("deno")), { "deno test": deno(CLOCKS) }, { "deno test": deno(EMULATOR) }),
  row("Bun", "bun test", versionOf(bun), { "bun test": buns(CLOCKS) }, { "bun test": buns(EMULATOR) }),
];
