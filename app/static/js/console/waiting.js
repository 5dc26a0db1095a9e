// The calls that wait: which of them is next, and taking one.
import { t } from "../core/i18n.js";
import { inMyHandset, waitingCall } from "./handset.js";

/** @typedef {import("../payloads.d.ts").Ticket} Ticket */

const STEADY_MS = 600; // so long a call has to have been next before a key is meant for it
const SURE_S = 5; // so long a second press says that the call before is over

export class Waiting {
  /**
   * @param {object} parts the console's
   * @param {import("./store.js").Store} parts.store
   * @param {import("./taking.js").Taking} parts.taking
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {Ticket[]} parts.ringing those that ring now, the longest wait first
   */
  constructor({ store, taking, toasts, ringing }) {
    this.store = store;
    this.taking = taking;
    this.toasts = toasts;
    this.ringing = ringing;
    /** @type {string | null} number of the ticket that Enter takes, when the hand has chosen one */
    this.selected = null;
    /** @type {{number: string | null, since: number}} the call that is next as it is drawn, as performance.now() */
    this.shown = { number: null, since: 0 };
  }

  /**
   * Those that ring now, as they are about to be drawn.
   * @param {Ticket[]} ringing
   */
  update(ringing) {
    this.ringing = ringing;
    const number = this.next?.number ?? null;
    // A key must not hit another call that has just slid in.
    if (number !== this.shown.number) this.shown = { number, since: performance.now() };
  }

  /** @param {string | null} ticketNumber */
  select(ticketNumber) {
    this.selected = ticketNumber;
  }

  /** Those that nobody has and that are no doubt up. */
  get #open() {
    return this.ringing.filter((ticket) => waitingCall(ticket));
  }

  /**
   * The ticket that Enter takes: the chosen one, else the one that waits longest.
   * @returns {Ticket | null}
   */
  get next() {
    const open = this.#open;
    return open.find((ticket) => ticket.number === this.selected) ?? open[0] ?? null;
  }

  /** Is it the one that waits longest? */
  get nextIsLongest() {
    return this.next === (this.#open[0] ?? null);
  }

  /** Has the same call been next for long enough for a key to be meant for it? */
  get steady() {
    return performance.now() - this.shown.since > STEADY_MS;
  }

  takeNext() {
    const { next } = this;
    if (next) this.taking.take(next.number);
  }

  /** From anywhere. Where somebody is in my handset, as far as we were told, a second press counts. */
  takeLongest() {
    const sure = this.toasts.has("busy");
    this.toasts.dismiss("busy");
    if (inMyHandset(this.store) && !sure) {
      this.toasts.show({
        key: "busy",
        look: "amber",
        seconds: SURE_S,
        title: t("Selesaikan panggilan ini dulu."),
        more: t("Sudah selesai? Tekan sekali lagi."),
      });
      return;
    }
    const [longest] = this.#open;
    if (longest) this.taking.take(longest.number, { sure });
  }
}
