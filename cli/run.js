// @ts-check
// One run: looks up people, writes what becomes of them, and says how it ended.

import { setMaxListeners } from "node:events";

import { createClient, isNyneError } from "nyne-phone-finder";

import { EXIT, Failure } from "./failure.js";
import { Journal } from "./journal.js";
import { Output } from "./output.js";
import { complain, Progress } from "./progress.js";
import { Submits } from "./submits.js";

/** @typedef {import("nyne-phone-finder").NyneError} NyneError */

export class Run {
  #controller = new AbortController();
  /** It ends early: nobody is submitted any more. */
  #stopping = false;
  /** Why it ends early, unless it was interrupted. @type {Failure | undefined} */
  #failure;
  /** Whether Nyne has refused the account, and so everybody. */
  #refused = false;
  /** How many people may have been submitted, or not. */
  #unknown = 0;
  #argv;
  #settings;
  #rows;
  #submits = new Submits();
  #outcomes;
  #journal;
  #output;
  #progress;

  /**
   * @param {string[]} argv to tell how to resume
   * @param {import("./arguments.js").Settings} settings @param {import("./input.js").People} people
   */
  constructor(argv, settings, people) {
    const { account, limits, output, resume, format = people.format } = settings;
    // Each lookup in flight listens; Node would warn of more than ten.
    setMaxListeners(0, this.#controller.signal);
    this.#argv = argv;
    this.#settings = settings;
    this.#rows = people.rows;
    // Throws if an option is wrong, before there is a file. Nothing is sent yet.
    this.#outcomes = createClient({ ...account, ...limits }).findPhones(this.#queries(), this.#options());
    if (output !== undefined) this.#journal = new Journal(output, resume, (failure, id) => this.#loseJournal(failure, id));
    this.#submits.journal = this.#journal;
    try {
      this.#output = new Output(people, format, output, resume);
    } catch (error) {
      this.#journal?.discard();
      throw error;
    }
    this.#progress = new Progress(people.rows.length, limits);
  }

  async lookUp() {
    const interrupt = () => {
      // The second time at once; the third time the system ends the program.
      if (this.#stopping) {
        leave();
        this.#controller.abort();
      }
      this.#stop();
    };
    const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
    const leave = () => signals.forEach((signal) => process.off(signal, interrupt));
    for (const signal of signals) process.on(signal, interrupt);
    try {
      for await (const outcome of this.#outcomes) await this.#take(outcome);
    } catch (thrown) {
      if (!this.#stopping) this.#stop(failureOf(thrown));
    } finally {
      leave();
    }
    await this.#output.end(this.#isComplete).catch((error) => this.#stop(failureOf(error)));
    this.#progress.end();
  }

  *#queries() {
    for (const { query } of this.#rows) {
      if (this.#stopping) return;
      // A row may name nobody, which is its outcome then.
      yield /** @type {import("nyne-phone-finder").PhoneQuery} */ (/** @type {unknown} */ (query));
    }
  }

  /** @returns {import("nyne-phone-finder").BatchOptions} */
  #options() {
    const options = { signal: this.#controller.signal, store: this.#submits, resubmitUnknown: this.#settings.resubmitUnknown };
    if (this.#settings.output !== undefined || this.#rows.length > 1) return options;
    // Nothing else keeps the id if the program is killed.
    let told = false;
    return {
      ...options,
      onStatus: ({ requestId }) => {
        if (requestId !== null && !told) this.#progress.say(`Submitted as request ${requestId}.`);
        told ||= requestId !== null;
      },
    };
  }

  /** @param {import("nyne-phone-finder").PhoneOutcome} outcome */
  async #take(outcome) {
    // Whom the end of the run has kept from being submitted has no answer.
    if (this.#stopping && !outcome.ok && outcome.error.submitted === "no") return;
    this.#progress.add(outcome, outcome.ok && !!this.#journal?.answeredBefore.has(outcome.result.requestId));
    if (!outcome.ok) this.#takeError(outcome.error, this.#rows[outcome.index].where);
    else if (outcome.result.mobile === null && this.#rows.length === 1) this.#progress.say("No number was found.");
    await this.#output.add(outcome).catch((error) => this.#stop(failureOf(error)));
  }

  /** @param {NyneError} error @param {string} where */
  #takeError(error, where) {
    const { code, submitted, message } = error;
    // An id that Nyne does not know any more is another matter: that job was submitted.
    if (submitted === "unknown" && error.requestId === null) this.#unknown += 1;
    // That the run ends is said once, and so is that the account is refused.
    if (code === "aborted" && submitted === "yes" && this.#rows.length > 1) return;
    if (isRefusal(error)) {
      if (this.#refused && submitted === "no") return;
      this.#refused = true;
    }
    this.#progress.complain(where === "" ? message : `${where}: ${message}`);
  }

  /** Ends the run once the ids of those who are being submitted are known. @param {Failure} [failure] why, unless it is interrupted */
  #stop(failure) {
    this.#failure ??= failure;
    this.#stopping = true;
    this.#submits.whenNone(() => this.#controller.abort());
  }

  /** The journal cannot be written. @param {Failure} failure @param {string | null | undefined} id of a job that is not in it */
  #loseJournal(failure, id) {
    if (id) this.#progress.complain(`${failure.message} Keep the id of this job: ${id}.`);
    this.#stop(failure);
  }

  get #isAnswered() {
    return this.#progress.done === this.#rows.length && this.#progress.failed === 0;
  }

  /** Whether every row is in the output as it stays, unless it is resumed. */
  get #isComplete() {
    return this.#progress.done === this.#rows.length && !this.#failure && (!this.#stopping || this.#isAnswered);
  }

  /** Says how the run has ended and how to resume it, and returns the exit code. */
  report() {
    const { done, failed } = this.#progress;
    if (this.#failure) {
      complain(this.#failure.message);
      // EPIPE is silent: whoever closed the pipe wants no more.
      if (this.#failure.message && !this.#journal?.isWhole) process.stderr.write(this.#output.unwritten());
    } else if (this.#stopping && !this.#isAnswered) {
      complain(
        `Interrupted. ${this.#rows.length - done + failed} of ${this.#rows.length} have no answer. Jobs that run are not cancelled.`,
      );
    }
    if (this.#journal && (failed > 0 || !this.#isComplete)) this.#sayHowToResume();
    if (this.#failure) return this.#failure.exitCode;
    if (this.#isAnswered) return EXIT.ok;
    if (this.#stopping) return EXIT.interrupted;
    return this.#refused ? EXIT.account : EXIT.failed;
  }

  #sayHowToResume() {
    const own = this.#argv.filter((argument) => argument !== "--resume" && argument !== "--resubmit-unknown");
    const command = ["npx nyne-phone-finder", ...own.map(quoted), "--resume"].join(" ");
    const kept = this.#journal?.isWhole ? `Everything paid is in ${this.#settings.output}.journal.` : "Keep the ids above.";
    process.stderr.write(`${kept} To look up those without an answer:\n  ${command}\n`);
    if (this.#unknown > 0) {
      process.stderr.write(
        `Whether ${this.#unknown} of them were submitted is unknown: look in Nyne's dashboard. To submit these, too, add --resubmit-unknown.\n`,
      );
    }
  }

  close() {
    this.#journal?.close();
  }
}

/** Whether it concerns the account and so everybody. @param {NyneError} error */
const isRefusal = ({ status, code }) => (status !== null && status >= 401 && status <= 403) || code === "insufficient_credits";

/** @param {unknown} thrown */
export function failureOf(thrown) {
  if (thrown instanceof Failure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure(message, isNyneError(thrown) && thrown.code === "invalid_argument" ? EXIT.usage : EXIT.failed);
}

/** An argument as a shell reads it. @param {string} argument */
const quoted = (argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`);
