// A number of the callback list in words: its row, its need, what came of dialling it.

import { clockLook } from "../core/clocks.js";
import { fill, one, setAttribute, setIcon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { setClock } from "../core/marks.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { age, timeOfDay } from "../core/time.js";

/** @typedef {import("../payloads.d.ts").CallbackLine} CallbackLine */

/** @type {Record<string, string>} by outcome */
export const ATTEMPTS = {
  reached: t("tersambung"),
  no_answer: t("tidak diangkat"),
  busy: t("sibuk"),
  wrong_number: t("salah orang"),
  refused: t("ditolak"),
};

/** @param {CallbackLine} item */
const attemptsLine = ({ attempts, max_attempts: most, history }) => {
  if (!attempts) return null;
  const tried = t("percobaan {n} dari {most}", { n: attempts, most: Math.max(attempts, most) });
  return [tried, history[0] && timeOfDay(history[0].at)].filter(Boolean).join(", ");
};

/**
 * How the call ended that nobody answered.
 * @param {Pick<CallbackLine, "reason" | "rang_s">} item
 */
export const rang = ({ reason, rang_s: s }) =>
  reason === "dropped" ? t("terputus") : s === null ? null : t("berdering {time}", { time: age(s) });

/** @param {string} words */
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/**
 * Fill a row of the list; a number that cannot be dialled is set apart by a dashed disc and by words.
 * @param {HTMLElement} node
 * @param {CallbackLine} item
 * @param {number} now
 */
export function updateCallback(node, item, now) {
  setAttribute(node, "data-state", "callback");
  setAttribute(node, "data-dial", item.can_call ? null : "no");
  setIcon(one(".call-disc .icon", node), item.can_call ? "phone-missed" : "phone-off");
  const many = item.calls > 1 ? t("{n} panggilan", { n: item.calls }) : null;
  const who = item.holder
    ? t("{name} menelepon", { name: item.holder.name })
    : item.ticket_owner
      ? t("dipegang {name}", { name: item.ticket_owner })
      : null;
  const under = item.can_call
    ? [who, attemptsLine(item), many, ...(item.attempts ? [] : [item.carrier, rang(item)])]
    : [t("tidak dapat ditelepon balik"), rang(item)];
  fill(node, { title: phoneNumber(item.number), under: under.filter(Boolean).join(" · ") });
  setAttribute(node, "title", [phoneNumber(item.number), ...under].filter(Boolean).join(" · "));
  const chip = one('[data-part="timer"]', node);
  const look = clockLook(item.started_at, item.due_at, now);
  if (look === "near" || look === "late")
    setClock(chip, { kind: "due", started: item.started_at, due: item.due_at, short: true });
  else setClock(chip, { kind: "age", since: item.last_at });
}

/**
 * What "Perlu tindakan Anda" says of a callback.
 * @param {CallbackLine} item
 */
export function callbackNeed(item) {
  const under = [
    rang(item),
    item.can_call
      ? t("Percobaan telepon balik {n} dari {most}.", {
          n: item.attempts,
          most: Math.max(item.attempts, item.max_attempts),
        })
      : t("Nomor tidak ada: tidak dapat ditelepon balik."),
  ];
  const facts = [
    item.carrier,
    item.reason === "dropped" ? t("terputus") : t("tidak terjawab"),
    item.calls > 1 ? t("{n} panggilan", { n: item.calls }) : null,
  ];
  const where = `· ${facts.filter(Boolean).join(" · ")}`;
  return {
    title: phoneNumber(item.number),
    where,
    under: capital(under.filter(Boolean).join(". ")),
    act: item.can_call ? t("Telepon balik") : t("Lihat nomor"),
  };
}
