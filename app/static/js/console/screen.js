// Which ticket is on the screen: opened by a hand, by a caller who came into my handset, or left.
import { get } from "../core/api.js";
import { serverNow } from "../core/clocks.js";
import { all, one } from "../core/dom.js";

export class Screen {
  /**
   * draw(): everything, now; focusRinging(): the call that is next gets the focus, says whether there is one.
   * @param {object} parts the console's
   * @param {import("./store.js").Store} parts.store
   * @param {import("./work.js").Work} parts.work
   * @param {import("./commands.js").Commands} parts.commands
   * @param {import("./undo.js").Undo} parts.undo
   * @param {import("./watch.js").LateWatch} parts.late
   * @param {() => void} parts.draw
   * @param {() => boolean} parts.focusRinging
   */
  constructor({ store, work, commands, undo, late, draw, focusRinging }) {
    this.store = store;
    this.work = work;
    this.commands = commands;
    this.undo = undo;
    this.late = late;
    this.draw = draw;
    this.focusRinging = focusRinging;
  }

  /**
   * A hand opens a ticket: what is late of it has been seen.
   * @param {string} number
   */
  open(number) {
    const ticket = this.store.get(number);
    if (!ticket) {
      this.#fetch(number);
      return;
    }
    this.late.silence(ticket, serverNow());
    this.show(number);
  }

  /**
   * An answer of the search or a toast may name a ticket that is not among the open ones any more.
   * @param {string} number
   */
  async #fetch(number) {
    try {
      this.store.put(await get(`/api/v1/tickets/${number}`));
    } catch (problem) {
      this.commands.refused(problem);
      return;
    }
    this.open(number);
  }

  /**
   * A ticket that is known comes on the screen, perhaps by itself.
   * @param {string} number
   */
  show(number) {
    this.work.open(number);
    this.draw();
    for (const row of all('.lists [aria-selected="true"]')) row.scrollIntoView({ block: "nearest" });
    this.work.entry.focus();
  }

  /** A hand leaves the ticket; what can be undone of it goes with the operator. */
  leave() {
    if (this.undo.of(this.work.number)) this.undo.tell();
    this.clear();
  }

  /** No ticket is on the screen any more. */
  clear() {
    this.work.close();
    this.draw();
    if (!this.focusRinging()) one("#centre").focus({ preventScroll: true });
  }

  /**
   * A caller is in my handset: the screen is that caller's ticket, whatever was open; what was typed stays with its own.
   * @param {string} number
   */
  followHandset(number) {
    if (!this.store.get(number)) {
      this.open(number);
      return;
    }
    if (this.work.number === number) return;
    // A dialog would stand before the caller's line, and do what it asks to another ticket; its words are kept.
    for (const dialog of all("dialog")) if (dialog.matches(":modal")) dialog.close();
    this.show(number);
  }
}
