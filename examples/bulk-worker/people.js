// CSV in and out: which columns name a person, and what is added to a row.

import { parse } from "csv-parse/browser/esm/sync";
import { stringify } from "csv-stringify/browser/esm/sync";

/** An upload that cannot be used, and what to do about it. */
export class Refusal extends Error {
  constructor(message, status = 400) {
    super(message);
    this.status = status;
  }
}

/** Names of columns by field, without case, spaces and punctuation: those that the package's command line knows. */
const NAMES = {
  name: "name fullname contactname personname contact person",
  firstName: "firstname givenname forename first",
  lastName: "lastname surname familyname last",
  company:
    "company companyname employer organization organisation organizationname organisationname currentcompany account accountname",
  email:
    "email emailaddress mail emailaddr workemail businessemail companyemail professionalemail primaryemail contactemail personalemail",
  phone:
    "phone phonenumber telephone telephonenumber tel workphone businessphone officephone directphone mobile mobilephone mobilenumber cell cellphone",
  socialMediaUrl:
    "socialmediaurl linkedin linkedinurl linkedinprofile linkedinprofileurl linkedinlink personlinkedinurl profile profileurl socialmedia socialurl socialprofile",
};
const FIELDS = Object.keys(NAMES);

/** The columns that are added to those of the upload, in whose place they come if it is a result itself. */
const ADDED = ["nyne_mobile", "nyne_status", "nyne_request_id", "nyne_error", "nyne_message"];

/** The rows of a CSV and whom each of them names. A row may name nobody: then its lookup says so. */
export function readPeople(text) {
  const delimiter = delimiterOf(text);
  const [header, ...rows] = records(text, delimiter);
  if (rows.length === 0) {
    throw new Refusal("There is nobody in the file. It needs a line with the names of the columns, then a line for each person.");
  }
  const places = placesOf(header);
  return { delimiter, columns: header, rows: rows.map((cells) => ({ cells, query: queryOf(cells, places) })) };
}

function records(text, delimiter) {
  try {
    return parse(text, { delimiter, bom: true, skip_empty_lines: true, skip_records_with_empty_values: true });
  } catch (error) {
    if (!error.code) throw error;
    const isRagged = error.code === "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH";
    const fault = isRagged ? "it has more or fewer cells than the first line" : "its quotes do not match";
    throw new Refusal(`Line ${error.lines} is not CSV: ${fault}.`);
  }
}

/** Excel writes semicolons where the comma is a decimal separator. */
function delimiterOf(text) {
  const [header] = text.replace(/"[^"]*"/g, "").split(/[\r\n]/, 1);
  const count = (delimiter) => header.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** The columns of each field, by place. */
function placesOf(header) {
  const columns = header.map((column) => column.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""));
  const places = FIELDS.map((field) => [
    field,
    NAMES[field].split(" ").flatMap((name) => columns.flatMap((column, place) => (column === name ? [place] : []))),
  ]);
  if (!places.some(([field, found]) => field !== "company" && found.length > 0)) {
    throw new Refusal(
      `No column names a person. Its columns are ${header.map((column) => JSON.stringify(column)).join(", ")}. ` +
        "Name one of them Email, Name, First name, Last name, Phone or LinkedIn URL; a Company helps to find a name.",
    );
  }
  return Object.fromEntries(places);
}

function queryOf(cells, places) {
  // If a field has several columns, the first with a value counts.
  const value = (field) => places[field].map((place) => cells[place].trim()).find((found) => found !== "") ?? "";
  const query = {
    name: value("name") || `${value("firstName")} ${value("lastName")}`.trim(),
    company: value("company"),
    email: value("email"),
    phone: value("phone"),
    socialMediaUrl: value("socialMediaUrl"),
  };
  return Object.fromEntries(Object.entries(query).filter(([, found]) => found !== ""));
}

/** The upload's rows with what became of them: `added` has the values of ADDED. */
export function writeResults({ columns, delimiter }, rows) {
  const kept = columns.flatMap((column, place) => (ADDED.includes(column) ? [] : [place]));
  const lines = rows.map(({ cells, added }) => [...kept.map((place) => cells[place]), ...added]);
  return stringify([[...kept.map((place) => columns[place]), ...ADDED], ...lines].map((line) => line.map(csvCell)), { delimiter });
}

/**
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front, which spreadsheets do not show. A phone
 * number with its plus sign calls no function: it stays as it is.
 */
function csvCell(value) {
  const text = value ?? "";
  return /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) && !/^\+[\d ().-]+$/.test(text) ? `'${text}` : text;
}
