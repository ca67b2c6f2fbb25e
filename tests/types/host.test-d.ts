// What a host's own types call `fetch`, `Request` and `AbortSignal` fits as it is, and so does a wrapper around it.
// Compile once per host: DOM, WebWorker, Node, Bun, Cloudflare Workers.

import { createClient, findPhone, findPhones, parseCallback } from "nyne-phone-finder";
import { createProxy } from "nyne-phone-finder/proxy";
import { createEmulator } from "nyne-phone-finder/testing";

const controller = new AbortController();

findPhone({ email: "" }, { fetch });
findPhone({ email: "" }, { fetch: globalThis.fetch });
findPhone({ email: "" }, { fetch: (url, init) => fetch(url, init) });
findPhone({ email: "" }, { fetch: (input: string | URL | Request, init?: RequestInit) => fetch(input, init) });
findPhone({ email: "" }, { fetch: (url, init) => fetch(new Request(url, init)) });
findPhone({ email: "" }, { fetch: async () => new Response("{}", { status: 503 }) });
findPhone({ email: "" }, { signal: controller.signal });
findPhone({ email: "" }, { signal: AbortSignal.timeout(1) });
findPhone({ email: "" }, { fetch: async (url, { signal, ...init }) => (signal?.throwIfAborted(), fetch(url, { ...init, signal })) });
createClient({ fetch, signal: controller.signal });
findPhones([{ email: "" }], { fetch, signal: controller.signal });
parseCallback(new Request("https://example.com/", { method: "POST", body: "{}" }));
parseCallback(new Response("{}"));
parseCallback(new TextEncoder().encode("{}"));

const keys = { apiKey: "", apiSecret: "" };
const proxy: (request: Request) => Promise<Response> = createProxy({ ...keys, fetch, authorize: async (request) => request.headers.get("x-user") });
proxy(new Request("https://example.com/")).then((response) => response.status);
createProxy({ ...keys, authorize: () => undefined, limit: async (caller: string, { method }) => (method === "POST" && caller ? 1_000 : null) });

// @ts-expect-error somebody must decide who may call
createProxy(keys);
// @ts-expect-error a caller has a name
createProxy({ ...keys, authorize: () => true });
// @ts-expect-error a list is wanted
createProxy({ ...keys, authorize: () => null, origins: "https://example.com" });
// @ts-expect-error a response is wanted, not its text
findPhone({ email: "" }, { fetch: async (url) => (await fetch(url)).text() });
// @ts-expect-error the controller is not its signal
findPhone({ email: "" }, { signal: controller });

// An emulator's `fetch` is one of the host's, and its callbacks are the host's requests.
const emulated: typeof fetch = createEmulator({ onCallback: (request: Request) => new Response(request.url) }).fetch;
findPhone({ email: "" }, createEmulator().options);
emulated(new Request("https://api.nyne.ai/person/phone"));
