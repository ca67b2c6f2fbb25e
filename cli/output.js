// @ts-check
// The answers, in the order of the input: CSV, JSON Lines, or a number alone.

import { closeSync, openSync, renameSync, writeFileSync } from "node:fs";

import { stringify } from "csv-stringify/sync";

import { EXIT, Failure, reason } from "./failure.js";

/** The columns that are added to those of the input, in whose place they come if it is an output itself. */
const ADDED = ["nyne_mobile", "nyne_status", "nyne_request_id", "nyne_error", "nyne_message"];

/** @typedef {import("nyne-phone-finder").PhoneOutcome} PhoneOutcome */

/** @param {PhoneOutcome} outcome */
const added = (outcome) =>
  outcome.ok
    ? [outcome.result.mobile, outcome.result.mobile === null ? "missing" : "found", outcome.result.requestId, null, null]
    : [null, "failed", outcome.error.requestId, outcome.error.code, explain(outcome.error)];

/** The message, and Nyne's reason for a job that failed: that is data, which messages leave out. @param {import("nyne-phone-finder").NyneError} error */
function explain({ code, message, data }) {
  const reason = code === "job_failed" ? data?.error : undefined;
  return typeof reason === "string" ? `${reason}. ${message}` : message;
}

/**
 * How rows are written in a format.
 * @param {"csv" | "json" | "text"} format @param {string[]} columns @param {string} delimiter
 * @returns {{ head: string, row(values: unknown[], outcome: PhoneOutcome): string }}
 */
function writer(format, columns, delimiter) {
  const kept = columns.flatMap((column, place) => (ADDED.includes(column) ? [] : [place]));
  const names = [...kept.map((place) => columns[place]), ...ADDED];
  /** @param {unknown[]} values @param {PhoneOutcome} outcome */
  const cells = (values, outcome) => [...kept.map((place) => values[place]), ...added(outcome)];
  const line = (/** @type {unknown[]} */ row) => stringify([row.map(csvCell)], { delimiter });
  switch (format) {
    case "csv":
      return { head: line(names), row: (values, outcome) => line(cells(values, outcome)) };
    case "json":
      return {
        head: "",
        // JSON.stringify leaves out what the row does not have.
        row: (values, outcome) =>
          `${JSON.stringify(Object.fromEntries(cells(values, outcome).map((value, place) => [names[place], value])))}\n`,
      };
    case "text":
      return {
        head: "",
        row: (_, outcome) => (outcome.ok && outcome.result.mobile !== null ? `${outcome.result.mobile}\n` : ""),
      };
  }
}

/**
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front, which spreadsheets do not show. A phone
 * number with its plus sign calls no function: it stays as it is.
 * @param {unknown} value
 */
function csvCell(value) {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) && !/^\+[\d ().-]+$/.test(text) ? `'${text}` : text;
}

/** Writes to stdout, or to a file that gets its name once it is complete. */
export class Output {
  /** Rows that wait for the ones before them. @type {Map<number, PhoneOutcome>} */
  #held = new Map();
  #next = 0;
  #started = false;
  #failed = false;
  #writer;
  #rows;
  #file;
  #sink;

  /**
   * @param {import("./input.js").People} people @param {"csv" | "json" | "text"} format
   * @param {string | undefined} file @param {boolean} replaces whether an earlier output may be replaced
   */
  constructor({ rows, columns, delimiter }, format, file, replaces) {
    this.#writer = writer(format, columns, delimiter);
    this.#rows = rows;
    this.#file = file;
    this.#sink = file === undefined ? stdout() : fileSink(partOf(file), replaces);
  }

  /** @param {PhoneOutcome} outcome */
  async add(outcome) {
    this.#held.set(outcome.index, outcome);
    if (this.#failed) return;
    for (let held; (held = this.#held.get(this.#next)); this.#next += 1) await this.#write(held);
  }

  /** Writes what is held back, and names the file if every row is in it. @param {boolean} complete */
  async end(complete) {
    if (this.#failed) return this.#sink.close();
    for (const index of [...this.#held.keys()].sort((a, b) => a - b)) {
      await this.#write(/** @type {PhoneOutcome} */ (this.#held.get(index)));
    }
    this.#sink.close();
    if (complete && this.#file !== undefined) {
      try {
        renameSync(partOf(this.#file), this.#file);
      } catch (error) {
        throw cannotWrite(this.#file, error);
      }
    }
  }

  /** @param {PhoneOutcome} outcome */
  async #write(outcome) {
    const row = this.#writer.row(this.#rows[outcome.index].values, outcome);
    try {
      await this.#sink.write(this.#started ? row : this.#writer.head + row);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
    this.#started = true;
    this.#held.delete(outcome.index);
  }

  /** The outcomes that could not be written, as they would have been. */
  unwritten() {
    return [...this.#held.values()].map((outcome) => this.#writer.row(this.#rows[outcome.index].values, outcome)).join("");
  }
}

/** The name of a file until every row is in it. @param {string} file */
export const partOf = (file) => `${file}.part`;

function stdout() {
  return {
    /** @param {string} text @returns {Promise<void>} */
    write: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => {
          if (!error) resolve();
          // Its reader has gone, as `head` does: nobody wants a message.
          else
            reject(/** @type {any} */ (error).code === "EPIPE" ? new Failure("", EXIT.failed) : cannotWrite("stdout", error));
        });
      }),
    close() {},
  };
}

/** @param {string} file @param {boolean} replaces */
function fileSink(file, replaces) {
  /** @type {number} */
  let descriptor;
  try {
    descriptor = openSync(file, replaces ? "w" : "wx");
  } catch (error) {
    throw new Failure(`Cannot create ${file}: ${reason(error)}.`);
  }
  return {
    /** @param {string} text */
    async write(text) {
      try {
        writeFileSync(descriptor, text);
      } catch (error) {
        throw cannotWrite(file, error);
      }
    },
    close: () => closeSync(descriptor),
  };
}

/** @param {string} what @param {unknown} error */
const cannotWrite = (what, error) => new Failure(`Cannot write ${what}: ${reason(error)}.`, EXIT.failed);
