// A Redis of the tests' own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { redisServer } from "../tools.mjs";
import { freePort } from "./engine.mjs";

/** @returns `database()` gives the address of one that nobody has used before */
export async function startRedis() {
  const folder = await mkdtemp(join(tmpdir(), "nyne-redis-"));
  const port = await freePort();
  const settings = ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--appendfsync", "always"];
  const server = spawn(redisServer(), settings.map(String), { stdio: ["ignore", "pipe", "inherit"] });
  for await (const chunk of server.stdout) if (String(chunk).includes("Ready to accept connections")) break;
  let databases = 0;
  return {
    database: () => `redis://127.0.0.1:${port}/${databases++}`,
    async stop() {
      server.kill("SIGKILL");
      await once(server, "exit");
      await rm(folder, { recursive: true });
    },
  };
}
