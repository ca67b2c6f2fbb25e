// The popup: whose number is wanted, how each lookup stands, and the history. It only shows what is stored and asks the background
// script to do things, so it may be closed at any time.

import { browser } from "#imports";
import { ask, type Lookup, lookups, type Message, queryOf } from "@/utils/lookups";
import { describe, identity, type Person, personOfTab, personOfText } from "@/utils/people";
import { settings } from "@/utils/settings";
import { wordsOf } from "@/utils/words";

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const field = element<HTMLInputElement>("who");
const openSettings = () => browser.runtime.openOptionsPage();

/** Whose profile the tab shows. */
let person: Person | null = null;
let all: Lookup[] = [];
/** The cards that are shown. They are changed in place, so that the focus stays where it is. */
const cards = new Map<string, HTMLElement>();

const latestOf = ({ query }: Person) => all.find((lookup) => identity(queryOf(lookup)) === identity(query));

async function send(message: Message) {
  element("trouble").textContent = "";
  await ask(message).catch(() => {
    element("trouble").textContent = "The browser did not answer. Close this window and open it again to see how the lookup stands.";
  });
}

const find = (person: Person) => send({ type: "find", person, after: latestOf(person)?.id ?? null });

function show() {
  const latest = person && latestOf(person);
  const hadFocus = element("person").contains(document.activeElement);
  element("person").hidden = !person || Boolean(latest);
  element("person-name").textContent = person?.name ?? (person && describe(person.query));
  element("person-query").textContent = person?.name ? describe(person.query) : "";
  const earlier = all.filter((lookup) => lookup !== latest);
  element("history").hidden = earlier.length === 0;
  place(element("current"), latest ? [latest] : []);
  place(element("list"), earlier);
  for (const [id, card] of cards) {
    if (all.some((lookup) => lookup.id === id)) continue;
    if (card.contains(document.activeElement)) document.querySelector("main")!.focus();
    card.remove();
    cards.delete(id);
  }
  // The element that had the focus is hidden now.
  if (hadFocus && latest) cards.get(latest.id)?.focus();
}

/** Puts the cards of these lookups into a list, and moves only those that are not there. */
function place(list: HTMLElement, lookups: Lookup[]) {
  lookups.forEach((lookup, index) => {
    const card = cards.get(lookup.id) ?? newCard(lookup);
    fill(card, lookup);
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
  });
}

function newCard({ id }: Lookup): HTMLElement {
  const card = element<HTMLTemplateElement>("card").content.firstElementChild!.cloneNode(true) as HTMLElement;
  const on = (selector: string, action: (lookup: Lookup, button: HTMLElement) => unknown) => {
    const button = card.querySelector<HTMLElement>(selector)!;
    // Read at the click: the lookup has changed since the card was made.
    button.addEventListener("click", ({ detail }) => {
      // The second click of two was meant for what the button was before.
      if (detail > 1) return;
      const lookup = all.find((lookup) => lookup.id === id);
      if (lookup) action(lookup, button);
    });
  };
  on(".copy", async ({ state }, button) => {
    if (state.state !== "completed" || !state.mobile) return;
    await navigator.clipboard.writeText(state.mobile);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2_000);
  });
  on(".act", (lookup) => {
    const type = wordsOf(lookup, Date.now()).action?.type;
    if (type === "again") return find({ name: lookup.name, query: queryOf(lookup) });
    if (type) return send({ type, id });
  });
  on(".again", (lookup) => find({ name: lookup.name, query: queryOf(lookup) }));
  on(".to-settings", openSettings);
  on(".remove", () => send({ type: "remove", id }));
  cards.set(id, card);
  return card;
}

function fill(card: HTMLElement, lookup: Lookup) {
  const words = wordsOf(lookup, Date.now());
  const part = (selector: string) => card.querySelector<HTMLElement>(selector)!;
  const write = (selector: string, text: string) => {
    // A live region is read out whenever it is written to.
    if (part(selector).textContent !== text) part(selector).textContent = text;
  };
  const who = describe(queryOf(lookup));
  write("h2", lookup.name ?? who);
  write(".query", lookup.name ? who : "");
  write(".number", lookup.state.state === "completed" ? (lookup.state.mobile ?? "") : "");
  write(".status", words.status);
  write(".hint", words.hint);
  write("code", words.code ?? "");
  write(".act", words.action?.label ?? "");
  write(".again", words.again ?? "");
  write("time", new Date(lookup.startedAt).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }));
  part(".status").className = `status ${words.kind === "problem" ? "bad" : ""}`;
  part("progress").hidden = words.kind !== "running";
  part(".copy").hidden = words.kind !== "found";
  part(".act").hidden = !words.action;
  part(".again").hidden = !words.again;
  part(".to-settings").hidden = !words.settings;
  part(".remove").hidden = words.kind === "running";
  card.setAttribute("aria-label", `${words.kind === "running" ? "Running lookup" : "Lookup"}: ${lookup.name ?? who}`);
}

element("settings").addEventListener("click", openSettings);
element("set-up").addEventListener("click", openSettings);
element("find").addEventListener("click", () => person && find(person));
element("other").addEventListener("click", () => {
  element("other").hidden = true;
  element("ask").hidden = false;
  field.focus();
});
element("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { value } = field;
  const typed = personOfText(value);
  field.setAttribute("aria-invalid", `${!typed}`);
  element("who-error").textContent = typed ? "" : "Enter an email, the address of a profile, a phone number or a name.";
  if (!typed) return field.focus();
  const known = latestOf(typed);
  // Its card says what another lookup may cost.
  if (known) cards.get(known.id)?.focus();
  else await find(typed);
  // Somebody may have typed on.
  if (field.value === value) field.value = "";
});
const sure = element<HTMLDialogElement>("sure");
element("forget").addEventListener("click", () => {
  // Escape leaves the last one.
  sure.returnValue = "";
  sure.showModal();
});
sure.addEventListener("close", () => {
  if (sure.returnValue === "delete") void send({ type: "removeAll" });
});

const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
person = personOfTab(tab?.url, tab?.title);
lookups.watch((value) => {
  all = value ?? [];
  show();
});
all = await lookups.getValue();
const isReady = (await settings.getValue()) !== null;
element("setup").hidden = isReady;
element("other").hidden = !isReady || !person;
element("ask").hidden = !isReady || Boolean(person);
show();
if (!isReady) element("person").hidden = true;
setInterval(show, 1_000);
if (all.some(({ running }) => running)) await send({ type: "wake" });
