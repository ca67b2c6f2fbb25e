// The JavaScript that wasm-bindgen generates for src/lib.rs, in a function that creates one instance's copy. See build.mjs.

import type { Call } from "./guard.js";

/** Rejects with a NyneError, and throws nothing. Rust reads the arguments, so they may be anything. */
type Function = (input: unknown, options: unknown, call: Call) => Promise<unknown>;

interface Functions {
  findPhone: Function;
  pollResult: Function;
  submitPhone: Function;
  checkStatus: Function;
  confirmCallback: Function;
  /** Throws a NyneError if an option is wrong, or if the queries are not iterable. */
  findPhones(queries: unknown, options: unknown, call: Call): Batch;
}

/** The lookups of one `findPhones`. */
export interface Batch {
  /** The next outcome, as an async iterator gives it. */
  next(): Promise<{ done: boolean; value: unknown }>;
  /** Ends the lookups in flight. */
  free(): void;
}

export interface Client extends Functions {
  /** The options that the constructor has read, with the keys: the same client can be built from them again. */
  readonly defaults: object;
}

export interface Module extends Functions, WebAssembly.ModuleImports {
  parseCallback(input: unknown, call: Call): Promise<unknown>;
  advance: Function;
  /** Throws a NyneError if an option is wrong. */
  Client: new (defaults: unknown) => Client;
}

/** The instance throws errors of the class in `errors`. */
export function bindings(errors: typeof import("./errors.js")): {
  /** The functions that Rust exports, and those that it imports. */
  module: Module;
  /** Takes the exports of the instance, and runs its start function. */
  start(exports: object): void;
};
