// A supervisor ends a call that is over although the exchange has told no end: asked once more, because it may live.

import { ApiError, post } from "../core/api.js";
import { secondsSince } from "../core/clocks.js";
import { fill, one } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { age, timeOfDay } from "../core/time.js";
import { answeredCall, ringingCall } from "./store.js";

/** @typedef {import("../payloads.d.ts").Ticket} Ticket */

/**
 * The call of a ticket that still counts as up, or null.
 * @param {Ticket | null} ticket
 */
export const upCall = (ticket) => (ticket ? (answeredCall(ticket) ?? ringingCall(ticket)) : null);

/**
 * Set up the dialog; returns open(ticket). onEnded(ticket): as the server answers.
 * @param {{onEnded: (ticket: Ticket) => void}} options
 */
export function setUpEndCall({ onEnded }) {
  const dialog = one("dialog#end-call");
  const problem = one(".dialog-problem", dialog);
  /** @type {{number: string, call: number} | null} */
  let asked = null;
  one("form", dialog).addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!asked) return;
    const button = one('button[type="submit"]', dialog);
    button.disabled = true;
    try {
      const { ticket } = await post(`/api/v1/tickets/${asked.number}/end-call`, { call_id: asked.call });
      dialog.close();
      if (ticket) onEnded(ticket);
    } catch (refused) {
      problem.textContent = refused instanceof ApiError ? refused.message : t("Server tidak terjangkau.");
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
  return (/** @type {Ticket | null} */ ticket) => {
    const call = upCall(ticket);
    if (!ticket || !call) return;
    asked = { number: ticket.number, call: call.id };
    problem.hidden = true;
    const since = call.answered_at ?? call.received_at;
    const words = { number: phoneNumber(call.number), time: timeOfDay(since), age: age(secondsSince(since)) };
    const lead =
      call.state === "answered"
        ? t("{number} tercatat tersambung sejak {time}, {age} yang lalu.", words)
        : t("{number} tercatat berdering sejak {time}, {age} yang lalu.", words);
    fill(dialog, {
      lead,
      warning: t("Telepon tidak ditutup oleh ini. Pastikan tidak ada yang masih berbicara atau menunggu."),
    });
    if (!dialog.open) dialog.showModal();
    one('[data-action="close-dialog"]', dialog).focus();
  };
}
