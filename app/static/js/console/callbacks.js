// Calling back: the dialog from which an operator dials by hand, who else dials meanwhile, and what came of it.

import { ApiError, post, Unreachable } from "../core/api.js";
import { all, around, fill, keyed, one, setAttribute, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { setClock } from "../core/marks.js";
import { numberWords, phoneNumber } from "../core/phone-numbers.js";
import { timeOfDay } from "../core/time.js";
import { ATTEMPTS, rang } from "./callback-words.js";

/**
 * @typedef {import("../payloads.d.ts").CallbackLine} CallbackLine
 * @typedef {import("../types.d.ts").CentreEvent} CentreEvent
 */
/**
 * @typedef {object} Dialling what the dialog is about, while it is open
 * @property {number} id
 * @property {CallbackLine} last as it was known last; it may have left the list meanwhile
 * @property {Promise<void> | null} taking colleagues are being told that I dial
 * @property {boolean} taken they have been told
 * @property {boolean} over the server says that it is settled
 * @property {string | null} through the ticket with which the caller has got through meanwhile
 */

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Callbacks {
  /**
   * onOpen(ticket's number), claim(ticket's number): the console's.
   * @param {object} parts
   * @param {import("./callback-list.js").CallbackList} parts.list
   * @param {import("./store.js").Store} parts.store
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {import("../core/kept-texts.js").KeptTexts} parts.texts
   * @param {(ticketNumber: string) => unknown} parts.onOpen
   * @param {(ticketNumber: string) => unknown} parts.claim
   */
  constructor({ list, store, toasts, texts, onOpen, claim }) {
    this.list = list;
    this.store = store;
    this.toasts = toasts;
    this.texts = texts;
    this.onOpen = onOpen;
    this.claim = claim;
    /** @type {Dialling | null} */
    this.dialling = null;
    this.busy = false; // a result is on its way
    this.dialog = one("dialog#callback");
    this.outcomes = one('[data-part="outcomes"]', this.dialog);
    this.note = one("input[name=note]", this.dialog);
    this.dialog.addEventListener("close", () => this.#leave());
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    one("form", this.dialog).addEventListener("submit", (event) => event.preventDefault());
    for (const button of all("[data-outcome]", this.outcomes))
      button.addEventListener("click", () => this.#record(button.dataset.outcome ?? ""));
    one('[data-part="give-up"]', this.dialog).addEventListener("click", () => this.#giveUp());
    one('[data-part="take-ticket"]', this.dialog).addEventListener("click", () => this.#takeTicket());
    one('[data-part="open-ticket"]', this.dialog).addEventListener("click", () => this.#openThrough());
    one('[data-action="copy-callback"]', this.dialog).addEventListener("click", () =>
      navigator.clipboard
        ?.writeText(this.item?.number ?? "")
        .then(() => toasts.show({ key: "copied", look: "done", title: t("Nomor disalin."), seconds: 3 })),
    );
  }

  /** What the dialog is about, as it is known now. */
  get item() {
    return this.#find(this.dialling?.id) ?? this.dialling?.last ?? null;
  }

  /** @param {number | undefined} id */
  #find(id) {
    return this.store.callbacks.items.find((item) => item.id === id);
  }

  /**
   * The caller has got through meanwhile.
   * @param {CentreEvent[]} events
   */
  follow(events) {
    for (const { kind, data } of events)
      if (this.dialling && kind === "ticket.got_through" && data?.callback_id === this.dialling.id)
        this.dialling.through = typeof data.through === "string" ? data.through : null;
  }

  /** The list was read again. */
  redraw() {
    if (this.dialog.open) this.#draw();
  }

  /**
   * Open the dialog and let colleagues see who dials.
   * @param {number} id
   */
  open(id) {
    const item = this.#find(id);
    if (!item) return;
    this.dialling = { id, last: item, taking: null, taken: false, over: false, through: null };
    this.texts.follow(this.note, `callback.${id}`);
    this.#say(null);
    this.#draw();
    this.dialog.showModal();
    (item.can_call ? one("[data-outcome]", this.outcomes) : one('[data-part="take-ticket"]', this.dialog)).focus();
    // A colleague who dials already is named in the dialog; asking would only be refused.
    if (item.can_call && !this.#heldBy(item)) this.dialling.taking = this.#take(id);
  }

  /** @param {number} id */
  async #take(id) {
    const done = await this.#guarded(() => post(`/api/v1/callbacks/${id}/take`));
    if (!done) return;
    if (this.dialling?.id === id) this.dialling.taken = true;
    else this.#release(id); // closed before the answer came
  }

  /** Closed without a result: colleagues may dial. */
  #leave() {
    const { dialling } = this;
    this.dialling = null;
    if (dialling?.taken) this.#release(dialling.id);
  }

  /** @param {number} id */
  #release(id) {
    post(`/api/v1/callbacks/${id}/release`).catch((problem) =>
      console.warn("the number is let go by itself:", problem.message),
    );
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const here = around(event, "[data-outcome]");
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !around(event, '[data-part="outcomes"]'))
      return;
    const buttons = all("[data-outcome]", this.outcomes);
    const step = STEPS[event.key];
    if (step) {
      const place = here ? buttons.indexOf(here) : -1;
      buttons[Math.min(buttons.length - 1, Math.max(0, place + step))].focus();
    } else if (/^[1-5]$/.test(event.key)) buttons[Number(event.key) - 1].click();
    else return;
    event.preventDefault();
  }

  /** @param {string} outcome */
  async #record(outcome) {
    const { dialling } = this;
    if (!dialling || dialling.over) return;
    if (one(`[data-outcome="${outcome}"]`, this.outcomes).getAttribute("aria-disabled")) return;
    await this.#busily(async () => {
      await dialling.taking; // a fast key is not lost; it waits until the number is taken
      if (this.dialling !== dialling || dialling.over) return;
      const note = this.note.value.trim() || null;
      const answer = await post(`/api/v1/callbacks/${dialling.id}/attempts`, { outcome, note });
      this.#settled(dialling);
      if (answer.ticket) this.onOpen(answer.ticket);
      else
        this.toasts.show({
          key: "tried",
          look: "done",
          title: t("Dicatat: {outcome}.", { outcome: ATTEMPTS[outcome] }),
          more:
            outcome === "wrong_number"
              ? t("Boleh ditutup dari daftar.")
              : t("Muncul lagi saat waktunya menelepon ulang."),
        });
    });
  }

  async #giveUp() {
    const { dialling } = this;
    if (!dialling) return;
    await this.#busily(async () => {
      await post(`/api/v1/callbacks/${dialling.id}/close`, { note: this.note.value.trim() || null });
      this.#settled(dialling);
      this.toasts.show({ key: "tried", look: "done", title: t("Telepon balik ditutup.") });
    });
  }

  /**
   * The result is noted: the number is not held any more.
   * @param {Dialling} dialling
   */
  #settled(dialling) {
    dialling.taken = false;
    this.texts.forget(this.note);
    this.dialog.close();
  }

  #takeTicket() {
    const [ticketNumber] = this.item?.tickets ?? [];
    this.dialog.close();
    if (ticketNumber) this.claim(ticketNumber);
  }

  #openThrough() {
    const through = this.dialling?.through;
    this.dialog.close();
    if (through) this.onOpen(through);
  }

  /** @param {() => Promise<unknown>} work */
  async #busily(work) {
    if (this.busy) return;
    this.busy = true;
    await this.#guarded(work);
    this.busy = false;
    if (this.dialog.open) this.#draw();
  }

  /**
   * Do something the server may refuse; says whether it was done, and in the dialog why not.
   * @param {() => Promise<unknown>} work
   */
  async #guarded(work) {
    const { dialling } = this;
    this.#say(null);
    try {
      await work();
      return true;
    } catch (problem) {
      if (problem instanceof ApiError && problem.code === "callback_over") {
        const { ticket } = problem.details;
        if (dialling) {
          dialling.over = true;
          dialling.taken = false;
          if (typeof ticket === "string") dialling.through = ticket;
        }
      } else if (problem instanceof ApiError) this.#say(problem.message);
      else if (problem instanceof Unreachable) this.#say(t("Server tidak terjangkau. Belum tercatat, coba lagi."));
      else throw problem;
      return false;
    } finally {
      this.list.load();
      if (this.dialog.open) this.#draw();
    }
  }

  /**
   * The colleague who is dialling this number now.
   * @param {CallbackLine} item
   */
  #heldBy({ holder }) {
    return holder && holder.id !== this.store.me.id ? holder.name : null;
  }

  /** @param {string | null} words */
  #say(words) {
    const line = one(".dialog-problem", this.dialog);
    line.hidden = !words;
    setText(line, words ?? "");
  }

  #draw() {
    const { item, dialling } = this;
    if (!item || !dialling) return;
    const { through } = dialling;
    const over = dialling.over || through !== null || (!this.#find(dialling.id) && !this.busy);
    const other = this.#heldBy(item);
    const seconds =
      item.calls > 1
        ? t("{n} panggilan, {first}–{last}", {
            n: item.calls,
            first: timeOfDay(item.first_at),
            last: timeOfDay(item.last_at),
          })
        : t("Menelepon {at}", { at: timeOfDay(item.last_at) });
    const state = through
      ? t("Nomor ini sudah tersambung lewat tiket {number}.", { number: through })
      : over
        ? t("Sudah diselesaikan rekan Anda.")
        : other
          ? t("{name} sedang menelepon nomor ini.", { name: other })
          : !item.can_call
            ? t(
                "Tidak dapat ditelepon balik. Tunggu pelapor menelepon lagi; bila lokasinya terkirim, ambil tiket dan kirim petugas.",
              )
            : item.ticket_owner && item.ticket_owner !== this.store.me.name
              ? t("Tiketnya dipegang {name}.", { name: item.ticket_owner })
              : null;
    fill(this.dialog, {
      number: phoneNumber(item.number),
      facts: numberWords(item, item.carrier),
      when: [seconds, rang(item), item.has_location ? t("lokasi ponsel terkirim") : null].filter(Boolean).join(" · "),
      state,
      "open-ticket": through ? t("Buka tiket") : null,
    });
    one('[data-part="state"]', this.dialog).hidden = !state;
    one('[data-part="open-ticket"]', this.dialog).hidden = !through;
    const dial = one('[data-part="dial"]', this.dialog);
    dial.hidden = !item.can_call || over;
    if (item.can_call) setAttribute(dial, "href", `tel:${item.number}`);
    one('[data-action="copy-callback"]', this.dialog).hidden = !item.number;
    this.outcomes.hidden = !item.can_call;
    for (const button of all("[data-outcome]", this.outcomes))
      setAttribute(button, "aria-disabled", over || other ? "true" : null);
    one('[data-part="give-up"]', this.dialog).hidden =
      over || Boolean(other) || !(item.may_close || this.store.me.role === "supervisor");
    one('[data-part="take-ticket"]', this.dialog).hidden = item.can_call || over || !item.tickets.length;
    const chip = one('[data-part="timer"]', this.dialog);
    if (over) setClock(chip, { kind: "fixed", look: "stopped", words: t("selesai") });
    else setClock(chip, { kind: "due", started: item.started_at, due: item.due_at });
    keyed(
      one('[data-part="history"]', this.dialog),
      item.history.map((attempt, place) => ({ ...attempt, n: item.attempts - place })),
      {
        key: ({ n }) => n,
        make: () => document.createElement("li"),
        update: (node, { n, at, outcome, by, note }) =>
          setText(
            node,
            [t("Percobaan {n}", { n }), timeOfDay(at), ATTEMPTS[outcome], by, note].filter(Boolean).join(" · "),
          ),
      },
    );
  }
}
