// @ts-check
// Progress and messages on stderr: a bar on a terminal, plain lines elsewhere.

import * as util from "node:util";

import cliProgress from "cli-progress";

/** Requests of one lookup: its submit and its polls, on average. */
const REQUESTS_PER_LOOKUP = 2.15;
/** How often a plain line is printed, in milliseconds. */
const LINE_INTERVAL = 10_000;

/** @typedef {{ requestsPerMinute: number, requestsPerHour: number }} Limits */

export class Progress {
  found = 0;
  missing = 0;
  failed = 0;
  /** Numbers that this run has been charged for. */
  #charged = new Set();
  /** Answers that took no request. */
  #free = 0;
  #begun = Date.now();
  #lastLine = Date.now();
  #total;
  #limits;
  /** @type {cliProgress.MultiBar | undefined} */
  #bars;
  /** @type {cliProgress.SingleBar | undefined} */
  #bar;

  /** @param {number} total @param {Limits} limits */
  constructor(total, limits) {
    this.#total = total;
    this.#limits = limits;
    if (total > 1 && process.stderr.isTTY) {
      const options = { stream: process.stderr, format: "{bar} {line}", barsize: 20, hideCursor: true, gracefulExit: false };
      this.#bars = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
      this.#bar = this.#bars.create(total, 0, { line: this.#line() });
    }
  }

  get done() {
    return this.found + this.missing + this.failed;
  }

  /** @param {import("nyne-phone-finder").PhoneOutcome} outcome @param {boolean} isFree whether it was known before this run */
  add(outcome, isFree) {
    if (!outcome.ok) this.failed += 1;
    else if (outcome.result.mobile === null) this.missing += 1;
    else this.found += 1;
    if (isFree) this.#free += 1;
    // Equal queries share a job, which is charged once.
    else if (outcome.ok && outcome.result.mobile !== null) this.#charged.add(outcome.result.requestId);

    if (this.#bar) this.#bar.update(this.done, { line: this.#line() });
    else if (this.#total > 1 && Date.now() - this.#lastLine >= LINE_INTERVAL) this.#print();
  }

  /** Says something, above the bar if there is one. @param {string} text */
  say(text) {
    if (this.#bars) this.#bars.log(`${text}\n`);
    else process.stderr.write(`${text}\n`);
  }

  /** Says what went wrong. @param {string} text */
  complain(text) {
    this.say(red(text));
  }

  end() {
    this.#bars?.stop();
    if (!this.#bars && this.#total > 1) this.#print();
  }

  #print() {
    this.#lastLine = Date.now();
    process.stderr.write(`${this.#line()}\n`);
  }

  #line() {
    const elapsed = Date.now() - this.#begun;
    const looked = this.done - this.#free;
    // The first minute is not over: so far that many.
    const rate = Math.round(looked / Math.max(1, elapsed / 60_000));
    const left = this.#total - this.done;
    return [
      `${this.done}/${this.#total}: ${this.found} found`,
      `${this.missing} missing`,
      `${this.failed} failed`,
      `credits ${this.#charged.size}`,
      `${rate}/min`,
      ...(left > 0 ? [`about ${duration(timeLeft(looked, left, elapsed, this.#limits))} left`] : []),
    ].join(", ");
  }
}

/**
 * How long the limits make `left` lookups last, in milliseconds: in each hour the requests of a full hour go out at the pace of
 * the minute, and then nothing.
 * @param {number} done @param {number} left @param {number} elapsed @param {Limits} limits
 */
export function timeLeft(done, left, elapsed, { requestsPerMinute, requestsPerHour }) {
  const last = Math.ceil((done + left) * REQUESTS_PER_LOOKUP) - 1;
  const end = Math.floor(last / requestsPerHour) * 3_600_000 + ((last % requestsPerHour) / requestsPerMinute) * 60_000;
  return Math.max(end - elapsed, ((left * REQUESTS_PER_LOOKUP) / requestsPerMinute) * 60_000);
}

/** @param {number} ms */
function duration(ms) {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Says why something did not work. @param {string} message */
export function complain(message) {
  if (message) process.stderr.write(`${red(message)}\n`);
}

/** Colors text on a terminal, unless NO_COLOR forbids it. @param {string} text */
function red(text) {
  const { stderr, env } = process;
  if (!stderr.isTTY || env.NO_COLOR || !stderr.hasColors()) return text;
  // Node 20.12 has it. Newer ones would look at stdout.
  return util.styleText?.("red", text, { validateStream: false }) ?? text;
}
