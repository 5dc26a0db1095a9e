// The callback list: one row per number, the dialog from which an operator dials by hand, and what came of it.

import { ApiError, get, post, Unreachable } from "../core/api.js";
import { clockLook } from "../core/clocks.js";
import { all, around, fill, keyed, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { setClock } from "../core/marks.js";
import { numberWords, phoneNumber } from "../core/phone-numbers.js";
import { age, timeOfDay } from "../core/time.js";

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
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
/** @param {string} kind */
const changes = (kind) => CHANGES.has(kind) || kind.startsWith("ticket.callback_");

/** @type {Record<string, string>} by outcome */
export const ATTEMPTS = {
  reached: t("tersambung"),
  no_answer: t("tidak diangkat"),
  busy: t("sibuk"),
  wrong_number: t("salah orang"),
  refused: t("ditolak"),
};

/** @param {CallbackLine} item */
const attemptsLine = ({ attempts, max_attempts: most, history }) => {
  if (!attempts) return null;
  const tried = t("percobaan {n} dari {most}", { n: attempts, most: Math.max(attempts, most) });
  return [tried, history[0] && timeOfDay(history[0].at)].filter(Boolean).join(", ");
};

/** @param {Pick<CallbackLine, "reason" | "rang_s">} item */
const rang = ({ reason, rang_s: s }) =>
  reason === "dropped" ? t("terputus") : s === null ? null : t("berdering {time}", { time: age(s) });

/** @param {string} words */
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/**
 * Fill a row of the list; a number that cannot be dialled is set apart by a dashed disc and by words.
 * @param {HTMLElement} node
 * @param {CallbackLine} item
 * @param {number} now
 */
export function updateCallback(node, item, now) {
  setAttribute(node, "data-state", "callback");
  setAttribute(node, "data-dial", item.can_call ? null : "no");
  setIcon(one(".call-disc .icon", node), item.can_call ? "phone-missed" : "phone-off");
  const many = item.calls > 1 ? t("{n} panggilan", { n: item.calls }) : null;
  const who = item.holder
    ? t("{name} menelepon", { name: item.holder.name })
    : item.ticket_owner
      ? t("dipegang {name}", { name: item.ticket_owner })
      : null;
  const under = item.can_call
    ? [who, attemptsLine(item), many, ...(item.attempts ? [] : [item.carrier, rang(item)])]
    : [t("tidak dapat ditelepon balik"), rang(item)];
  fill(node, { title: phoneNumber(item.number), under: under.filter(Boolean).join(" · ") });
  setAttribute(node, "title", [phoneNumber(item.number), ...under].filter(Boolean).join(" · "));
  const chip = one('[data-part="timer"]', node);
  const look = clockLook(item.started_at, item.due_at, now);
  if (look === "near" || look === "late")
    setClock(chip, { kind: "due", started: item.started_at, due: item.due_at, short: true });
  else setClock(chip, { kind: "age", since: item.last_at });
}

/**
 * What "Perlu tindakan Anda" says of a callback.
 * @param {CallbackLine} item
 */
export function callbackNeed(item) {
  const under = [
    rang(item),
    item.can_call
      ? t("Percobaan telepon balik {n} dari {most}.", {
          n: item.attempts,
          most: Math.max(item.attempts, item.max_attempts),
        })
      : t("Nomor tidak ada: tidak dapat ditelepon balik."),
  ];
  const facts = [
    item.carrier,
    item.reason === "dropped" ? t("terputus") : t("tidak terjawab"),
    item.calls > 1 ? t("{n} panggilan", { n: item.calls }) : null,
  ];
  const where = `· ${facts.filter(Boolean).join(" · ")}`;
  return {
    title: phoneNumber(item.number),
    where,
    under: capital(under.filter(Boolean).join(". ")),
    act: item.can_call ? t("Telepon balik") : t("Lihat nomor"),
  };
}

export class Callbacks {
  /**
   * onChange(): something is to be drawn again; onOpen(ticket's number), claim(ticket's number): the console's.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {import("../core/kept-texts.js").KeptTexts} parts.texts
   * @param {() => void} parts.onChange
   * @param {(ticketNumber: string) => unknown} parts.onOpen
   * @param {(ticketNumber: string) => unknown} parts.claim
   */
  constructor({ store, toasts, texts, onChange, onOpen, claim }) {
    this.store = store;
    this.toasts = toasts;
    this.texts = texts;
    this.onChange = onChange;
    this.onOpen = onOpen;
    this.claim = claim;
    /** @type {Dialling | null} */
    this.dialling = null;
    this.busy = false; // a result is on its way
    /** @type {ReturnType<typeof setTimeout> | null} the next reading of the list */
    this.timer = null;
    this.wanted = false; // once more after the reading that is under way
    this.fetchedAt = -Infinity;
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
    this.load();
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
   * New journal entries: fetch the list again where one of them can have changed it.
   * @param {CentreEvent[]} events
   */
  follow(events) {
    for (const { kind, data } of events)
      if (this.dialling && kind === "ticket.got_through" && data?.callback_id === this.dialling.id)
        this.dialling.through = typeof data.through === "string" ? data.through : null;
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
      if (this.dialog.open) this.#draw();
    } catch (problem) {
      // The live feed or the next call asks again; what is on the screen stays.
      if (!(problem instanceof Unreachable) && !(problem instanceof ApiError)) throw problem;
      console.warn("the callback list was not read:", problem.message);
    } finally {
      this.timer = null;
      if (this.wanted) this.load();
    }
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
      this.load();
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
