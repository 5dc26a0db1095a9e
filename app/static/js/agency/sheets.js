// The two questions: why a task is declined, and with what result it is done.
import { clone, fill, find, one, setText } from "../core/dom.js";
import { named, t } from "../core/i18n.js";

/**
 * @param {import("../payloads.d.ts").KnownReason[]} reasons
 * @param {import("./reporting.js").Reporting} reporting
 * @param {import("../core/kept-texts.js").KeptTexts} texts
 * @param {number} assignmentId
 */
export function addSheets(reasons, reporting, texts, assignmentId) {
  const decline = one("dialog#decline-sheet");
  const result = one("dialog#result-sheet");
  const declineProblem = one("#decline-problem");
  const resultProblem = one("#result-problem");
  const declineNote = one("textarea#decline-note");
  const resultNote = one("textarea#result-note");
  const declineSend = one("button#decline-send");

  for (const reason of reasons) {
    const choice = clone("reason");
    one("input", choice).value = reason.code;
    one("#reasons").append(fill(choice, { name: named(reason) }));
  }

  /**
   * @param {HTMLElement} place
   * @param {string | null} words
   */
  function complain(place, words) {
    place.hidden = !words;
    setText(place, words ?? "");
  }

  one("#reasons").addEventListener("change", () => complain(declineProblem, null));
  declineSend.addEventListener("click", async () => {
    const chosen = find("input:checked", one("#reasons"));
    if (!chosen) return complain(declineProblem, t("Pilih satu alasan dulu."));
    const note = declineNote.value.trim();
    declineSend.disabled = true;
    complain(declineProblem, null);
    const problem = await reporting.decline({ reason_code: chosen.value, note: note || null });
    declineSend.disabled = false;
    if (problem) complain(declineProblem, problem);
    else {
      texts.forget(declineNote);
      decline.close();
    }
  });

  one("#result-send").addEventListener("click", () => {
    const note = resultNote.value.trim();
    if (!note) {
      complain(resultProblem, t("Tulis hasilnya dulu, satu kalimat cukup."));
      return resultNote.focus();
    }
    complain(resultProblem, null);
    result.close();
    reporting.report("clear", { note });
    texts.forget(resultNote); // safe on the phone by now, whenever it arrives
  });

  return {
    askReason() {
      complain(declineProblem, null);
      texts.follow(declineNote, `decline.${assignmentId}`);
      decline.showModal();
    },
    askResult() {
      complain(resultProblem, null);
      texts.follow(resultNote, `result.${assignmentId}`);
      result.showModal();
      resultNote.focus();
    },
  };
}
