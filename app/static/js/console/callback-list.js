// The callback list as the server has it, read again when something that happens can have changed it.

import { ApiError, get, Unreachable } from "../core/api.js";

const PAUSE_MS = 1000; // in a surge the list is fetched once a second, not with every call
const CHANGES = new Set([
  "call.abandoned",
  "call.ended",
  "call.answered",
  "call.transferred",
  "ticket.claimed",
  "ticket.returned",
  "ticket.taken_by_phone",
  "ticket.released",
  "ticket.taken_over",
  "ticket.classified",
  "ticket.closed",
  "ticket.reopened",
  "ticket.got_through",
]);
/** @param {string} kind */
const changes = (kind) => CHANGES.has(kind) || kind.startsWith("ticket.callback_");

export class CallbackList {
  /**
   * onChange(): it was read again.
   * @param {{store: import("./store.js").Store, onChange: () => void}} parts
   */
  constructor({ store, onChange }) {
    this.store = store;
    this.onChange = onChange;
    /** @type {ReturnType<typeof setTimeout> | null} the next reading */
    this.timer = null;
    this.wanted = false; // once more after the reading that is under way
    this.fetchedAt = -Infinity;
    this.load();
  }

  /**
   * Fetch the list again where one of these can have changed it.
   * @param {import("../types.d.ts").CentreEvent[]} events
   */
  follow(events) {
    if (events.some(({ kind }) => changes(kind))) this.load();
  }

  /** Fetch the list, at most once in PAUSE_MS. */
  load() {
    this.wanted = true;
    this.timer ??= setTimeout(() => this.#fetch(), Math.max(0, this.fetchedAt + PAUSE_MS - performance.now()));
  }

  async #fetch() {
    this.wanted = false;
    this.fetchedAt = performance.now();
    try {
      const { items, total } = await get("/api/v1/callbacks");
      this.store.setCallbacks({
        items: [...items].sort((a, b) => Number(b.can_call) - Number(a.can_call)),
        total,
        numbers: new Set(items.flatMap((item) => item.number ?? [])),
      });
      this.onChange();
    } catch (problem) {
      // The live feed or the next call asks again; what is on the screen stays.
      if (!(problem instanceof Unreachable) && !(problem instanceof ApiError)) throw problem;
      console.warn("the callback list was not read:", problem.message);
    } finally {
      this.timer = null;
      if (this.wanted) this.load();
    }
  }
}
