// What is typed and chosen and not sent yet, so that neither a crash, nor a lost network, nor a take-over loses any of
// it. Each change goes at once into this browser (localStorage, and IndexedDB with strict durability: Chromium writes
// the former to the disk only seconds later) and a moment later to the server, where a colleague who takes over finds
// it. It is what a caller said: it is removed as soon as the ticket has it, and when somebody else signs in here.

import { ApiError, epochNow, post } from "../core/api.js";
import { serverNow } from "../core/clocks.js";
import { keepRecords } from "../core/kept-records.js";

/**
 * @typedef {import("./types.d.ts").DraftChoices} DraftChoices
 * @typedef {{words: string, choices: DraftChoices}} Typed
 * @typedef {import("../types.d.ts").KeptRecord & Typed & {number: string, version: number, dirty: boolean, epoch?: string | null}} DraftRecord
 */

const PREFIX = "siaga.draft.";
const PAUSE_MS = 600; // after the last change; a draft is one row of the database, not one for every key
const LONGEST_MS = 3000; // somebody who never pauses is saved all the same
const LOST = "~"; // in the number of a draft whose ticket went with a restore
const EMPTY = { words: "", choices: {} };

/**
 * What is chosen in a draft that the server has: a console has put it there.
 * @param {import("../payloads.d.ts").Draft} draft
 */
export const choicesOf = ({ choices }) => /** @type {DraftChoices} */ (choices);

export class Drafts {
  /**
   * owner: my user id; onProblem(error): the server refused one. onLost(record): its ticket went with a restore; it is
   * kept until `discard`.
   * @param {{owner: number, onProblem?: (error: ApiError) => void, onLost?: (record: DraftRecord) => void}} options
   */
  constructor({ owner, onProblem = (_problem) => {}, onLost = (_record) => {} }) {
    this.owner = owner;
    this.onProblem = onProblem;
    this.onLost = onLost;
    /** @type {Map<string, DraftRecord>} */
    this.records = new Map();
    /** @type {Map<string, ReturnType<typeof setTimeout>>} */
    this.timers = new Map();
    /** @type {Map<string, number>} since when a change waits, as performance.now() */
    this.since = new Map();
    /** @type {Promise<unknown>} */
    this.saving = Promise.resolve();
    this.left = false;
    /** @type {ReturnType<typeof keepRecords<DraftRecord>>} */
    this.kept = keepRecords("siaga-drafts", PREFIX);
    addEventListener("online", () => this.flush());
    addEventListener("pagehide", () => this.flush({ keepalive: true }));
    setInterval(() => this.flush(), 5000);
  }

  /** Read what this browser kept; what another user left here is handed to the server and then forgotten. */
  async load() {
    /** @type {DraftRecord[]} */
    const left = [];
    for (const record of await this.kept.all()) {
      if (record.owner !== this.owner) left.push(record);
      else if (record.number.includes(LOST)) this.onLost(record);
      else this.records.set(record.number, record);
    }
    this.#handOver(left);
    this.comeBack();
  }

  /** The database may be another: whether each is of a ticket that is still there, the server says when it is saved. */
  comeBack() {
    for (const record of [...this.records.values()])
      if ((record.epoch ?? epochNow()) !== epochNow()) this.#write({ ...record, dirty: true });
    this.flush();
  }

  /**
   * What was typed for a ticket that is gone has been noted elsewhere.
   * @param {DraftRecord} record
   */
  discard(record) {
    this.kept.erase(record.key);
  }

  /**
   * {words, choices, version, at, dirty} of a ticket, or null.
   * @param {string} number
   */
  get(number) {
    return this.records.get(number) ?? null;
  }

  get numbers() {
    return [...this.records.keys()];
  }

