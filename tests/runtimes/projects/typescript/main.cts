import * as api from "nyne-phone-finder";

import("./lookups.mjs")
  .then(({ lookUp }) => lookUp(api, JSON.parse(process.env.WORLD)))
  .then((outcome) => console.log(JSON.stringify(outcome)));
