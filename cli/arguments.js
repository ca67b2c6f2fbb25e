// @ts-check
// From the command line and the environment to settings.

import { extname } from "node:path";
import { parseArgs } from "node:util";

import { Failure } from "./failure.js";

export const HELP = `Finds people's mobile numbers through Nyne's Phone Finder.

Usage:
  nyne-phone-finder ada@example.com
  nyne-phone-finder --name "Ada Lovelace" --company "Analytical Engines"
  nyne-phone-finder people.csv --output numbers.csv

One person: an email address or a profile's URL, or
  --name NAME            full name
  --company COMPANY      employer; it narrows the search and finds nobody by itself
  --email EMAIL
  --phone PHONE          a phone number that is known already
  --url URL              a profile, for example on LinkedIn

Many people: a CSV or JSON Lines file, or - for stdin
  --map FIELD=COLUMN     reads a field from this column; may be given several times. Fields: name,
                         first-name, last-name, company, email, phone, url
  --output FILE, -o      writes there instead of to stdout, and keeps FILE.journal to resume from
  --resume               continues a run with the same --output; submits nobody twice
  --resubmit-unknown     with --resume: submits those again who may have been submitted; they may be charged twice
  --per-minute N         requests a minute, 100 unless given
  --per-hour N           requests an hour, 1000 unless given

No account: nyne-phone-finder emulator
                         emulates Nyne on this machine; see nyne-phone-finder emulator --help

  --json                 writes JSON Lines
  --base-url URL         a proxy or the emulator instead of Nyne
  --help, -h
  --version

Environment: NYNE_API_KEY and NYNE_API_SECRET, NYNE_BASE_URL, NO_COLOR.

Exit codes: 0 all answered, 1 some failed, 2 wrong usage or input, 3 the account was refused (401, 402, 403),
130 interrupted.
`;

/** A person's fields on the command line, by the names that a query has for them. */
const PERSON = /** @type {const} */ ({
  name: "name",
  company: "company",
  email: "email",
  phone: "phone",
  url: "socialMediaUrl",
});

const KEYS_IN_ENVIRONMENT =
  "Keys are read from NYNE_API_KEY and NYNE_API_SECRET only, since others on this machine can see a command line.";

/**
 * @typedef {object} Settings
 * @property {Record<string, string> | undefined} person the one person to look up
 * @property {string} file the people to look up, unless there is a `person`; "-" is stdin
 * @property {Map<string, string>} map columns by field
 * @property {string | undefined} output
 * @property {"csv" | "json" | "text" | undefined} format undefined: that of the input
 * @property {boolean} resume
 * @property {boolean} resubmitUnknown
 * @property {{ requestsPerMinute: number, requestsPerHour: number }} limits
 * @property {{ apiKey?: string, apiSecret?: string, baseUrl?: string }} account
 */

/**
 * @param {string[]} argv @param {NodeJS.ProcessEnv} env
 * @returns {Settings | "help" | "version"}
 */