  /**
   * Keep this for a ticket.
   * @param {string} number
   * @param {Typed} typed
   */
  put(number, { words, choices }) {
    if (this.left) return;
    const before = this.records.get(number);
    const content = JSON.stringify({ words, choices });
    if (content === JSON.stringify({ words: before?.words ?? "", choices: before?.choices ?? {} })) return;
    this.#write({
      ...before,
      key: `${PREFIX}${this.owner}.${number}`,
      owner: this.owner,
      number,
      words,
      choices,
      version: before?.version ?? 0,
      epoch: before?.epoch ?? epochNow(),
      at: serverNow() || Date.now(),
      dirty: true,
    });
    clearTimeout(this.timers.get(number));
    const since = this.since.get(number) ?? performance.now();
    this.since.set(number, since);
    const wait = Math.max(0, Math.min(PAUSE_MS, since + LONGEST_MS - performance.now()));
    this.timers.set(
      number,
      setTimeout(() => this.#save(number), wait),
    );
  }

  /**
   * What the server has of mine: what was typed here and has not arrived there wins, otherwise the server's.
   * @param {string} number
   * @param {import("../payloads.d.ts").Draft | null} mine
   */
  meet(number, mine) {
    const here = this.records.get(number);
    if (here?.dirty) return here;
    if (!mine || (here && here.version >= mine.version)) return here ?? null;
    this.#write({
      key: `${PREFIX}${this.owner}.${number}`,
      owner: this.owner,
      number,
      words: mine.words,
      choices: choicesOf(mine),
      version: mine.version,
      epoch: epochNow(),
      at: Date.parse(mine.saved_at),
      dirty: false,
    });
    return this.records.get(number) ?? null;
  }

  /**
   * The ticket has it: nothing is to be kept any more.
   * @param {string} number
   */
  forget(number) {
    clearTimeout(this.timers.get(number));
    const record = this.records.get(number);
    this.#remove(number);
    if (record)
      this.saving = this.saving.then(() => post(path(number), { ...EMPTY, version: record.version })).catch(() => {});
  }

  /** Bring everything to the server now; resolves when it was tried. `keepalive`: the page is closing. */
  flush({ keepalive = false } = {}) {
    for (const record of this.records.values()) if (record.dirty) this.#save(record.number, keepalive);
    return this.saving;
  }

  /** Signing out: what the server has leaves this browser; what it has not stays until the same user is back. */
  async leave() {
    this.left = true; // what is still read or guessed after this is no typing
    await Promise.race([this.flush(), new Promise((done) => setTimeout(done, 3000))]);
    for (const record of [...this.records.values()]) if (!record.dirty) this.#remove(record.number);
    await this.kept.idle();
  }

  /**
   * A ticket that is not mine any more: bring the text to the server, where its new owner finds it.
   * @param {string} number
   */
  async handBack(number) {
    clearTimeout(this.timers.get(number));
    if (!this.records.has(number)) return;
    if (this.records.get(number)?.dirty) this.#save(number);
    await this.saving;
    if (!this.records.get(number)?.dirty) this.#remove(number);
  }

  /** @param {string} number */
  #save(number, keepalive = false) {
    clearTimeout(this.timers.get(number));
    const work = async () => {
      const record = this.records.get(number);
      if (!record?.dirty) return;
      this.since.delete(number);
      try {
        const { version } = await post(
          path(number),
          { words: record.words, choices: record.choices, version: record.version },
          { keepalive, epoch: record.epoch },
        );
        const now = this.records.get(number);
        // What was typed while the answer was on its way builds on it.
        if (now) this.#write({ ...now, version, dirty: now !== record, epoch: epochNow() });
      } catch (problem) {
        if (problem instanceof ApiError && ["restored", "not_found"].includes(problem.code)) this.#lose(record);
        else if (problem instanceof ApiError && ![401, 503].includes(problem.status)) this.onProblem(problem);
      }
    };
    if (keepalive) work();
    else this.saving = this.saving.then(work);
  }

  /** @param {DraftRecord[]} left */
  async #handOver(left) {
    for (const record of left) {
      try {
        if (record.dirty && record.words.trim())
          await post(path(record.number), { words: record.words, typed_by: record.owner });
      } catch (problem) {
        // tried again at the next start
        if (!(problem instanceof ApiError && [400, 404].includes(problem.status))) continue;
      }
      this.kept.erase(record.key);
    }
  }

  /** @param {DraftRecord} record */
  #write(record) {
    this.records.set(record.number, record);
    this.kept.write(record);
  }

  /**
   * Keep what was typed apart from the ticket that has its number now.
   * @param {DraftRecord} record
   */
  #lose(record) {
    const latest = this.records.get(record.number) ?? record;
    this.#remove(record.number);
    if (!latest.words.trim()) return;
    const key = `${latest.key}${LOST}${latest.at}`;
    const kept = { ...latest, key, number: `${latest.number}${LOST}${latest.at}`, dirty: false };
    this.kept.write(kept);
    this.onLost(kept);
  }

  /** @param {string} number */
  #remove(number) {
    const record = this.records.get(number);
    this.records.delete(number);
    this.since.delete(number);
    if (record) this.kept.erase(record.key);
  }
}

/**
 * @param {string} number
 * @returns {`/api/v1/tickets/${string}/draft`}
 */
const path = (number) => `/api/v1/tickets/${number}/draft`;
