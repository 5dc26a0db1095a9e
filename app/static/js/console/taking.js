// Taking a ticket. Its caller may speak already while the server is being asked: what is typed meanwhile is for its line.
import { post } from "../core/api.js";

export class Taking {
  /**
   * talking(): the ticket whose caller is in my handset; onTaken(ticket's number): it is mine and comes on the screen.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./work.js").Work} parts.work
   * @param {import("./commands.js").Commands} parts.commands
   * @param {() => import("../payloads.d.ts").Ticket | null} parts.talking
   * @param {(ticketNumber: string) => void} parts.onTaken
   */
  constructor({ store, work, commands, talking, onTaken }) {
    this.store = store;
    this.work = work;
    this.commands = commands;
    this.talking = talking;
    this.onTaken = onTaken;
    /** @type {{at: "rest"} | {at: "asking", typed: string}} */
    this.state = { at: "rest" };
  }

  /** A call is being taken: the caller speaks already, and what is typed meanwhile is for its line. */
  get asking() {
    return this.state.at === "asking";
  }

  /** @param {string} key a letter, or Backspace */
  type(key) {
    if (this.state.at !== "asking") return;
    const { typed } = this.state;
    this.state = { at: "asking", typed: key === "Backspace" ? typed.slice(0, -1) : typed + key };
  }

  /**
   * Take a call or a ticket; refused means that a colleague was faster. sure: whoever counts as in my handset is not.
   * @param {string} number
   * @param {{sure?: boolean}} [how]
   */
  async take(number, { sure = false } = {}) {
    if (this.commands.busy) return;
    this.state = { at: "asking", typed: "" };
    const mine = await this.commands.alone(async () => {
      const { ticket } = await post(`/api/v1/tickets/${number}/claim`);
      if (ticket) this.store.put(ticket);
      // Another caller has come into my handset meanwhile: that one stays on the screen, this one stands under "Anda".
      const talking = sure ? number : (this.talking()?.number ?? number);
      if (talking === number || this.work.number === number) this.onTaken(number);
    });
    const { typed } = this.#rest();
    if (!mine || !typed) return;
    if (this.work.number === number) this.work.entry.type(typed);
    else this.work.keepFor(number, typed);
  }

  /** Nobody is asked any more; returns what was typed meanwhile. */
  #rest() {
    const typed = this.state.at === "asking" ? this.state.typed : "";
    this.state = { at: "rest" };
    return { typed };
  }
}
