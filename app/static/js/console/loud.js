// The loudest things of a ticket, one for each agency: nobody goes, nobody has heard of it, its clock is over. Nothing
// here knows the page or the server.
import { clockLook } from "../core/clocks.js";
import { allDeclined, isExhausted, isUnreached, reachedOf } from "./follow-facts.js";

/**
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {"nobody" | "unreached" | "late"} LoudKind `nobody`: all have declined; `unreached`: no message gets through
 * @typedef {{kind: LoudKind, assignments: Assignment[], since: string}} Loud
 */

const NO_CHANNEL_IS_SILENT = new Set();

/**
 * @param {Assignment} assignment
 * @param {number} now
 */
const isOver = ({ state, due_at: due, clock_started_at: started }, now) =>
  state === "sent" && due !== null && clockLook(started, due, now) === "late";

/**
 * What is loud, the worst first; whoever is named for one thing is not named for another.
 * @param {Pick<Ticket, "assignments" | "state">} ticket
 * @param {number} now
 * @returns {Loud[]}
 */
export function loudOf(ticket, now) {
  const { assignments, state } = ticket;
  if (state === "closed") return [];
  if (state !== "verify" && allDeclined(ticket)) {
    const declined = assignments.filter((one) => one.state === "declined");
    return [{ kind: "nobody", assignments: declined, since: latest(declined.map((one) => one.declined_at ?? "")) }];
  }
  const unreached = assignments.filter(isUnreached);
  const over = assignments.filter((one) => !unreached.includes(one) && isOver(one, now));
  /** @type {Loud[]} */
  const found = [];
  if (unreached.length) {
    const since = unreached.map((one) => reachedOf(one, NO_CHANNEL_IS_SILENT).at ?? one.sent_at);
    found.push({ kind: "unreached", assignments: unreached, since: earliest(since) });
  }
  if (over.length)
    found.push({ kind: "late", assignments: over, since: earliest(over.map((one) => one.due_at ?? "")) });
  return found;
}

/**
 * Somebody has to hear of it, whatever its priority: nobody goes or knows, or everybody above was told already.
 * @param {Loud} loud
 * @param {number} now
 */
export const isHeardAlways = ({ kind, assignments }, now) =>
  kind !== "late" || assignments.some((one) => isExhausted(one, now));

/** @param {string[]} instants */
const latest = (instants) => [...instants].sort().at(-1) ?? "";
/** @param {string[]} instants */
const earliest = (instants) => [...instants].sort()[0] ?? "";
