import * as api from "nyne-phone-finder";

import { lookUp } from "./lookups.mjs";

export default {
  async fetch(request) {
    return Response.json(await lookUp(api, await request.json()));
  },
};
