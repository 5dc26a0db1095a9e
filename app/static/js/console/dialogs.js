// Dialogs before a write: closing a ticket, giving a reason; and sound and seat.
import { ApiError, post } from "../core/api.js";
import { all, fill, find, one } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { CALLING_OFF } from "../core/rules.js";
import { onSubmit, problemIn, show } from "./dialog.js";

/**
 * @typedef {import("../core/kept-texts.js").KeptTexts} KeptTexts
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("./commands.js").Commands} Commands
 * @typedef {import("./types.d.ts").Question} Question
 * @typedef {import("./work.js").Work} Work
 */

/**
 * Closing: only the dispositions that the ticket's state allows. Returns open().
 * @param {{commands: Commands, work: Work, texts: KeptTexts}} parts
 */
export function setUpClosing({ commands, work, texts }) {
  const dialog = one("dialog#close-ticket");
  const note = one("textarea[name=note]", dialog);
  /** @type {string | null} of the ticket that was open then: the screen may follow the handset meanwhile */
  let number = null;
  onSubmit(dialog, async () => {
    const choice = all('input[name="disposition"]', dialog).find((one) => one.checked);
    if (!choice) {
      problemIn(dialog, t("Pilih dulu bagaimana berakhirnya."));
      return false;
    }
    if (number === null) return false;
    const closed = number;
    const ending = { disposition: choice.value, note: note.value.trim() || null };
    return commands.give(`/api/v1/tickets/${closed}/close`, ending, () => {
      texts.forget(note);
      work.forgetDraft(closed);
    });
  });
  return () => {
    const { ticket } = work;
    if (!ticket || !work.allows("close")) return;
    ({ number } = ticket);
    one("form", dialog).reset();
    texts.follow(note, `close.${ticket.number}`);
    problemIn(dialog, null);
    offerEndings(dialog, ticket);
    show(dialog, "[name=disposition]:enabled");
  };
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {Ticket} ticket
 */
function offerEndings(dialog, { state, assignments }) {
  const underWay = state === "dispatched" || state === "in_progress";
  const cleared = assignments.some((one) => one.state === "cleared");
  const choices = all('input[name="disposition"]', dialog);
  for (const choice of choices)
    choice.disabled = (underWay && !CALLING_OFF.includes(choice.value)) || (choice.value === "handled" && !cleared);
  // What calls agencies off is chosen by a hand, never by the first Enter.
  const first = choices.find((choice) => !choice.disabled);
  if (first) first.checked = !underWay;
  one('[data-part="calls-off"]', dialog).hidden = !underWay;
}

/**
 * Asking for words before a write: reopen, take over, the result that an agency telephoned. Returns ask(question).
 * @param {object} parts
 * @param {Commands} parts.commands
 * @param {Work} parts.work
 * @param {KeptTexts} parts.texts
 * @param {(ticketNumber: string) => void} parts.onOpened
 */
export function setUpReasons({ commands, work, texts, onOpened }) {
  const dialog = one("dialog#reason");
  const field = one("textarea[name=reason]", dialog);
  /** @type {{question: Question, number: string} | null} what was asked, and of which ticket */
  let asked = null;
  onSubmit(dialog, async () => {
    const reason = field.value.trim();
    if (!reason) {
      problemIn(dialog, t("Isi dulu, satu kalimat cukup."));
      return false;
    }
    if (!asked) return false;
    const { question, number } = asked;
    const done =
      question.kind === "clear"
        ? await commands.report(question.assignment, "clear", reason)
        : await commands.give(`/api/v1/tickets/${number}/${question.kind}`, { reason }, () => onOpened(number));
    if (done) texts.forget(field);
    return done;
  });
  return (/** @type {Question} */ question) => {
    const { number } = work;
    if (!number) return;
    asked = { question, number };
    one("form", dialog).reset();
    texts.follow(field, `${question.kind}.${question.kind === "clear" ? question.assignment.id : number}`);
    problemIn(dialog, null);
    fill(dialog, { title: question.title, lead: question.lead, submit: question.submit });
    show(dialog, "[name=reason]");
  };
}

/**
 * Volume, sound test, seat, signing out. Returns open().
 * @param {object} parts
 * @param {import("./sounds.js").Sounds} parts.sounds
 * @param {() => import("../payloads.d.ts").Me} parts.me
 * @param {(seat: string) => void} parts.onSeat
 * @param {() => Promise<void>} parts.beforeSignOut
 */
export function setUpSettings({ sounds, me, onSeat, beforeSignOut }) {
  const dialog = one("dialog#settings");
  const volume = one('input[name="volume"]', dialog);
  volume.addEventListener("input", () => sounds.setVolume(Number(volume.value) / 100));
  one('[data-action="test-sound"]', dialog).addEventListener("click", () => {
    sounds.unlock();
    setTimeout(() => sounds.play("ringing"), 60);
  });
  one('[data-action="sign-out"]', dialog).addEventListener("click", async () => {
    await beforeSignOut();
    one("form#sign-out").submit();
  });
  const seat = find('select[name="seat"]', dialog);
  seat?.addEventListener("change", async () => {
    try {
      const { seat: taken } = await post("/api/v1/seat", { seat: seat.value });
      problemIn(dialog, null);
      onSeat(taken);
    } catch (problem) {
      problemIn(dialog, problem instanceof ApiError ? problem.message : t("Server tidak terjangkau."));
      seat.value = me().seat ?? "";
    }
  });
  return () => {
    volume.value = String(Math.round(sounds.volume * 100));
    if (seat) seat.value = me().seat ?? "";
    show(dialog, "[name=volume]");
  };
}
