// The question card of the chosen type: what to ask, what to read out, the answers so far. An answer is sent at once,
// by itself; the dispatch never waits for it. Y, T, -, digits and the arrow keys work while one of its questions has
// the focus.
import { all, clone, fill, find, keyed, one, setAttribute, setText } from "../core/dom.js";
import { language, t } from "../core/i18n.js";

const YES = new Set(["y"]);
const NO = new Set(["t", "n"]); // tidak, no
const said = (words) => words?.[language] || words?.id || "";

export class Card {
  /**
   * cards: {show_unsigned, cards}; onAnswer(body), onChange(): something half-done has changed; onLeave(): back to the
   * line.
   */
  constructor({ cards, onAnswer, onChange, onLeave }) {
    Object.assign(this, {
      onAnswer,
      onChange,
      onLeave,
      half: {},
      pending: new Map(),
      current: 0,
      silent: false,
      card: null,
      ticket: null,
      spoken: null,
    });
    this.ofType = new Map(cards.flatMap((card) => card.types.map((code) => [code, card])));
    this.section = document.getElementById("card");
    this.list = document.getElementById("card-list");
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => this.#click(event));
    this.list.addEventListener("focusin", (event) => this.#focused(event.target.closest("[data-key]")));
    this.list.addEventListener("input", (event) => this.#typed(event.target));
    this.list.addEventListener("focusout", (event) => event.target.matches("input") && this.#finish(event.target));
    one('[data-action="silent"]', this.section).addEventListener("click", () => this.#toggleSilent());
  }

  /** Begin with another ticket; `half` and `silent` as a draft kept them. */
  start({ half = {}, silent = false } = {}) {
    Object.assign(this, { half: { ...half }, silent, pending: new Map(), current: 0, card: null, spoken: null });
  }

  get state() {
    return {
      ...(Object.keys(this.half).length ? { half: { ...this.half } } : {}),
      ...(this.silent ? { silent: true } : {}),
    };
  }

  /** What answers propose to send: [{code, reason, at}]. */
  get proposed() {
    if (!this.card) return [];
    return this.card.questions.flatMap((question) => {
      const answer = this.#answer(question);
      const codes = answer
        ? [
            ...(question.agencies[answer.value] ?? []),
            ...(answer.value === "skipped" ? [] : (question.agencies.any ?? [])),
          ]
        : [];
      return codes.map((code) => ({
        code,
        at: answer.at,
        reason_id: `jawaban: ${question.tells.id}`,
        reason_en: `answer: ${question.tells.en}`,
      }));
    });
  }

  show(ticket, typeCode, editable) {
    this.ticket = ticket;
    this.editable = editable;
    const card = this.ofType.get(typeCode) ?? null;
    if (card !== this.card) Object.assign(this, { card, current: 0, spoken: null });
    this.section.hidden = !card;
    if (card) this.#draw();
  }

  /** Give the card the focus: its first question without an answer. */
  focus() {
    if (!this.card) return false;
    const open = this.#questions().findIndex((question) => !this.#answer(question));
    this.#go(open < 0 ? this.current : open);
    return true;
  }

  #questions() {
    return this.silent ? this.card.questions.filter((question) => question.taps) : this.card.questions;
  }

  /** The answer that counts: one that is on its way before the ticket's. */
  #answer(question) {
    return (
      this.pending.get(question.code) ??
      this.ticket.answers?.find((answer) => answer.card === this.card.code && answer.question === question.code) ??
      null
    );
  }

  // -- drawing --------------------------------------------------------------------------------------------------------

  #draw() {
    const questions = this.#questions();
    this.current = Math.min(this.current, questions.length - 1);
    fill(this.section, { name: said(this.card.name) });
    const silent = one('[data-action="silent"]', this.section);
    silent.hidden = !this.card.silent_say;
    setAttribute(silent, "aria-pressed", String(this.silent));
    for (const [hint, shown] of [
      ["voice", !this.silent],
      ["taps", this.silent],
    ])
      one(`[data-hint="${hint}"]`, this.section).hidden = !shown;
    keyed(
      this.list,
      questions.map((question, place) => ({ question, place })),
      {
        key: ({ question }) => `${this.card.code}.${question.code}`,
        make: ({ question }) => makeRow(question),
        update: (node, { question, place }) => this.#row(node, question, place),
      },
    );
    this.#drawSay();
  }

  #row(node, question, place) {
    const answer = this.#answer(question);
    fill(node, { number: place + 1, ask: said(question.ask) });
    setAttribute(node, "aria-label", said(question.ask));
    setAttribute(node, "data-current", place === this.current || null);
    setAttribute(node, "data-answer", answer?.value === "skipped" ? "skipped" : answer ? "given" : null);
    setAttribute(node, "tabindex", place === this.current ? "0" : "-1");
    for (const button of all("[data-value]", node)) {
      setAttribute(button, "aria-checked", String(button.dataset.value === answer?.value));
      button.disabled = !this.editable;
    }
    for (const input of all("input", node)) {
      const kept =
        input.dataset.part === "amount" ? answer?.amount : answer?.value === "skipped" ? null : answer?.value;
      const value = this.half[`${question.code}.${input.dataset.part}`] ?? kept ?? "";
      if (document.activeElement !== input && input.value !== String(value)) input.value = value;
      input.readOnly = !this.editable;
    }
    const amount = find(".card-amount", node);
    if (amount) amount.hidden = answer?.value !== "yes";
    setText(one('[data-part="skipped"]', node), answer?.value === "skipped" ? t("dilewati") : "");
  }

