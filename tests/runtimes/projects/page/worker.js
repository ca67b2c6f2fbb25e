// A web worker, a shared worker and a service worker.

import * as api from "./node_modules/nyne-phone-finder/dist/browser.js";
import { lookUp } from "./lookups.mjs";

addEventListener("message", answer);
addEventListener("connect", ({ ports: [port] }) => (port.onmessage = answer));

function answer(event) {
  const outcome = lookUp(api, event.data).then((outcome) => event.ports[0].postMessage(outcome));
  // A service worker may be stopped once its events are over.
  event.waitUntil?.(outcome);
}
