import * as api from "nyne-phone-finder";

import { lookUp } from "./lookups.mjs";

addEventListener("fetch", (event) => {
  event.respondWith(event.request.json().then((world) => lookUp(api, world)).then((outcome) => Response.json(outcome)));
});
