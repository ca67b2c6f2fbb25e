// The types of nyne-phone-finder/testing. Needs no types of any host, as index.test-d.ts.

import { createClient, findPhone, type NyneError } from "nyne-phone-finder";
import { createEmulator, nyneError } from "nyne-phone-finder/testing";
import type { EmulatedCallback, EmulatedRequest, Emulator, EmulatorOptions, FailOptions, Fault, FaultRule, NyneErrorFields } from "nyne-phone-finder/testing";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(verdict: Equal<A, B>): void;

same<typeof createEmulator, (options?: EmulatorOptions) => Emulator>(true);
same<ReturnType<typeof nyneError>, NyneError>(true);

const fault: Fault = { kind: "reset", at: "start" };
const rule: FaultRule = { on: "POST", from: 2, to: null, fault };
const nyne = createEmulator({
  people: { "ada@example.com": "+1-202-555-0100", "Noah Mobile": null },
  latency: { uniform: [1, 2] },
  statuses: ["queued"],
  faults: [rule],
  onCallback: async (request) => {
    const text: string = await request.text();
    return { status: text === "" ? 400 : 204 };
  },
});
createEmulator({ latency: 5, credits: 1, perMinute: 1, perHour: 1, failureShare: 0.5, seed: 1 });

// What it gives fits wherever the package takes options.
findPhone({ email: "" }, nyne.options);
findPhone({ email: "" }, { ...nyne.options, fetch: nyne.fetch, timeout: 1 });
createClient(nyne.options);

same<typeof nyne.requests, EmulatedRequest[]>(true);
same<typeof nyne.callbacks, EmulatedCallback[]>(true);
same<typeof nyne.credits, number>(true);
const which: FailOptions = { on: "GET", times: Infinity };
nyne.fail("insufficient_credits", which);
nyne.fail("lost answer");
nyne.fail(fault);
const advanced: Promise<void> = nyne.advance(1_000);

const fields: NyneErrorFields = { requestId: "a1", submitted: "yes" };
const error: NyneError = nyneError("timeout", fields);

// @ts-expect-error the latency is latencyMs only over HTTP
createEmulator({ latencyMs: 5 });
// @ts-expect-error a person has one mobile
createEmulator({ people: { "ada@example.com": ["+1-202-555-0100"] } });
// @ts-expect-error it is the emulator that counts
nyne.credits = 5;

void [advanced, error];
