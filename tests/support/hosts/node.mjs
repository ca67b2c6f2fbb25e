// The cases in a Node of their own, with the package imported or required.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { emulator, project } from "../places.mjs";

const CHILD = fileURLToPath(new URL("node-child.mjs", import.meta.url));

/** @param {string} name @param {() => string} program @param {"import" | "require"} how */
export const node = (name, program, how) => ({
  name,
  kind: "node",
  async start(table) {
    const child = fork(CHILD, [how, project(), String(table), emulator()], { execPath: program(), execArgv: [], silent: true });
    let printed = "";
    for (const output of [child.stdout, child.stderr]) output.on("data", (data) => (printed += data));
    const waiting = new Map();
    child.on("message", ({ name, failure }) => {
      waiting.get(name)(failure);
      waiting.delete(name);
    });
    child.on("exit", (code, signal) => {
      for (const settle of waiting.values()) settle(`${program()} ended (${signal ?? code}) during this case:\n${printed}`);
    });
    return {
      async run(name) {
        const failure = await new Promise((settle) => {
          if (!child.connected) return settle(`${program()} has ended before this case`);
          waiting.set(name, settle);
          child.send(name);
        });
        if (failure) throw new Error(failure);
      },
      printed: () => printed,
      async stop() {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill();
        await once(child, "exit");
      },
    };
  },
});
