// What is known of an agency that was sent the ticket: how far the news has come, who is told next, what a hand could
// do, and which of several agencies comes first. Nothing here knows the page or the server.
import { clockLook } from "../core/clocks.js";

/**
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {import("../payloads.d.ts").PersonReached} PersonReached
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 */
/**
 * @typedef {object} Reached how far the news of a task has come
 * @property {"waiting" | "level" | "unknown" | "failed" | "hole" | "declined" | "off"} kind `waiting`: nobody was told
 * yet; `unknown`: a channel carries it that never tells whether it has arrived
 * @property {string} level
 * @property {number} squares how many of the five are full
 * @property {string | null} at since when
 * @property {string | null} channel
 * @property {boolean} twice it may have gone out twice
 * @property {PersonReached | null} person who was reached farthest
 * @property {number} others how many more people of the agency were told
 *
 * @typedef {"call" | "acknowledge" | "en-route" | "on-scene" | "clear" | "hand-over"} Act what the row's button does
 * @typedef {"late" | "near" | "running" | "paused" | "none"} ClockState
 */

/** The five squares, in their order. */
const LEVELS = ["accepted", "delivered", "read", "opened", "answered"];
const RANK = ["hole", "failed", "queued", ...LEVELS];
/** Whoever else is told stands above the agencies: that reaches no agency. */
const OF_AGENCY = new Set(["duty", "chief", "head"]);
/** @type {Set<Assignment["state"]>} */
const LIVE = new Set(["sent", "acknowledged", "en_route", "on_scene"]);
/** @type {Partial<Record<Assignment["state"], Act>>} */
const REPORTS = { sent: "acknowledge", acknowledged: "en-route", en_route: "on-scene", on_scene: "clear" };

/** @param {Assignment} assignment */
export const isLive = ({ state }) => LIVE.has(state);

/** @param {Assignment} assignment */
export const peopleOfAgency = ({ reach }) => (reach?.people ?? []).filter(({ role }) => OF_AGENCY.has(role));

/**
 * @param {Assignment} assignment
 * @param {ReadonlySet<string>} silent channels that never tell whether a message has arrived
 * @returns {Reached}
 */
export function reachedOf(assignment, silent) {
  const people = peopleOfAgency(assignment);
  const farthest = people.reduce(
    (best, person) => (!best || RANK.indexOf(person.level) > RANK.indexOf(best.level) ? person : best),
    /** @type {PersonReached | null} */ (null),
  );
  /** @type {Reached} */
  const known = {
    kind: "level",
    level: farthest?.level ?? "queued",
    squares: LEVELS.indexOf(farthest?.level ?? "") + 1,
    at: farthest?.at ?? null,
    channel: farthest?.channel ?? null,
    twice: people.some(({ uncertain }) => uncertain),
    person: farthest,
    others: Math.max(0, people.length - 1),
  };
  if (assignment.state === "declined") return { ...known, kind: "declined", at: assignment.declined_at };
  if (assignment.state === "cancelled") return { ...known, kind: "off", at: assignment.cancelled_at };
  if (assignment.acknowledged_at !== null || assignment.state !== "sent") {
    const channel = assignment.reach?.channel ?? null;
    const person = people.find(({ level }) => level === "answered") ?? farthest;
    return { ...known, level: "answered", squares: 5, at: assignment.acknowledged_at, channel, person, twice: false };
  }
  if (!farthest) {
    const fired = assignment.ladder?.rungs.filter(({ fired_at: at }) => at) ?? [];
    if (fired.length) return { ...known, kind: "hole", level: "hole", at: fired[0].fired_at };
    return { ...known, kind: "waiting", at: assignment.sent_at };
  }
  if (farthest.level === "failed" || farthest.level === "hole") return { ...known, kind: farthest.level };
  if (farthest.level === "accepted" && silent.has(farthest.channel ?? "")) return { ...known, kind: "unknown" };
  return known;
}

/**
 * Nobody of the agency can have heard of it: no channel, or none that got through.
 * @param {Assignment} assignment
 */
export function isUnreached(assignment) {
  if (assignment.state !== "sent") return false;
  const { kind } = reachedOf(assignment, new Set());
  return kind === "failed" || kind === "hole";
}

