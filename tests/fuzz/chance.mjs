// Where all that is random in a run comes from: a seed.

export class Chance {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number in 0..1. */
  fraction() {
    // SplitMix32: neighbouring seeds have nothing in common.
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `end`. */
  below(end) {
    return Math.floor(this.fraction() * end);
  }

  likely(share) {
    return this.fraction() < share;
  }

  pick(choices) {
    return choices[this.below(choices.length)];
  }

  /** A number in `least..most`, each order of magnitude as likely as the next. */
  magnitude(least, most) {
    return least * (most / least) ** this.fraction();
  }
}
