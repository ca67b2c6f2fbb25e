// @ts-check
// The people to look up. All of the input is read and checked before the first request: whatever is wrong with it costs nothing.

import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";

import { parse } from "csv-parse/sync";

import { queryOf, recognise } from "./columns.js";
import { Failure, reason } from "./failure.js";

/**
 * @typedef {object} Row
 * @property {string} where it stands, for messages: "people.csv, line 7"
 * @property {Record<string, string>} query
 * @property {unknown[]} values in the order of the columns; undefined if the row does not have it
 *
 * @typedef {object} People
 * @property {"csv" | "json"} format
 * @property {string} delimiter of a CSV
 * @property {string[]} columns
 * @property {Row[]} rows
 */

/** @param {import("./arguments.js").Settings} settings @returns {Promise<People>} */
export async function readPeople({ person, file, map }) {
  if (person) {
    const row = { where: "", query: person, values: Object.values(person) };
    return { format: "csv", delimiter: ",", columns: Object.keys(person), rows: [row] };
  }
  const name = file === "-" ? "stdin" : file;
  const text = decode(await read(file, name), name);
  // No CSV file has a first column that begins with a brace.
  const table = /^\s*\{/.test(text) ? readJsonLines(text, name) : readCsv(text, name);
  if (table.rows.length === 0) throw new Failure(`${name}: there is nobody in it.`);
  const places = recognise(table.columns, map, `${name}, line ${table.firstLine}`);
  const rows = table.rows.map(({ line, values }) => ({
    where: `${name}, line ${line}`,
    query: queryOf(values, places),
    values,
  }));
  return { ...table, rows };
}

/** @param {string} file @param {string} name */
async function read(file, name) {
  try {
    return file === "-" ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    throw new Failure(`Cannot read ${name}: ${reason(error)}.`);
  }
}

/** @param {Buffer} bytes @param {string} name */
function decode(bytes, name) {
  const whole = new TextDecoder("utf-8", { fatal: true });
  try {
    return whole.decode(bytes);
  } catch {
    // Each line by itself: no character of UTF-8 contains a line feed.
    let line = 1;
    for (let start = 0; start < bytes.length; line += 1) {
      const end = bytes.indexOf(0x0a, start) === -1 ? bytes.length : bytes.indexOf(0x0a, start) + 1;
      try {
        whole.decode(bytes.subarray(start, end));
      } catch {
        break;
      }
      start = end;
    }
    throw new Failure(`${name}, line ${line}: it is not UTF-8. Save the file as UTF-8 (in Excel: "CSV UTF-8").`);
  }
}

/** @param {string} text @param {string} name */
function readCsv(text, name) {
  const delimiter = delimiterOf(text);
  /** @type {{ record: string[], info: { lines: number } }[]} */
  let records;
  try {
    records = /** @type {any} */ (
      parse(text, { delimiter, bom: true, info: true, skip_empty_lines: true, skip_records_with_empty_values: true })
    );
  } catch (error) {
    const { lines = 1, code } = /** @type {any} */ (error);
    throw new Failure(`${name}, line ${lines}: ${CSV_FAULTS[code] ?? "it is not CSV"}.`);
  }
  const [header, ...rest] = records;
  const rows = rest.map(({ record, info }) => ({ line: info.lines, values: record }));
  return {
    format: /** @type {const} */ ("csv"),
    delimiter,
    columns: header?.record ?? [],
    firstLine: header?.info.lines ?? 1,
    rows,
  };
}

/** Faults of a CSV, by csv-parse's codes. @type {Record<string, string>} */
const CSV_FAULTS = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: "it has more or fewer cells than the first line",
  CSV_RECORD_INCONSISTENT_COLUMNS: "it has more or fewer cells than the first line",
  CSV_QUOTE_NOT_CLOSED: "a quote is opened and never closed",
  INVALID_OPENING_QUOTE: "a quote stands inside a cell that has none around it",
  CSV_INVALID_CLOSING_QUOTE: "something follows a closing quote",
};

/** Excel writes semicolons where the comma is a decimal separator. @param {string} text */
function delimiterOf(text) {
  const [header] = text.replace(/"[^"]*"/g, "").split(/[\r\n]/, 1);
  const count = (/** @type {string} */ delimiter) => header.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** @param {string} text @param {string} name */
function readJsonLines(text, name) {
  /** @type {{ line: number, object: Record<string, unknown> }[]} */
  const objects = [];
  /** @type {Map<string, number>} */
  const places = new Map();
  for (const [index, content] of text.split("\n").entries()) {
    if (content.trim() === "") continue;
    const object = objectOf(content);
    if (!object) throw new Failure(`${name}, line ${index + 1}: it is not a JSON object.`);
    for (const key of Object.keys(object)) if (!places.has(key)) places.set(key, places.size);
    objects.push({ line: index + 1, object });
  }
  const columns = [...places.keys()];
  const rows = objects.map(({ line, object }) => ({
    line,
    values: columns.map((column) => (Object.hasOwn(object, column) ? object[column] : undefined)),
  }));
  return { format: /** @type {const} */ ("json"), delimiter: ",", columns, firstLine: objects[0].line, rows };
}

/** @param {string} json @returns {Record<string, unknown> | undefined} */
function objectOf(json) {
  try {
    const value = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
