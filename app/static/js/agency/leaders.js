// What leaders ask of the agency on a task.
import { messageOf, postForAgency } from "../core/api.js";
import { around, clone, fill, keyed, one } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { moment } from "../core/time.js";
import { say } from "./signal.js";

/** @typedef {import("../payloads.d.ts").Assignment} Assignment */

/**
 * What a leader waits for, on a card; null where nothing is.
 * @param {Assignment} assignment
 */
export function askedWords({ instructions }) {
  const open = (instructions ?? []).filter((one) => !one.done_at).at(-1);
  if (!open) return null;
  return t("{office} meminta, paling lambat {time}: “{words}”", {
    office: open.office_name,
    time: moment(open.due_at),
    words: open.words,
  });
}

/**
 * Shows the instructions on a task; a button answers each.
 * @param {() => void} draw
 */
export function instructionsOnTask(draw) {
  const list = one("#instructions");
  let busy = false;
  list.addEventListener("click", async (event) => {
    const id = around(event, '[data-action="answer-leader"]')?.closest("li")?.dataset.key;
    if (!id || busy) return;
    busy = true;
    try {
      await postForAgency(`/api/v1/instructions/${Number(id)}/answer`, {});
      say(t("Tercatat: permintaan pimpinan sudah ditindaklanjuti."), "plain");
    } catch (problem) {
      say(messageOf(problem), "amber");
    } finally {
      busy = false;
      draw();
    }
  });
  return (/** @type {Assignment} */ assignment) => {
    const asked = assignment.instructions ?? []; // what was kept before there were any
    list.hidden = !asked.length;
    keyed(list, [...asked].reverse(), {
      key: (one) => String(one.id),
      make: () => clone("instruction"),
      update: (row, instruction) => {
        const due = moment(instruction.due_at);
        fill(row, {
          who: t("{office} meminta", { office: instruction.office_name }),
          words: `“${instruction.words}”`,
          due: instruction.done_at
            ? t("selesai {time}", { time: moment(instruction.done_at) })
            : t("paling lambat {time}", { time: due }),
        });
        one('[data-action="answer-leader"]', row).hidden = instruction.done_at !== null;
      },
    });
  };
}
