// Where `cargo xtask test` has put what the tests need. To run one file without it, set these variables by hand.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with cargo xtask test, which sets it`);
  return value;
}

/** The emulator's origin. */
export const emulator = () => given("NYNE_EMULATOR_URL");
/** A project that has the packed package installed. */
export const project = () => given("NYNE_PACKAGE_DIR");
export const packageFolder = () => join(project(), "node_modules/nyne-phone-finder");
/** The file that an import of the package (or of `name`) gets under these conditions, by Node's own rules. */
export function entry(condition, name = "nyne-phone-finder", from = project()) {
  const script = `console.log(import.meta.resolve(${JSON.stringify(name)}))`;
  const options = ["--conditions", condition, "--input-type=module", "--eval", script];
  return fileURLToPath(execFileSync(process.execPath, options, { cwd: from, encoding: "utf8" }).trim());
}
export const tarball = () => given("NYNE_TARBALL");
export const chromium = () => given("CHROMIUM");
/** Set for the whole matrix of tests/runtimes, and for all of tests/browsers, only. */
export const firefox = () => given("FIREFOX");
export const webkitDriver = () => given("WEBKIT_DRIVER");
export const xvfb = () => given("XVFB");
export const node22 = () => given("NODE22");
export const node24 = () => given("NODE24");
/** The oldest Node that the package supports. */
export const node20 = () => given("NODE20");
