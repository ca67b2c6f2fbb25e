// Many people: a person on each line, progress, a table, and the table as a file.

import { createClient } from "nyne-phone-finder";

import { byId, complain, element, say } from "./dom.js";
import { runs } from "./outcome.js";
import { fault, queryOf, WORDS } from "./query.js";
import { isEmulated, open } from "./service.js";

/** The limits of Nyne allow some 500 people an hour: a page is no place for more. */
const MOST = 500;

const form = byId("many-form");
const lines = byId("lines");
const run = byId("find-many");
const stop = byId("stop-many");
const rows = byId("rows");

/** @type {AbortController | null} */
let running = null;
/** Of each line, its text and what came of it. @type {{ line: string, mobile: string, said: string, requestId: string }[]} */
let people = [];
/** As long as the lines stay the same, with a store of their jobs, so that a second start submits nobody twice. */
let nyne = null;

/** The lines name others now. */
function changed() {
  nyne = null;
  clear();
}

/** Whatever was shown belongs to the lines before. */
function clear() {
  complain(lines);
  people = [];
  rows.replaceChildren();
  byId("many-result").hidden = true;
}

/** A query for each line, or what is wrong with the first that is not right. */
function read() {
  const all = lines.value.split(/\r?\n/).map((line) => line.trim());
  const numbered = all.map((line, index) => ({ line, number: index + 1 })).filter(({ line }) => line !== "");
  if (numbered.length === 0) throw new RangeError("Type or paste a person on each line.");
  if (numbered.length > MOST) throw new RangeError(`These are ${numbered.length} people, and this page takes ${MOST}: use findPhones or the command line.`);
  return numbered.map(({ line, number }) => {
    const query = queryOf(line);
    const [field] = Object.keys(query);
    const wrong = fault(field, query[field]);
    if (wrong) throw new RangeError(`Line ${number}: ${wrong}`);
    return { line, query };
  });
}

async function start() {
  clear();
  let given;
  try {
    given = read();
  } catch (error) {
    complain(lines, error.message);
    return lines.focus();
  }
  people = given.map(({ line }) => ({ line, mobile: "", said: "waiting", requestId: "" }));
  rows.replaceChildren(
    ...given.map(({ line, query }) => {
      const [field] = Object.keys(query);
      return element("tr", {}, element("th", { scope: "row" }, line, element("small", {}, WORDS[field])), element("td", {}, "…"));
    }),
  );
  byId("many-result").hidden = false;
  const abort = (running = new AbortController());
  showBusy();
  showProgress(0);
  let done = 0;
  try {
    nyne ??= await connect();
    for await (const { index, ok, result, error } of nyne.findPhones(given.map(({ query }) => query), { signal: abort.signal })) {
      const one = people[index];
      one.mobile = ok ? (result.mobile ?? "") : "";
      one.said = ok ? (result.mobile === null ? "no number" : "found") : error.code;
      one.requestId = (ok ? result : error).requestId ?? "";
      const cell = rows.children[index].lastChild;
      cell.dataset.mood = ok ? (result.mobile === null ? "none" : "good") : error.code === "aborted" ? "none" : "bad";
      cell.replaceChildren(ok ? (result.mobile ?? "no number") : plain(error), ...(ok ? [] : [element("small", {}, error.code)]));
      if (ok || error.code !== "aborted") done++;
      showProgress(done);
    }
  } catch (error) {
    // If the batch was stopped, its people have said so themselves.
    if (error.code !== "aborted") complain(lines, error.message);
  } finally {
    people.forEach((one, index) => {
      if (one.said !== "waiting") return;
      one.said = "not asked";
      rows.children[index].lastChild.replaceChildren(one.said);
    });
    showProgress(done);
    running = null;
    const hadFocus = document.activeElement === stop;
    showBusy();
    // The button that had it is gone. Not to a button: the key may still be down.
    if (hadFocus) byId("many-result").focus({ preventScroll: true });
    say(`${byId("many-words").textContent}`);
  }
}

async function connect() {
  const { options, fetch } = await open(null);
  return createClient({ ...options, fetch, store: new Map() });
}

function plain(error) {
  const stopped = error.code === "aborted";
  if (runs(error)) return `${stopped ? "stopped" : "not done"}; its job goes on`;
  if (error.submitted === "unknown") return `${stopped ? "stopped; " : ""}may have begun`;
  return stopped ? "not asked" : "failed";
}

function showProgress(done) {
  const bar = byId("many-progress");
  bar.max = people.length;
  bar.value = done;
  const found = people.filter(({ mobile }) => mobile !== "").length;
  byId("many-words").textContent = `${running?.signal.aborted ? "Stopped: " : ""}${done} of ${people.length} done, ${found} found`;
}

function showBusy() {
  lines.readOnly = running !== null;
  run.setAttribute("aria-disabled", String(running !== null));
  byId("upload").disabled = running !== null;
  stop.hidden = running === null;
  byId("download").hidden = running !== null;
}

/**
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front. A phone number calls no function: it stays as it is.
 */
function cell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^\+[\d ().-]+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!running) start();
});
addEventListener("beforeunload", (event) => {
  if (running && !isEmulated) event.preventDefault();
});
lines.addEventListener("input", changed);
stop.addEventListener("click", () => running?.abort());

byId("upload").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  const text = await file.text();
  target.value = "";
  if (running) return;
  lines.value = text.trim();
  changed();
});

byId("download").addEventListener("click", () => {
  const table = [["person", "mobile", "outcome", "request_id"], ...people.map(({ line, mobile, said, requestId }) => [line, mobile, said, requestId])];
  const text = table.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  element("a", { href, download: "numbers.csv" }).click();
  // Not at once: the browser has yet to read it.
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
});
