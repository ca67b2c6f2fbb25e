// A Worker that keeps the keys, with three doors:
//
//   /api/nyne           a proxy: pages call findPhone(query, { baseUrl: "/api/nyne" }) and hold no key
//   /phone              for programs: POST submits a query, GET ?request_id=ID tells how the job stands
//   POST /callback/TAG  takes Nyne's callbacks and keeps the results
//
// Each number found costs a credit of yours, so callers must send `Authorization: Bearer ACCESS_TOKEN`.

import { checkStatus, isNyneError, parseCallback, submitPhone } from "nyne-phone-finder";
import { createProxy } from "nyne-phone-finder/proxy";

/** How long results are kept, in seconds: they are personal data. */
const KEPT = 24 * 60 * 60;

let proxy;

export default {
  async fetch(request, env) {
    const { pathname, origin, searchParams } = new URL(request.url);
    const [, tag] = /^\/callback\/([^/]+)$/.exec(pathname) ?? [];
    const nyne = { apiKey: env.NYNE_API_KEY, apiSecret: env.NYNE_API_SECRET, baseUrl: env.NYNE_BASE_URL };
    const requestId = searchParams.get("request_id");
    try {
      if (pathname.startsWith("/api/nyne/")) {
        proxy ??= createProxy({ ...nyne, authorize: (request) => callerOf(request, env) });
        return await proxy(request);
      }
      if (request.method === "POST" && tag) return await callback(request, tag, nyne, env);
      if (!(await callerOf(request, env))) return reply(401, { error: "send Authorization: Bearer …" });
      if (request.method === "POST" && pathname === "/phone") {
        const query = await request.json().catch(() => null);
        // The answer comes at once: a Worker whose caller hangs up is stopped, and with it a lookup that waits.
        return reply(202, await submitPhone({ ...query, callbackUrl: `${origin}/callback/${await tagFor(crypto.randomUUID(), env)}` }, nyne));
      }
      if (request.method === "GET" && pathname === "/phone" && requestId) {
        return reply(200, (await env.RESULTS.get(requestId, "json")) ?? (await checkStatus(requestId, nyne)));
      }
      return reply(404, { error: "try POST /phone with a query as JSON, then GET /phone?request_id=ID" });
    } catch (error) {
      if (!isNyneError(error)) throw error;
      const { code, message, requestId, submitted, retryable } = error;
      const status = { invalid_argument: 400, request_not_found: 404, rate_limit_exceeded: 429 }[code] ?? (retryable ? 503 : 502);
      return reply(status, { code, message, requestId, submitted });
    }
  },
};

/** What is kept is Nyne's own answer about the job. The tag is checked first, or anyone could use up the account's limit of requests. */
async function callback(request, tag, nyne, env) {
  const [nonce] = tag.split(".");
  if (!(await isSame(tag, await tagFor(nonce, env)))) return reply(404, { error: "this is no address of a callback" });
  const { requestId } = await parseCallback(request).catch(() => ({}));
  if (!requestId) return reply(400, { error: "this is no callback" });
  const status = await checkStatus(requestId, nyne);
  if (status.state === "pending") return reply(503, { error: "the job is still running" });
  await env.RESULTS.put(status.requestId, JSON.stringify(status), { expirationTtl: KEPT });
  return new Response(null, { status: 204 });
}

/** The tag of a callback's address, which only this Worker can make: `NONCE.HMAC`. */
async function tagFor(nonce, env) {
  const key = await crypto.subtle.importKey("raw", bytes(env.NYNE_API_SECRET), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes(`phone-worker callback ${nonce}`)));
  return `${nonce}.${Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Names the caller, or returns null. With users of your own, return the user's id as text instead: each caller of the proxy can
 * poll the jobs of its name only.
 */
async function callerOf(request, env) {
  if (!env.ACCESS_TOKEN) return null;
  return (await isSame(request.headers.get("Authorization") ?? "", `Bearer ${env.ACCESS_TOKEN}`)) ? "the token's holder" : null;
}

/** Compares hashes: they have one length, which `timingSafeEqual` needs and which tells nothing of the texts. */
async function isSame(text, other) {
  const hash = (text) => crypto.subtle.digest("SHA-256", bytes(text));
  return crypto.subtle.timingSafeEqual(await hash(text), await hash(other));
}

const bytes = (text) => new TextEncoder().encode(text);

function reply(status, body) {
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}
