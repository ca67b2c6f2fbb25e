// How a lookup stands, in words for people. The code comes last, for whoever has to be told of it.

import type { LookupFailed } from "nyne-phone-finder/durable";
import type { Lookup } from "./lookups";

interface Action {
  type: "stop" | "resume" | "again";
  label: string;
}

export interface Words {
  kind: "running" | "found" | "ended" | "problem";
  /** What happened. It is read out when it changes. */
  status: string;
  /** What it means, and what to do. While the lookup runs it counts seconds, so it is not read out. */
  hint: string;
  code: string | null;
  /** `resume` continues this lookup, `again` starts another one. */
  action: Action | null;
  /** What to call a button that starts another lookup, beside `action`. */
  again: string | null;
  /** Whether the remedy is in the settings. */
  settings: boolean;
}

/** What happened, and what to do about it. Whether it costs something is added. */
const PROBLEMS: Record<string, [status: string, remedy: string]> = {
  no_settings: ["The extension has no keys.", "Enter them in the settings, then try again."],
  other_settings: ["This lookup was made with other settings.", "Enter those again, then ask again."],
  permission_missing: ["The browser does not let the extension ask there.", "Save the settings again, and allow it."],
  insufficient_credits: ["Your Nyne account has no credits left.", "Add credits at Nyne, then try again."],
  subscription_required: ["Your Nyne plan does not include the Phone Finder.", "Change the plan at Nyne, then try again."],
  ip_not_allowed: ["Your keys may not be used from this network.", "Allow its address at Nyne, then try again."],
  api_key_disabled: ["Your API key is switched off.", "Switch it on at Nyne, or enter another one in the settings."],
  permission_denied: ["Your keys may not do this.", "Change what they may do at Nyne, or enter others in the settings."],
  forbidden: ["Access was refused.", "Check your plan at Nyne or, with a proxy, whether it allows this extension."],
  rate_limit_exceeded: ["There were too many requests.", "Wait a few minutes, then try again."],
  network_error: ["Nyne cannot be reached.", "Check your connection, then try again."],
  service_unavailable: ["Nyne is not available at the moment.", "Try again later."],
  timeout: ["There was no answer in time.", "Asking again costs nothing."],
  http_error: ["Nyne, or something on the way there, answered with an error.", "Try again later."],
  job_failed: ["Nyne could not complete this lookup.", ""],
  request_not_found: ["Nyne does not know this lookup any more.", "It has expired, or was made with other keys."],
  submit_outcome_unknown: [
    "It is unknown whether Nyne received the request.",
    "The connection or the browser stopped at that moment. If Nyne did, a number that it finds is charged. It is not sent again by itself: " +
      "look in Nyne's dashboard first.",
  ],
  invalid_request: ["Nyne cannot look for this person.", "Check what you entered."],
  missing_parameters: ["Nyne cannot look for this person.", "Check what you entered."],
  invalid_argument: ["The request could not be made.", "Check what you entered, and the settings."],
  invalid_response: ["The answer cannot be read.", "Check the address in the settings."],
  client_fault: ["The browser could not carry the lookup out.", "Update or restart the browser, then try again."],
};
const WRONG_KEYS = ["Your keys were not accepted.", "Correct them in the settings, then try again."] as const;
const OTHER = ["Something went wrong.", "Try again later."] as const;
/** Problems whose remedy is in the settings, beside wrong keys. */
const IN_SETTINGS = new Set(["no_settings", "other_settings", "permission_missing", "api_key_disabled", "invalid_argument", "invalid_response"]);

const isWrongKey = (code: string) => /^(missing|invalid)_(api_key|api_secret|credentials)$/.test(code);

function problem(code: string): readonly [status: string, remedy: string] {
  if (code === "network_error" && !navigator.onLine) return ["You are offline.", PROBLEMS.network_error![1]];
  if (isWrongKey(code)) return WRONG_KEYS;
  return (Object.hasOwn(PROBLEMS, code) && PROBLEMS[code]) || OTHER;
}

const span = (ms: number) => (ms < 120_000 ? `${Math.max(1, Math.ceil(ms / 1000))} s` : `${Math.ceil(ms / 60_000)} min`);
const FREE = "Nothing was charged.";
const MAY_COST = "Look up again (may cost a credit)";

