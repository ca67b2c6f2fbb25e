import { findPhone, isNyneError } from "nyne-phone-finder";

import { lookUp } from "../../lookups.mjs";

export async function POST(request) {
  return Response.json(await lookUp({ findPhone, isNyneError }, await request.json()));
}
