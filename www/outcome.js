// What came of a lookup: plain words first, codes second.

import { byId, copies, element, say } from "./dom.js";

const place = byId("outcome");

/** What an error means, by its code. Whether there is a job is not for the code to say: see `jobWords`. @type {Record<string, [title: string, words: string]>} */
const ERRORS = {
  aborted: ["Stopped", "You stopped the lookup."],
  client_fault: ["The page cannot look anybody up", "Reload it. If that does not help, see what your code gets."],
  insufficient_credits: ["No credits left", "Add credits to the account."],
  invalid_response: ["The answer makes no sense", "Something else seems to answer in Nyne’s place: check the proxy."],
  job_failed: ["The job failed", "Nyne could not finish it. A new lookup may do better."],
  network_error: ["No connection", "The service cannot be reached: check the network."],
  poll_budget_exhausted: ["Not done yet", "This lookup has asked as often as it may."],
  rate_limit_exceeded: ["Too many requests", "Nyne allows no more requests for now."],
  request_not_found: ["Nyne has forgotten this job", "Jobs that ended can be asked for during an hour or so."],
  service_unavailable: ["Nyne is out of service", "Try again later."],
  submit_outcome_unknown: [
    "The lookup may have begun",
    "Nyne did not confirm the submit, but may have taken the job. It was not sent again, since that could be charged twice: look into Nyne’s dashboard first.",
  ],
  timeout: ["Not done in time", "This lookup has waited as long as it may."],
};

/** The same by HTTP status. @type {Record<number, [title: string, words: string]>} */
const STATUSES = {
  401: ["Wrong key", "Nyne does not know the key. Check both keys, or your proxy’s session."],
  403: ["Not allowed", "The account or its key may not do this."],
};

export const clear = () => place.replaceChildren(element("p", { className: "label" }, "The number appears here."), element("p", { className: "ghost", "aria-hidden": "true" }));

export function showRunning(who) {
  place.replaceChildren(element("p", { className: "label" }, `Looking for the mobile of ${who}`), element("p", { className: "ghost pending", "aria-hidden": "true" }));
  say(`Looking for the mobile of ${who}.`);
}

/** Returns what the timeline says of it. */
export function showResult(who, result, { spent, emulated }) {
  if (result.mobile === null) {
    const known = emulated ? " The emulator knows only made-up people, such as ada@example.com." : "";
    place.replaceChildren(label(who), title("No number found", "none"), element("p", {}, `Nyne has no mobile number for this person.${known}`), facts("Nothing spent"), codes(result, result));
    say(`No number found for ${who}. Nothing spent.`);
    return ["none", "No number found"];
  }
  const copy = element("button", { type: "button", className: "quiet" }, "Copy");
  copies(copy, () => result.mobile);
  const credits = spent === null ? (emulated ? "1 emulated credit spent" : "Charged for one number") : `${spent} emulated credit${spent === 1 ? "" : "s"} spent`;
  place.replaceChildren(
    label(who),
    element("div", { className: "found" }, element("p", { className: "number", id: "mobile" }, result.mobile), copy),
    facts(credits),
    codes(result, result),
  );
  say(`Found the mobile of ${who}: ${result.mobile}. ${credits}.`);
  return ["good", "Found"];
}

/** Whether its job goes on at Nyne, so that one can wait for it without another submit. */
export const runs = ({ requestId, code }) => requestId !== null && !["job_failed", "request_not_found"].includes(code);

function jobWords(error) {
  if (runs(error)) return " The job goes on at Nyne.";
  if (error.submitted === "no") return " Nyne took no job.";
  return error.code === "aborted" ? " There may be a job." : "";
}

/** Returns what the timeline says of it. @param {() => void} goOn takes the job up again */
export function showError(who, error, goOn) {
  const [heading, words] = ERRORS[error.code] ?? STATUSES[error.status] ?? ["The lookup ended without a number", "The message below says why."];
  const mood = error.code === "aborted" ? "none" : "bad";
  const spent = { no: "Nothing spent", yes: error.code === "job_failed" ? "Nothing spent" : "Spent if the job finds a number", unknown: "Perhaps a credit spent" }[error.submitted];
  const more = jobWords(error);
  const said = error.data?.error?.message ?? error.data?.error;
  const reason = typeof said === "string" ? ` The answer says: “${said}”` : "";
  const shown = { code: error.code, status: error.status, submitted: error.submitted, requestId: error.requestId, message: error.message };
  place.replaceChildren(label(who), title(heading, mood), element("p", { id: "words" }, `${words}${more}${reason}`), facts(`${spent}`));
  if (runs(error)) {
    const button = element("button", { type: "button", id: "go-on" }, "Keep waiting");
    button.addEventListener("click", goOn);
    place.append(button);
  }
  place.append(codes(shown, shown));
  say(`${who}: ${heading}. ${words}${more}`);
  return [mood, heading];
}

const label = (who) => element("p", { className: "label" }, `Mobile of ${who}`);
const title = (text, mood) => element("h2", { className: `title ${mood}` }, text);
const facts = (text) => element("p", { className: "facts", id: "spent" }, text);

/** What a program gets. */
function codes(fields, whole) {
  const rows = Object.entries(fields).filter(([name]) => ["code", "status", "submitted", "requestId"].includes(name) && name in fields);
  return element(
    "details",
    { className: "codes" },
    element("summary", {}, "What your code gets"),
    element("dl", {}, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, `${value ?? "none"}`)))),
    element("pre", { tabIndex: 0 }, JSON.stringify(whole, null, 2)),
  );
}
