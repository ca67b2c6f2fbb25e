import { everyCase } from "../support/every-case.mjs";
import { workerd } from "../support/hosts/workerd.mjs";

await everyCase(new URL("cases.mjs", import.meta.url), [workerd]);
