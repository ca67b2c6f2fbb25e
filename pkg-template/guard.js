// @ts-check
// Keeps one living instance of the WebAssembly module. If it breaks, all calls in flight on it reject, each with what it
// knows of its job, and the next call starts a fresh instance of the same compiled module.
//
// An instance breaks when an exception leaves it: a trap, a stack overflow, an exception out of an imported function. Its
// memory can no longer be trusted, but timers and promises still hold functions that call into it. Therefore every
// function that the instance exports is wrapped.

import { bindings } from "./bindings.js";
import { whyNotStarted } from "./diagnosis.js";
import * as errors from "./errors.js";

/** The result of a call into a broken instance: wasm-bindgen's JavaScript reads it as nothing, null pointers, or a success. */
const NOTHING = Object.freeze([0, 0]);

/** What wasm-bindgen throws when a closure of Rust's is called that was dropped. */
const DROPPED = "closure invoked recursively or after being dropped";

/** What the guard has to know of a call in flight. Rust keeps it up to date. */
export class Call {
  /** @type {string | null} */
  requestId = null;
  /** @type {"no" | "yes" | "unknown"} */
  submitted = "no";
  /** Aborts the request under way. @type {AbortController | undefined} */
  controller = undefined;
  /** Rejects the caller's promise. @type {(error: unknown) => void} */
  reject = () => {};
  /** The calls in flight on the same instance. @type {Set<Call> | undefined} */
  siblings = undefined;

  /** The call is over, or its host has dropped it. */
  forget() {
    this.siblings?.delete(this);
  }

  /** Notes which job the caller asks about, in case the module breaks before it has read that. @param {any} request */
  concerns(request) {
    try {
      const id = request?.requestId ?? request;
      if (typeof id === "string") [this.requestId, this.submitted] = [id, "yes"];
    } catch {
      // Rust reads the argument again and names it in its error.
    }
  }

  /** @param {string} what happened @param {unknown} cause */
  fault(what, cause) {
    const { requestId } = this;
    /** @type {Call["submitted"]} */
    const submitted = requestId !== null ? "yes" : this.submitted === "no" ? "no" : "unknown";
    const next = {
      yes: `The job keeps running. Resume it: pollResult(${JSON.stringify(requestId)}).`,
      unknown: "A job may exist and may be charged. Before you submit again, look for it in Nyne's dashboard.",
      no: "Nothing was sent, so it is safe to call again.",
    };
    const fields = { code: "client_fault", status: null, requestId, submitted, retryable: false, retryAfter: null };
    return new errors.NyneError(`${what} ${next[submitted]} Code: ${fields.code}.`, fields, cause);
  }
}

class Instance {
  /** The calls in flight. @type {Set<Call>} */
  calls = new Set();
  /** How many calls into the instance are on the stack. */
  depth = 0;
  broken = false;
  /** The exception that broke it, if it is the engine's own: any other may hold a key. @type {unknown} */
  cause = undefined;

  /** @param {WebAssembly.Module} compiled */
  constructor(compiled) {
    const { module, start } = bindings(errors);
    this.module = module;
    const [{ module: name }] = WebAssembly.Module.imports(compiled);
    const { exports } = new WebAssembly.Instance(compiled, { [name]: module });
    start(Object.fromEntries(Object.entries(exports).map(([key, value]) => [key, this.guard(value)])));
    if (this.broken) throw this.cause;
  }

  /** @template T @param {T} exported @returns {T} */
  guard(exported) {
    // Memory and tables.
    if (typeof exported !== "function") return exported;
    return /** @type {any} */ ((/** @type {unknown[]} */ ...values) => {
      if (this.broken) {
        // Code of this instance that is still on the stack must not continue.
        if (this.depth > 0) throw this.cause;
        return NOTHING;
      }
      this.depth += 1;
      try {
        return exported(...values);
      } catch (thrown) {
        // Said before anything is touched: the host has called a function that the instance has let go of.
        if (thrown instanceof Error && thrown.message === DROPPED) return NOTHING;
        // Thrown on, it could be uncaught: the host may have called, to dispatch an event.
        this.broken = true;
        if (thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError) this.cause = thrown;
        return NOTHING;
      } finally {
        this.depth -= 1;
        // In a microtask: an overflown stack has no room for it.
        if (this.broken && this.depth === 0) Promise.resolve().then(() => this.endCalls());
      }
    });
  }

  endCalls() {
    for (const call of this.calls) {
      call.reject(call.fault(BROKE, this.cause));
      try {
        call.controller?.abort();
      } catch {
        // The call is over in any case.
      }
    }
    this.calls.clear();
  }
}

const BROKE = "The WebAssembly module of nyne-phone-finder broke. Please report this bug.";

/** @type {() => WebAssembly.Module} */
let compile;
/** @type {WebAssembly.Module | undefined} */
let compiled;
/** @type {Instance | undefined} */
let living;

/** Says how this host gets at the compiled module. @param {typeof compile} how */
export const compileWith = (how) => {
  compile = how;
};

/** The living instance. All of it is synchronous: in a Worker, no request may wait for a promise of another. */
function instance() {
  if (!living || living.broken) living = new Instance((compiled ??= compile()));
  return living;
}

/** Starts the instance ahead of the first call, which reports what is wrong if that fails. */
export function start() {
  try {
    instance();
  } catch {}
}

/**
 * Calls into the living instance. If that does not start, or breaks meanwhile, it throws the NyneError.
 * @template T @param {Call} call @param {(module: import("./bindings.js").Module) => T} use @returns {T}
 */
export function enter(call, use) {
  let entered;
  try {
    entered = instance();
  } catch (thrown) {
    throw call.fault(whyNotStarted(thrown), thrown);
  }
  call.siblings = entered.calls.add(call);
  let cause;
  try {
    const result = use(entered.module);
    if (!entered.broken) return result;
    cause = entered.cause;
  } catch (thrown) {
    cause = thrown;
  }
  call.forget();
  throw errors.isNyneError(cause) ? cause : call.fault(BROKE, cause);
}