  #drawSay() {
    const question = this.spoken ?? this.#newest();
    const answer = question && this.#answer(question);
    const sentence =
      (answer && (question.say[answer.value] ?? (answer.value === "skipped" ? null : question.say.any))) ??
      (this.silent ? this.card.silent_say : this.card.say);
    this.#sentence(one(".card-say", this.section), sentence ?? this.card.say);
    const list = one(".card-advice", this.section);
    list.hidden = !this.card.advice.length;
    keyed(
      list,
      this.card.advice.map((advice, place) => ({ advice, place })),
      {
        key: ({ place }) => `${this.card.code}.${place}`,
        make: () => clone("row-advice"),
        update: (node, { advice }) => this.#sentence(node, advice),
      },
    );
    fill(this.section, {
      "left-out": this.card.left_out
        ? t("{n} arahan medis menunggu pengesahan klinisi.", { n: this.card.left_out })
        : null,
    });
  }

  #sentence(node, { words, unsigned }) {
    fill(node, { say: `“${said(words)}”` });
    one('[data-part="unsigned"]', node).hidden = !unsigned;
  }

  /** The question that was answered last. */
  #newest() {
    const given = this.#questions()
      .map((question) => [question, this.#answer(question)])
      .filter(([, answer]) => answer);
    return given.sort(([, a], [, b]) => (a.at < b.at ? 1 : -1))[0]?.[0] ?? null;
  }

  // -- answering ------------------------------------------------------------------------------------------------------

  #give(question, value, amount = null) {
    if (!this.editable) return;
    const before = this.#answer(question);
    if (before?.value === value && (before.amount ?? null) === amount) return;
    for (const part of ["value", "amount"]) delete this.half[`${question.code}.${part}`];
    this.spoken = question;
    this.pending.set(question.code, { value, amount, at: new Date().toISOString() });
    const { ticket, card } = this;
    const mine = this.pending.get(question.code);
    this.onAnswer(ticket.number, { card: card.code, question: question.code, value, amount }).finally(() => {
      if (this.pending.get(question.code) === mine) this.pending.delete(question.code);
      this.onChange();
    });
    this.onChange();
  }

  #choose(question, value) {
    this.#give(question, value);
    const node = this.#node(this.current);
    if (value === "yes" && question.count && !this.silent) {
      this.#row(node, question, this.current);
      one('[data-part="amount"]', node).focus();
    } else this.#next();
  }

  /** A number or text that was typed: sent when it is left, kept half-done until then. */
  #finish(input) {
    const question = this.#of(input);
    if (!question || !this.editable) return;
    const part = input.dataset.part;
    const text = input.value.trim();
    if (this.half[`${question.code}.${part}`] === undefined) return;
    if (part === "amount") this.#give(question, "yes", text ? Number(text) || null : null);
    else if (text) this.#give(question, text);
    else if (!text) delete this.half[`${question.code}.${part}`];
  }

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

  #of(node) {
    const row = node.closest("[data-key]");
    return row && this.card?.questions.find((question) => `${this.card.code}.${question.code}` === row.dataset.key);
  }

  #toggleSilent() {
    this.silent = !this.silent;
    Object.assign(this, { current: 0, spoken: null });
    this.onChange();
    this.focus();
  }

  // -- hands ----------------------------------------------------------------------------------------------------------

  #click(event) {
    const question = this.#of(event.target);
    const button = event.target.closest("[data-value]");
    if (!question) return;
    this.#focused(event.target.closest("[data-key]"));
    if (button) this.#choose(question, button.dataset.value);
    else if (!event.target.matches("input")) this.#go(this.current);
  }

  #focused(row) {
    if (!row || !this.card) return;
    const place = all("[data-key]", this.list).indexOf(row);
    if (place < 0 || place === this.current) return;
    this.current = place;
    this.#draw();
  }

  #node(place) {
    return all("[data-key]", this.list)[place];
  }

  #go(place) {
    this.current = Math.max(0, Math.min(this.#questions().length - 1, place));
    this.#draw();
    const node = this.#node(this.current);
    const input = find('input[data-part="value"]', node);
    (input && this.editable ? input : node).focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest" });
  }

  #next() {
    if (this.current < this.#questions().length - 1) this.#go(this.current + 1);
    else this.#node(this.current).focus();
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !this.card) return;
    const { key } = event;
    const question = this.#of(event.target);
    if (!question) return;
    const typing = event.target.matches("input");
    const value = this.#valueOf(question, key, typing && event.target.value !== "", typing);
    if (key === "ArrowDown" || (key === "Enter" && !event.shiftKey)) this.#next();
    else if (key === "ArrowUp") this.#go(this.current - 1);
    else if (value !== null) this.#choose(question, value);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * What a key answers to this question; null: nothing. `filled`: the field it is typed into holds something already.
   */
  #valueOf(question, key, filled, typing) {
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

/** A row for a question: its buttons or its field. */
function makeRow(question) {
  const node = clone("row-question");
  const room = one(".card-control", node);
  const button = (value, cap, words) => {
    const made = clone("card-button");
    made.dataset.value = value;
    fill(made, { cap, words });
    if (!words) setAttribute(made, "aria-label", value === "yes" ? t("ya") : t("tidak"));
    return made;
  };
  const input = (part, numeric, words) => {
    const made = clone("card-input");
    made.dataset.part = part;
    made.inputMode = numeric ? "numeric" : "text";
    made.maxLength = numeric ? 5 : 1000;
    made.toggleAttribute("data-short", numeric);
    setAttribute(made, "aria-label", words);
    return made;
  };
  if (question.kind === "yes_no") {
    room.append(button("yes", "Y"), button("no", language === "en" ? "N" : "T"));
    if (question.count) {
      const amount = document.createElement("span");
      amount.className = "card-amount";
      amount.append(input("amount", true, said(question.count)), said(question.count));
      room.prepend(amount);
    }
  } else if (question.kind === "choice")
    for (const [place, choice] of question.choices.entries())
      room.append(button(choice.code, String(place + 1), said(choice.words)));
  else room.append(input("value", question.kind === "number", said(question.ask)));
  setAttribute(node, "data-kind", question.kind);
  return node;
}
