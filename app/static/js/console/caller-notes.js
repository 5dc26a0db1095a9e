// What the centre notes about a number: a name and short remarks, with author and time; added, changed and erased here.
import { ApiError, post, Unreachable } from "../core/api.js";
import { icon, keyed, one, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { dateLine, timeOfDay } from "../core/time.js";

export class CallerNotes {
  /** toasts; texts: KeptTexts; onChanged(): the history is to be fetched again. */
  constructor({ toasts, texts, onChanged }) {
    Object.assign(this, { toasts, texts, onChanged, ticket: null, editing: null });
    this.room = document.getElementById("caller-notes");
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
   * Show the notes of the open ticket's number; ticket: its number, null where no number was sent; notes: newest first.
   */
  show(ticket, notes) {
    this.room.hidden = !ticket;
    if (this.ticket !== ticket) {
      this.ticket = ticket;
      this.#edit(null);
    }
    keyed(this.list, notes, {
      key: (note) => note.id,
      make: () => this.#row(),
      update: (row, note) => {
        row.note = note;
        const [mark, text, meta] = row.children;
        mark.hidden = note.kind !== "name";
        setText(mark, t("nama"));
        setText(text, note.text);
        setText(meta, [note.by, `${dateLine(note.at)} ${timeOfDay(note.at)}`].filter(Boolean).join(" · "));
      },
    });
  }

  #row() {
    const row = document.createElement("li");
    const made = ["b", "span", "small"].map((tag) => document.createElement(tag));
    const tools = document.createElement("span");
    tools.className = "note-tools";
    for (const [name, words, act] of [
      ["pencil", t("Ubah catatan"), () => this.#edit(row.note)],
      ["x", t("Hapus catatan"), () => this.#remove(row.note)],
    ]) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "icon-button", title: words });
      button.setAttribute("aria-label", words);
      button.append(icon(name));
      button.addEventListener("click", act);
      tools.append(button);
    }
    row.append(...made, tools);
    return row;
  }

  #edit(note) {
    this.editing = note;
    this.texts.follow(this.field, note ? `note.${note.id}` : `number.${this.ticket}`, note?.text);
    this.asName.hidden = Boolean(note);
    if (note) this.field.focus();
  }

  async #save(kind) {
    const text = this.field.value.trim();
    if (!text) return this.field.focus();
    const { editing, ticket } = this;
    const saved = await this.#send(() =>
      editing
        ? post(`/api/v1/caller-notes/${editing.id}/edit`, { text })
        : post(`/api/v1/tickets/${ticket}/caller-notes`, { kind, text }),
    );
    if (saved && this.ticket === ticket && this.editing === editing && this.field.value.trim() === text) {
      this.texts.forget(this.field);
      this.#edit(null);
    }
    return undefined;
  }

  async #remove(note) {
    if (await this.#send(() => post(`/api/v1/caller-notes/${note.id}/remove`)))
      this.toasts.show({ key: "note", look: "done", title: t("Catatan dihapus."), seconds: 4 });
    if (this.editing?.id === note.id) this.#edit(null);
  }

  /** One write; what was typed stays where it was refused. */
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
