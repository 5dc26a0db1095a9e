// The entry line: a plain text field; what was understood is underlined behind it (solid type, dashed place, double
// danger). The text goes to the server with the key; while an answer is awaited, the newest text waits for its turn, so
// that fast typing neither floods the server nor starves the proposals. An answer for another ticket is thrown away.
import { post } from "../core/api.js";
import { one } from "../core/dom.js";

/**
 * @typedef {import("../payloads.d.ts").Interpretation} Interpretation
 * @typedef {import("../payloads.d.ts").Span} Span
 */

const PAUSE_MS = 15; // keys that come together, as from a paste, are one question
const LINES_MAX_PX = 98;
const LIMIT = 10000; // characters, as the server counts them; the maxlength of the field would count an emoji twice

export class Entry {
  /**
   * onInput(text): at once; onUnderstood(interpretation, text): when the server has read it; onProblem(error).
   * typeCode(): the type a hand has chosen, whose agencies are asked for with the text; null without one.
   * @param {object} options
   * @param {(text: string) => void} options.onInput
   * @param {(understood: Interpretation | null, text: string) => void} options.onUnderstood
   * @param {(problem: unknown) => void} options.onProblem
   * @param {() => string | null} options.typeCode
   */
  constructor({ onInput, onUnderstood, onProblem, typeCode }) {
    this.onInput = onInput;
    this.onUnderstood = onUnderstood;
    this.onProblem = onProblem;
    this.typeCode = typeCode;
    /** @type {Span[]} what is underlined, in UTF-16 units */
    this.spans = [];
    this.read = "";
    this.again = false;
    /** @type {AbortController | null} the question that is under way */
    this.asking = null;
    /** @type {AbortController | null} the question of last */
    this.stop = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.field = one("textarea#entry");
    this.under = one("#entry-under");
    this.field.addEventListener("input", () => {
      if (this.field.value.length > LIMIT) this.#cut();
      this.#keepSpans();
      this.#draw();
      this.onInput(this.text);
      this.#ask();
    });
    window.addEventListener("resize", () => this.#draw());
    this.field.addEventListener("scroll", () => {
      this.under.scrollTop = this.field.scrollTop;
    });
    this.field.addEventListener("beforeinput", (event) => {
      // Enter starts no new line: a second press after "Ambil" must be harmless, Ctrl+Enter sends.
      if (event.inputType === "insertLineBreak" || event.inputType === "insertParagraph") event.preventDefault();
    });
  }

  get text() {
    return this.field.value;
  }

  /**
   * Show a ticket's words; typed text that is already there is never thrown away by this.
   * @param {string} text
   */
  set(text) {
    if (this.field.value === text) return;
    this.field.value = text;
    this.spans = [];
    this.#draw();
    this.stop?.abort();
    clearTimeout(this.timer);
    if (text.trim()) this.#ask(0);
    else this.onUnderstood(null, "");
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  /**
   * Put a letter that was typed elsewhere at the end of the line.
   * @param {string} letter
   */
  type(letter) {
    this.focus();
    this.field.setRangeText(letter, this.field.value.length, this.field.value.length, "end");
    this.field.dispatchEvent(new Event("input"));
  }

  /** @param {boolean} enabled */
  enable(enabled) {
    if (this.field.readOnly === !enabled) return;
    this.field.readOnly = !enabled;
    if (!enabled || document.activeElement !== this.field) return;
    // Chromium takes no letters in a field that became writable while it had the focus, until it gets it anew.
    this.field.blur();
    this.focus();
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  #cut() {
    const characters = [...this.field.value];
    if (characters.length > LIMIT) this.field.value = characters.slice(0, LIMIT).join("");
  }

  #ask(pause = PAUSE_MS) {
    clearTimeout(this.timer);
    this.again = Boolean(this.asking);
    if (!this.asking) this.timer = setTimeout(() => this.#interpret(), pause);
  }

  async #interpret() {
    const stop = new AbortController();
    this.stop = stop;
    const { text } = this;
    if (!text.trim()) {
      this.spans = [];
      this.#draw();
      this.onUnderstood(null, text);
      return;
    }
    this.asking = stop;
    try {
      const understood = await post("/api/v1/interpret", { text, type_code: this.typeCode() }, { signal: stop.signal });
      if (stop.signal.aborted) return;
      this.spans = inUtf16(understood.spans ?? [], text);
      this.read = text;
      this.#keepSpans();
      this.#draw();
      this.onUnderstood(understood, text);
    } catch (problem) {
      if (!stop.signal.aborted) this.onProblem(problem);
    } finally {
      this.asking = null;
      if (this.again) this.#ask(0);
    }
  }

  /** Until the next answer only the underlines before the first changed letter still hold. */
  #keepSpans() {
    const now = this.field.value;
    let same = 0;
    while (same < now.length && same < this.read.length && now[same] === this.read[same]) same += 1;
    this.spans = this.spans.filter((span) => span.end <= same);
  }

  #draw() {
    const text = this.field.value;
    /** @type {(string | Node)[]} */
    const parts = [];
    let at = 0;
    for (const { start, end, kind } of this.spans) {
      if (start < at) continue;
      if (start > at) parts.push(text.slice(at, start));
      const mark = document.createElement("span");
      mark.dataset.kind = kind;
      mark.textContent = text.slice(start, end);
      parts.push(mark);
      at = end;
    }
    // The last space keeps the height of a last line that is empty.
    this.under.replaceChildren(...parts, text.slice(at), "\u200b");
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, LINES_MAX_PX)}px`;
    this.under.scrollTop = this.field.scrollTop;
  }
}

const STRENGTH = { type: 1, place: 2, danger: 3 };

/**
 * The server counts characters, the browser UTF-16 units. Where spans overlap, danger wins over place, place over type.
 * @param {Span[]} spans
 * @param {string} text
 */
export function inUtf16(spans, text) {
  const offsets = [0];
  for (const character of text) offsets.push(offsets[offsets.length - 1] + character.length);
  /** @type {(Span["kind"] | null)[]} */
  const kinds = new Array(text.length).fill(null);
  for (const { start, end, kind } of spans) {
    for (let at = offsets[start] ?? 0; at < (offsets[end] ?? 0); at += 1) {
      const before = kinds[at];
      if (!before || STRENGTH[before] <= STRENGTH[kind]) kinds[at] = kind;
    }
  }
  /** @type {Span[]} */
  const parts = [];
  kinds.forEach((kind, at) => {
    const last = parts[parts.length - 1];
    if (last?.kind === kind && last?.end === at) last.end = at + 1;
    else if (kind) parts.push({ start: at, end: at + 1, kind });
  });
  return parts;
}