export function wordsOf(lookup: Lookup, now: number): Words {
  const { state, running, obstacle } = lookup;
  const resume = { type: "resume", label: state.requestId ? "Ask again" : "Try again" } as const;
  const again = { type: "again", label: "Look up again" } as const;
  const plain = { status: "", hint: "", code: null, action: again, again: null, settings: false };
  if (lookup.stopping) {
    return { ...plain, kind: "running", status: "Stopping…", hint: "Waiting for the last answer, which may say that a lookup was made.", action: null };
  }
  if (running) return { ...plain, kind: "running", ...progress(lookup, now), action: { type: "stop", label: "Stop waiting" } };
  if (obstacle) {
    const [status, hint] = problem(obstacle);
    return { ...plain, kind: "problem", status, hint, code: obstacle, action: resume, settings: IN_SETTINGS.has(obstacle) };
  }
  if (state.state === "failed") return { ...plain, kind: "problem", ...failure(state, resume, again) };
  if (state.state === "completed" && state.mobile) return { ...plain, kind: "found", action: { ...again, label: MAY_COST } };
  if (state.state === "completed") return { ...plain, kind: "ended", status: "No number found.", hint: FREE };
  const hint = state.requestId ? "Nyne keeps looking, and a number that it finds is charged. Asking again costs nothing." : FREE;
  return { ...plain, kind: "ended", status: "Stopped.", hint, action: resume };
}

function progress({ state, dueAt }: Lookup, now: number): Pick<Words, "status" | "hint" | "code"> {
  const failed = state.state === "pending" ? state.problem : null;
  const wait = dueAt > now ? span(dueAt - now) : null;
  if (!state.requestId) {
    if (!failed || !wait) return { status: "Sending the request to Nyne…", hint: "", code: null };
    return { status: problem(failed.code)[0], hint: `${FREE} Trying again in ${wait}.`, code: failed.code };
  }
  if (failed) {
    // A job that was made a moment ago.
    const status = failed.code === "request_not_found" ? "Nyne does not know the lookup yet." : problem(failed.code)[0];
    const hint = `The lookup continues at Nyne. Asking again ${wait ? `in ${wait}` : "now"}.`;
    return { status, hint, code: failed.code };
  }
  const polls = state.state === "pending" ? state.polls : 0;
  const asked = polls === 0 ? "" : polls === 1 ? "Asked once. " : `Asked ${polls} times. `;
  const age = state.state === "pending" && state.submittedAt ? ` ${span(now - Date.parse(state.submittedAt))} so far.` : "";
  const hint = wait ? `${asked}Asking ${polls > 0 ? "again " : ""}in ${wait}.${age}` : `${asked}Asking now.${age}`;
  return { status: "Nyne is looking for the number…", hint, code: null };
}

function failure({ error }: LookupFailed, resume: Action, again: Action): Pick<Words, "status" | "hint" | "code" | "action" | "again" | "settings"> {
  const { code, requestId, submitted, retryAfter } = error;
  if (code === "request_not_found" && submitted === "no") {
    return { status: "There is no Phone Finder at this address.", hint: `${FREE} Check it in the settings, then try again.`, code, action: resume, again: null, settings: true };
  }
  const [status, remedy] = problem(code);
  const isOver = code === "job_failed" || code === "request_not_found";
  const mayCost = submitted === "unknown" || code === "request_not_found";
  const cost = submitted === "no" || code === "job_failed" ? FREE : mayCost ? "" : "Nyne may still find the number, and charge for it.";
  const advice = code === "rate_limit_exceeded" && retryAfter ? `Try again in ${span(retryAfter)}.` : remedy;
  return {
    status,
    hint: [cost, advice].filter(Boolean).join(" "),
    code,
    // With the keys of before it may be known again.
    action: code === "request_not_found" && requestId ? resume : mayCost ? { ...again, label: MAY_COST } : isOver ? again : resume,
    again: code === "request_not_found" && requestId ? MAY_COST : null,
    settings: IN_SETTINGS.has(code) || isWrongKey(code),
  };
}
