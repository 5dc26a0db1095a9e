// The four steps of an assignment as a responder sees them: what is done, what waits on this phone, what comes next.
import { t } from "../core/i18n.js";

/**
 * @typedef {import("../payloads.d.ts").AgencyTicket} AgencyTicket
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {"acknowledge" | "en-route" | "on-scene" | "clear"} StepCommand
 * @typedef {StepCommand | "decline"} Command
 * @typedef {object} Step
 * @property {StepCommand} command
 * @property {"acknowledged" | "en_route" | "on_scene" | "cleared"} state
 * @property {"acknowledged_at" | "en_route_at" | "on_scene_at" | "cleared_at"} at
 * @property {string} word
 * @property {string} button
 * @property {string} icon
 * @property {boolean} waits
 */
/** @typedef {{step: Step, look: "done" | "waiting" | "current" | "later", at: string | null}} StepBox */

/**
 * `waits`: may be kept on the phone without signal. Accepting may not: only the server stops that clock.
 * @type {Step[]}
 */
export const STEPS = [
  {
    command: "acknowledge",
    state: "acknowledged",
    at: "acknowledged_at",
    word: t("Terima"),
    button: t("Terima tugas"),
    icon: "check",
    waits: false,
  },
  {
    command: "en-route",
    state: "en_route",
    at: "en_route_at",
    word: t("Menuju"),
    button: t("Menuju lokasi"),
    icon: "arrow-right",
    waits: true,
  },
  {
    command: "on-scene",
    state: "on_scene",
    at: "on_scene_at",
    word: t("Tiba"),
    button: t("Tiba di lokasi"),
    icon: "map-pin",
    waits: true,
  },
  {
    command: "clear",
    state: "cleared",
    at: "cleared_at",
    word: t("Selesai"),
    button: t("Selesai"),
    icon: "check-check",
    waits: true,
  },
];

const OVER = new Set(["cleared", "declined", "cancelled"]);

/** @param {AgencyTicket} ticket */
export const isOver = (ticket) => OVER.has(ticket.assignment.state) || ticket.state === "closed";
/** @param {AgencyTicket} ticket */
export const isNew = (ticket) => ticket.assignment.state === "sent" && ticket.state !== "closed";

/**
 * The state that a command leads to.
 * @param {string} command
 */
export const stateAfter = (command) => (command === "decline" ? "declined" : stepOf(command)?.state);

/** @param {string} command */
export const stepOf = (command) => STEPS.find((step) => step.command === command);

/**
 * How far a task is; `state` counts the steps too that are kept on this phone for the assignment.
 * @param {AgencyTicket} ticket
 * @param {import("../types.d.ts").WaitingStep[]} waiting
 * @returns {{boxes: StepBox[], next: Step | null, state: Assignment["state"]}}
 */
export function progress(ticket, waiting) {
  const { assignment } = ticket;
  const reached = STEPS.findIndex((step) => step.state === assignment.state);
  const kept = new Map(waiting.map((entry) => [entry.command, entry.occurred_at]));
  const furthest = Math.max(reached, ...STEPS.map((step, index) => (kept.has(step.command) ? index : -1)));
  const going = !isOver(ticket) && furthest < STEPS.length - 1;
  /** @type {StepBox[]} */
  const boxes = STEPS.map((step, index) => {
    if (assignment[step.at]) return { step, look: "done", at: assignment[step.at] };
    if (index > reached && kept.has(step.command)) return { step, look: "waiting", at: kept.get(step.command) ?? null };
    if (index <= furthest) return { step, look: "done", at: null };
    return { step, look: going && index === furthest + 1 ? "current" : "later", at: null };
  });
  return {
    boxes,
    next: going ? STEPS[furthest + 1] : null,
    state: STEPS[furthest]?.state ?? assignment.state,
  };
}

/**
 * What is written over the countdown: {before(time), late(time)} for each clock of an assignment.
 * @type {Record<string, Record<"before" | "late", (time: string) => string>>}
 */
export const LIMITS = {
  acknowledge: {
    before: (time) => t("Terima sebelum {time}", { time }),
    late: (time) => t("Batas terima {time}", { time }),
  },
  move: {
    before: (time) => t("Berangkat sebelum {time}", { time }),
    late: (time) => t("Batas berangkat {time}", { time }),
  },
  arrive: { before: (time) => t("Tiba sebelum {time}", { time }), late: (time) => t("Batas tiba {time}", { time }) },
  clear: {
    before: (time) => t("Selesai sebelum {time}", { time }),
    late: (time) => t("Batas selesai {time}", { time }),
  },
};
