// One lookup at a time, with each of its steps shown. The server adds the keys: none comes here.

import { createClient } from "/nyne-phone-finder/browser.js";

const element = (id) => document.getElementById(id);
const form = document.querySelector("form");
const find = form.querySelector("button");
const stop = element("stop");
const steps = document.querySelector("#timeline ol");

const nyne = createClient({ baseUrl: "/api/nyne" });

/** Stops the lookup under way; null when there is none. */
let running = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) return;
  steps.replaceChildren();
  element("request").textContent = "";
  const given = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  run("findPhone", Object.fromEntries(given));
});

stop.addEventListener("click", () => running?.abort());

element("go-on").addEventListener("click", () => {
  // The button is about to go, and the focus would go with it.
  stop.focus({ preventScroll: true });
  run("pollResult", element("request-id").textContent);
});

/** @param {"findPhone" | "pollResult"} name */
async function run(name, input) {
  running = new AbortController();
  showBusy(true);
  showOutcome(null);
  addStep(0, name, typeof input === "string" ? input : Object.keys(input).join(", "));
  showWait(name === "findPhone" ? "Submitting…" : "Asking…");
  const started = performance.now();
  try {
    const result = await nyne[name](input, { signal: running.signal, onStatus: showStatus });
    showResult(result);
  } catch (error) {
    addStep(performance.now() - started, error.code, "", error.code === "aborted" ? "stopped" : "error");
    showError(error);
  } finally {
    running = null;
    hideWait();
    showBusy(false);
    follow(element("outcome"));
  }
}

function showBusy(busy) {
  // Not `disabled`, which would take the focus from whoever has just pressed the button.
  find.setAttribute("aria-disabled", String(busy));
  stop.setAttribute("aria-disabled", String(!busy));
}

function showStatus({ requestId, status, polls, elapsed, nextPollIn }) {
  element("request").textContent = `Request ${requestId}`;
  const polled = polls === 1 ? "1 poll" : `${polls} polls`;
  const next = nextPollIn === null ? "" : `, next in ${seconds(nextPollIn)}`;
  addStep(elapsed, status, polled + next, status);
  if (nextPollIn !== null) countDown(nextPollIn);
  follow(wait);
}

function addStep(elapsed, what, detail, kind = "call") {
  const step = document.createElement("li");
  step.dataset.kind = kind;
  for (const [name, text] of [["time", seconds(elapsed)], ["what", what], ["detail", detail]]) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    step.append(part, " ");
  }
  steps.append(step);
}

const wait = element("wait");
const waitBar = wait.querySelector("progress");
const waitText = element("wait-text");
let frame;

/** Shows what is being waited for, with a bar that fills while a poll is due at a known time. */
function showWait(text) {
  cancelAnimationFrame(frame);
  waitBar.removeAttribute("value");
  waitText.textContent = text;
  wait.hidden = false;
}

function countDown(duration) {
  const end = performance.now() + duration;
  const draw = () => {
    const left = end - performance.now();
    if (left <= 0) return showWait("Asking…");
    showWait(`Next poll in ${seconds(left)}`);
    waitBar.value = 1 - left / duration;
    frame = requestAnimationFrame(draw);
  };
  draw();
}

function hideWait() {
  cancelAnimationFrame(frame);
  wait.hidden = true;
}

/** Shows one of the outcomes, or none. */
function showOutcome(id) {
  for (const outcome of element("outcome").children) outcome.hidden = outcome.id !== id;
}

function showResult(result) {
  element("mobile").textContent = result.mobile;
  showOutcome(result.mobile === null ? "no-match" : "found");
  showJson(result);
}

function showError(error) {
  const stopped = error.code === "aborted";
  element("error").dataset.kind = stopped ? "stopped" : "failed";
  document.querySelector("#error h3").textContent = stopped ? "Stopped" : "The lookup ended without a result";
  element("message").textContent = error.message;
  element("code").textContent = error.code;
  element("submitted").textContent = error.submitted;
  element("request-id").textContent = error.requestId ?? "none";
  // These jobs have come to their end: nothing is left to wait for.
  const over = ["job_failed", "request_not_found"].includes(error.code);
  element("go-on").hidden = error.requestId === null || over;
  showOutcome("error");
  showJson(error);
}

function showJson(value) {
  element("json").hidden = false;
  document.querySelector("#json pre").textContent = JSON.stringify(value, null, 2);
}

/** On a narrow screen the lookup is below the form. */
const follow = (part) => part.scrollIntoView({ block: "nearest" });

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

const { emulated } = await (await fetch("/config.json")).json();
element("whom-it-asks").textContent = emulated
  ? "This page asks an emulator of Nyne: people and numbers are made up. For someone without a number try nomobile@example.com."
  : "This page asks Nyne itself: a number that it finds is charged.";
