import * as api from "nyne-phone-finder";

import { lookUp } from "./lookups.mjs";

console.log(JSON.stringify(await lookUp(api, JSON.parse(process.env.WORLD))));
