// The Workflow that waits for callbacks, and its route beside the tests' addresses.

export { FindPhone } from "#recipe";
import recipe from "#recipe";
import driver from "./workflow.js";

const failing = { get: () => Promise.reject(new Error("internal error")) };

export default {
  fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    if (!pathname.startsWith("/nyne/")) return driver.fetch(request, env);
    return recipe.fetch(request, search === "?fail" ? { ...env, FIND_PHONE: failing } : env);
  },
};
