// @ts-check
// Which columns name a person: by the names that spreadsheets and CRMs give them, or by --map.

import { Failure } from "./failure.js";

/** Names of columns by field, without case, spaces and punctuation. The first that has a value counts. */
const NAMES = {
  name: "name fullname contactname personname contact person",
  "first-name": "firstname givenname forename first",
  "last-name": "lastname surname familyname last",
  company:
    "company companyname employer organization organisation organizationname organisationname currentcompany account accountname",
  email:
    "email emailaddress mail emailaddr workemail businessemail companyemail professionalemail primaryemail contactemail personalemail",
  phone:
    "phone phonenumber telephone telephonenumber tel workphone businessphone officephone directphone mobile mobilephone mobilenumber cell cellphone",
  url: "socialmediaurl linkedin linkedinurl linkedinprofile linkedinprofileurl linkedinlink personlinkedinurl profile profileurl socialmedia socialurl socialprofile",
};

/** @typedef {keyof typeof NAMES} Field */
const FIELDS = /** @type {Field[]} */ (Object.keys(NAMES));

/** @param {string} column */
const plain = (column) => column.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/**
 * The columns of each field, by place.
 * @param {string[]} columns @param {Map<string, string>} map @param {string} where they stand, for messages
 */
export function recognise(columns, map, where) {
  const listed = `Columns: ${columns.map((column) => JSON.stringify(column)).join(", ")}.`;
  for (const field of map.keys()) {
    if (!Object.hasOwn(NAMES, field))
      throw new Failure(`--map: unknown field ${JSON.stringify(field)}. Fields: ${FIELDS.join(", ")}.`);
  }
  const mapped = [...map.values()];
  const found = Object.fromEntries(
    FIELDS.map((field) => {
      const column = map.get(field);
      if (column !== undefined) {
        const place = columns.indexOf(column);
        if (place === -1) throw new Failure(`${where}: --map ${field}=${column} names no column. ${listed}`);
        return [field, [place]];
      }
      // A column that was given to one field is not taken for another.
      const free = columns.map((name) => (mapped.includes(name) ? "" : plain(name)));
      return [
        field,
        NAMES[field].split(" ").flatMap((name) => free.flatMap((column, place) => (column === name ? [place] : []))),
      ];
    }),
  );
  if (!FIELDS.some((field) => field !== "company" && found[field].length > 0)) {
    throw new Failure(`${where}: no column names a person. Say which one does, for example --map email=COLUMN. ${listed}`);
  }
  return /** @type {Record<Field, number[]>} */ (found);
}

/**
 * The query of a row. It may name nobody: then the lookup says so.
 * @param {unknown[]} values @param {Record<Field, number[]>} places
 */
export function queryOf(values, places) {
  /** @param {Field} field */
  const value = (field) => places[field].map((place) => text(values[place])).find((found) => found !== "") ?? "";
  const query = {
    name: value("name") || `${value("first-name")} ${value("last-name")}`.trim(),
    company: value("company"),
    email: value("email"),
    phone: value("phone"),
    socialMediaUrl: value("url"),
  };
  return Object.fromEntries(Object.entries(query).filter(([, found]) => found !== ""));
}

/** Only texts and numbers name a person; JSON Lines may hold anything. @param {unknown} value */
const text = (value) => (typeof value === "string" || typeof value === "number" ? String(value).trim() : "");
