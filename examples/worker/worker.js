// GET /phone?email=ada@example.com answers { requestId, mobile }.
// Each number found costs a credit of yours, so callers must send `Authorization: Bearer ACCESS_TOKEN`.

import { findPhone, isNyneError } from "nyne-phone-finder";

/** The parameters that say whose number is wanted. */
const FIELDS = ["name", "company", "email", "phone", "socialMediaUrl"];

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== "GET" || pathname !== "/phone") return reply(404, { error: "try GET /phone?email=…" });
    if (!(await mayCall(request, env))) return reply(401, { error: "send Authorization: Bearer …" });

    try {
      const { requestId, mobile } = await findPhone(
        // A parameter that is missing is null, which counts as left out.
        Object.fromEntries(FIELDS.map((field) => [field, searchParams.get(field)])),
        {
          apiKey: env.NYNE_API_KEY,
          apiSecret: env.NYNE_API_SECRET,
          baseUrl: env.NYNE_BASE_URL, // unset: Nyne itself
          // Should the caller hang up, the id is still in the log, and pollResult(id) gets the paid result.
          onStatus: ({ requestId, status, problem }) => console.log(requestId, status, problem?.message ?? ""),
        },
      );
      return reply(200, { requestId, mobile });
    } catch (error) {
      if (!isNyneError(error)) throw error;
      const { code, message, requestId, submitted } = error;
      return reply(code === "invalid_argument" ? 400 : code === "timeout" ? 504 : 502, { code, message, requestId, submitted });
    }
  },
};

/** Compares hashes: they have one length, which `timingSafeEqual` needs and which tells nothing of the token. */
async function mayCall(request, env) {
  if (!env.ACCESS_TOKEN) return false;
  const hash = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const given = request.headers.get("Authorization") ?? "";
  return crypto.subtle.timingSafeEqual(await hash(given), await hash(`Bearer ${env.ACCESS_TOKEN}`));
}

function reply(status, body) {
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}
