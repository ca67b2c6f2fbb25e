// A Worker with one proxy for each entry of the binding PROXIES: at /api/nyne the one named main, the others at
// /w/NAME/api/nyne.

import { createProxy } from "nyne-phone-finder/proxy";

/** The sessions of two callers. */
const CALLERS = { "session-of-ada": "ada", "session-of-bob": "bob" };

function authorize(request) {
  const [, token] = /^Bearer (.*)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
  const [, cookie] = /\bsession=([\w-]+)/.exec(request.headers.get("Cookie") ?? "") ?? [];
  const session = token ?? cookie;
  return Object.hasOwn(CALLERS, session) ? CALLERS[session] : null;
}

/** Functions of a proxy's owner, by the name that a row gives them. */
const FUNCTIONS = {
  throws: () => {
    throw new Error("the database at db.internal is gone");
  },
  everybody: () => true,
  nobody: () => "",
  readsTheBody: async (request) => (await request.text(), "ada"),
  later: () => 1_500,
  nonsense: () => "soon",
};

// A Worker may make one before its first request, where it may not wait, draw a random number or ask anybody.
createProxy({ apiKey: "nyne_live_of_nobody", apiSecret: "nyne_sec_of_nobody", authorize });

const proxies = new Map();

export default {
  fetch(request, { PROXIES }) {
    const [, name = "main"] = /^\/w\/(\w+)\//.exec(new URL(request.url).pathname) ?? [];
    if (!proxies.has(name)) proxies.set(name, make(name, PROXIES[name]));
    return proxies.get(name)(request);
  },
};

function make(name, { authorize: chosen, limit, secretSent, ...options }) {
  return createProxy({
    path: name === "main" ? undefined : `/w/${name}/api/nyne`,
    authorize: FUNCTIONS[chosen] ?? authorize,
    limit: FUNCTIONS[limit],
    // A secret that the service still takes, although the proxy has a new one.
    fetch: secretSent && ((url, init) => fetch(url, { ...init, headers: { ...init.headers, "X-API-Secret": secretSent } })),
    ...options,
  });
}
