// Row 1: waiting and longest wait, answered in time, abandoned, not an emergency. Each share names its two numbers.
import { fill, one, setIcon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { length } from "../core/time.js";

const ICONS = { running: "clock", near: "triangle-alert", late: "octagon-alert", none: "check" };

/**
 * @typedef {import("../payloads.d.ts").Board} Board
 * @typedef {import("../payloads.d.ts").KnownPolicy} KnownPolicy
 * @typedef {keyof typeof ICONS} Look
 */

/**
 * @param {number} n
 * @param {number} of
 */
const percent = (n, of) => (of ? `${Math.floor((100 * n) / of)}%` : "–");

/**
 * @param {Board} stats
 * @param {KnownPolicy} policy
 */
export function showFigures(stats, policy) {
  const { answered, abandoned, callbacks_open: callbacks, callbacks_late: late, not_emergency: nuisance } = stats;
  fill(one("#waiting"), {
    number: stats.waiting,
    target: t("target {time}", { time: length(policy.answer_target_s) }),
  });
  fill(one("#answered"), {
    number: percent(answered.within, answered.of),
    note: answered.of
      ? t("≥ {goal}% · {n}/{of}", { goal: Math.round(answered.goal * 100), n: answered.within, of: answered.of })
      : t("belum ada panggilan"),
  });
  one("#answered-title").textContent = t("Dijawab ≤ {n} dtk", { n: answered.target_s });
  const reached = answered.within >= answered.goal * answered.of;
  noteSign(
    one("#answered"),
    answered.of ? (reached ? "check" : "triangle-alert") : null,
    answered.of && !reached ? "near" : "none",
  );
  fill(one("#abandoned"), {
    number: abandoned,
    note: late
      ? t("{late}/{n} telat ditelepon", { late, n: callbacks })
      : callbacks
        ? t("{n} belum ditelepon balik", { n: callbacks })
        : t("semua ditelepon balik"),
  });
  noteSign(one("#abandoned"), late ? ICONS.late : null, late ? "late" : "none");
  fill(one("#not-emergency"), {
    number: percent(nuisance.n, nuisance.of),
    note: nuisance.of ? t("{n}/{of} panggilan", { ...nuisance }) : t("belum ada panggilan"),
  });
  for (const id of ["answered", "abandoned", "not-emergency"]) {
    const tile = one(`#${id}`);
    tile.toggleAttribute("data-long", (one('[data-field="number"]', tile).textContent ?? "").length > 3); // 100%
  }
}

/**
 * @param {HTMLElement} tile
 * @param {string | null} icon
 * @param {Look} look
 */
function noteSign(tile, icon, look) {
  tile.dataset.look = look;
  const sign = one('svg[data-part="note-icon"]', tile);
  sign.toggleAttribute("hidden", !icon);
  if (icon) setIcon(sign, icon);
}

/** @type {Look} */
let announced = "none";

/**
 * The longest wait, every second, in the four looks of a clock.
 * @param {number} now
 * @param {Board} stats
 * @param {KnownPolicy} policy
 */
export function tickFigures(
  now,
  { waiting, longest_wait_since: since },
  { ring_near_s: nearS, answer_target_s: lateS },
) {
  const tile = one("#waiting");
  const waited = since && waiting ? Math.max(0, (now - Date.parse(since)) / 1000) : null;
  const look = waited === null ? "none" : waited >= lateS ? "late" : waited >= nearS ? "near" : "running";
  tile.dataset.look = look;
  setIcon(one('svg[data-part="longest-icon"]', tile), ICONS[look]);
  const shown = waited === null ? "–" : length(waited);
  tile.toggleAttribute("data-long", shown.length > 4);
  fill(tile, { longest: shown });
  if (look !== announced && look === "late")
    one("#urgent").textContent = t("Panggilan menunggu lebih dari {n} detik.", { n: lateS });
  announced = look;
}
