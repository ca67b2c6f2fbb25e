// Node: a process for each contender, so that none profits or suffers from another's garbage or compiled code.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A Node that runs `script`, a module beside this one, and answers what it is asked. */
export async function start(script, parameters, flags = []) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(parameters)], { execArgv: flags });
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`${script} ${JSON.stringify(parameters)} ended (${signal ?? code})`);
  });
  ended.catch(() => {});
  return {
    async ask(question) {
      child.send(question);
      const [answer] = await Promise.race([once(child, "message"), ended]);
      return answer;
    },
    stop: () => child.kill(),
  };
}

export const node = {
  name: "Node",
  /** @param {string[]} contenders @param {string} origin the server's */
  async start(contenders, origin) {
    const children = {};
    for (const contender of contenders) children[contender] = await start("node-child.mjs", { contender, origin });
    return {
      measure: (contender, network, count, concurrency) => children[contender].ask({ network, count, concurrency }),
      stop: () => Object.values(children).forEach((child) => child.stop()),
    };
  },
};
