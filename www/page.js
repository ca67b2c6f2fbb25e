// One person: the form, the lookup that it starts, and what of it is shown. Nothing of one person stays when the form names another.

import { createClient, isNyneError } from "nyne-phone-finder";

import "./batch.js";
import { follow } from "./code.js";
import { byId, complain, element, say, tabs } from "./dom.js";
import { Journal } from "./journal.js";
import * as outcome from "./outcome.js";
import { fault, person, recognise, WORDS } from "./query.js";
import { SCENARIOS } from "./scenarios.js";
import { isEmulated, open, SERVICE } from "./service.js";
import * as timeline from "./timeline.js";

const form = byId("one-form");
const who = byId("who");
const company = byId("company");
const find = byId("find");
const stop = byId("stop");
/** The fields under "more" that name a person. */
const explicit = ["email", "phone", "socialMediaUrl", "name"].map(byId);

/**
 * The lookup on the page: whether it costs nothing to leave it, how to stop it, and as `resumes` the id of its job if that goes on without
 * it. Null if none was started.
 */
let current = null;

function readForm() {
  const text = who.value.trim();
  const query = {};
  const faults = [];
  const take = (field, name, value) => {
    if (query[name] !== undefined) faults.push([field, `The field at the top has ${WORDS[name]} too: leave one of them empty.`]);
    else if (fault(name, value)) faults.push([field, fault(name, value)]);
    query[name] ??= value;
  };
  if (text) take(who, recognise(text), text);
  for (const field of explicit) if (field.value.trim()) take(field, field.id, field.value.trim());
  const named = Object.keys(query).length > 0;
  if (company.value.trim()) query.company = company.value.trim();
  if (!named) {
    faults.push([who, query.company ? "A company alone names nobody: add a name, an email, a profile URL or a phone." : "Type an email, a profile URL, a phone or a name."]);
  }
  return { query, faults, named };
}

/** Whatever was shown belongs to what the form said before. */
function changed() {
  for (const field of [who, company, ...explicit]) complain(field);
  current = null;
  outcome.clear();
  say("");
  timeline.show(null);
  choose(null);
  showForm();
  showBusy();
}

function showForm() {
  const text = who.value.trim();
  byId("who-kind").replaceChildren(...(text ? ["This looks like ", element("strong", {}, WORDS[recognise(text)]), "."] : ["Any one of these is enough."]));
  const { query, named } = readForm();
  follow(named ? query : { email: "ada@example.com" });
}

function choose(name) {
  for (const chip of byId("chips").children) chip.setAttribute("aria-pressed", String(chip.dataset.name === name));
  byId("scenario-words").textContent = name ? `${SCENARIOS[name].words}${SERVICE.kind === "page" ? "" : " Played by an emulator in this page."}` : "";
}

async function start(scenario) {
  const { query, faults } = readForm();
  if (faults.length > 0) {
    for (const [field, message] of faults) complain(field, message);
    const [[first]] = faults;
    if (faults.some(([field]) => field !== who)) byId("more").open = true;
    return first.focus();
  }
  const journal = new Journal(() => journal === current?.journal && timeline.update());
  const mine = (current = { journal, query, scenario, isFree: isEmulated || Boolean(scenario), abort: new AbortController(), running: true });
  timeline.show(journal);
  outcome.showRunning(person(query));
  showBusy();
  byId("lookup").scrollIntoView({ block: "nearest" });
  try {
    mine.session = await open(scenario);
    mine.nyne = createClient({ ...mine.session.options, fetch: journal.noting(mine.session.fetch, () => mine.abort.signal.aborted), onStatus: (update) => journal.heard(update) });
  } catch (error) {
    return end(mine, () => outcome.showError(person(query), isNyneError(error) ? error : unusable(error), () => {}));
  }
  await run(mine, "findPhone", query);
}

/** @param {"findPhone" | "pollResult"} name */
async function run(mine, name, input) {
  try {
    const result = await mine.nyne[name](input, { signal: mine.abort.signal });
    end(mine, () => outcome.showResult(person(mine.query), result, { spent: mine.session.spent(), emulated: mine.isFree }));
  } catch (error) {
    if (outcome.runs(error)) mine.resumes = error.requestId;
    end(mine, () => {
      // What Nyne says of the query stands where the query does.
      if (error.status === 400 || error.code === "invalid_argument") {
        const field = [who, ...explicit].find(({ value }) => value.trim());
        if (field !== who) byId("more").open = true;
        complain(field, error.message);
      }
      return outcome.showError(person(mine.query), error, () => goOn(mine));
    });
  }
}

/** Shows how a lookup ended, unless another one has taken its place. */
function end(mine, show) {
  mine.running = false;
  if (mine !== current) return;
  const hadFocus = document.activeElement === stop;
  mine.journal.end(...show());
  showBusy();
  // The button that had it is gone. Not to a button: the key may still be down.
  if (hadFocus) byId("outcome").focus({ preventScroll: true });
  byId("outcome").scrollIntoView({ block: "nearest" });
}

function goOn(mine) {
  const requestId = mine.resumes;
  const hadFocus = document.activeElement?.id === "go-on";
  mine.resumes = null;
  mine.abort = new AbortController();
  mine.running = true;
  mine.journal.goesOn();
  outcome.showRunning(person(mine.query));
  showBusy();
  if (hadFocus) stop.focus({ preventScroll: true });
  timeline.update();
  run(mine, "pollResult", requestId);
}

/** While a lookup runs the form stays what it was asked, and a job that may cost something is not left by accident. */
function showBusy() {
  const running = current?.running === true;
  const guarded = current !== null && !current.isFree && (running || Boolean(current.resumes));
  for (const field of [who, company, ...explicit]) field.readOnly = running;
  // Not `disabled`, which would take the focus from whoever has just pressed the button.
  find.setAttribute("aria-disabled", String(running));
  stop.hidden = !running;
  for (const chip of byId("chips").children) chip.setAttribute("aria-disabled", String(guarded));
}

/** An error of the page's own, in the form of the package's. */
const unusable = (error) => ({ code: "client_fault", status: null, submitted: "no", requestId: null, message: String(error) });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (current?.running) return;
  // The same person again, whose job may already be paid for.
  if (current?.resumes && !current.scenario) return goOn(current);
  choose(null);
  start(null);
});
form.addEventListener("input", changed);
addEventListener("beforeunload", (event) => {
  if (current?.running && !current.isFree) event.preventDefault();
});
stop.addEventListener("click", () => current?.abort.abort());

for (const [name, { label, who: example }] of Object.entries(SCENARIOS)) {
  const chip = element("button", { type: "button", className: "chip", "aria-pressed": "false" }, label);
  chip.dataset.name = name;
  chip.addEventListener("click", () => {
    if (chip.getAttribute("aria-disabled") === "true") return;
    current?.abort.abort();
    form.reset();
    who.value = example;
    changed();
    choose(name);
    start(name);
  });
  byId("chips").append(chip);
}

tabs(byId("tabs"));
byId("service").textContent = SERVICE.words;
byId("service").dataset.kind = SERVICE.kind;
showForm();
outcome.clear();
timeline.show(null);
