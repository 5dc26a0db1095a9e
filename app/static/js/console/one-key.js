// One key for a call that is no emergency: it classifies and saves at once, in the open ticket or, on the waiting screen,
// the call that is next. Where there may be danger, where a silent caller was not asked to knock yet, and where nobody
// has heard the caller and the number never was a prank, it asks to be pressed a second time.
import { post } from "../core/api.js";
import { all, fill, one, setAttribute, setIcon } from "../core/dom.js";
import { CLASSIFICATIONS, t } from "../core/i18n.js";
import { length } from "../core/time.js";
import { allowedFor, answeredCall, ringingCall } from "./store.js";

/**
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("./types.d.ts").Nuisance} Nuisance
 * @typedef {"danger" | "knock" | "unheard"} Why a key has to be pressed again
 *
 * @typedef {{at: "rest"}} AtRest
 * @typedef {{at: "pressed", kind: Nuisance, why: Why, number: string, knockUntil: number, until: number}} PressedOnce
 * until: performance.now() after which the second press does not count any more; knockUntil: until when to listen
 * @typedef {{at: "sorting", number: string, leave: boolean}} Sorting the server is being asked; leave: then go on
 */

const AGAIN_MS = 5000; // how long a first press of a nuisance key counts
const KNOCK_MS = 10_000; // how long a silent caller gets to knock before the key asks again

export class OneKey {
  /**
   * ringing(): the call that is next, and whether it has been so for long enough to be meant; onOpened(ticket's number);
   * onLeave(): the open ticket is left.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./work.js").Work} parts.work
   * @param {import("./commands.js").Commands} parts.commands
   * @param {import("./undo.js").Undo} parts.undo
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {() => {ticket: Ticket | null, steady: boolean}} parts.ringing
   * @param {(ticketNumber: string) => void} parts.onOpened
   * @param {() => void} parts.onLeave
   * @param {() => void} parts.onChange
   */
  constructor({ store, work, commands, undo, toasts, ringing, onOpened, onLeave, onChange }) {
    this.store = store;
    this.work = work;
    this.commands = commands;
    this.undo = undo;
    this.toasts = toasts;
    this.ringing = ringing;
    this.onOpened = onOpened;
    this.onLeave = onLeave;
    this.onChange = onChange;
    /** @type {AtRest | PressedOnce | Sorting} */
    this.state = { at: "rest" };
    this.strip = one("#undo-strip");
  }

  /**
   * A nuisance key was pressed. A ticket nobody has is claimed by the same press.
   * @param {Nuisance} kind
   */
  async press(kind) {
    const open = this.work.number !== null;
    const { ticket, steady } = open ? { ticket: this.work.ticket, steady: true } : this.ringing();
    if (!ticket || this.commands.busy || this.commands.waitsFor(ticket.number)) return;
    const free = isFree(ticket) && allowedFor(ticket, this.store.me).includes("claim");
    const own = open && this.work.mine && ticket.state === "claimed";
    if (!own && !free) return;
    if (!steady) {
      // The call that was next a moment ago is gone: this press was meant for that one.
      this.toasts.show({
        key: "again",
        look: "amber",
        seconds: 4,
        title: t("Panggilan baru saja berganti. Lihat dulu, lalu tekan lagi."),
      });
      return;
    }
    const now = performance.now();
    const why = this.#whyAgain(ticket, kind, { open, own });
    if (why && !this.#pressedBefore(kind, ticket.number, now)) this.#askAgain(ticket.number, kind, why, { open, now });
    else {
      this.toasts.dismiss("again");
      await this.#setAside(ticket.number, kind, { open, free, now });
    }
  }

  /**
   * @param {Nuisance} kind
   * @param {string} number
   * @param {number} now
   */
  #pressedBefore(kind, number, now) {
    const { state } = this;
    return state.at === "pressed" && state.kind === kind && state.number === number && now < state.until;
  }

  /**
   * @param {string} number
   * @param {Nuisance} kind
   * @param {Why} why
   * @param {{open: boolean, now: number}} how
   */
  #askAgain(number, kind, why, { open, now }) {
    const knockUntil = now + (why === "knock" ? KNOCK_MS : 0);
    this.state = { at: "pressed", kind, why, number, knockUntil, until: knockUntil + AGAIN_MS };
    if (!open)
      this.toasts.show({ key: "again", look: "amber", seconds: AGAIN_MS / 1000, ...this.#againWords(why, kind) });
    this.onChange();
  }

  /**
   * @param {string} number
   * @param {Nuisance} kind
   * @param {{open: boolean, free: boolean, now: number}} how
   */
  async #setAside(number, kind, { open, free, now }) {
    /** @type {Sorting} */
    const sorting = { at: "sorting", number, leave: !open };
    this.state = sorting;
    let claimed = false;
    await this.commands.alone(async () => {
      if (free) {
        const { ticket } = await post(`/api/v1/tickets/${number}/claim`);
        if (ticket) this.store.put(ticket);
        claimed = true;
      }
      const words = (open && this.work.words) || null;
      const arrived = await this.commands.send(`/api/v1/tickets/${number}/classify`, { classification: kind, words });
      if (open) this.work.forgetDraft(number);
      this.undo.offer({ number, what: kind, command: "reopen", from: now, waits: !arrived });
    });
    this.state = { at: "rest" };
    const done = this.undo.of(number) !== null;
    if (sorting.leave && done && open) this.onLeave();
    else if (sorting.leave && done && this.work.number !== number)
      this.undo.tell(); // there it is offered already
    else if (claimed && !done) this.onOpened(number); // claimed, and the classification was refused: it is mine now
    this.onChange();
  }

