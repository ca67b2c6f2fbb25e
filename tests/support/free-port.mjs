import { once } from "node:events";
import { createServer } from "node:net";

/** A free port, for a program that cannot choose one itself or must keep its own when it is started again. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
