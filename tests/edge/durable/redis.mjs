// A Redis of the tests' own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { redisServer } from "../tools.mjs";
import { freePort } from "../../support/free-port.mjs";

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
    /** The same through a connection that breaks once: after Redis has done the first command that contains `text`. */
    async breaking(text) {
      let broken = false;
      const between = createServer((client) => {
        const server = connect(port, "127.0.0.1");
        let breaks = false;
        client.on("data", (data) => {
          if (!broken && data.includes(text)) broken = breaks = true;
          server.write(data);
        });
        server.on("data", (data) => (breaks ? client.destroy() : client.write(data)));
        for (const [one, other] of [[client, server], [server, client]]) one.on("error", () => {}).on("close", () => other.destroy());
      });
      await once(between.listen(0, "127.0.0.1"), "listening");
      between.unref();
      return { database: () => `redis://127.0.0.1:${between.address().port}/${databases++}`, isBroken: () => broken };
    },
    async stop() {
      server.kill("SIGKILL");
      await once(server, "exit");
      await rm(folder, { recursive: true });
    },
  };
}
