// Hands the tests' options to advance.mjs, in each of the isolates that a Worker may have.

import { env } from "cloudflare:workers";

globalThis.lookupOptions = env.OPTIONS;
