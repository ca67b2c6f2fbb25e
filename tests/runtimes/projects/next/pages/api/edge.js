// Not in app/: there, Next.js 16.4's webpack fails on every edge route.

import { findPhone, isNyneError } from "nyne-phone-finder";

import { lookUp } from "../../lookups.mjs";

export const config = { runtime: "edge" };

// Vercel compiles no bytes. Next.js by itself does.
delete WebAssembly.Module;

export default async function edge(request) {
  return Response.json(await lookUp({ findPhone, isNyneError }, await request.json()));
}
