// One of the four boxes under the big button: done with its time, waiting on this phone, next, or later.
import { setAttribute, setText } from "./dom.js";
import { timeOfDay } from "./time.js";
import { t } from "./words.js";

const SIGNS = { done: "✓ ", waiting: "⇡ " };

/** box: {step, look, at} of progress(); index from 0. */
export function showBox(element, { step, look, at }, index) {
  const [top, under] = element.children;
  const reached = look === "done" || look === "waiting";
  setAttribute(element, "data-look", look);
  setAttribute(element, "aria-current", look === "current" ? "step" : null);
  setText(top, reached ? `${SIGNS[look]}${step.word}` : String(index + 1));
  setText(under, reached ? (at ? timeOfDay(at) : "–") : step.word);
  setAttribute(element, "title", look === "waiting" ? t("Tersimpan di ponsel, terkirim sendiri nanti.") : null);
}
