// The service on loopback, in a process of its own. Below /chunked/ its answers declare no length. It also serves what is
// in the folder given, for pages. Prints its origin once it listens.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { service } from "./service.mjs";

const [gets, folder] = process.argv.slice(2);
const answer = service(Number(gets));

const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  const { method, url } = request;
  if (url.startsWith("/page/")) {
    const type = url.endsWith(".js") ? "text/javascript" : "text/html";
    // Isolated from other origins, a page gets a clock of 5 µs instead of 100.
    response.writeHead(200, {
      "Content-Type": type,
      "Cache-Control": "no-store",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    });
    return response.end(await readFile(join(folder, url.slice("/page/".length))));
  }
  // A submit's body is read, as a service would, and means nothing here.
  request.resume().on("end", () => {
    const { status, headers, body } = answer(method, `http://${request.headers.host}${url}`);
    if (url.startsWith("/chunked/")) delete headers["Content-Length"];
    response.writeHead(status, headers);
    // In two parts, or Node would know the length.
    if (url.startsWith("/chunked/")) response.write(body.slice(0, 9));
    response.end(url.startsWith("/chunked/") ? body.slice(9) : body);
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
// Stops with whoever started it.
process.stdin.on("end", () => process.exit()).resume();
