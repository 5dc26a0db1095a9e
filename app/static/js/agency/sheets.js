// The two questions: why a task is declined, and with what result it is done.
import { clone, fill, find, one, setText } from "../core/dom.js";
import { named, t } from "../core/i18n.js";

/** reasons: [{code, name_id, name_en}]; texts: KeptTexts. Returns {askReason(), askResult()}. */
export function addSheets(reasons, reporting, texts, assignmentId) {
  const decline = one("#decline-sheet");
  const result = one("#result-sheet");
  const declineProblem = one("#decline-problem");
  const resultProblem = one("#result-problem");

  for (const reason of reasons) {
    const choice = clone("reason");
    one("input", choice).value = reason.code;
    one("#reasons").append(fill(choice, { name: named(reason) }));
  }

  function complain(place, words) {
    place.hidden = !words;
    setText(place, words ?? "");
  }

  one("#reasons").addEventListener("change", () => complain(declineProblem, null));
  one("#decline-send").addEventListener("click", async (event) => {
    const chosen = find("input:checked", one("#reasons"));
    if (!chosen) return complain(declineProblem, t("Pilih satu alasan dulu."));
    const note = one("#decline-note").value.trim();
    const send = event.currentTarget;
    send.disabled = true;
    complain(declineProblem, null);
    const problem = await reporting.decline({ reason_code: chosen.value, note: note || null });
    send.disabled = false;
    if (problem) complain(declineProblem, problem);
    else {
      texts.forget(one("#decline-note"));
      decline.close();
    }
  });

  one("#result-send").addEventListener("click", () => {
    const note = one("#result-note").value.trim();
    if (!note) {
      complain(resultProblem, t("Tulis hasilnya dulu, satu kalimat cukup."));
      return one("#result-note").focus();
    }
    complain(resultProblem, null);
    result.close();
    reporting.report("clear", { note });
    texts.forget(one("#result-note")); // safe on the phone by now, whenever it arrives
  });

  return {
    askReason() {
      complain(declineProblem, null);
      texts.follow(one("#decline-note"), `decline.${assignmentId}`);
      decline.showModal();
    },
    askResult() {
      complain(resultProblem, null);
      texts.follow(one("#result-note"), `result.${assignmentId}`);
      result.showModal();
      one("#result-note").focus();
    },
  };
}
