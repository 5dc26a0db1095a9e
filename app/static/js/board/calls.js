// The calls that are hardly up any more: their end was lost. A supervisor ends them here, asked once more; no number is
// shown.

import { ApiError, post } from "../core/api.js";
import { secondsSince } from "../core/clocks.js";
import { clone, fill, keyed, one } from "../core/dom.js";
import { shortNumber, t } from "../core/i18n.js";
import { age, timeOfDay } from "../core/time.js";

/** @typedef {import("../payloads.d.ts").UncertainCall} UncertainCall */

const SHOWN = 3;
const strip = one("#uncertain");
const dialog = one("dialog#end-call");
const problem = one(".dialog-problem", dialog);
/** @type {UncertainCall | null} */
let asked = null;
/** @type {WeakMap<HTMLElement, UncertainCall>} a button -> the call that it ends */
const callOf = new WeakMap();

/**
 * mayEnd: whoever looks is a supervisor.
 * @param {UncertainCall[]} calls the oldest first
 * @param {boolean} mayEnd
 */
export function showUncertain(calls, mayEnd) {
  strip.hidden = calls.length === 0;
  fill(strip, {
    title: t("{n} panggilan mungkin sudah selesai", { n: calls.length }),
    more: mayEnd
      ? null
      : calls
          .slice(0, SHOWN)
          .map((call) => `${shortNumber(call.ticket)} (${age(secondsSince(call.since))})`)
          .join(" · "),
  });
  keyed(one('[data-part="endings"]', strip), mayEnd ? calls.slice(0, SHOWN) : [], {
    key: (call) => call.call_id,
    make: () => {
      const button = clone("ending");
      button.addEventListener("click", () => {
        const call = callOf.get(button);
        if (call) ask(call);
      });
      return button;
    },
    update: (button, call) => {
      callOf.set(button, call);
      button.textContent = t("Akhiri {short} ({age})", {
        short: shortNumber(call.ticket),
        age: age(secondsSince(call.since)),
      });
    },
  });
}

/** @param {UncertainCall} call */
function ask(call) {
  asked = call;
  problem.hidden = true;
  const words = { short: call.ticket, time: timeOfDay(call.since), age: age(secondsSince(call.since)) };
  const lead =
    call.state === "answered"
      ? t("Tiket {short} tercatat tersambung sejak {time}, {age} yang lalu.", words)
      : t("Tiket {short} tercatat berdering sejak {time}, {age} yang lalu.", words);
  fill(dialog, {
    lead,
    warning: t("Telepon tidak ditutup oleh ini. Pastikan tidak ada yang masih berbicara atau menunggu."),
  });
  dialog.showModal();
  one('[data-action="close-dialog"]', dialog).focus();
}

one('[data-action="close-dialog"]', dialog).addEventListener("click", () => dialog.close());
one("form", dialog).addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!asked) return;
  try {
    await post(`/api/v1/tickets/${asked.ticket}/end-call`, { call_id: asked.call_id });
    dialog.close();
  } catch (refused) {
    problem.textContent = refused instanceof ApiError ? refused.message : t("Server tidak terjangkau.");
    problem.hidden = false;
  }
});
