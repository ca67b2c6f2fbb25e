import { everyCase } from "../support/every-case.mjs";
import { chromium } from "../support/hosts/chromium.mjs";

await everyCase(new URL("cases.mjs", import.meta.url), [chromium]);
