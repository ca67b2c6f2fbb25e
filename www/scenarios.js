// What can happen to a lookup. Each is played by an emulator inside the page, also if a proxy answers the other lookups.

/**
 * `who` goes into the form. `settings` are the emulator's, `faults` the arguments of its `fail`, `options` the package's.
 * @type {Record<string, { label: string, who: string, words: string, settings?: object, faults?: unknown[][], options?: object }>}
 */
export const SCENARIOS = {
  found: {
    label: "Found",
    who: "ada@example.com",
    words: "One submit, then checks with growing waits between them, until the job is done.",
  },
  "no-number": {
    label: "No number",
    who: "nomobile@example.com",
    words: "Nyne finds no number. That is a result, not an error, and it costs nothing.",
  },
  "failed-job": {
    label: "Failed job",
    who: "https://www.linkedin.com/in/ada-example",
    words: "The job itself fails at Nyne. More checks would not help, so the lookup ends.",
    faults: [[{ kind: "jobStatus", status: "processing" }, { on: "GET" }], [{ kind: "jobFailed", error: "The source did not answer." }, { on: "GET" }]],
  },
  "no-credits": {
    label: "No credits",
    who: "ada@example.com",
    words: "The account has no credits, so Nyne takes no job.",
    settings: { credits: 0 },
  },
  "wrong-key": {
    label: "Wrong key",
    who: "ada@example.com",
    words: "Nyne does not know the key, so it takes no job.",
    options: { apiKey: "a-key-of-nobody" },
  },
  "rate-limit": {
    label: "Rate limit",
    who: "+1-202-555-0101",
    words: "Nyne asks for a pause of 3 s. Its refusal proves that no job was made, so the submit is safe to send again.",
    faults: [[{ kind: "error", code: "rate_limit_exceeded", headers: { "Retry-After": "3" } }, { on: "POST" }]],
  },
  "lost-answer": {
    label: "Lost answer",
    who: "ada@example.com",
    words: "Nyne takes the job, but its answer is lost. A second submit could be charged twice, so none is sent.",
    faults: [["lost answer", { on: "POST" }]],
  },
  slow: {
    label: "Slow",
    who: "Ada Example",
    words: "The job takes 12 s, and one check fails on the way. Checks cost nothing, so it is repeated.",
    settings: { latency: 12_000 },
    faults: [[{ kind: "jobStatus", status: "queued" }, { on: "GET" }], ["service_unavailable", { on: "GET" }]],
  },
};