/**
 * The clock is over, and the ladder has nobody left whom it could tell.
 * @param {Assignment} assignment
 * @param {number} now
 */
export const isExhausted = (assignment, now) =>
  Boolean(assignment.ladder) &&
  (assignment.ladder?.rung ?? 0) >= (assignment.ladder?.rungs.length ?? 0) &&
  clockOf(assignment, now) === "late";

/**
 * @param {Assignment} assignment
 * @param {number} now
 * @returns {ClockState}
 */
export function clockOf(assignment, now) {
  if (!assignment.due_at || !isLive(assignment)) return "none";
  if (pauseOf(assignment, now)) return "paused";
  const look = clockLook(assignment.clock_started_at, assignment.due_at, now);
  return look === "unknown" ? "running" : look;
}

/**
 * The pause that lasts; a pause that is over stands in the ladder still.
 * @param {Pick<Assignment, "ladder">} assignment
 * @param {number} now
 */
export function pauseOf({ ladder }, now) {
  const pause = ladder?.paused ?? null;
  return pause && Date.parse(pause.until) > now ? pause : null;
}

/**
 * Has the agency been sent this ticket again after it declined, or has another one taken its place?
 * @param {Pick<Ticket, "assignments">} ticket
 * @param {Assignment} declined
 */
export const isReplaced = (ticket, declined) =>
  ticket.assignments.some((other) => other !== declined && other.sent_at > (declined.declined_at ?? ""));

/**
 * Every agency has declined, or was called off: nobody goes.
 * @param {Pick<Ticket, "assignments">} ticket
 */
export const allDeclined = ({ assignments }) =>
  assignments.some(({ state }) => state === "declined") &&
  assignments.every(({ state }) => state === "declined" || state === "cancelled");

/**
 * Who is told next, and who after that.
 * @param {Assignment} assignment
 * @returns {{who: string, at: string}[]}
 */
export function nextRungs({ ladder }) {
  if (!ladder) return [];
  return ladder.rungs
    .slice(ladder.rung, ladder.rung + 2)
    .map(({ who, due_at: due }, place) => ({ who, at: place === 0 ? (ladder.next_at ?? due) : due }));
}

/**
 * What the row's button does; null: nothing is to be done.
 * @param {Ticket} ticket
 * @param {Assignment} assignment
 * @returns {Act | null}
 */
export function actOf(ticket, assignment) {
  if (ticket.state === "closed") return null;
  if (isUnreached(assignment)) return "call";
  if (assignment.state === "declined") return isReplaced(ticket, assignment) ? null : "hand-over";
  return REPORTS[assignment.state] ?? null;
}

/**
 * How urgently a hand is needed, the smaller the more: nobody has heard of it, nobody goes, too late, waiting, under
 * way, over.
 * @param {Ticket} ticket
 * @param {Assignment} assignment
 * @param {number} now
 */
export function urgencyOf(ticket, assignment, now) {
  if (isUnreached(assignment)) return 0;
  if (clockOf(assignment, now) === "late") return 1;
  if (assignment.state === "declined") return isReplaced(ticket, assignment) ? 7 : 2;
  if (assignment.state === "sent") return 3;
  if (clockOf(assignment, now) === "near") return 4;
  return isLive(assignment) ? 5 : assignment.state === "cleared" ? 6 : 7;
}

/**
 * The worst first; of two that stand alike, the one whose clock runs out first.
 * @param {Ticket} ticket
 * @param {number} now
 */
export function worstFirst(ticket, now) {
  const keys = new Map(ticket.assignments.map((one) => [one, urgencyOf(ticket, one, now)]));
  return [...ticket.assignments].sort(
    (a, b) =>
      (keys.get(a) ?? 0) - (keys.get(b) ?? 0) ||
      (a.due_at ?? "9").localeCompare(b.due_at ?? "9") ||
      a.sent_at.localeCompare(b.sent_at) ||
      a.id - b.id,
  );
}

/**
 * Keep to an order that is seen, while a hand is in it: what is new comes last.
 * @param {Assignment[]} wanted
 * @param {number[]} seen ids
 */
export function keepOrder(wanted, seen) {
  const place = new Map(seen.map((id, index) => [id, index]));
  return [...wanted].sort((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity) || 0);
}
