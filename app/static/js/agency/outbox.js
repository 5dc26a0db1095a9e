// Steps reported from this phone. Accepting and declining go now or not at all; the others are kept with their own time
// and sent later. A step is written down before the first attempt: a phone that is put away in the middle loses
// nothing.

import { epochNow, newRequestId, postForAgency, Unreachable, WriteQueue } from "../core/api.js";
import { serverNow } from "../core/clocks.js";
import { stateAfter } from "./steps.js";

// The phone's clock may be wrong but runs on while the phone sleeps; performance.now() stands still then.
let wallOffsetMs = 0;

/** Call whenever the server's time is fresh (a heartbeat). */
export function noteWallClock() {
  const now = serverNow();
  if (Number.isFinite(now)) wallOffsetMs = now - Date.now();
}

/** A step is on its way for so long before the page mentions it. */
const MENTION_MS = 1000;

/** The instant of a tap, by the server's clock as far as this phone knows it. */
export const instantOfTap = () => new Date(Date.now() + wallOffsetMs).toISOString();

/**
 * @param {number} assignmentId
 * @param {Command} command
 * @returns {StepPath}
 */
const pathOf = (assignmentId, command) => `/api/v1/assignments/${assignmentId}/${command}`;
/** @param {number} assignmentId */
const groupOf = (assignmentId) => `assignment ${assignmentId}`;

/**
 * @typedef {import("../types.d.ts").QueuedWrite} QueuedWrite
 * @typedef {{occurred_at?: string, reason_code?: string, note?: string | null}} StepBody
 * @typedef {{assignmentId: number, command: string, body: StepBody}} Entry
 * @typedef {import("./steps.js").Command} Command
 * @typedef {`/api/v1/assignments/${number}/${Command}`} StepPath
 * @typedef {import("../types.d.ts").AgencyAnswer<StepPath>} Answer
 * @typedef {Pick<QueuedWrite, "requestId" | "group" | "epoch"> & {path: StepPath, body: StepBody}} Step
 */

export class Outbox {
  /**
   * onChange(); onSent(entry, answer); onRefused(entry, error): entry is {assignmentId, command, body}.
   * @param {object} options
   * @param {number} options.owner
   * @param {() => void} options.onChange
   * @param {(entry: Entry, answer: Answer) => void} options.onSent
   * @param {(entry: Entry, error: unknown) => void} options.onRefused
   */
  constructor({ owner, onChange, onSent, onRefused }) {
    this.key = `siaga.step.${owner}`;
    this.onChange = onChange;
    /** @type {(Step & {since: number}) | null} */
    this.trying = null;
    /** @type {Set<string>} */
    this.taps = new Set(); // kind of event + assignment id
    /** @type {WriteQueue<Answer>} */
    this.queue = new WriteQueue({
      owner,
      onChange,
      onSent: (entry, answer) => onSent(described(entry), answer),
      onRefused: (entry, error) => onRefused(described(entry), error),
    });
    this.onSent = onSent;
    this.onRefused = onRefused;
  }

  /** A step that was being sent when the page was closed; its request id makes the second attempt harmless. */
  async resume() {
    const entry = this.#written();
    if (entry) this.#noteTap(described(entry).assignmentId, described(entry).command);
    if (!entry || this.queue.entries.some(({ requestId }) => requestId === entry.requestId)) return;
    try {
      const answer = await this.#send(entry);
      if (answer) this.onSent(described(entry), answer);
    } catch (error) {
      this.onRefused(described(entry), error);
    }
  }

  /**
   * Was this journal event caused by a tap on this phone? The same account may be signed in on several.
   * @param {import("../types.d.ts").AgencyEvent} event
   */
  causedHere({ kind, assignment_id: assignmentId }) {
    return this.taps.has(`${kind} ${assignmentId}`);
  }

  /**
   * @param {number} assignmentId
   * @param {string} command
   */
  #noteTap(assignmentId, command) {
    this.taps.add(`assignment.${stateAfter(command)} ${assignmentId}`);
  }

  /**
   * Now or not at all; throws Unreachable or ApiError.
   * @param {number} assignmentId
   * @param {Command} command
   * @param {StepBody} body
   * @param {string} requestId
   */
  now(assignmentId, command, body, requestId) {
    this.#noteTap(assignmentId, command);
    return postForAgency(pathOf(assignmentId, command), body, { requestId });
  }

  /**
   * Send or keep; resolves to the answer, or null when the step waits on this phone.
   * @param {number} assignmentId
   * @param {Command} command
   * @param {StepBody} body
   */
  keep(assignmentId, command, body) {
    this.#noteTap(assignmentId, command);
    return this.#send({
      path: pathOf(assignmentId, command),
      body,
      requestId: newRequestId(),
      group: groupOf(assignmentId),
      epoch: epochNow(),
    });
  }

  /** @param {Step} entry */
  async #send(entry) {
    this.trying = { ...entry, since: Date.now() };
    this.#write(entry);
    this.onChange();
    const behindOthers = this.queue.waiting > 0;
    try {
      return await this.queue.send(entry.path, entry.body, {
        group: entry.group,
        requestId: entry.requestId,
        epoch: entry.epoch,
      });
    } finally {
      this.trying = null;
      this.#write(null);
      this.onChange();
      if (behindOthers) this.queue.flush();
    }
  }

  /**
   * [{command, occurred_at, mention}] that this phone holds for an assignment, oldest first.
   * @param {number} assignmentId
   */
  waitingFor(assignmentId) {
    /** @type {(QueuedWrite | (Step & {since: number}))[]} */
    const entries = this.trying ? [...this.queue.entries, this.trying] : this.queue.entries;
    return entries
      .map((entry) => ({ ...described(entry), mention: !("since" in entry) || Date.now() - entry.since > MENTION_MS }))
      .filter((entry) => entry.assignmentId === assignmentId)
      .map(({ command, body, mention }) => ({ command, occurred_at: body.occurred_at ?? null, mention }));
  }

  /**
   * How many steps of other assignments wait.
   * @param {number} assignmentId
   */
  elsewhere(assignmentId) {
    return this.queue.entries.filter((entry) => entry.group !== groupOf(assignmentId)).length;
  }

  get waiting() {
    return this.queue.waiting;
  }

  flush() {
    return this.queue.flush();
  }

  /** @param {Step | null} entry */
  #write(entry) {
    try {
      if (entry) localStorage.setItem(this.key, JSON.stringify(entry));
      else localStorage.removeItem(this.key);
    } catch (problem) {
      console.warn("a step is held by this page only:", String(problem));
    }
  }

  /** @returns {Step | null} */
  #written() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "null");
    } catch {
      return null; // storage is off or was cut short: nothing can have been kept
    }
  }
}

/**
 * @param {Pick<QueuedWrite, "path" | "body">} entry
 * @returns {Entry}
 */
function described(entry) {
  const [, assignmentId, command] = entry.path.match(/assignments\/(\d+)\/([a-z-]+)$/) ?? [];
  return { assignmentId: Number(assignmentId), command, body: entry.body };
}

/** @param {unknown} problem */
export const isUnreachable = (problem) => problem instanceof Unreachable;
