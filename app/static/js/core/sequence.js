// The journal's events in order, none twice, none missing, whatever comes over a line that breaks. Each event carries
// `prev`, the number before it in this audience: when it is newer than the last one seen, some are missing and fetched.
// What takes them there (live.js) is handed in; nothing here knows a page or a socket.

const GRACE_MS = 1000; // an event may be on its way when the heartbeat names it

/**
 * @template E
 * @typedef {{items: E[], newest: number, reset?: boolean, epoch?: string | null}} Answer
 */

/**
 * @template {import("../types.d.ts").Numbered} E
 */
export class Sequence {
  /** While what was missed is fetched, live events wait here. */
  #held = /** @type {E[]} */ ([]);

  /**
   * after: number of the last event that is known, in the database's `epoch` (null: unknown). deliver(events): new events, in order. resume(after): resolves to
   * what came since, {items, newest, reset, epoch}. takeSnapshot(): resolves to the number that a fresh snapshot stands at, or
   * to nothing. later(ms, back): call back once. onChange(): it has begun or ended to catch up. onRestored(epoch): the
   * database was brought back from a backup, and a fresh snapshot was taken.
   * @param {object} options
   * @param {number} options.after
   * @param {(events: E[]) => void} options.deliver
   * @param {string | null} [options.epoch]
   * @param {(after: number, epoch: string | null) => Promise<Answer<E>>} options.resume
   * @param {() => Promise<number | null | undefined | void>} options.takeSnapshot
   * @param {(ms: number, back: () => void) => void} options.later
   * @param {() => void} [options.onChange]
   * @param {(epoch: string | null) => void} [options.onRestored]
   */
  constructor({
    after,
    epoch = null,
    deliver,
    resume,
    takeSnapshot,
    later,
    onChange = () => {},
    onRestored = () => {},
  }) {
    this.deliver = deliver;
    this.resume = resume;
    this.takeSnapshot = takeSnapshot;
    this.later = later;
    this.onChange = onChange;
    this.onRestored = onRestored;
    this.last = after;
    this.epoch = epoch;
    this.newestHeard = after;
    this.catching = false;
  }

  /** How many events are known to be missing. */
  get missed() {
    return Math.max(1, this.newestHeard - this.last);
  }

  /**
   * A live event.
   * @param {E} event
   */
  receive(event) {
    this.newestHeard = Math.max(this.newestHeard, event.seq);
    if (this.catching) this.#held.push(event);
    else if (event.prev > this.last) this.catchUp([event]);
    else this.#accept([event]);
  }

  /**
   * A heartbeat says which is the newest; if it stays ahead of us, something is missing. In another epoch all is.
   * @param {number} newest
   * @param {() => boolean} isConnected
   * @param {string | null} [epoch]
   */
  hear(newest, isConnected, epoch = null) {
    if (this.#isOther(epoch)) {
      this.catchUp();
      return;
    }
    this.epoch ??= epoch;
    this.newestHeard = Math.max(this.newestHeard, newest);
    if (newest > this.last) this.later(GRACE_MS, () => isConnected() && newest > this.last && this.catchUp());
  }

  /**
   * Fetch what was missed; `waiting` are events that came in front of a gap.
   * @param {E[]} waiting
   */
  async catchUp(waiting = []) {
    this.#held.push(...waiting);
    if (this.catching) return;
    this.catching = true;
    this.onChange();
    try {
      await this.#fetchMissed();
    } catch (problem) {
      console.warn("catching up failed, will try again:", String(problem));
    }
    this.catching = false;
    const events = this.#held.sort((a, b) => a.seq - b.seq);
    this.#held = [];
    const gap = events.find((event) => event.seq > this.last);
    if (gap && gap.prev > this.last) this.later(GRACE_MS, () => this.catchUp(events));
    else this.#accept(events);
    this.onChange();
  }

  async #fetchMissed() {
    const answer = await this.resume(this.last, this.epoch);
    // Also backwards: a server that was restored counts on from an older number, and all that it tells then is new.
    if (answer.reset) {
      const restored = this.#isOther(answer.epoch ?? null) || answer.newest < this.last;
      const newest = (await this.takeSnapshot()) ?? answer.newest;
      this.last = newest;
      this.newestHeard = newest;
      this.epoch = answer.epoch ?? this.epoch;
      if (restored) {
        this.#held = []; // they are of the other past; what has come since is asked for again
        this.onRestored(this.epoch);
      }
      return;
    }
    this.epoch ??= answer.epoch ?? null;
    this.#accept(answer.items);
    this.last = Math.max(this.last, answer.newest);
    this.newestHeard = Math.max(this.newestHeard, this.last);
  }

  /** @param {string | null} epoch */
  #isOther(epoch) {
    return epoch !== null && this.epoch !== null && epoch !== this.epoch;
  }

  /** @param {E[]} events */
  #accept(events) {
    const fresh = events.filter((event) => event.seq > this.last);
    if (!fresh.length) return;
    this.last = fresh[fresh.length - 1].seq;
    this.deliver(fresh);
  }
}
