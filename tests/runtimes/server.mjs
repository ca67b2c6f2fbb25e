// A development server, or any other, that names its address once it listens.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * Starts it and returns its address, with a slash at the end. It must have been told to listen on 127.0.0.1.
 *
 * @param {string} folder @param {string} program @param {string[]} values @param {object} env @param {AsyncDisposableStack} closing
 */
export async function startServer(folder, program, values, env, closing) {
  const child = spawn(program, values, { cwd: folder, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  closing.defer(async () => {
    if (child.exitCode === null && child.kill()) await once(child, "exit");
  });
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      const [address] = line.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
      if (address) resolve(`${address}/`);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${program} ${values.join(" ")} has ended before it has named its address`)));
  });
}