  /**
   * Why a nuisance key is to be pressed twice here; null: it is not.
   * @param {Ticket} ticket
   * @param {Nuisance} kind
   * @param {{open: boolean, own: boolean}} how
   * @returns {Why | null}
   */
  #whyAgain(ticket, kind, { open, own }) {
    if (open && this.work.dangerous) return "danger";
    const ringing = ringingCall(ticket);
    if (!own && ringing) return kind !== "ghost" && (ringing.nuisance?.count ?? 0) > 0 ? null : "unheard";
    return kind === "ghost" && (answeredCall(ticket) ?? ringing) ? "knock" : null;
  }

  /** Enter after a nuisance key: goes on to the next call, as soon as the key is answered. */
  goOn() {
    if (this.state.at === "sorting") this.state.leave = true;
    else this.onLeave();
  }

  /** Has the open ticket just been sorted out with one key? */
  get mayGoOn() {
    const { offered } = this.undo;
    if (offered?.what === "attach") return false;
    const number = this.state.at === "sorting" ? this.state.number : offered?.number;
    return number !== undefined && number === this.work.number;
  }

  /** The first press counts no more: the ticket is left. */
  forgetPress() {
    if (this.state.at === "pressed") this.state = { at: "rest" };
  }

  // -- drawing --------------------------------------------------------------------------------------------------------

  /** Draw the keys, and the strip of the undo or of the second press; called every second. */
  draw() {
    const now = performance.now();
    this.undo.expire();
    if (this.state.at === "pressed" && now >= this.state.until) this.state = { at: "rest" };
    const again = this.state.at === "pressed" && this.state.number === this.work.number ? this.state : null;
    const undo = this.undo.of(this.work.number);
    this.#drawKeys(undo?.what ?? again?.kind ?? null, undo !== null && undo.what !== "attach");
    this.strip.hidden = !(again || undo);
    one(".work-send").hidden = !this.strip.hidden;
    setAttribute(this.strip, "data-look", again ? "amber" : null);
    setIcon(one(".icon", this.strip), again ? "triangle-alert" : "check");
    if (undo) this.#drawUndo(undo, now);
    else if (again) this.#drawAgain(again, now);
  }

  /**
   * @param {Nuisance | "attach" | null} pressed
   * @param {boolean} undoable
   */
  #drawKeys(pressed, undoable) {
    const usable = undoable || (this.#mayBeSetAside && !this.commands.waitsFor(this.work.number ?? ""));
    for (const key of all("button[data-classify]")) {
      setAttribute(key, "aria-pressed", key.dataset.classify === pressed);
      key.disabled = !usable;
    }
  }

  get #mayBeSetAside() {
    const { ticket, mine } = this.work;
    if (!ticket) return false;
    return mine ? ticket.state === "claimed" : isFree(ticket) && this.work.allows("claim");
  }

  /**
   * @param {import("./undo.js").Offer} undo
   * @param {number} now
   */
  #drawUndo(undo, now) {
    const nuisance = this.work.ticket?.calls.at(-1)?.nuisance;
    const count =
      undo.what === "prank" && nuisance
        ? t(", {n} dari {limit}", { n: nuisance.count + 1, limit: nuisance.limit })
        : "";
    const word = CLASSIFICATIONS[undo.what]?.toLowerCase();
    fill(this.strip, {
      title: undo.title ?? t("Ditandai {word}{count}.", { word, count }),
      more: undo.waits ? t("Tersimpan di komputer ini, terkirim sendiri nanti.") : null,
      side: t("bisa dibatalkan"),
      left: leftWords(undo.until, now),
    });
    one(".undo-word", this.strip).hidden = false;
    one('[data-action="undo"]', this.strip).hidden = false;
  }

  /**
   * @param {PressedOnce} again
   * @param {number} now
   */
  #drawAgain(again, now) {
    fill(this.strip, {
      ...this.#againWords(again.why, again.kind),
      side: t("dengarkan"),
      left: leftWords(again.knockUntil, now),
    });
    one(".undo-word", this.strip).hidden = again.knockUntil <= now;
    one('[data-action="undo"]', this.strip).hidden = true;
  }

  /**
   * Why the key is to be pressed once more, in words.
   * @param {Why} why
   * @param {Nuisance} kind
   */
  #againWords(why, kind) {
    const word = CLASSIFICATIONS[kind].toLowerCase();
    if (why === "unheard")
      return {
        title: t("Belum didengar siapa pun: tekan sekali lagi."),
        more: t("Untuk tetap menandai {word}. Telepon tetap berdering; bila dijawab, tiket terbuka lagi.", { word }),
      };
    if (why === "knock")
      return {
        title: t("Ucapkan: “Jika tidak bisa bicara, ketuk dua kali.”"),
        more: t("Tetap sunyi: tekan F3 sekali lagi. Ada ketukan atau suara: lanjutkan."),
      };
    return {
      title: this.work.agencies.dangerWords.length
        ? t("Kata bahaya terbaca: tekan sekali lagi.")
        : t("P1 dipilih: tekan sekali lagi."),
      more: t("Untuk tetap menandai {word}.", { word }),
    };
  }
}

/**
 * Nobody has it, and it waits for somebody.
 * @param {Ticket} ticket
 */
const isFree = (ticket) => !ticket.owner && (ticket.state === "new" || ticket.state === "callback");

/**
 * How long it is until then; null: it is over.
 * @param {number} until
 * @param {number} now
 */
const leftWords = (until, now) => (until > now ? length(Math.ceil((until - now) / 1000)) : null);
