// @ts-check
// The emulated service, with what its module leaves to others: the clock, the way of an answer to its client, and callbacks.

import * as bindings from "./emulator-bindings.js";

/**
 * @typedef {{ method: string, url: string, headers: [string, string][], body: Uint8Array, signal?: AbortSignal | null }} Asked
 * @typedef {{ status: number, headers: [string, string][], body: ReadableStream<Uint8Array> }} Answered
 * @typedef {{ kind: "whole" | "chunked" } | { kind: "later", ms: number } | { kind: "drip", bytesPerSecond: number }
 *   | { kind: "cut", at: "start" | "headers" | "body", then: "reset" | "silence" }} Delivery
 * @typedef {{ url: string, payload: string, retries: number[] }} Callback
 */

/** The longest time that a timer can hold. */
const LONGEST = 2 ** 31 - 1;
/** Dripped bodies go out in at most so many pieces a second. */
const DRIPS_PER_SECOND = 50;

let started = false;

export class Service {
  #emulator;
  /** By how much the clock was moved. */
  #moved = 0;
  #onCallback;
  /** Callbacks to be tried, and when. @type {{ at: number, callback: Callback, retries: number[] }[]} */
  #waiting = [];
  /** @type {any} */
  #timer;

  /**
   * @param {() => WebAssembly.Module} compile @param {object} settings those of the main service
   * @param {((request: Request) => unknown) | undefined} onCallback answers a callback. Without it, none is sent
   */
  constructor(compile, settings, onCallback) {
    if (!started) {
      const module = compile();
      const [{ module: name }] = WebAssembly.Module.imports(module);
      const { exports } = new WebAssembly.Instance(module, { [name]: bindings });
      bindings.__wbg_set_wasm(exports);
      /** @type {any} */ (exports).__wbindgen_start();
      started = true;
    }
    this.#emulator = new bindings.Emulator(JSON.stringify(settings), Math.floor(Math.random() * 2 ** 32));
    this.#onCallback = onCallback;
  }

  now() {
    return Date.now() + this.#moved;
  }

  /** Uses the emulator's own controls, which answer at once. @param {string} method @param {string} url @param {object} [body] */
  control(method, url, body) {
    const bytes = new TextEncoder().encode(body ? JSON.stringify(body, numbers) : "");
    const answer = this.#emulator.answer(method, url, [], bytes, this.now());
    const said = JSON.parse(new TextDecoder().decode(answer.body));
    if (answer.status >= 400) throw new TypeError(said.error.message);
    return said;
  }

  /** Rejects as `fetch` does if the client is to get no answer. @param {Asked} asked @returns {Promise<Answered>} */
  async answer({ method, url, headers, body, signal }) {
    signal?.throwIfAborted();
    const answer = this.#emulator.answer(method, url, headers, body, this.now());
    const progress = this.#progress(answer);
    this.deliver();
    /** @type {Delivery} */
    const delivery = answer.delivery;
    if (delivery.kind === "later") await progress.waits(delivery.ms, signal);
    if (delivery.kind === "cut" && delivery.at !== "body") {
      if (delivery.then === "reset") throw reset("fetch failed");
      await progress.waits(Infinity, signal);
    }
    progress.answered();
    const length = delivery.kind === "chunked" || answer.status === 204 ? [] : [["content-length", `${answer.body.length}`]];
    return { status: answer.status, headers: [...answer.headers, ...length], body: streamed(pieces(answer, progress, signal), progress) };
  }