export function readArguments(argv, env) {
  const { values, positionals } = parse(argv);
  if (values.help) return "help";
  if (values.version) return "version";
  if (positionals.length > 1)
    throw new Failure(`One file or one person is expected, and there are ${positionals.length} arguments.`);

  const [target] = positionals;
  /** @type {Record<string, string>} */
  const person = {};
  for (const [option, field] of Object.entries(PERSON)) {
    const value = values[/** @type {keyof typeof PERSON} */ (option)];
    if (value !== undefined) person[field] = value;
  }
  const given = target === undefined ? undefined : personOf(target);
  if (given) Object.assign(person, given);
  const isFile = target !== undefined && !given;

  if (isFile && Object.keys(person).length > 0)
    throw new Failure(`Give a file or a person, not both: ${JSON.stringify(target)} is a file.`);
  if (!isFile) {
    if (Object.keys(person).length === 0)
      throw new Failure("Whom to look up? Give an email address, --name or a file. See --help.");
    if (!Object.entries(person).some(([field, value]) => field !== "company" && value.trim() !== "")) {
      throw new Failure("A person needs --email, --phone, --url or --name.");
    }
  }

  const { output, resume = false, "resubmit-unknown": resubmitUnknown = false } = values;
  if (resume && output === undefined) throw new Failure("--resume needs the --output of the run that it resumes.");
  if (resubmitUnknown && !resume) throw new Failure("--resubmit-unknown needs --resume.");

  return {
    person: isFile ? undefined : person,
    file: target ?? "",
    map: columnMap(values.map ?? []),
    output,
    format: values.json ? "json" : formatOf(output, !isFile),
    resume,
    resubmitUnknown,
    limits: {
      requestsPerMinute: limit("per-minute", values["per-minute"], 100),
      requestsPerHour: limit("per-hour", values["per-hour"], 1000),
    },
    account: account(values["base-url"] ?? env.NYNE_BASE_URL, env),
  };
}

/** @param {string[]} argv */
function parse(argv) {
  const text = /** @type {const} */ ({ type: "string" });
  const flag = /** @type {const} */ ({ type: "boolean" });
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        name: text,
        company: text,
        email: text,
        phone: text,
        url: text,
        map: { type: "string", multiple: true },
        output: { type: "string", short: "o" },
        resume: flag,
        "resubmit-unknown": flag,
        "per-minute": text,
        "per-hour": text,
        json: flag,
        "base-url": text,
        help: { type: "boolean", short: "h" },
        version: flag,
      },
    });
  } catch (error) {
    // Not Node's own message: it may quote a value, and that may be a key.
    const name = argv.find((argument) => /^--?[a-z-]*(key|secret)/i.test(argument));
    if (name) throw new Failure(KEYS_IN_ENVIRONMENT);
    throw new Failure(`${/** @type {Error} */ (error).message.split(/\.\s/)[0]}. See --help.`);
  }
}

/** An argument that is a person and not a file. @param {string} argument @returns {Record<string, string> | undefined} */
function personOf(argument) {
  if (/^https?:\/\//i.test(argument)) return { socialMediaUrl: argument };
  if (/^[^\s/\\]+@[^\s/\\]+$/.test(argument)) return { email: argument };
  return undefined;
}

/** @param {string | undefined} output @param {boolean} isOne @returns {Settings["format"]} */
function formatOf(output, isOne) {
  if (output === undefined) return isOne ? "text" : undefined;
  const ending = extname(output).toLowerCase();
  if (ending === ".csv") return "csv";
  if (ending === ".jsonl" || ending === ".ndjson" || ending === ".json") return "json";
  return isOne ? "csv" : undefined;
}

/** @param {string[]} pairs */
function columnMap(pairs) {
  const map = new Map();
  for (const pair of pairs) {
    const [, field, column] = /^\s*([\w-]+)\s*=(.+)$/s.exec(pair) ?? [];
    if (column === undefined) throw new Failure(`--map ${JSON.stringify(pair)} is not of the form FIELD=COLUMN.`);
    map.set(field, column);
  }
  return map;
}

/** @param {string} option @param {string | undefined} value @param {number} fallback */
function limit(option, value, fallback) {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Failure(`--${option} is a whole number from 1.`);
  return number;
}

/** @param {string | undefined} baseUrl @param {NodeJS.ProcessEnv} env */
function account(baseUrl, { NYNE_API_KEY: apiKey, NYNE_API_SECRET: apiSecret }) {
  // A proxy may add the keys itself.
  if (!baseUrl && !(apiKey && apiSecret)) {
    throw new Failure("Set NYNE_API_KEY and NYNE_API_SECRET. Both keys come from Nyne's dashboard.");
  }
  return { ...(apiKey && { apiKey }), ...(apiSecret && { apiSecret }), ...(baseUrl && { baseUrl }) };
}
