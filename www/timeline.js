// Draws a journal: as a track on which time grows, for the eye, and as a list with every request and answer, for everybody.

import { byId, element, reducedMotion, seconds } from "./dom.js";

const track = byId("track");
const marks = byId("marks");
const axis = byId("axis");
const list = byId("events");

/** The shortest time that the track shows. */
const SHORTEST = 5_000;

/** @type {import("./journal.js").Journal | null} */
let journal = null;
let scale = SHORTEST;
let frame = 0;
/** Of each event, its parts on the page. @type {Map<object, { item: HTMLElement, mark: HTMLElement }>} */
let drawn = new Map();

/** Shows a journal from its beginning, or none. */
export function show(next) {
  journal = next;
  scale = SHORTEST;
  drawn = new Map();
  marks.replaceChildren();
  axis.replaceChildren();
  list.replaceChildren();
  list.parentElement.dataset.empty = String(next === null);
  update();
}

/** Draws what has changed. */
export function update() {
  if (!journal) return;
  for (const [event, { item, mark }] of drawn) {
    if (journal.events.includes(event)) continue;
    item.remove();
    mark.remove();
    drawn.delete(event);
  }
  for (const event of journal.events) {
    if (!drawn.has(event)) add(event);
    describe(event);
  }
  cancelAnimationFrame(frame);
  draw();
}

function add(event) {
  const item = element("li", { className: event.kind });
  const mark = element("span", { className: `mark ${event.kind}` });
  if (event.kind === "wait") mark.append(element("i"));
  if (event.kind === "request") {
    const details = element("details", {}, element("summary", {}, element("span", { className: "words" }), element("code")), ...block("Request"), ...block("Answer"));
    item.append(element("span", { className: "time" }, seconds(event.from)), details);
    mark.addEventListener("click", () => {
      details.open = true;
      details.querySelector("summary").focus();
    });
  } else item.append(element("span", { className: "words" }));
  list.append(item);
  marks.append(mark);
  drawn.set(event, { item, mark });
}

const block = (name) => [element("p", { className: "caption" }, name), element("pre", { tabIndex: 0 })];

function describe(event) {
  const { item, mark } = drawn.get(event);
  item.dataset.mood = mark.dataset.mood = mood(event);
  item.querySelector(".words").textContent = words(event);
  if (event.kind !== "request") return;
  mark.title = words(event);
  mark.dataset.label = event.stopped ? "" : event.broken ? "lost" : event.status >= 400 ? event.status : "";
  const [code] = item.getElementsByTagName("code");
  code.textContent = [event.status, event.word].filter(Boolean).join(" ");
  const [asked, answer] = item.getElementsByTagName("pre");
  asked.textContent = event.asked;
  answer.textContent = event.answer || "…";
}

/** How an event looks. */
function mood(event) {
  if (event.kind === "end") return event.mood;
  if (event.kind === "wait") return event.problem ? "pause" : "plain";
  if (event.to === null) return "open";
  if (event.stopped) return "plain";
  if (event.broken) return "bad";
  if (event.status === 429 || event.status === 503) return "pause";
  if (event.status >= 400) return "bad";
  if (isUnread(event)) return "open";
  if (!event.sense || event.word === "failed") return "bad";
  return event.word === "completed" ? "good" : "plain";
}

/** What the status says comes first, what the answer says a moment later. */
const isUnread = ({ answer }) => answer === "";

function words(event) {
  if (event.kind === "end") return event.words;
  if (event.kind === "wait") {
    const length = seconds((event.to ?? event.until) - event.from);
    if (event.problem) return `${event.to === null ? "Pausing" : "Paused"} ${length} before the retry`;
    return `${event.to === null ? "Waiting" : "Waited"} ${length}`;
  }
  const submit = event.method === "POST";
  const what = submit ? (event.retry ? "Submitted again" : "Submitted") : event.retry ? "Checked again" : "Checked";
  if (event.broken) return `${what}: no answer came`;
  if (event.status === null) return `${what}…`;
  if (event.status === 429) return `${what}: too many requests`;
  if (event.status === 503) return `${what}: out of service for now`;
  if (event.status === 402) return `${what}: no credits`;
  if (event.status === 401) return `${what}: wrong key`;
  if (event.status >= 400) return `${what}: refused`;
  if (isUnread(event)) return `${what}…`;
  if (!event.sense) return `${what}: the answer makes no sense`;
  if (submit) return `${what}: Nyne took the job`;
  if (event.word === "completed") return `${what}: done`;
  return event.word === "failed" ? `${what}: the job failed` : `${what}: not done yet`;
}

/** Puts everything where its time is. While something lasts, that is done for each frame. */
function draw() {
  const now = journal.now();
  const [before, last] = [journal.events.at(-2), journal.events.at(-1)];
  const running = last?.kind !== "end";
  const ends = journal.events.map((event) => Math.max(event.to ?? (running ? now : event.from), event.until && event.to === null ? event.until : 0));
  const target = Math.max(SHORTEST, ...ends) * 1.04;
  const still = reducedMotion.matches || !running;
  scale = still ? target : scale + (target - scale) * 0.15;
  const place = (node, name, time) => node.style.setProperty(name, `${(Math.min(time, scale) / scale) * 100}%`);
  for (const [event, { mark }] of drawn) {
    place(mark, "--from", event === last && before?.kind === "request" ? before.from : event.from);
    if (event.kind !== "wait") continue;
    const end = event.to ?? event.until;
    place(mark, "--length", end - event.from);
    // Without motion, a wait that has begun shows how long it will be, and fills when it is over.
    const filled = event.to !== null ? 1 : reducedMotion.matches ? 0 : Math.min(1, (now - event.from) / (end - event.from));
    mark.style.setProperty("--filled", `${filled * 100}%`);
  }
  drawAxis(place);
  track.dataset.running = String(running);
  if (running && !reducedMotion.matches) frame = requestAnimationFrame(draw);
}

function drawAxis(place) {
  const step = [1, 2, 5, 10, 30, 60].find((step) => scale / (step * 1_000) <= 7) ?? Math.ceil(scale / 420_000) * 60;
  const count = Math.floor(scale / (step * 1_000)) + 1;
  if (axis.dataset.step !== `${step}`) axis.replaceChildren();
  axis.dataset.step = `${step}`;
  while (axis.children.length < count) axis.append(element("span", {}, `${axis.children.length * step} s`));
  while (axis.children.length > count) axis.lastChild.remove();
  [...axis.children].forEach((tick, index) => place(tick, "--from", index * step * 1_000));
}