  /** Tells the log how the delivery of an answer goes. @param {{ ticket?: object, status: number }} answer */
  #progress({ ticket, status }) {
    const left = () => ticket && this.#emulator.closedEarly(ticket);
    return {
      answered: () => ticket && this.#emulator.answered(ticket, status),
      left,
      /** Waits unless the client leaves first. @param {number} ms @param {AbortSignal | null} [signal] */
      async waits(ms, signal) {
        try {
          await wait(ms, signal);
        } catch (reason) {
          left();
          throw reason;
        }
      },
    };
  }

  /** Moves the clock, and delivers what becomes due on the way. @param {number} ms */
  async advance(ms) {
    if (!(Number.isFinite(ms) && ms >= 0)) throw new RangeError("advance(ms) takes a number of milliseconds from 0.");
    const end = this.#moved + ms;
    for (;;) {
      await this.deliver();
      if (this.#moved >= end) return;
      this.#moved = Math.min(end, this.#moved + Math.max(0, this.#next() - this.now()));
    }
  }

  /** Tries the callbacks that are due, and sees to those that become due later. */
  async deliver() {
    const now = this.now();
    for (const callback of this.#emulator.dueCallbacks(now)) this.#waiting.push({ at: now, callback, retries: [...callback.retries] });
    const due = this.#waiting.filter(({ at }) => at <= now);
    this.#waiting = this.#waiting.filter(({ at }) => at > now);
    this.#expect();
    await Promise.all(due.map(({ callback, retries }) => this.#try(callback, retries)));
  }

  /** @param {Callback} callback @param {number[]} retries */
  async #try(callback, retries) {
    if (!this.#onCallback) return this.#emulator.callbackTried(callback, undefined);
    const headers = { "Content-Type": "application/json" };
    const status = await new Promise((resolve) => resolve(this.#onCallback?.(new Request(callback.url, { method: "POST", headers, body: callback.payload })))).then(
      (response) => response?.status ?? 204,
      () => undefined,
    );
    this.#emulator.callbackTried(callback, status);
    const wait = retries.shift();
    if ((status >= 200 && status < 300) || wait === undefined) return;
    this.#waiting.push({ at: this.now() + wait, callback, retries });
    this.#expect();
  }

  /** Without a receiver of callbacks there is nothing to be on time for, and so no timer that a test would have to clear. */
  #expect() {
    clearTimeout(this.#timer);
    const next = this.#onCallback ? this.#next() : Infinity;
    if (next === Infinity) return;
    this.#timer = setTimeout(() => this.deliver(), Math.min(LONGEST, Math.max(1, next - this.now())));
    // It alone keeps no program alive.
    this.#timer.unref?.();
  }

  /** When there may be something to deliver. */
  #next() {
    return Math.min(this.#emulator.nextEnd() ?? Infinity, ...this.#waiting.map(({ at }) => at));
  }
}

/** JSON would make null, which means something else, of NaN and Infinity. They are refused as texts. @param {string} _ @param {unknown} value */
const numbers = (_, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);

/**
 * The body, as it arrives.
 * @param {{ body: Uint8Array, delivery: Delivery }} answer
 * @param {{ waits(ms: number, signal?: AbortSignal | null): Promise<void> }} progress @param {AbortSignal | null} [signal]
 */
async function* pieces({ body, delivery }, progress, signal) {
  const end = delivery.kind === "cut" ? Math.floor(body.length / 2) : body.length;
  const size = delivery.kind === "drip" ? Math.ceil(delivery.bytesPerSecond / DRIPS_PER_SECOND) : end;
  for (let start = 0; start < end; start += size) {
    if (delivery.kind === "drip" && start > 0) await progress.waits((size / delivery.bytesPerSecond) * 1000, signal);
    signal?.throwIfAborted();
    yield body.subarray(start, Math.min(start + size, end));
  }
  if (delivery.kind !== "cut") return;
  if (delivery.then === "reset") throw reset("terminated");
  await progress.waits(Infinity, signal);
}

/**
 * A stream of its own, since that of a Response made of bytes ends in a microtask, which some test clocks hold back.
 * @param {AsyncGenerator<Uint8Array, void>} pieces @param {{ left(): void }} progress @returns {ReadableStream<Uint8Array>}
 */
const streamed = (pieces, progress) =>
  new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (reason) {
        controller.error(reason);
      }
    },
    cancel: () => progress.left(),
  });

/** What Node's `fetch` rejects with; it holds in every host. @param {string} message */
const reset = (message) => new TypeError(message, { cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) });

/** Rejects with the signal's reason. @param {number} ms @param {AbortSignal | null} [signal] @returns {Promise<void>} */
function wait(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer =
      ms === Infinity
        ? undefined
        : setTimeout(() => {
            signal?.removeEventListener("abort", stop);
            resolve();
          }, Math.min(ms, LONGEST));
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
