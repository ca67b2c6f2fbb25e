// Stands between an engine and the emulator, and holds the answers to submits back until it is opened.

import { createServer, request as send } from "node:http";
import { once } from "node:events";

/** @param {string} target the emulator's origin */
export async function startGate(target) {
  const { promise: opened, resolve: open } = Promise.withResolvers();
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    request.pipe(
      send(target + url, { method, headers }, async (answer) => {
        if (method === "POST") await opened;
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      }),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    open,
    async end() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
