// What was just done with one key may be undone for a while, without a reason: on the ticket's own strip, and, once the
// ticket is left, as a toast.
import { CLASSIFICATIONS, t } from "../core/i18n.js";

/**
 * @typedef {object} Offer
 * @property {string} number of the ticket
 * @property {import("./types.d.ts").Nuisance | "attach"} what was done
 * @property {"reopen" | "detach"} command undoes it
 * @property {string | null} title says it; null: as the classification is called
 * @property {number} until as performance.now()
 * @property {boolean} waits it has not reached the server yet
 */

export class Undo {
  /**
   * seconds: for so long; onOpened(ticket's number): it was undone, and is open again.
   * @param {object} parts
   * @param {number} parts.seconds
   * @param {import("./commands.js").Commands} parts.commands
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {(ticketNumber: string) => void} parts.onOpened
   */
  constructor({ seconds, commands, toasts, onOpened }) {
    this.seconds = seconds;
    this.commands = commands;
    this.toasts = toasts;
    this.onOpened = onOpened;
    /** @type {Offer | null} */
    this.offered = null;
  }

  /**
   * From now on this can be undone, instead of what was done before; from: performance.now() of when it was done.
   * @param {Pick<Offer, "number" | "what" | "command"> & {title?: string | null, waits?: boolean, from?: number}} done
   */
  offer({ number, what, command, title = null, waits = false, from = performance.now() }) {
    this.offered = { number, what, command, title, waits, until: from + this.seconds * 1000 };
  }

  /**
   * What can be undone of this ticket.
   * @param {string | null} ticketNumber
   */
  of(ticketNumber) {
    return this.offered?.number === ticketNumber ? this.offered : null;
  }

  /**
   * It was undone in another way.
   * @param {string} ticketNumber
   */
  forget(ticketNumber) {
    if (this.of(ticketNumber)) this.offered = null;
  }

  get possible() {
    return this.offered !== null && performance.now() < this.offered.until;
  }

  /** Take it back when its time is over. */
  expire() {
    if (this.offered && !this.possible) this.#over();
  }

  #over() {
    this.offered = null;
    this.toasts.dismiss("undo");
  }

  /** Within the undo time: opens the ticket again, without asking for a reason. */
  async run() {
    const { offered } = this;
    if (!offered || !this.possible || this.commands.busy) return;
    const { number, command } = offered;
    await this.commands.alone(async () => {
      if (command === "reopen") await this.commands.send(`/api/v1/tickets/${number}/reopen`, { reason: null });
      else await this.commands.send(`/api/v1/tickets/${number}/detach`, {});
      this.#over();
      this.onOpened(number);
    });
  }

  /** The ticket is left: what can be undone of it goes with the operator, as a toast. */
  tell() {
    const { offered } = this;
    if (!offered) return;
    const word = CLASSIFICATIONS[offered.what]?.toLowerCase();
    this.toasts.show({
      key: "undo",
      look: "done",
      seconds: Math.max(1, (offered.until - performance.now()) / 1000),
      title: offered.title ?? t("Ditandai {word}. Batalkan?", { word }),
      button: { words: t("Batalkan"), cap: "Ctrl Z", act: () => this.run() },
    });
  }
}
