// Who would be told if the ticket were sent now: asked a moment after the last change, one question at a time, and the
// answers are kept for a minute. Nobody waits for them: sending goes on whatever they say.

/**
 * @typedef {import("../payloads.d.ts").AgencyPreview} AgencyPreview
 * @typedef {import("../payloads.d.ts").Priority} Priority
 * @typedef {{priority: Priority, kelurahan: string | null}} Situation
 * @typedef {{agencies: string[]} & Situation} Question
 * @typedef {AgencyPreview | "failed" | null} Known null: not answered yet
 */

const AFTER_MS = 250;
const GOOD_MS = 60_000;
const AGAIN_MS = 15_000; // what could not be read is asked again
const MOST = 12; // more cells than these nobody reads before sending

export class Previews {
  /**
   * @param {object} parts
   * @param {(question: Question, signal: AbortSignal) => Promise<AgencyPreview[]>} parts.ask
   * @param {() => void} parts.onChange an answer has come, or none will
   * @param {() => number} [parts.now] in milliseconds
   */
  constructor({ ask, onChange, now = () => performance.now() }) {
    this.ask = ask;
    this.onChange = onChange;
    this.now = now;
    /** @type {Map<string, {known: AgencyPreview | "failed", at: number}>} */
    this.kept = new Map();
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    /** @type {AbortController | null} */
    this.asking = null;
    this.wanted = ""; // the question that is to be asked or is being asked
  }

  /**
   * @param {string} agency
   * @param {Situation} situation
   * @returns {Known}
   */
  get(agency, situation) {
    return this.kept.get(keyOf(agency, situation))?.known ?? null;
  }

  /**
   * These cells are seen: what is not known of them is asked, and what was asked for others is asked no more.
   * @param {string[]} agencies
   * @param {Situation} situation
   */
  want(agencies, situation) {
    const missing = agencies.slice(0, MOST).filter((agency) => !this.#isFresh(keyOf(agency, situation)));
    const wanted = missing.length ? JSON.stringify([missing, situation]) : "";
    if (wanted === this.wanted) return;
    this.stop();
    this.wanted = wanted;
    if (!missing.length) return;
    this.timer = setTimeout(() => this.#send({ agencies: missing, ...situation }), AFTER_MS);
  }

  /** Nobody looks any more. */
  stop() {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.asking?.abort();
    this.asking = null;
    this.wanted = "";
  }

  /** @param {string} key */
  #isFresh(key) {
    const kept = this.kept.get(key);
    return kept !== undefined && this.now() - kept.at < (kept.known === "failed" ? AGAIN_MS : GOOD_MS);
  }

  /** @param {Question} question */
  async #send(question) {
    const asking = new AbortController();
    this.asking = asking;
    /** @type {AgencyPreview[]} */
    let found = [];
    try {
      found = await this.ask(question, asking.signal);
    } catch (problem) {
      if (asking.signal.aborted) return;
      console.warn("who is on duty was not read:", String(problem));
    }
    if (asking.signal.aborted) return;
    this.asking = null;
    this.wanted = "";
    const at = this.now();
    for (const agency of question.agencies) {
      const known = found.find((one) => one.agency === agency) ?? "failed";
      this.kept.set(keyOf(agency, question), { known, at });
    }
    this.onChange();
  }
}

/**
 * @param {string} agency
 * @param {Situation} situation
 */
const keyOf = (agency, { priority, kelurahan }) => `${agency} ${priority} ${kelurahan ?? ""}`;
