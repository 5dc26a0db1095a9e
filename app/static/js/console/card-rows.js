// The rows of the question card: each question with its buttons or its field.
import { clone, fill, one, setAttribute } from "../core/dom.js";
import { language, t } from "../core/i18n.js";

/** @typedef {import("../payloads.d.ts").CardQuestion} CardQuestion */

/**
 * A text of the card in the language of the page.
 * @param {CardQuestion["ask"] | null | undefined} words
 */
export const said = (words) => words?.[language] || words?.id || "";

/**
 * A row for a question: its buttons or its field.
 * @param {CardQuestion} question
 */
export function makeRow(question) {
  const node = clone("row-question");
  const room = one(".card-control", node);
  /**
   * @param {string} value
   * @param {string} cap
   * @param {string} [words]
   */
  const button = (value, cap, words) => {
    const made = clone("card-button");
    made.dataset.value = value;
    fill(made, { cap, words });
    if (!words) setAttribute(made, "aria-label", value === "yes" ? t("ya") : t("tidak"));
    return made;
  };
  /**
   * @param {"value" | "amount"} part
   * @param {boolean} numeric
   * @param {string} words
   */
  const input = (part, numeric, words) => {
    const made = clone("card-input");
    if (!(made instanceof HTMLInputElement)) throw new Error("the template card-input is no field");
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
