// @ts-check
// The one error class. It is shared by every instance of the module, so `instanceof` holds across a renewal.

/** Marks a NyneError for `isNyneError`, also one of a second copy of this package or of another realm. */
const BRAND = Symbol.for("nyne-phone-finder.NyneError");

/** By code, where the platform has a name of its own for what happened. */
const NAMES = { aborted: "AbortError", timeout: "TimeoutError" };

export class NyneError extends Error {
  /** @param {Record<string, any>} fields @param {unknown} [cause] */
  constructor(fields, cause) {
    super(fields.message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, "name", { value: NAMES[fields.code] ?? "NyneError", configurable: true, writable: true });
    this.code = fields.code;
    this.status = fields.status ?? null;
    this.requestId = fields.requestId ?? null;
    this.submitted = fields.submitted;
    this.retryable = fields.retryable;
    this.retryAfter = fields.retryAfter ?? null;
  }

  get [BRAND]() {
    return true;
  }

  /** An Error's own message is left out by JSON.stringify: this puts it in. */
  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

/** @param {any} value */
export const isNyneError = (value) => typeof value === "object" && value !== null && value[BRAND] === true;
