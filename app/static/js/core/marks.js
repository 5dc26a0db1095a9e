// The signs that say how something stands: priority marks, timer chips, agency chips, the link sign, bars.
// A clock has four looks: running, near, late, stopped; shape, fill and words change with the colour.

import { assignmentUrgency, clockLook, everySecond, serverNow } from "./clocks.js";
import { all, one, setAttribute, setIcon, setText } from "./dom.js";
import { ASSIGNMENT_STATES, PRIORITY_NAMES, t } from "./i18n.js";
import { age, length } from "./time.js";

/** @typedef {"running" | "near" | "late" | "stopped" | "unknown" | "age" | "plain" | "none"} Look */
/** @typedef {import("../payloads.d.ts").Assignment} Assignment */
/**
 * @typedef {object} ChipClock
 * @property {"wait" | "due" | "age" | "length" | "fixed"} kind
 * @property {string} [since]
 * @property {string} [started]
 * @property {string} [due]
 * @property {number | string} [nearS]
 * @property {number | string} [lateS]
 * @property {boolean} [short]
 * @property {Look} [look]
 * @property {string} [words]
 * @property {string} [before] said before the time
 */

/** @type {Record<string, string>} */
const LOOK_ICONS = {
  running: "clock",
  near: "triangle-alert",
  late: "octagon-alert",
  stopped: "check",
  unknown: "circle-help",
  age: "clock",
  plain: "clock",
  none: "clock",
};

/**
 * Set what a timer chip counts; it ticks by itself from then on (startClocks must have been called once).
 *   {kind: "wait", since, nearS, lateS}   counts up: 0:04; amber from nearS, red from lateS
 *   {kind: "due", started, due, short}    sisa 0:48 / lewat 0:22; short: 0:48 / +0:22
 *   {kind: "age", since}                  14 mnt, grey
 *   {kind: "length", since}               0:34, no looks
 *   {kind: "fixed", look, words}          does not tick
 * @param {HTMLElement} chip
 * @param {ChipClock} clock
 */
export function setClock(chip, clock) {
  const {
    kind,
    since = "",
    started = "",
    due = "",
    nearS = "",
    lateS = "",
    short = false,
    look = "none",
    words = "",
    before = "",
  } = clock;
  Object.assign(chip.dataset, { clock: kind, since, started, due, nearS, lateS, before, short: short ? "1" : "" });
  if (kind === "fixed") show(chip, look, words);
  else tick(chip, serverNow());
}

/**
 * @param {HTMLElement} chip
 * @param {number} now
 */
function tick(chip, now) {
  const { clock, since = "", started, due = "", nearS, lateS, short } = chip.dataset;
  if (clock === "fixed" || !clock) return;
  const passed = (now - Date.parse(since)) / 1000;
  if (clock === "age") return show(chip, "age", age(passed));
  if (!Number.isFinite(now)) return show(chip, "unknown", t("waktu server ?"));
  if (clock === "length") return show(chip, "plain", length(passed));
  if (clock === "wait") {
    const look = passed >= Number(lateS) ? "late" : passed >= Number(nearS) ? "near" : "running";
    return show(chip, look, length(Math.max(0, passed)));
  }
  const left = (Date.parse(due) - now) / 1000;
  const look = clockLook(started, due, now);
  if (look === "late")
    return show(chip, look, short ? `+${length(-left)}` : t("lewat {time}", { time: length(-left) }));
  return show(chip, look, short ? length(Math.ceil(left)) : t("sisa {time}", { time: length(Math.ceil(left)) }));
}

/**
 * @param {HTMLElement} chip
 * @param {Look} look
 * @param {string} words
 */
function show(chip, look, words) {
  if (chip.dataset.look !== look) {
    // A new red pulses three times and stays.
    setAttribute(
      chip,
      "data-new",
      look === "late" && ["running", "near"].includes(chip.dataset.look ?? "") ? "1" : null,
    );
    chip.dataset.look = look;
    setIcon(chip.firstElementChild, LOOK_ICONS[look]);
  }
  const { before } = chip.dataset;
  setText(one('[data-part="timer-words"]', chip), before ? `${before} ${words}` : words);
}

