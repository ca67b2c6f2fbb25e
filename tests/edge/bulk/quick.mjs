// The example's Worker, which polls quickly, so that a test need not wait, and tells what `findPhones` has met with.

import { Bulk as Example } from "../../../examples/bulk-worker/bulk.js";
import example from "../../../examples/bulk-worker/worker.js";

export class Bulk extends Example {
  #problems = [];

  options() {
    const onStatus = ({ problem }) => problem && this.#problems.push(problem.code);
    return { ...super.options(), poll: { firstDelay: 10, maxDelay: 20 }, onStatus };
  }

  problems() {
    return this.#problems;
  }
}

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/problems") return Response.json(await env.BULK.getByName("batch").problems());
    return example.fetch(request, env);
  },
};
