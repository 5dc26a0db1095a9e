// The question card of the chosen type: what to ask, what to read out, the answers so far. An answer is sent at once,
// by itself; the dispatch never waits for it. Y, T, -, digits and the arrow keys work while one of its questions has
// the focus.
import { all, around, clone, fill, find, keyed, one, setAttribute, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { makeRow, said } from "./card-rows.js";

/**
 * @typedef {import("../payloads.d.ts").Answer} Answer
 * @typedef {import("../payloads.d.ts").Card} QuestionCard
 * @typedef {import("../payloads.d.ts").CardQuestion} CardQuestion
 * @typedef {import("../payloads.d.ts").ReadOut} ReadOut
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("./types.d.ts").DraftChoices} DraftChoices
 * @typedef {import("./types.d.ts").PendingAnswer} PendingAnswer
 */

const YES = new Set(["y"]);
const NO = new Set(["t", "n"]); // tidak, no
/**
 * @typedef {{card: QuestionCard, ticket: Ticket, editable: boolean}} Shown
 */

export class Card {
  /**
   * onAnswer(ticket's number, answer): resolves when it was sent; onChange(): something half-done has changed.
   * @param {object} options
   * @param {QuestionCard[]} options.cards the city's
   * @param {(ticketNumber: string, answer: Answer) => Promise<void>} options.onAnswer
   * @param {() => void} options.onChange
   */
  constructor({ cards, onAnswer, onChange }) {
    this.onAnswer = onAnswer;
    this.onChange = onChange;
    /** @type {Shown | null} what is shown; null without a card for the chosen type */
    this.shown = null;
    /** @type {Record<string, string>} what was typed and not sent, by `question.part` */
    this.half = {};
    /** @type {Map<string, PendingAnswer>} by question, answers that are on their way */
    this.pending = new Map();
    this.current = 0;
    this.silent = false;
    /** @type {CardQuestion | null} the one that was answered here last */
    this.spoken = null;
    this.ofType = new Map(cards.flatMap((card) => card.types.map((code) => [code, card])));
    this.section = one("#card");
    this.list = one("ol#card-list");
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => this.#click(event));
    this.list.addEventListener("focusin", (event) => this.#focused(around(event, "[data-key]")));
    this.list.addEventListener("input", ({ target }) => target instanceof HTMLInputElement && this.#typed(target));
    this.list.addEventListener("focusout", ({ target }) => target instanceof HTMLInputElement && this.#finish(target));
    one('[data-action="silent"]', this.section).addEventListener("click", () => this.#toggleSilent());
  }

  /**
   * Begin with another ticket; `half` and `silent` as a draft kept them.
   * @param {Pick<DraftChoices, "half" | "silent">} [kept]
   */
  start({ half = {}, silent = false } = {}) {
    this.half = { ...half };
    this.silent = silent;
    this.pending = new Map();
    this.current = 0;
    this.shown = null;
    this.spoken = null;
  }

  /** @returns {Pick<DraftChoices, "half" | "silent">} */
  get state() {
    return {
      ...(Object.keys(this.half).length ? { half: { ...this.half } } : {}),
      ...(this.silent ? { silent: true } : {}),
    };
  }

  /**
   * What answers propose to send.
   * @returns {import("./types.d.ts").AnsweredAgency[]}
   */
  get proposed() {
    const { shown } = this;
    if (!shown) return [];
    return shown.card.questions.flatMap((question) => {
      const answer = this.#answer(shown, question);
      if (!answer) return [];
      const codes = [
        ...(question.agencies[answer.value] ?? []),
        ...(answer.value === "skipped" ? [] : (question.agencies.any ?? [])),
      ];
      return codes.map((code) => ({
        code,
        at: answer.at,
        reason_id: `jawaban: ${question.tells.id}`,
        reason_en: `answer: ${question.tells.en}`,
      }));
    });
  }

  /**
   * Show the card of the chosen type.
   * @param {Ticket} ticket
   * @param {string | null} typeCode
   * @param {boolean} editable
   */
  show(ticket, typeCode, editable) {
    const card = this.ofType.get(typeCode ?? "");
    if (card !== this.shown?.card) {
      this.current = 0;
      this.spoken = null;
    }
    this.shown = card ? { card, ticket, editable } : null;
    this.section.hidden = !card;
    if (this.shown) this.#draw(this.shown);
  }

  /** Give the card the focus: its first question without an answer. Says whether there is a card. */
  focus() {
    const { shown } = this;
    if (!shown) return false;
    const open = this.#questions(shown.card).findIndex((question) => !this.#answer(shown, question));
    this.#go(open < 0 ? this.current : open);
    return true;
  }

  /** @param {QuestionCard} card */
  #questions({ questions }) {
    return this.silent ? questions.filter((question) => question.taps) : questions;
  }

  /**
   * The answer that counts: one that is on its way before the ticket's.
   * @param {Shown} shown
   * @param {CardQuestion} question
   * @returns {PendingAnswer | null}
   */
  #answer({ card, ticket }, question) {
    return (
      this.pending.get(question.code) ??
      ticket.answers?.find((answer) => answer.card === card.code && answer.question === question.code) ??
      null
    );
  }

  // -- drawing --------------------------------------------------------------------------------------------------------

  /** @param {Shown} shown */
  #draw(shown) {
    const { card } = shown;
    const questions = this.#questions(card);
    this.current = Math.min(this.current, questions.length - 1);
    fill(this.section, { name: said(card.name) });
    const silent = one('[data-action="silent"]', this.section);
    silent.hidden = !card.silent_say;
    setAttribute(silent, "aria-pressed", String(this.silent));
    one('[data-hint="voice"]', this.section).hidden = this.silent;
    one('[data-hint="taps"]', this.section).hidden = !this.silent;
    keyed(
      this.list,
      questions.map((question, place) => ({ question, place })),
      {
        key: ({ question }) => `${card.code}.${question.code}`,
        make: ({ question }) => makeRow(question),
        update: (node, { question, place }) => this.#row(shown, node, question, place),
      },
    );
    this.#drawSay(shown);
  }

  /**
   * @param {Shown} shown
   * @param {HTMLElement} node
   * @param {CardQuestion} question
   * @param {number} place
   */
  #row(shown, node, question, place) {
    const answer = this.#answer(shown, question);
    fill(node, { number: place + 1, ask: said(question.ask) });
    setAttribute(node, "aria-label", said(question.ask));
    setAttribute(node, "data-current", place === this.current || null);
    setAttribute(node, "data-answer", answer?.value === "skipped" ? "skipped" : answer ? "given" : null);
    setAttribute(node, "tabindex", place === this.current ? "0" : "-1");
    for (const button of all("button[data-value]", node)) {
      setAttribute(button, "aria-checked", String(button.dataset.value === answer?.value));
      button.disabled = !shown.editable;
    }
    for (const input of all("input", node)) {
      const kept =
        input.dataset.part === "amount" ? answer?.amount : answer?.value === "skipped" ? null : answer?.value;
      const value = String(this.half[`${question.code}.${input.dataset.part}`] ?? kept ?? "");
      if (document.activeElement !== input && input.value !== value) input.value = value;
      input.readOnly = !shown.editable;
    }
    const amount = find(".card-amount", node);
    if (amount) amount.hidden = answer?.value !== "yes";
    setText(one('[data-part="skipped"]', node), answer?.value === "skipped" ? t("dilewati") : "");
  }

  /** @param {Shown} shown */
  #drawSay(shown) {
    const { card } = shown;
    const line = one(".card-say", this.section);
    const say = this.#toSay(shown) ?? card.say;
    line.hidden = !say; // a card may begin without a sentence
    if (say) this.#sentence(line, say);
    const list = one(".card-advice", this.section);
    list.hidden = !card.advice.length;
    keyed(
      list,
      card.advice.map((advice, place) => ({ advice, place })),
      {
        key: ({ place }) => `${card.code}.${place}`,
        make: () => clone("row-advice"),
        update: (node, { advice }) => this.#sentence(node, advice),
      },
    );
    fill(this.section, {
      "left-out": card.left_out ? t("{n} arahan medis menunggu pengesahan klinisi.", { n: card.left_out }) : null,
    });
  }

  /**
   * What is to be said now: what the newest answer calls for, else how the card begins.
   * @param {Shown} shown
   */
  #toSay(shown) {
    const question = this.spoken ?? this.#newest(shown);
    const answer = question && this.#answer(shown, question);
    const called = answer && (question.say[answer.value] ?? (answer.value === "skipped" ? null : question.say.any));
    return called ?? (this.silent ? shown.card.silent_say : shown.card.say);
  }

  /**
   * @param {HTMLElement} node
   * @param {ReadOut} sentence
   */
  #sentence(node, { words, unsigned }) {
    fill(node, { say: `“${said(words)}”` });
    one('[data-part="unsigned"]', node).hidden = !unsigned;
  }

  /**
   * The question that was answered last.
   * @param {Shown} shown
   */
  #newest(shown) {
    /** @type {{question: CardQuestion, at: string} | null} */
    let newest = null;
    for (const question of this.#questions(shown.card)) {
      const answer = this.#answer(shown, question);
      if (answer && (!newest || answer.at > newest.at)) newest = { question, at: answer.at };
    }
    return newest?.question ?? null;
  }

  // -- answering ------------------------------------------------------------------------------------------------------

  /**
   * @param {CardQuestion} question
   * @param {string} value
   * @param {number | null} [amount]
   */
  #give(question, value, amount = null) {
    const { shown } = this;
    if (!shown?.editable) return;
    const before = this.#answer(shown, question);
    if (before?.value === value && (before.amount ?? null) === amount) return;
    for (const part of ["value", "amount"]) delete this.half[`${question.code}.${part}`];
    this.spoken = question;
    const mine = { value, amount, at: new Date().toISOString() };
    this.pending.set(question.code, mine);
    const { ticket, card } = shown;
    this.onAnswer(ticket.number, { card: card.code, question: question.code, value, amount }).finally(() => {
      if (this.pending.get(question.code) === mine) this.pending.delete(question.code);
      this.onChange();
    });
    this.onChange();
  }

  /**
   * @param {CardQuestion} question
   * @param {string} value
   */
  #choose(question, value) {
    this.#give(question, value);
    const node = this.#node(this.current);
    if (value === "yes" && question.count && !this.silent && this.shown) {
      this.#row(this.shown, node, question, this.current);
      one('[data-part="amount"]', node).focus();
    } else this.#next();
  }

  /**
   * A number or text that was typed: sent when it is left, kept half-done until then.
   * @param {HTMLInputElement} input
   */
  #finish(input) {
    const question = this.#of(input);
    if (!question || !this.shown?.editable) return;
    const part = input.dataset.part;
    const text = input.value.trim();
    if (this.half[`${question.code}.${part}`] === undefined) return;
    if (part === "amount") this.#give(question, "yes", text ? Number(text) || null : null);
    else if (text) this.#give(question, text);
    else delete this.half[`${question.code}.${part}`];
  }

  /** @param {HTMLInputElement} input */
  #typed(input) {
    const question = this.#of(input);
    if (!question) return;
    if (input.inputMode === "numeric") {
      const digits = input.value.replace(/\D/g, "").slice(0, 5);
      if (digits !== input.value) input.value = digits;
    }
    this.half[`${question.code}.${input.dataset.part}`] = input.value;
    this.onChange();
  }

  /**
   * The question whose row an element stands in.
   * @param {EventTarget | null} node
   */
  #of(node) {
    const key = node instanceof Element ? node.closest("[data-key]")?.getAttribute("data-key") : null;
    return this.shown?.card.questions.find((question) => `${this.shown?.card.code}.${question.code}` === key) ?? null;
  }

  #toggleSilent() {
    this.silent = !this.silent;
    this.current = 0;
    this.spoken = null;
    this.onChange();
    this.focus();
  }

  // -- hands ----------------------------------------------------------------------------------------------------------

  /** @param {Event} event */
  #click(event) {
    const question = this.#of(event.target);
    if (!question) return;
    this.#focused(around(event, "[data-key]"));
    const value = around(event, "[data-value]")?.dataset.value;
    if (value) this.#choose(question, value);
    else if (!(event.target instanceof HTMLInputElement)) this.#go(this.current);
  }

  /** @param {HTMLElement | null} row */
  #focused(row) {
    if (!row || !this.shown) return;
    const place = all("[data-key]", this.list).indexOf(row);
    if (place < 0 || place === this.current) return;
    this.current = place;
    this.#draw(this.shown);
  }

  /** @param {number} place */
  #node(place) {
    return all("[data-key]", this.list)[place];
  }

  /** @param {number} place */
  #go(place) {
    if (!this.shown) return;
    this.current = Math.max(0, Math.min(this.#questions(this.shown.card).length - 1, place));
    this.#draw(this.shown);
    const node = this.#node(this.current);
    const input = find('input[data-part="value"]', node);
    (input && this.shown.editable ? input : node).focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest" });
  }

  #next() {
    if (this.shown && this.current < this.#questions(this.shown.card).length - 1) this.#go(this.current + 1);
    else this.#node(this.current).focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const { key, target } = event;
    const question = this.#of(target);
    if (!question) return;
    const typing = target instanceof HTMLInputElement;
    const value = this.#valueOf(question, key, { typing, filled: typing && target.value !== "" });
    if (key === "ArrowDown" || (key === "Enter" && !event.shiftKey)) this.#next();
    else if (key === "ArrowUp") this.#go(this.current - 1);
    else if (value !== null) this.#choose(question, value);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * What a key answers to this question; null: nothing. `filled`: the field it is typed into holds something already.
   * @param {CardQuestion} question
   * @param {string} key
   * @param {{typing: boolean, filled: boolean}} into
   */
  #valueOf(question, key, { typing, filled }) {
    const letter = key.toLowerCase();
    if (key === "-" && !filled) return "skipped";
    if (typing) return null;
    if (question.kind === "yes_no") {
      if (YES.has(letter) || (this.silent && key === "1")) return "yes";
      if (NO.has(letter) || (this.silent && key === "2")) return "no";
    }
    if (question.kind === "choice" && /^[1-9]$/.test(key)) return question.choices[Number(key) - 1]?.code ?? null;
    return null;
  }
}