/**
 * Keep every timer chip of the page ticking at the start of each server second; also(now) is called after them.
 * @param {(now: number) => void} [also]
 */
export function startClocks(also = (_now) => {}) {
  everySecond((now) => {
    for (const chip of all("[data-clock]")) tick(chip, now);
    also(now);
  });
}

/**
 * P1 to P4; hidden while there is none (keepPlace: an empty mark keeps the column).
 * @param {HTMLElement} mark
 * @param {import("../payloads.d.ts").Priority | null} priority
 * @param {{byHand?: boolean, keepPlace?: boolean, was?: string | null}} [how]
 */
export function showPriority(mark, priority, { byHand = false, keepPlace = false, was = null } = {}) {
  mark.hidden = !priority && !keepPlace;
  setAttribute(mark, "data-priority", priority ?? "none");
  setAttribute(mark, "data-by-hand", byHand || null);
  setText(mark, priority ?? "–");
  const name = priority ? `${priority} ${PRIORITY_NAMES[priority]}` : t("Prioritas belum ada");
  setAttribute(mark, "title", byHand && was ? t("{name}, diubah dengan tangan dari {was}", { name, was }) : name);
}

/**
 * How an assignment stands: {look, icon, words}; late and near only while its clock runs.
 * @param {Assignment} assignment
 */
export function assignmentLook(assignment, now = serverNow()) {
  const { word, icon } = ASSIGNMENT_STATES[assignment.state];
  const look = assignmentUrgency(assignment, now);
  if (assignment.state === "declined" || (look !== "near" && look !== "late")) return { look, icon, words: word };
  return { look, icon: LOOK_ICONS[look], words: assignment.state === "sent" ? t("belum terima") : word };
}

/**
 * Fill an agency chip; words: false leaves only sign and name (rows).
 * @param {HTMLElement} chip
 * @param {Assignment} assignment
 */
export function showAgency(chip, assignment, { words = true, now = serverNow() } = {}) {
  const state = assignmentLook(assignment, now);
  setAttribute(chip, "data-look", state.look);
  setIcon(chip.firstElementChild, state.icon);
  setText(one('[data-part="agency-code"]', chip), assignment.agency);
  setText(one('[data-part="agency-words"]', chip), words ? state.words : "");
  setAttribute(chip, "title", `${assignment.agency_name || assignment.agency}: ${state.words}`);
}

/**
 * Fill the link sign from the status of live.js.
 * @param {HTMLElement} sign
 * @param {import("../types.d.ts").LinkStatus} status
 */
export function showLink(sign, { state, since, missed }) {
  const words = {
    connecting: t("Menyambung"),
    connected: t("Terhubung"),
    reconnecting: t("Menyambung kembali"),
    disconnected: t("Terputus {time}, mencoba lagi", { time: length((performance.now() - since) / 1000) }),
    catching_up: t("Mengambil {n} kejadian terlewat", { n: missed }),
  };
  const icons = {
    connecting: "wifi",
    connected: "wifi",
    reconnecting: "refresh-cw",
    disconnected: "wifi-off",
    catching_up: "refresh-cw",
  };
  setAttribute(sign, "data-look", state);
  setIcon(sign.firstElementChild, icons[state]);
  setText(one('[data-part="link-words"]', sign), words[state]);
}

/**
 * Fill a bar to `part` (0 to 1) in a look of clocks.
 * @param {HTMLElement} bar
 * @param {number} part
 */
export function setBar(bar, part, look = "running") {
  setAttribute(bar, "data-look", look);
  setAttribute(one(".bar-done", bar), "width", Math.round(1000 * Math.min(1, Math.max(0, part || 0))));
}
