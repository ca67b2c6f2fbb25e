// The contract of the package's public interface, as cases that every host runs.

import { table } from "../support/case.mjs";
import argumentCases from "./cases/arguments.mjs";
import batches from "./cases/batches.mjs";
import callbacks from "./cases/callbacks.mjs";
import clients from "./cases/clients.mjs";
import durable from "./cases/durable.mjs";
import failures from "./cases/failures.mjs";
import lookups from "./cases/lookups.mjs";
import messages from "./cases/messages.mjs";
import misbehaving from "./cases/misbehaving.mjs";
import schedule from "./cases/schedule.mjs";
import statuses from "./cases/statuses.mjs";
import stopping from "./cases/stopping.mjs";
import transport from "./cases/transport.mjs";

export default table(lookups, statuses, clients, callbacks, argumentCases, failures, schedule, stopping, transport, misbehaving, messages, batches, durable);
