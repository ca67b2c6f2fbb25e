// The Durable Object that holds a batch: its people and what became of them, the claims of `findPhones`, and the times of its
// requests. A deployment or a crash may end it at any moment. The next request or alarm resumes the batch.

import { DurableObject } from "cloudflare:workers";
import { findPhones } from "nyne-phone-finder";

import { writeResults } from "./people.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How often the alarm looks after a batch, in ms. */
const WATCH = 10_000;
/** How long a batch that is stopped waits for the jobs that run, in ms: `findPhones` submits only what it can poll within that. */
const LAST_POLLS = 90_000;
/** So many submits in a row without an answer: whoever is left is better not submitted now. */
const HOPELESS = 20;
/** Requests of one lookup: its submit and its polls, on average. */
const REQUESTS_PER_LOOKUP = 2.15;
/** Errors that another lookup would meet again. */
const FINAL = new Set(["invalid_argument", "invalid_response", "job_failed", "request_not_found"]);

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS people (
    place INTEGER PRIMARY KEY, cells TEXT NOT NULL, query TEXT NOT NULL,
    -- null until it is looked up, then found, missing, failed, or unknown: nobody knows whether it was submitted
    status TEXT, mobile TEXT, request_id TEXT, error TEXT, message TEXT
  );
  CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, claim TEXT NOT NULL);
  -- numbered without a gap, so that the nth last is found at once
  CREATE TABLE IF NOT EXISTS requests (number INTEGER PRIMARY KEY, at INTEGER NOT NULL);
