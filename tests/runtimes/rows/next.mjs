// Next.js with each of its bundlers: a server route, one that opts into Next's data cache, an edge route and a client component,
// built and in development.

import { toolFile, toolVersion } from "../harness.mjs";
import { outcomeOf } from "../page.mjs";
import { startServer } from "../server.mjs";
import { serve } from "../site.mjs";

const NEXT = toolFile("next/dist/bin/next");
const env = { NEXT_TELEMETRY_DISABLED: "1" };

const row = (bundler) => ({
  name: `next-${bundler.toLowerCase()}`,
  group: "Bundlers",
  host: `Next.js, ${bundler}`,
  ran: "server route, with the data cache too, edge route, client component: production, development server",
  project: "next",
  async run({ folder, exec, lookUp }) {
    const flag = `--${bundler.toLowerCase()}`;
    await exec(process.execPath, [NEXT, "build", flag], { env });
    for (const [what, ...command] of [["production", "start"], ["development server", "dev", flag]]) {
      await using closing = new AsyncDisposableStack();
      const values = [NEXT, ...command, "--port", "0", "--hostname", "127.0.0.1"];
      const url = await startServer(folder, process.execPath, values, env, closing);
      const routes = [["server route", "server"], ["server route with the data cache", "cached"], ["edge route", "api/edge"]];
      for (const [route, path] of routes) {
        await lookUp(`${what}, ${route}`, async (world) => {
          const response = await fetch(url + path, { method: "POST", body: JSON.stringify(world) });
          if (!response.ok) throw new Error(`${route} answered ${response.status}: ${await response.text()}`);
          return response.json();
        });
      }
      const site = await serve(folder, undefined, closing);
      await lookUp(`${what}, client component`, (world) => outcomeOf(url, site, world, closing));
    }
    return toolVersion("next");
  },
});

export default [row("Turbopack"), row("webpack")];
