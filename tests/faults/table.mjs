// The fault table: every fault, and exactly how a call then ends. The rows stand in rows/; their form in row.mjs.

import { proof } from "./row.mjs";
import { table } from "../support/case.mjs";
import bodies from "./rows/bodies.mjs";
import callers from "./rows/callers.mjs";
import connections from "./rows/connections.mjs";
import fetches from "./rows/fetches.mjs";
import jobs from "./rows/jobs.mjs";
import secrets from "./rows/secrets.mjs";
import singleRequests from "./rows/single-requests.mjs";
import statuses from "./rows/statuses.mjs";
import stopping from "./rows/stopping.mjs";

export const rows = [connections, bodies, statuses, jobs, fetches, callers, stopping, singleRequests, secrets].flat();

export default table(rows.map(proof));
