import { findPhone, isNyneError } from "nyne-phone-finder";

import { lookUp } from "./lookups.mjs";

onmessage = async ({ data }) => postMessage(await lookUp({ findPhone, isNyneError }, data));
