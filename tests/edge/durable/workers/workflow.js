// The Workflow of either recipe, and addresses by which the tests drive it.

import "./options.js";

export { FindPhone } from "#recipe";

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const id = searchParams.get("key");
    switch (pathname) {
      case "/start":
        await env.FIND_PHONE.create({ id, params: await request.json() });
        return Response.json(null);
      case "/state": {
        const { status, output, error } = await (await env.FIND_PHONE.get(id)).status();
        if (error) throw new Error(`${id} is ${status}: ${JSON.stringify(error)}`);
        return Response.json(status === "complete" ? output : null);
      }
      case "/wake": // after a restart, no instance runs here before it gets an event
        await (await env.FIND_PHONE.get(id)).sendEvent({ type: "wake", payload: null });
        return Response.json(null);
      case "/timeout": { // for the instance's next run: waits for no event
        const modifier = await env.FIND_PHONE.unsafeGetInstanceModifier(id);
        await modifier.forceEventTimeout({ name: "callback 1" });
        return Response.json(null);
      }
      case "/restart":
        await (await env.FIND_PHONE.get(id)).restart();
        return Response.json(null);
    }
  },
};
