// The lookups: what is stored of each, and what the popup may ask the background script to do.

import type { PhoneQuery } from "nyne-phone-finder";
import type { LookupState } from "nyne-phone-finder/durable";
import { browser, storage } from "#imports";
import type { Person } from "./people";

/** One lookup. Its state holds the query and the number together, so a number cannot come to stand under another person. */
export interface Lookup {
  id: string;
  /** The person's name, if the page told it. */
  name: string | null;
  startedAt: number;
  state: LookupState;
  /** The address of the service that has the job, or null before there is a job. */
  service: string | null;
  running: boolean;
  /** Whether the lookup stops when the current request ends. */
  stopping: boolean;
  /** When the next request is due, if it is running. */
  dueAt: number;
  /** Why it could not continue although Nyne was not asked, as a code. */
  obstacle: string | null;
}

/** Newest first. Only the background script writes it. */
export const lookups = storage.defineItem<Lookup[]>("local:lookups", { fallback: [] });

/** Messages from the popup to the background script. */
export type Message =
  /** `after` is the last lookup of this person that the popup shows: two clicks that saw the same are one lookup. */
  | { type: "find"; person: Person; after: string | null }
  | { type: "stop" | "resume" | "remove"; id: string }
  | { type: "removeAll" }
  /** Continues what the browser has interrupted, without waiting for the alarm. */
  | { type: "wake" };

/** Resolves when it is done and stored. */
export async function ask(message: Message): Promise<void> {
  const error: string | undefined = await browser.runtime.sendMessage(message);
  if (error) throw new Error(error);
}

export const queryOf = (lookup: Lookup): PhoneQuery => lookup.state.query;
