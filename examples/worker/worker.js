// A Worker that keeps the keys, with three doors:
//
//   /api/nyne           a proxy: pages call findPhone(query, { baseUrl: "/api/nyne" }) and hold no key
//   /phone              for programs: POST submits a query, GET ?request_id=ID tells how the job stands
//   POST /callback      takes Nyne's callbacks and keeps the results
//
// Each number found costs a credit of yours, so callers must send `Authorization: Bearer ACCESS_TOKEN`.

import { checkStatus, confirmCallback, isNyneError, submitPhone } from "nyne-phone-finder";
import { createProxy } from "nyne-phone-finder/proxy";

/** How long results are kept, in seconds: they are personal data. */
const KEPT = 24 * 60 * 60;

let proxy;

export default {
  async fetch(request, env) {
    const { pathname, origin, searchParams } = new URL(request.url);
    const nyne = { apiKey: env.NYNE_API_KEY, apiSecret: env.NYNE_API_SECRET, baseUrl: env.NYNE_BASE_URL };
    const requestId = searchParams.get("request_id");
    try {
      if (pathname.startsWith("/api/nyne/")) {
        proxy ??= createProxy({ ...nyne, authorize: (request) => callerOf(request, env) });
        return await proxy(request);
      }
      if (request.method === "POST" && pathname === "/callback") return await callback(request, nyne, env);
      if (!(await callerOf(request, env))) return reply(401, { error: "send Authorization: Bearer …" });
      if (request.method === "POST" && pathname === "/phone") {
        const query = await request.json().catch(() => null);
        // The answer comes at once: a Worker whose caller hangs up is stopped, and with it a lookup that waits.
        return reply(202, await submitPhone({ ...query, callbackUrl: `${origin}/callback` }, nyne));
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

/** Anyone can send a callback: what is kept is Nyne's own answer about its job. Nyne sends again what is not answered 2xx. */
async function callback(request, nyne, env) {
  const status = await confirmCallback(request, nyne);
  if (status.state === "pending") return reply(409, { error: "the job is still running" });
  await env.RESULTS.put(status.requestId, JSON.stringify(status), { expirationTtl: KEPT });
  return new Response(null, { status: 204 });
}

/**
 * Names the caller, or returns null. With users of your own, return the user's id instead: each caller of the proxy can poll the
 * jobs of its name only. Hashes have one length, which `timingSafeEqual` needs and which tells nothing of the token.
 */
async function callerOf(request, env) {
  if (!env.ACCESS_TOKEN) return null;
  const hash = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const given = request.headers.get("Authorization") ?? "";
  const known = crypto.subtle.timingSafeEqual(await hash(given), await hash(`Bearer ${env.ACCESS_TOKEN}`));
  return known ? "the token's holder" : null;
}

function reply(status, body) {
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}
