// Looks up where it is told to, and reports to its server.

import * as api from "./node_modules/nyne-phone-finder/dist/browser.js";
import { lookUp } from "./lookups.mjs";

const { world, where } = JSON.parse(decodeURIComponent(location.hash.slice(1)));

const workers = {
  "web worker": () => new Worker("worker.js", { type: "module" }),
  "shared worker": () => new SharedWorker("worker.js", { type: "module" }).port,
  "service worker": async () => {
    await navigator.serviceWorker.register("worker.js", { type: "module" });
    return (await navigator.serviceWorker.ready).active;
  },
};

async function inWorker(start) {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  (await start()).postMessage(world, [port2]);
  return answer;
}

const outcome = where === "page" ? lookUp(api, world) : inWorker(workers[where]);
await fetch("outcome", { method: "POST", body: JSON.stringify(await outcome.catch((error) => String(error))) });
