// The full ladder of a task and every message with its receipts, as lines: {key, icon, look, at, words}.
import { t } from "../core/i18n.js";
import { capital, channelName, levelWord, shortWho, whoOnLadder } from "../core/ladder-words.js";
import { length, timeOfDay } from "../core/time.js";

/**
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {import("../payloads.d.ts").LadderRung} LadderRung
 * @typedef {import("../payloads.d.ts").PersonReached} PersonReached
 * @typedef {import("./types.d.ts").TimelineEntry} TimelineEntry
 * @typedef {"plain" | "amber" | "red"} LineLook
 * @typedef {{key: string, icon: string, look: LineLook, at: string | null, words: string}} Line
 */

const SOON_S = 30;

/**
 * Each rung: what came of it, or when it comes.
 * @param {Assignment} assignment
 * @param {number} now
 * @returns {Line[]}
 */
export function rungLines({ ladder }, now) {
  if (!ladder) return [];
  return ladder.rungs.map((rung, place) => {
    const key = String(place);
    const who = capital(whoOnLadder(rung.who));
    if (rung.fired_at) return { key, at: timeOfDay(rung.fired_at), ...firedWords(rung, who) };
    const next = place === ladder.rung;
    const due = next ? (ladder.next_at ?? rung.due_at) : rung.due_at;
    const soon = next && Date.parse(due) - now <= SOON_S * 1000;
    /** @type {Line} */
    const line = { key, icon: soon ? "bell-ring" : "corner-down-right", look: "plain", at: timeOfDay(due), words: who };
    return soon ? { ...line, look: "amber", words: t("{who}, sebentar lagi", { who }) } : line;
  });
}

/**
 * @param {LadderRung} rung
 * @param {string} who
 * @returns {Pick<Line, "icon" | "look" | "words">}
 */
function firedWords(rung, who) {
  if (rung.hole)
    return { icon: "unplug", look: "amber", words: t("{who}: tanpa kanal, langsung ke berikutnya", { who }) };
  if (!rung.late) return { icon: "check", look: "plain", words: t("{who} diberi tahu", { who }) };
  const time = length((Date.parse(rung.fired_at ?? "") - Date.parse(rung.due_at)) / 1000);
  return { icon: "history", look: "plain", words: t("{who} diberi tahu, terlambat {time}", { who, time }) };
}

/**
 * Everybody who was told, with every receipt that came back.
 * @param {Assignment} assignment
 * @param {TimelineEntry[]} timeline of the ticket
 * @returns {Line[]}
 */
export function messageLines({ id, reach }, timeline) {
  return (reach?.people ?? []).map((person) => {
    const receipts = timeline.filter(
      (event) =>
        event.kind === "notice.reached" && event.assignment_id === id && event.data.notice_id === person.notice_id,
    );
    return {
      key: String(person.notice_id),
      ...lookOf(person),
      at: null,
      words: [nameOf(person), receiptWords(person, receipts), remarkOf(person)].filter(Boolean).join(" · "),
    };
  });
}

/** @param {PersonReached} person */
const nameOf = ({ name, role }) => [shortWho(role), name && `(${name})`].filter(Boolean).join(" ");

/**
 * The levels in their order, each with its time; whoever tells nothing has only the last that is known.
 * @param {PersonReached} person
 * @param {TimelineEntry[]} receipts
 */
function receiptWords(person, receipts) {
  /** @type {Map<string, string>} */
  const times = new Map();
  for (const { at, data } of receipts) times.set(String(data.level), at);
  if (!times.size || !times.has(person.level)) times.set(person.level, person.at);
  const steps = [...times].map(([level, at]) => `${levelWord(level)} ${timeOfDay(at, { seconds: true })}`);
  const via = person.channel ? channelName(person.channel) : null;
  return [via, steps.join(" › ")].filter(Boolean).join(": ");
}

/** @param {PersonReached} person */
function remarkOf({ uncertain, late, problem }) {
  if (uncertain) return t("mungkin ganda");
  if (problem) return t("sebab: {problem}", { problem });
  return late ? t("terlambat") : null;
}

/**
 * @param {PersonReached} person
 * @returns {Pick<Line, "icon" | "look">}
 */
function lookOf({ level, uncertain }) {
  if (level === "failed") return { icon: "octagon-alert", look: "red" };
  if (level === "hole") return { icon: "unplug", look: "amber" };
  if (uncertain) return { icon: "copy", look: "amber" };
  return { icon: level === "queued" ? "clock" : "check", look: "plain" };
}