`;

export class Bulk extends DurableObject {
  #isRunning = false;
  #abort = new AbortController();
  #unanswered = 0;

  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec(SCHEMA);
    this.limits = [
      [Number(env.REQUESTS_PER_MINUTE), MINUTE],
      [Number(env.REQUESTS_PER_HOUR), HOUR],
    ];
    this.#run();
  }

  // The page's actions. Each returns the state, or the reason of a refusal.

  upload({ name, columns, delimiter, rows }) {
    if (this.#isUnderWay) {
      return { refused: `${this.#batch.name} is being looked up. Stop it, or wait for its end; then upload the next file.` };
    }
    this.ctx.storage.transactionSync(() => {
      this.sql.exec("DELETE FROM people; DELETE FROM claims;");
      for (const [place, { cells, query }] of rows.entries()) {
        this.sql.exec("INSERT INTO people (place, cells, query) VALUES (?, ?, ?)", place, JSON.stringify(cells), JSON.stringify(query));
      }
      this.#batch = { name, columns, delimiter, state: "running", reason: null };
    });
    this.#run();
    return this.state();
  }

  stop() {
    if (this.#batch?.state === "running") this.#stop(null);
    return this.state();
  }

  /**
   * Looks up who is left, and again those whose error may pass. With `resubmitUnknown` also those of whom nobody knows whether
   * they were submitted. They may be charged twice.
   */
  goOn({ resubmitUnknown }) {
    if (!this.#batch) return { refused: "There is no batch yet. Upload a CSV." };
    if (this.#isUnderWay) return { refused: "The batch is under way." };
    this.ctx.storage.transactionSync(() => {
      const again = "UPDATE people SET status = NULL, mobile = NULL, request_id = NULL, error = NULL, message = NULL WHERE status =";
      this.sql.exec(`${again} 'failed' AND error NOT IN (${[...FINAL].map((code) => `'${code}'`)})`);
      if (resubmitUnknown) {
        this.sql.exec(`${again} 'unknown'`);
        // Not the option `resubmitUnknown`: it would submit those once more whom the next interruption makes unknown.
        this.sql.exec("DELETE FROM claims WHERE claim ->> 'requestId' IS NULL");
      }
      this.#batch = { ...this.#batch, state: "running", reason: null };
    });
    this.#run();
    return this.state();
  }

  state() {
    const batch = this.#batch;
    if (!batch) return { state: "empty" };
    const counts = { found: 0, missing: 0, failed: 0, unknown: 0, left: 0, again: 0 };
    for (const { status, error, count } of this.sql.exec("SELECT status, error, count(*) AS count FROM people GROUP BY status, error")) {
      counts[status ?? "left"] += count;
      if (status === "failed" && !FINAL.has(error)) counts.again += count;
    }
    const { credits } = this.sql.exec("SELECT count(DISTINCT request_id) AS credits FROM people WHERE status = 'found'").one();
    return {
      state: batch.state,
      name: batch.name,
      reason: batch.reason,
      ...counts,
      // A number is one credit; equal people share it.
      credits,
      timeLeft: batch.state === "running" ? this.#timeLeft(counts.left) : null,
      requests: this.limits.map(([limit, span]) => ({ limit, span, used: this.#used(span) })),
    };
  }

  /** The results so far as CSV, or null if there is no batch. */
  results() {
    if (!this.#batch) return null;
    const rows = this.sql.exec("SELECT * FROM people ORDER BY place").toArray();
    return writeResults(
      this.#batch,
      rows.map(({ cells, status, mobile, request_id, error, message }) => ({
        cells: JSON.parse(cells),
        added: [mobile, status === "unknown" ? "failed" : status, request_id, error, message],
      })),
    );
  }

  // The batch

  /** Keeps the object in memory while it works, and gives each stretch of work an event of its own, whose limits it counts against. */
  alarm() {
    this.#run();
  }

  get #batch() {
    return this.ctx.storage.kv.get("batch");
  }

  set #batch(batch) {
    this.ctx.storage.kv.put("batch", batch);
  }

  get #isUnderWay() {
    return ["running", "stopping"].includes(this.#batch?.state);
  }

  #run() {
    if (!this.#isUnderWay) return;
    this.ctx.storage.setAlarm(Date.now() + WATCH);
    if (!this.#isRunning) this.#lookUp();
  }

  async #lookUp() {
    this.#isRunning = true;
    this.#abort = new AbortController();
    this.#unanswered = 0;
    try {
      const places = [];
      for await (const { index, ...outcome } of findPhones(this.#left(places), this.options())) this.#take(places[index], outcome);
      this.#end();
    } catch (error) {
      // The object's settings are wrong. Nothing was sent.
      if (error.code === "invalid_argument") this.#stop(error.message);
      // An abort ends a batch that is stopped. After anything else the alarm tries again.
      if (this.#batch.state === "stopping") this.#end();
      else console.error(error);
    } finally {
      this.#isRunning = false;
    }
  }

  /** The queries of those who are left, as they are needed, and at the same time their places. */
  *#left(places) {
    while (this.#batch.state === "running") {
      const after = "SELECT place, query FROM people WHERE place > ? AND status IS NULL ORDER BY place LIMIT 1";
      const [next] = this.sql.exec(after, places.at(-1) ?? -1);
      if (!next) return;
      places.push(next.place);
      yield JSON.parse(next.query);
    }
  }

  options() {
    const { NYNE_API_KEY, NYNE_API_SECRET, NYNE_BASE_URL } = this.env;
    const [[requestsPerMinute], [requestsPerHour]] = this.limits;
    return {
      apiKey: NYNE_API_KEY,
      apiSecret: NYNE_API_SECRET,
      baseUrl: NYNE_BASE_URL, // unset: Nyne itself
      requestsPerMinute,
      requestsPerHour,
      store: { get: (key) => this.#claim(key), set: (key, claim) => this.#setClaim(key, claim) },
      fetch: (url, init) => this.#fetch(url, init),
      signal: this.#abort.signal,
    };
  }

  /** @param {number} place @param {{ ok: boolean, result?: object, error?: object }} outcome */
  #take(place, { ok, result, error }) {
    if (ok) {
      const status = result.mobile === null ? "missing" : "found";
      this.#note(place, { status, mobile: result.mobile, requestId: result.requestId });
      this.#unanswered = 0;
      return;
    }
    const { code, message, requestId, submitted, status } = error;
    if (status >= 401 && status <= 403) this.#stop(message);
    // These people were not submitted, or their jobs still run: the batch looks them up when it is resumed.
    if (this.#batch.state === "stopping" && (submitted === "no" || code === "aborted")) return;
    const isUnknown = submitted === "unknown" && requestId === null;
    this.#note(place, { status: isUnknown ? "unknown" : "failed", requestId, error: code, message });
    this.#unanswered = isUnknown ? this.#unanswered + 1 : 0;
    if (this.#unanswered >= HOPELESS) {
      this.#stop(`${HOPELESS} submits in a row had no answer. Check the network and Nyne's status, then go on. ${message}`);
    }
  }

  #note(place, { status, mobile = null, requestId, error = null, message = null }) {
    const values = [status, mobile, requestId, error, message, place];
    this.sql.exec("UPDATE people SET status = ?, mobile = ?, request_id = ?, error = ?, message = ? WHERE place = ?", ...values);
  }

  /** Submits nobody any more. Jobs that run are waited for. */
  #stop(reason) {
    if (this.#batch.state !== "running") return;
    this.#batch = { ...this.#batch, state: "stopping", reason };
    const abort = this.#abort;
    setTimeout(() => abort.abort(), LAST_POLLS);
  }

  #end() {
    const { left } = this.sql.exec("SELECT count(*) AS left FROM people WHERE status IS NULL").one();
    this.#batch = { ...this.#batch, state: left > 0 ? "stopped" : "done" };
    this.ctx.storage.deleteAlarm();
  }

  // The store of `findPhones`. A submit waits in the output gate until its claim is on disk.

  #claim(key) {
    const [row] = this.sql.exec("SELECT claim FROM claims WHERE key = ?", key);
    return row && JSON.parse(row.claim);
  }

  #setClaim(key, claim) {
    if (!claim) return void this.sql.exec("DELETE FROM claims WHERE key = ?", key);
    const isNew = claim.requestId === null && claim.result === null;
    if (isNew && this.#batch.state !== "running") throw new Error("The batch ends.");
    // Whatever else Nyne has answered is not needed here, and may be more of a person.
    const kept = claim.result ? { ...claim, result: { ...claim.result, data: {} } } : claim;
    this.sql.exec("INSERT INTO claims VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET claim = excluded.claim", key, JSON.stringify(kept));
  }

  // The limits. `findPhones` keeps them, but of requests before a restart it knows nothing.

  /** Sends a request, or answers in Nyne's place that it must wait. That proves that no job was made, so it is tried again. */
  async #fetch(url, init) {
    const now = Date.now();
    const wait = Math.max(...this.limits.map(([limit, span]) => this.#nthLast(limit) + span - now));
    if (wait > 0) {
      const error = { code: "rate_limit_exceeded", message: "Requests before a restart have used up a limit." };
      const headers = { "Retry-After": String(Math.ceil(wait / 1000)) };
      return Response.json({ success: false, error, timestamp: new Date(now).toISOString() }, { status: 429, headers });
    }
    const { number } = this.sql.exec("INSERT INTO requests (at) VALUES (?) RETURNING number", now).one();
    this.sql.exec("DELETE FROM requests WHERE number <= ?", number - Math.max(...this.limits.map(([limit]) => limit)));
    try {
      return await fetch(url, init);
    } finally {
      // Nyne has counted it by now, so its window cannot end later.
      this.sql.exec("UPDATE requests SET at = ? WHERE number = ?", Date.now(), number);
    }
  }

  /** When the nth last request was made. */
  #nthLast(n) {
    const [request] = this.sql.exec("SELECT at FROM requests WHERE number = (SELECT max(number) FROM requests) - ? + 1", n);
    return request?.at ?? -Infinity;
  }

  #used(span) {
    return this.sql.exec("SELECT count(*) AS used FROM requests WHERE at > ?", Date.now() - span).one().used;
  }

  /** How long the limits make the lookups last that are left, in ms: the requests of an hour go out at the pace of the minute. */
  #timeLeft(left) {
    const [[perMinute], [perHour]] = this.limits;
    const now = Date.now();
    const { used, first } = this.sql.exec("SELECT count(*) AS used, min(at) AS first FROM requests WHERE at > ?", now - HOUR).one();
    const requests = Math.ceil(left * REQUESTS_PER_LOOKUP);
    const last = used + requests - 1;
    const hours = Math.max(0, Math.floor(last / perHour));
    if (hours === 0) return (requests / perMinute) * MINUTE;
    return (first ?? now) + hours * HOUR - now + (((last % perHour) + 1) / perMinute) * MINUTE;
  }
}
