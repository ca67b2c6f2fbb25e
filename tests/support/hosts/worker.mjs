// The other end of workerd.mjs: answers with how the case went whose name is the request's body. workerd.mjs says what
// stands for #table.

import cases from "#table";
import * as durable from "nyne-phone-finder/durable";
import * as main from "nyne-phone-finder";
import * as testing from "nyne-phone-finder/testing";

import { runCase } from "../case.mjs";

export default {
  async fetch(request, { EMULATOR }) {
    const name = await request.text();
    const one = cases.find((one) => one.name === name);
    try {
      await runCase(one, { api: { ...main, ...durable, ...testing }, emulator: EMULATOR, kind: "workerd" });
      return new Response();
    } catch (error) {
      return new Response(error?.stack ?? String(error));
    }
  },
};
