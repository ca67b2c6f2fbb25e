/**
 * Lookups that outlive the program that began them: on a workflow engine, in a queue, in an alarm.
 *
 * {@link advance} makes one step. The engine keeps the state between two steps, and waits.
 *
 * @packageDocumentation
 */

import type { LookupOptions, NyneErrorCode, PhoneQuery } from "nyne-phone-finder";

/**
 * Sends the next request of a lookup and returns where the lookup stands then: the submit, if Nyne has not been asked yet, or
 * one poll. It sends one request at most, and it never waits for a later one.
 *
 * Call it until `state` is no longer `"pending"`, each time with what it returned before, and wait `pollAfter` in between. It sends
 * its request whenever it is called: it does not look whether that time has passed, so it may be called early, such as when a
 * callback comes.
 *
 * Engines run a step again if they were interrupted in it. A submit that is run again is a second job, which is charged. So each
 * submit takes a claim first, {@link AdvanceOptions.claim}, and is not sent if the claim is taken: the lookup then ends as
 * `submit_outcome_unknown`.
 *
 * A state that ended as `"completed"` is returned as it is. One that ended as `"failed"` continues if it is advanced all the same:
 * it submits again if its error says `submitted: "no"`, and polls if the id is known. If nobody knows whether there is a job, it
 * needs the id, which a callback may bring: `advance({ ...state, requestId }, options)`.
 *
 * @throws {@link NyneError} if the request was not sent, or was aborted; the state is unchanged. `invalid_argument`: the state or an
 * option is wrong. `aborted` or `timeout`: {@link LookupOptions.signal}. `client_fault`: the claim failed, or this host cannot send.
 * Every other failure is a state.
 *
 * @example
 * ```ts
 * import { advance, type LookupState } from "nyne-phone-finder/durable";
 *
 * const claims = new Set<string>(); // In truth a table: a claim must outlive the program.
 * const options = {
 *   apiKey: process.env.NYNE_API_KEY,
 *   apiSecret: process.env.NYNE_API_SECRET,
 *   claim: (key: string) => claims.size < claims.add(key).size,
 * };
 * let state = await advance({ query: { email: "ada@example.com" } }, options);
 * while (state.state === "pending") {
 *   const { pollAfter } = state; // Store the state, and wait.
 *   await new Promise((resolve) => setTimeout(resolve, pollAfter));
 *   state = await advance(state, options);
 * }
 * console.log(state.state === "completed" ? state.mobile : state.error.message);
 * ```
 */
export function advance(state: LookupState, options: AdvanceOptions): Promise<LookupProgress>;

/** Options of {@link advance}: those of every function, and the claim. */
export interface AdvanceOptions extends LookupOptions {
  /**
   * Takes a claim, durably: it resolves with true if the key was free and is taken from now on, and with false if it was taken.
   * It may take any time: `requestTimeout` begins after it.
   * It is called just before a submit. The key is the state's `key`; a further submit of the same lookup, such as after a 429,
   * has `#2` and so on behind it. It is needed as long as the state has no request id.
   */
  claim?: ((key: string) => boolean | Promise<boolean>) | undefined;
  /**
   * How long a job may run, in milliseconds from its submit. One that a poll finds running after that ends as `timeout`.
   * `Infinity` for no limit. Waits that Nyne asks for are kept, however long.
   * @defaultValue 300_000
   */
  timeout?: number | undefined;
}

/** Where a lookup stands, as plain JSON without a secret. Its query names a person. */
export type LookupState = LookupStart | LookupProgress;

/** What {@link advance} returns. */
export type LookupProgress = LookupPending | LookupCompleted | LookupFailed;

/** A lookup that has not begun, or the rest of one whose request id is known. */
export interface LookupStart {
  state?: undefined;
  /** Whose number is wanted. A `callbackUrl` that holds the key lets a callback bring an id that was lost. */
  query: PhoneQuery;
  /**
   * Identifies this lookup in its claims: two with one key are submitted once. It must not end in `#` and a number.
   * @defaultValue the text of the query's fields as given, so that no equal query is submitted twice
   */
  key?: string | undefined;
  /** The job's id: with it the lookup only polls. */
  requestId?: string | undefined;
}

/** What the states have in common once a lookup has begun. */
interface LookupBegun {
  query: PhoneQuery;
  key: string;
  /** The job's id, or null if it is not known. */
  requestId: string | null;
  /** When the job was submitted, or the id became known, as an ISO 8601 date; null before that. */
  submittedAt: string | null;
  /** How many submits were begun. */
  submits: number;
  /** Nyne's own word for the job's status; "submitting" before there is one. */
  status: string;
  /** Successful polls so far. */
  polls: number;
  /** Failed requests in a row. */
  failures: number;
}

/** The lookup continues. */
export interface LookupPending extends LookupBegun {
  state: "pending";
  /** How long to wait before the next {@link advance}, in milliseconds. */
  pollAfter: number;
  /** Why the last request failed, if it did and is to be retried; otherwise null. */
  problem: { code: string; message: string } | null;
}

/** The job finished. */
export interface LookupCompleted extends LookupBegun {
  state: "completed";
  /** The number, or null if Nyne found none. */
  mobile: string | null;
  /** When the job finished, as Nyne says it, or null. */
  completedOn: string | null;
  /** The API's `data` object as it came. */
  data: Record<string, unknown>;
}

/** The lookup ended without a result. */
export interface LookupFailed extends LookupBegun {
  state: "failed";
  /** The fields of the {@link NyneError}, as its `toJSON` gives them. */
  error: {
    name: string;
    message: string;
    code: NyneErrorCode;
    status: number | null;
    requestId: string | null;
    submitted: "no" | "yes" | "unknown";
    retryable: boolean;
    retryAfter: number | null;
  };
  /** The error's `data`, which may name a person, or null. */
  data: Record<string, unknown> | null;
}
