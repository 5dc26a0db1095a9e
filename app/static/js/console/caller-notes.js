// What the centre notes about a number: a name and short remarks, with author and time; added, changed and erased here.
import { ApiError, post, Unreachable } from "../core/api.js";
import { icon, keyed, one, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { dateLine, timeOfDay } from "../core/time.js";

/** @typedef {import("../payloads.d.ts").CallerNote} CallerNote */

export class CallerNotes {
  /**
   * onChanged(): the history is to be fetched again.
   * @param {object} parts
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {import("../core/kept-texts.js").KeptTexts} parts.texts
   * @param {() => void} parts.onChanged
   */
  constructor({ toasts, texts, onChanged }) {
    this.toasts = toasts;
    this.texts = texts;
    this.onChanged = onChanged;
    /** @type {string | null} the open ticket's number; null where its caller sent none */
    this.ticketNumber = null;
    /** @type {CallerNote | null} */
    this.editing = null;
    /** @type {WeakMap<HTMLElement, CallerNote>} what each row shows now */
    this.noteOf = new WeakMap();
    this.room = one("#caller-notes");
    this.list = one("ul", this.room);
    this.form = one("form", this.room);
    this.field = one("input", this.form);
    this.asName = one('[data-part="as-name"]', this.form);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save("note");
    });
    this.asName.addEventListener("click", () => this.#save("name"));
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.editing) return;
      event.stopPropagation();
      this.texts.forget(this.field);
      this.#edit(null);
    });
  }

  /**
   * Show the notes about the number that calls with this ticket, newest first; ticketNumber: null where it was not sent.
   * @param {string | null} ticketNumber
   * @param {CallerNote[]} notes
   */
  show(ticketNumber, notes) {
    this.room.hidden = !ticketNumber;
    if (this.ticketNumber !== ticketNumber) {
      this.ticketNumber = ticketNumber;
      this.#edit(null);
    }
    keyed(this.list, notes, {
      key: (note) => note.id,
      make: () => this.#row(),
      update: (row, note) => {
        this.noteOf.set(row, note);
        const mark = one("b", row);
        mark.hidden = note.kind !== "name";
        setText(mark, t("nama"));
        setText(one("span", row), note.text);
        setText(one("small", row), [note.by, `${dateLine(note.at)} ${timeOfDay(note.at)}`].filter(Boolean).join(" · "));
      },
    });
  }

  #row() {
    const row = document.createElement("li");
    const made = ["b", "span", "small"].map((tag) => document.createElement(tag));
    const tools = document.createElement("span");
    tools.className = "note-tools";
    /**
     * @param {string} name
     * @param {string} words
     * @param {(note: CallerNote) => unknown} act
     */
    const tool = (name, words, act) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "icon-button", title: words });
      button.setAttribute("aria-label", words);
      button.append(icon(name));
      button.addEventListener("click", () => {
        const note = this.noteOf.get(row);
        if (note) act(note);
      });
      tools.append(button);
    };
    tool("pencil", t("Ubah catatan"), (note) => this.#edit(note));
    tool("x", t("Hapus catatan"), (note) => this.#remove(note));
    row.append(...made, tools);
    return row;
  }

  /** @param {CallerNote | null} note */
  #edit(note) {
    this.editing = note;
    this.texts.follow(this.field, note ? `note.${note.id}` : `number.${this.ticketNumber}`, note?.text);
    this.asName.hidden = Boolean(note);
    if (note) this.field.focus();
  }

  /** @param {"note" | "name"} kind */
  async #save(kind) {
    const text = this.field.value.trim();
    if (!text) return this.field.focus();
    const { editing, ticketNumber } = this;
    const saved = await this.#send(() =>
      editing
        ? post(`/api/v1/caller-notes/${editing.id}/edit`, { text })
        : post(`/api/v1/tickets/${ticketNumber}/caller-notes`, { kind, text }),
    );
    if (saved && this.ticketNumber === ticketNumber && this.editing === editing && this.field.value.trim() === text) {
      this.texts.forget(this.field);
      this.#edit(null);
    }
    return undefined;
  }

  /** @param {CallerNote} note */
  async #remove(note) {
    if (await this.#send(() => post(`/api/v1/caller-notes/${note.id}/remove`)))
      this.toasts.show({ key: "note", look: "done", title: t("Catatan dihapus."), seconds: 4 });
    if (this.editing?.id === note.id) this.#edit(null);
  }

  /**
   * One write; what was typed stays where it was refused.
   * @param {() => Promise<unknown>} write
   */
  async #send(write) {
    try {
      await write();
      this.onChanged();
      return true;
    } catch (problem) {
      if (!(problem instanceof ApiError) && !(problem instanceof Unreachable)) throw problem;
      this.toasts.show({
        key: "note",
        look: "amber",
        title: problem instanceof ApiError ? problem.message : t("Server tidak terjangkau."),
        more: t("Catatan belum tersimpan."),
      });
      return false;
    }
  }
}
