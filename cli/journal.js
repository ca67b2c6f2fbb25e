// @ts-check
// An append-only file of JSON Lines: each claim is on the disk before the submit that it announces, and the last line of a key
// counts. So a run that broke off at any point can be resumed, and nobody is submitted twice.

import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";

import { EXIT, Failure, reason } from "./failure.js";
import { partOf } from "./output.js";
import { isNew } from "./submits.js";

/** @typedef {import("nyne-phone-finder").LookupClaim} LookupClaim */

export class Journal {
  /** @type {Map<string, LookupClaim>} */
  #claims = new Map();
  /** The bytes of whole lines. */
  #size = 0;
  #path;
  #lock;
  #file;
  #onFailure;
  /** Whether it could always be written. */
  isWhole = true;
  /** The ids whose result was known before this run. @type {Set<string>} */
  answeredBefore = new Set();

  /**
   * @param {string} output the file that it is the journal of @param {boolean} resume
   * @param {(failure: Failure, id: string | null | undefined) => void} onFailure called when it cannot be written: the run must end then
   */
  constructor(output, resume, onFailure) {
    this.#path = `${output}.journal`;
    this.#onFailure = onFailure;
    refuseToOverwrite(output, this.#path, resume);
    this.#lock = takeLock(`${output}.lock`);
    try {
      if (existsSync(this.#path)) this.#read();
      // Numbers of people are in it.
      this.#file = openSync(this.#path, "a", 0o600);
      // Nobody is submitted before the line that says so is whole.
      ftruncateSync(this.#file, this.#size);
      syncFolder(dirname(this.#path));
    } catch (error) {
      rmSync(this.#lock, { force: true });
      throw error instanceof Failure ? error : new Failure(`Cannot create ${this.#path}: ${reason(error)}.`);
    }
  }

  /** @param {string} key */
  get(key) {
    return this.#claims.get(key);
  }

  /** Returns once the claim is on the disk. It throws if nobody may be submitted. @param {string} key @param {LookupClaim | null} claim */
  set(key, claim) {
    // Whatever else Nyne has answered is not needed here. It may hold anything: more of a person, even an echoed key.
    const kept = claim?.result ? { ...claim, result: { ...claim.result, data: {} } } : claim;
    const line = Buffer.from(`${JSON.stringify({ key, claim: kept })}\n`);
    try {
      writeFileSync(this.#file, line);
      fsyncSync(this.#file);
    } catch (error) {
      this.#cutOff();
      const failure = new Failure(`Cannot write ${this.#path}: ${reason(error)}.`, EXIT.failed);
      this.isWhole = false;
      this.#onFailure(failure, claim?.requestId);
      if (isNew(claim)) throw failure;
      return;
    }
    this.#size += line.length;
    this.#apply(key, claim);
  }

  close() {
    closeSync(this.#file);
    rmSync(this.#lock, { force: true });
  }

  /** Closes it before the first lookup. */
  discard() {
    this.close();
    if (this.#size === 0) rmSync(this.#path, { force: true });
  }

  /** @param {string} key @param {LookupClaim | null} claim */
  #apply(key, claim) {
    if (claim) this.#claims.set(key, claim);
    else this.#claims.delete(key);
  }

  #read() {
    const content = readFileSync(this.#path);
    this.#size = content.lastIndexOf(0x0a) + 1;
    const lines = content.toString("utf8", 0, this.#size).split("\n").slice(0, -1);
    for (const [index, line] of lines.entries()) {
      const entry = entryOf(line);
      if (entry) this.#apply(entry.key, entry.claim);
      // After a power cut the last line may be there in its length and not in its content.
      else if (index === lines.length - 1) this.#size -= Buffer.byteLength(line) + 1;
      else throw new Failure(`${this.#path}, line ${index + 1}: it is not a line of a journal. Nobody was submitted.`);
    }
    for (const { result } of this.#claims.values()) if (result) this.answeredBefore.add(result.requestId);
  }

  /** Takes back half a line, so that the next one does not continue it. */
  #cutOff() {
    try {
      ftruncateSync(this.#file, this.#size);
    } catch {
      // The run ends. The next one cuts it off.
    }
  }
}

/** @param {string} line @returns {{ key: string, claim: LookupClaim | null } | undefined} */
function entryOf(line) {
  try {
    const { key, claim } = JSON.parse(line);
    return typeof key === "string" && typeof claim === "object" ? { key, claim } : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} output @param {string} journal @param {boolean} resume */
function refuseToOverwrite(output, journal, resume) {
  if (existsSync(journal)) {
    if (!resume)
      throw new Failure(
        `${journal} exists: a run with this --output was started before. Continue it with --resume, or choose another --output.`,
      );
    return;
  }
  for (const file of [output, partOf(output)]) {
    if (existsSync(file)) throw new Failure(`${file} exists, and it is not overwritten. Choose another --output.`);
  }
}

/** Two runs with one journal would submit the same people. @param {string} path */
function takeLock(path) {
  for (;;) {
    try {
      writeFileSync(path, `${process.pid} ${hostname()}\n`, { flag: "wx" });
      return path;
    } catch (error) {
      if (/** @type {any} */ (error).code !== "EEXIST") throw new Failure(`Cannot create ${path}: ${reason(error)}.`);
    }
    const [owner, host] = readFileSync(path, "utf8").trim().split(" ");
    // Of another machine's processes, or a container's, nothing is known here.
    if (host !== hostname() || isRunning(Number(owner)))
      throw new Failure(`${path} exists: process ${owner} on ${host} works on this output. If it does not, delete that file.`);
    // Its owner was killed.
    rmSync(path, { force: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  if (!Number.isInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {any} */ (error).code === "EPERM";
  }
}

/** Makes the names of new files durable, where folders can be opened. @param {string} folder */
function syncFolder(folder) {
  try {
    const descriptor = openSync(folder, "r");
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch {
    // Windows opens no folders.
  }
}
