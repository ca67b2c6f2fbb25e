// The types of nyne-phone-finder/durable. Needs no types of any host, as index.test-d.ts.

import type { LookupOptions, NyneErrorCode, PhoneQuery } from "nyne-phone-finder";
import { advance } from "nyne-phone-finder/durable";
import type {
  AdvanceOptions,
  LookupCompleted,
  LookupFailed,
  LookupPending,
  LookupProgress,
  LookupStart,
  LookupState,
} from "nyne-phone-finder/durable";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(verdict: Equal<A, B>): void;

same<typeof advance, (state: LookupState, options: AdvanceOptions) => Promise<LookupProgress>>(true);
same<LookupState, LookupStart | LookupProgress>(true);
same<LookupProgress, LookupPending | LookupCompleted | LookupFailed>(true);

// What a state is told apart by, and has then.
declare const state: LookupProgress;
same<typeof state.query, PhoneQuery>(true);
same<typeof state.key, string>(true);
same<typeof state.requestId, string | null>(true);
if (state.state === "pending") same<typeof state.pollAfter, number>(true);
else if (state.state === "completed") same<typeof state.mobile, string | null>(true);
else same<typeof state.error.code, NyneErrorCode>(true);
// @ts-expect-error a lookup that goes on has no number yet
state.mobile;

// What is passed on: a beginning, what was returned, and the same with an id that came later.
declare const options: AdvanceOptions;
same<AdvanceOptions extends LookupOptions ? true : false, true>(true);
advance({ query: { email: "" } }, options);
advance({ query: { email: "" }, key: "k", requestId: "a1b2" }, { apiKey: "", apiSecret: "" });
advance(state, { ...options, claim: () => true });
advance(state, { ...options, claim: async (key: string) => key === "" });
advance({ ...state, requestId: "a1b2" }, options);
advance(JSON.parse(JSON.stringify(state)) as LookupState, options);

// @ts-expect-error it needs a query
advance({ key: "k" }, options);
// @ts-expect-error the options hold the claim
advance({ query: { email: "" } });
// @ts-expect-error a claim says whether it was taken
advance({ query: { email: "" } }, { ...options, claim: async () => undefined });
