// Carries the lookups out. The browser may end this script at any time and start it again at the next event, so nothing here is needed
// later: each lookup is stored before and after each request, a claim keeps an interrupted submit from being sent again, and while
// a lookup runs, an alarm starts this script every 30 s.

import { isNyneError } from "nyne-phone-finder";
import { advance } from "nyne-phone-finder/durable";
import { browser, defineBackground } from "#imports";
import { claim } from "@/utils/claims";
import { type Lookup, lookups, type Message, queryOf } from "@/utils/lookups";
import { identity } from "@/utils/people";
import { obstacle, optionsOf, serviceOf, settings } from "@/utils/settings";

const ALARM = "continue";
const EVERY_30_S = { periodInMinutes: 0.5 };
/** Running lookups are always kept. */
const HISTORY = 200;

export default defineBackground(() => {
  // Content scripts could read it otherwise. This extension has none.
  void browser.storage.local.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" });
  browser.runtime.onMessage.addListener((message, sender, reply) => {
    if (!sender.url?.startsWith(browser.runtime.getURL("/"))) return;
    perform(message).then(reply, (error) => reply(`${error}`));
    return true;
  });
  browser.runtime.onInstalled.addListener(schedule);
  browser.runtime.onStartup.addListener(schedule);
  browser.alarms.onAlarm.addListener(schedule);
  void schedule();
});

async function perform(message: Message): Promise<void> {
  // Before a lookup is stored that may need it. If none runs, `schedule` takes it back.
  await browser.alarms.create(ALARM, EVERY_30_S);
  await change((all) => {
    switch (message.type) {
      case "wake":
        return all;
      case "find": {
        const { name, query } = message.person;
        const last = all.find((lookup) => identity(queryOf(lookup)) === identity(query));
        if (last?.running || (last?.id ?? null) !== message.after) return all;
        const id = crypto.randomUUID();
        const added = { id, name, startedAt: Date.now(), state: { query, key: id }, service: null, running: true, stopping: false, dueAt: 0, obstacle: null };
        return [added, ...all].filter((lookup, place) => lookup.running || place < HISTORY);
      }
      // A request that is under way is not aborted: the id of a job that may be charged would be lost.
      case "stop":
        return all.map((lookup) => {
          if (lookup.id !== message.id || !lookup.running) return lookup;
          // The next step finds out whether this script sent it before it was ended.
          const mayBeSent = busy.has(lookup.id) || (!lookup.state.requestId && lookup.dueAt <= Date.now());
          return { ...lookup, ...(mayBeSent ? { stopping: true } : { running: false }) };
        });
      case "resume":
        return all.map((lookup) => (lookup.id === message.id && !lookup.running ? { ...lookup, running: true, dueAt: 0, obstacle: null } : lookup));
      case "remove":
        return all.filter((lookup) => lookup.id !== message.id || lookup.running);
      case "removeAll":
        return all.filter((lookup) => lookup.running);
    }
  });
  await schedule();
}

/** One change of the stored lookups after the other. */
function change(edit: (all: Lookup[]) => Lookup[]): Promise<void> {
  return navigator.locks.request("lookups", async () => lookups.setValue(edit(await lookups.getValue())));
}

/** The lookups with a request under way. */
const busy = new Set<string>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** Sets a timer for each running lookup, and the alarm for when this script does not live that long. */
async function schedule(): Promise<void> {
  const running = (await lookups.getValue()).filter((lookup) => lookup.running);
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  for (const { id, dueAt } of running) {
    // The alarm comes here again before any timer gets too long for the browser.
    if (!busy.has(id)) timers.set(id, setTimeout(step, Math.min(dueAt - Date.now(), 60_000), id));
  }
  void browser.action.setBadgeText({ text: running.length > 0 ? "…" : "" });
  if (running.length === 0) await browser.alarms.clear(ALARM);
  else if (!(await browser.alarms.get(ALARM))) await browser.alarms.create(ALARM, EVERY_30_S);
}

/** Sends the next request of a lookup, if it is due. */
async function step(id: string): Promise<void> {
  if (busy.has(id)) return;
  busy.add(id);
  try {
    const lookup = (await lookups.getValue()).find((lookup) => lookup.id === id);
    if (!lookup?.running) return;
    const next = lookup.dueAt > Date.now() ? { running: true } : await nextOf(lookup);
    // It may have been stopped in the meantime.
    const edit = (now: Lookup) => (now.id === id ? { ...now, ...next, running: now.running && next.running && !now.stopping, stopping: false } : now);
    await insist(() => change((all) => all.map(edit)));
  } finally {
    busy.delete(id);
    await schedule();
  }
}

/** Until it succeeds: the id of a job that may be charged must not be lost to a disk that is full for a moment. */
async function insist(store: () => Promise<void>): Promise<void> {
  for (let wait = 1_000; ; wait *= 2) {
    try {
      return await store();
    } catch (error) {
      console.error(error);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

async function nextOf({ state, service: asked }: Lookup): Promise<Pick<Lookup, "running"> & Partial<Lookup>> {
  const given = await settings.getValue();
  const code = await obstacle(given);
  if (!given || code) return { running: false, obstacle: code };
  const service = serviceOf(given);
  if (state.requestId && asked !== service) return { running: false, obstacle: "other_settings" };
  try {
    const next = await advance(state, { ...optionsOf(given), claim });
    if (next.state === "pending") return { state: next, service, running: true, dueAt: Date.now() + next.pollAfter };
    // Of Nyne's answer only the number is kept.
    return { state: { ...next, data: {} }, service, running: false };
  } catch (error) {
    // The state has not changed: nothing was sent.
    return { running: false, obstacle: isNyneError(error) ? error.code : "client_fault" };
  }
}
