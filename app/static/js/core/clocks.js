// Time as the server has it, never as the PC has it, and how a clock stands by it. Nothing here knows a page or words.

const SAMPLES = 20; // at one heartbeat every 2 s: the last 40 s
/** @type {number[]} */
const samples = []; // server milliseconds minus performance.now(), one for each message that carried server_time
const NEAR_AT_MOST_MS = 60000;

/**
 * Learn the server's clock from an ISO instant that has just arrived.
 * @param {string} instant
 */
export function observeServerTime(instant) {
  const sent = Date.parse(instant);
  if (Number.isNaN(sent)) return;
  samples.push(sent - performance.now());
  if (samples.length > SAMPLES) samples.shift();
}

/** Milliseconds since the epoch by the server's clock; NaN while unknown. */
export function serverNow() {
  // A message can only be late, so the largest difference is the nearest to the truth.
  return samples.length ? performance.now() + Math.max(...samples) : NaN;
}

/**
 * Whole seconds from an instant until now (negative: still ahead); NaN while the server's clock is unknown.
 * @param {string} instant
 */
export function secondsSince(instant, now = serverNow()) {
  return Math.floor((now - Date.parse(instant)) / 1000);
}

/**
 * "running", "near" (the last third, a minute at most) or "late"; "unknown" without the server's clock.
 * @param {string | null | undefined} startedAt
 * @param {string} dueAt
 */
export function clockLook(startedAt, dueAt, now = serverNow()) {
  if (!Number.isFinite(now)) return "unknown";
  const due = Date.parse(dueAt);
  if (now >= due) return "late";
  const span = startedAt ? due - Date.parse(startedAt) : Infinity;
  return due - now <= Math.min(NEAR_AT_MOST_MS, span / 3) ? "near" : "running";
}

/**
 * How an assignment stands: "late" (also declined), "near", "off" (called off) or "plain".
 * @param {Pick<import("../payloads.d.ts").Assignment, "state" | "due_at" | "clock_started_at">} assignment
 */
export function assignmentUrgency(assignment, now = serverNow()) {
  if (assignment.state === "declined") return "late";
  if (assignment.state === "cancelled") return "off";
  if (!assignment.due_at) return "plain";
  const look = clockLook(assignment.clock_started_at, assignment.due_at, now);
  return look === "near" || look === "late" ? look : "plain";
}

/**
 * Call back(now) at once and then at the start of every server second.
 * @param {(now: number) => void} back
 */
export function everySecond(back) {
  const tick = () => {
    const now = serverNow();
    back(now);
    setTimeout(tick, Number.isFinite(now) ? 1000 - (now % 1000) + 5 : 250);
  };
  tick();
}
