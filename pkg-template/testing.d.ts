/**
 * For the tests of programs that use this package: Nyne's Phone Finder, emulated in the test's own process.
 *
 * {@link createEmulator} answers as Nyne's contract says, and goes wrong on demand. {@link nyneError} makes any rejection.
 *
 * @packageDocumentation
 */

import type { FetchFunction, NyneError, NyneErrorCode, RequestLike } from "nyne-phone-finder";

/**
 * Starts an emulated Phone Finder: an account, its limits, its jobs and a log of its own. It sends nothing to anybody, and nobody in
 * it is real.
 *
 * @example
 * ```ts
 * import { findPhone } from "nyne-phone-finder";
 * import { createEmulator } from "nyne-phone-finder/testing";
 *
 * const nyne = createEmulator({ people: { "ada@example.com": "+1-202-555-0100" } });
 * const { mobile } = await findPhone({ email: "ada@example.com" }, nyne.options);
 * console.log(mobile, nyne.credits);
 * ```
 * @throws TypeError if a setting makes no sense; the message says which
 */
export function createEmulator(options?: EmulatorOptions): Emulator;

export interface EmulatorOptions {
  /**
   * People who can be found, besides those of the emulator's directory: the mobile of each, or null for somebody without one. The
   * key is an email, a phone, a profile URL or a name.
   */
  people?: Record<string, string | null> | undefined;
  /**
   * How long jobs take, in milliseconds. At 0 a job is done at its first poll.
   * @defaultValue 0
   */
  latency?: number | { uniform: [from: number, to: number] } | { lognormal: { medianMs: number; sigma: number } } | undefined;
  /** What successive polls of a job say. The poll after the last of them finds it done. */
  statuses?: string[] | undefined;
  /** @defaultValue 1000; a number that is found costs one */
  credits?: number | undefined;
  /** Requests that are allowed in a minute. @defaultValue 100 */
  perMinute?: number | undefined;
  /** Requests that are allowed in an hour. @defaultValue 1000 */
  perHour?: number | undefined;
  /** The share of jobs that end as failed, from 0 to 1. @defaultValue 0 */
  failureShare?: number | undefined;
  /** How long a job that has ended can be asked for, in milliseconds. @defaultValue 3_600_000 */
  expireAfterMs?: number | undefined;
  /** Hosts that a `callbackUrl` may name. @defaultValue every host */
  callbackHosts?: string[] | undefined;
  /** Faults from the beginning. {@link Emulator.fail} adds more. */
  faults?: FaultRule[] | undefined;
  /** Makes latencies, failures and ids, but for the time in them, the same each time. */
  seed?: number | undefined;
  /** The keys that it accepts. */
  apiKey?: string | undefined;
  apiSecret?: string | undefined;
  /**
   * Receives the callbacks, as a route handler does. What it returns has a `status`, which says whether the callback is taken; nothing
   * counts as 204. If it is not taken, or if this throws, it is sent again after 1 s, and after another 5 s.
   * @defaultValue nobody: {@link Emulator.callbacks} has them
   */
  onCallback?: ((request: HostRequest) => unknown) | undefined;
}

export interface Emulator {
  /**
   * Answers a request as Nyne does. Of the address only the path counts. It belongs wherever a `fetch` or a handler of a mocking
   * tool does.
   */
  readonly fetch: HostFetch;
  /** What makes a call ask the emulator, with a first poll after 1 ms: `findPhone(query, nyne.options)`. */
  readonly options: {
    apiKey: string;
    apiSecret: string;
    baseUrl: string;
    fetch: HostFetch;
    poll: { firstDelay: number; maxDelay: number };
  };
  /** The requests so far, the first one first. */
  readonly requests: EmulatedRequest[];
  /** How many jobs were made. */
  readonly jobs: number;
  /** The credits that are left. */
  readonly credits: number;
  /** The callbacks that were sent, or, without {@link EmulatorOptions.onCallback}, would have been. Each try is one. */
  readonly callbacks: EmulatedCallback[];
  /**
   * Makes the next requests go wrong, after those faults that are still to come: `fail("insufficient_credits")`.
   * @param fault a code of Nyne's, which is answered with the status that it stands for; `"network error"`: no answer, and no job;
   *   `"lost answer"`: the job is made, and the answer lost; `"no answer"`: silence, until the request is aborted; or a {@link Fault}
   */
  fail(fault: NyneErrorCode | "network error" | "lost answer" | "no answer" | Fault, which?: FailOptions): void;
  /**
   * Moves the emulator's clock, which is otherwise `Date.now()`, and delivers the callbacks that become due. It moves no timers: use
   * those of the test runner for them.
   */
  advance(ms: number): Promise<void>;
}

export interface FailOptions {
  /** @defaultValue "any" */
  on?: "POST" | "GET" | "any" | undefined;
  /** How many requests. @defaultValue 1 */
  times?: number | undefined;
}

/** A fault by its kind, with its parameters. The emulator's README lists them: `{ kind: "slowBody", bytesPerSecond: 10 }`. */
export interface Fault {
  kind: string;
  [parameter: string]: unknown;
}

/** Which requests a fault befalls, counted from 1 by their method. */
export interface FaultRule {
  on: "POST" | "GET" | "any";
  /** @defaultValue 1 */
  from?: number | undefined;
  /** @defaultValue null: to the last */
  to?: number | null | undefined;
  /** @defaultValue null: any number */
  times?: number | null | undefined;
  fault: Fault;
}

export interface EmulatedRequest {
  method: string;
  /** Path and query. */
  url: string;
  /** By names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** Milliseconds since the emulator began. */
  atMs: number;
  /** The status that it was answered with, or null. */
  answered: number | null;
  /** The kind of the fault that befell it, or null. */
  fault: string | null;
  /** Whether the client left before it had the whole answer. */
  closedEarly: boolean;
}

export interface EmulatedCallback {
  url: string;
  /** What its receiver answered, or null. */
  status: number | null;
  /** JSON. */
  body: string;
}

/**
 * Makes an error as the package rejects with it: with the status that the code stands for, with what is usually known of a job then, and
 * with a message in the package's words.
 *
 * @example
 * ```ts
 * import { nyneError } from "nyne-phone-finder/testing";
 *
 * const findPhone = async () => {
 *   throw nyneError("insufficient_credits");
 * };
 * ```
 * @param fields what is to be otherwise. A `requestId` means that a job was submitted
 */
export function nyneError(code: NyneErrorCode, fields?: NyneErrorFields): NyneError;

export interface NyneErrorFields {
  message?: string | undefined;
  status?: number | null | undefined;
  requestId?: string | null | undefined;
  submitted?: "no" | "yes" | "unknown" | undefined;
  retryable?: boolean | undefined;
  retryAfter?: number | null | undefined;
  cause?: unknown;
  data?: Record<string, unknown> | undefined;
}

/** The host's own types, if it declares them: this file cannot name them. */
type HostFetch = typeof globalThis extends { fetch: infer Fetch } ? Fetch : FetchFunction;
type HostRequest = typeof globalThis extends { Request: { prototype: infer Request } } ? Request : RequestLike;

export {};
