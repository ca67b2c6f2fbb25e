import { findPhone, isNyneError } from "nyne-phone-finder";

import { lookUp } from "./lookups.mjs";

console.log(JSON.stringify(await lookUp({ findPhone, isNyneError }, JSON.parse(process.env.WORLD))));
