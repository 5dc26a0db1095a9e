// The gate: whether a caller stands before it, and since when seats can ring.
import { secondsSince } from "./clocks.js";
import { GATE_LIMIT_S } from "./rules.js";

/** @typedef {import("../payloads.d.ts").Call} Call */

/**
 * Whether the caller hears "tekan 1" at this moment and no seat can ring yet.
 * @param {Call} call
 */
export const atGate = (call) =>
  call.state === "ringing" &&
  call.treatment !== "normal" &&
  !call.gate &&
  secondsSince(call.received_at) < GATE_LIMIT_S;

/**
 * Since when seats can ring for it.
 * @param {Call} call
 */
export const ringsSince = (call) => call.gate_at ?? call.received_at;
