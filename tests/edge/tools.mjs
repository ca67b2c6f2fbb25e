// The engines and frameworks of package.json in this folder, which `cargo xtask test edge` installs into target/edge.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with cargo xtask test edge, which sets it`);
  return value;
}

/** The folder above the copies of projects: they find the tools there by the ordinary rules. */
export const tools = () => given("NYNE_EDGE_TOOLS");
export const redisServer = () => given("REDIS_SERVER");

const require = () => createRequire(join(tools(), "index.js"));

/** Imports a tool, as `import` of its name would. @param {string} name */
export const tool = (name) => import(pathToFileURL(require().resolve(name)));

/** The path of a program that a tool installs. @param {string} name */
export const bin = (name) => join(tools(), "node_modules/.bin", name);
