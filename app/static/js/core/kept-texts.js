// What is typed into a small field of a dialog (why a ticket is closed, what came of a callback, a note about a number)
// and not sent yet: it stands there again after a crash, a lost network or a look elsewhere. It stays in this browser
// and shows to nobody but who typed it; a day later it is forgotten.
import { keepRecords } from "./kept-records.js";

const PREFIX = "siaga.text.";
const KEPT_MS = 24 * 3600 * 1000;

/** @typedef {import("../types.d.ts").KeptRecord & {text: string}} TextRecord */
/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

export class KeptTexts {
  /**
   * owner: my user id.
   * @param {{owner: number}} options
   */
  constructor({ owner }) {
    this.owner = owner;
    /** @type {Map<string, TextRecord>} */
    this.texts = new Map();
    /** @type {WeakMap<Field, string>} */
    this.subjects = new WeakMap();
    /** @type {ReturnType<typeof keepRecords<TextRecord>>} */
    this.kept = keepRecords("siaga-texts", PREFIX);
  }

  /** Read what this browser kept. */
  async load() {
    for (const record of await this.kept.all()) {
      if (Date.now() - record.at > KEPT_MS) this.kept.erase(record.key);
      else if (record.owner === this.owner) this.texts.set(record.key, record);
    }
  }

  /**
   * From now on the field is about `subject`, such as `close.261128-004`: show what was typed for it before (else
   * `otherwise`), and keep what will be.
   * @param {Field} field
   * @param {string} subject
   * @param {string} [otherwise]
   */
  follow(field, subject, otherwise = "") {
    if (!this.subjects.has(field)) field.addEventListener("input", () => this.#keep(field));
    this.subjects.set(field, subject);
    field.value = this.texts.get(this.#key(subject))?.text ?? otherwise;
  }

  /**
   * What is in the field has arrived, or was given up: nothing is to be kept of it.
   * @param {Field} field
   */
  forget(field) {
    const key = this.#key(this.subjects.get(field));
    this.texts.delete(key);
    this.kept.erase(key);
  }

  /** @param {Field} field */
  #keep(field) {
    if (!field.value) return this.forget(field);
    const key = this.#key(this.subjects.get(field));
    const record = { key, owner: this.owner, text: field.value, at: Date.now() };
    this.texts.set(key, record);
    this.kept.write(record);
    return undefined;
  }

  /** @param {string | undefined} subject */
  #key(subject) {
    return `${PREFIX}${this.owner}.${subject}`;
  }
}
