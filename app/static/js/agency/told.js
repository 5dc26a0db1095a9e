// Who above the agency was told that a task is late, and who is told next.
import { serverNow } from "../core/clocks.js";
import { t } from "../core/i18n.js";
import { whoOnLadder } from "../core/ladder-words.js";
import { timeOfDay } from "../core/time.js";

/** @typedef {import("../payloads.d.ts").Assignment} Assignment */

/**
 * Who was told after the first time that the clock runs, and who is told next; null while nobody was.
 * @param {Assignment} assignment
 */
export function toldOfLateTask({ ladder }, now = serverNow()) {
  const told = (ladder?.rungs ?? []).slice(1).filter((rung) => rung.fired_at !== null && !rung.hole);
  if (!told.length) return null;
  const words = told.map((rung) => `${whoOnLadder(rung.who)} ${timeOfDay(rung.fired_at)}`);
  const people = t("Sudah diberi tahu: {people}", { people: words.join(", ") });
  if (!ladder?.next_at || !ladder.next_who || ladder.held || isPaused(ladder, now)) return people;
  const next = t("Berikutnya: {who} {time}", { who: whoOnLadder(ladder.next_who), time: timeOfDay(ladder.next_at) });
  return `${people}. ${next}`;
}

/**
 * @param {import("../payloads.d.ts").LadderView} ladder
 * @param {number} now
 */
const isPaused = ({ paused }, now) => paused !== null && Date.parse(paused.until) > now;
