// What happens during a lookup, as events in their order: requests, waits and the end.

/**
 * Times are milliseconds since the first request; `to` is null while it lasts. An answer is "" until it has been read, and one that
 * speaks of a job makes `sense`.
 * @typedef {{ kind: "request", from: number, to: number | null, method: string, asked: string, answer: string, status: number | null,
 *   word: string, sense: boolean, retry: boolean, broken: boolean, stopped: boolean }} RequestEvent
 * @typedef {{ kind: "wait", from: number, to: number | null, until: number, problem: string | null }} WaitEvent
 * @typedef {{ kind: "end", from: number, to: number, mood: string, words: string }} EndEvent
 */

/** Nobody who looks over a shoulder has to see them. */
const KEYS = ["x-api-key", "x-api-secret"];

export class Journal {
  /** @type {(RequestEvent | WaitEvent | EndEvent)[]} */
  events = [];
  /** Null before the first event: until then the package is loaded. @type {number | null} */
  #began = null;
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  now() {
    return this.#began === null ? 0 : performance.now() - this.#began;
  }

  /** A `fetch` that notes what it is asked and what is answered. `isStopped` tells whether the user has stopped the lookup. */
  noting(fetch, isStopped) {
    return async (url, init) => {
      const before = this.#endWait();
      const method = init?.method ?? "GET";
      const event = { kind: "request", from: this.now(), to: null, method, asked: asked(url, method, init), answer: "", status: null, word: "", sense: false, retry: Boolean(before?.problem), broken: false, stopped: false };
      this.#add(event);
      try {
        const response = await fetch(url, init);
        const copy = response.clone();
        event.status = response.status;
        this.#note(event, copy);
        return response;
      } catch (error) {
        event.broken = true;
        event.stopped = isStopped();
        event.answer = event.stopped ? "You stopped before the answer came." : init?.signal?.aborted ? "No answer in time." : "No answer: the connection failed.";
        throw error;
      } finally {
        event.to = this.now();
        this.#changed();
      }
    };
  }

  /** For `onStatus`. */
  heard({ nextPollIn, problem }) {
    if (nextPollIn === null) return;
    this.#endWait();
    const from = this.now();
    this.#add({ kind: "wait", from, to: null, until: from + nextPollIn, problem: problem?.code ?? null });
  }

  end(mood, words) {
    this.#endWait();
    this.#add({ kind: "end", from: this.now(), to: this.now(), mood, words });
  }

  /** The lookup goes on, so that this was not its end. */
  goesOn() {
    this.events = this.events.filter(({ kind }) => kind !== "end");
    this.#changed();
  }

  #add(event) {
    this.#began ??= performance.now();
    this.events.push(event);
    this.#changed();
  }

  #endWait() {
    const last = this.events.at(-1);
    if (last?.kind !== "wait") return null;
    last.to ??= this.now();
    return last;
  }

  async #note(event, response) {
    const headers = ["Retry-After"].flatMap((name) => (response.headers.has(name) ? [`${name}: ${response.headers.get(name)}`] : []));
    const body = await response.text().catch(() => "(the rest did not arrive)");
    event.answer = [[`${event.status}`, ...headers].join("\n"), pretty(body)].join("\n\n");
    try {
      const { data, error } = JSON.parse(body);
      event.word = data?.status ?? error?.code ?? "";
      event.sense = Boolean(data?.status || data?.request_id);
    } catch {} // Its status says enough.
    this.#changed();
  }
}

function asked(url, method, init) {
  const { pathname, search } = new URL(url, location.href);
  const headers = [...new Headers(init?.headers)].map(([name, value]) => `${name}: ${KEYS.includes(name) ? "••••••••" : value}`);
  const body = typeof init?.body === "string" ? `\n\n${pretty(init.body)}` : "";
  return [`${method} ${pathname}${search}`, ...headers].join("\n") + body;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
