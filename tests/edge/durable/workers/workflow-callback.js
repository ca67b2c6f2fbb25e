// The Workflow that waits for callbacks, and its route beside the tests' addresses.

export { FindPhone } from "#recipe";
import recipe from "#recipe";
import driver from "./workflow.js";

export default {
  fetch: (request, env) => (new URL(request.url).pathname.startsWith("/nyne/") ? recipe : driver).fetch(request, env),
};
