// @ts-check
// The store of a run. It passes claims on to the journal, if there is one, and knows which submits are under way: a run that
// ends while Nyne answers a submit would lose the id of a job that may be charged.

/** How long a run that ends waits for the ids, in milliseconds. */
const PATIENCE = 5_000;

/** @typedef {import("nyne-phone-finder").LookupClaim} LookupClaim */

export class Submits {
  #underWay = new Set();
  /** @type {(() => void) | undefined} */
  #whenNone;
  /** @type {import("./journal.js").Journal | undefined} */
  journal;

  /** @param {string} key */
  get(key) {
    return this.journal?.get(key);
  }

  /** @param {string} key @param {LookupClaim | null} claim */
  set(key, claim) {
    if (this.#whenNone && isNew(claim)) throw new Error("The run is ending.");
    this.journal?.set(key, claim);
    if (isNew(claim)) this.#underWay.add(key);
    else this.#underWay.delete(key);
    if (this.#underWay.size === 0 && this.#whenNone) setImmediate(this.#whenNone);
  }

  /** Calls back once no submit is under way, or when that takes too long. @param {() => void} back */
  whenNone(back) {
    this.#whenNone = back;
    if (this.#underWay.size === 0) setImmediate(back);
    else setTimeout(back, PATIENCE).unref();
  }
}

/** Whether somebody is about to be submitted. @param {LookupClaim | null} claim */
export const isNew = (claim) => claim !== null && claim.requestId === null && claim.result === null;
