import { findPhone, isNyneError } from "nyne-phone-finder";

import { lookUp } from "./lookups.mjs";
import { report } from "./report.mjs";

report((world) => lookUp({ findPhone, isNyneError }, world));
