// Which calls still count, and whose handset they are in. The exchange may have lost the end of a call: what rings or
// talks for longer than calls do is doubtful, and then it neither sounds, nor blocks, nor comes before a real one.
import { serverNow } from "../core/clocks.js";
import { atGate } from "../core/gate.js";

/**
 * @typedef {import("../payloads.d.ts").Call} Call
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("../types.d.ts").Policy} Policy
 * @typedef {{tickets: Map<string, Ticket>, closed: Map<string, Ticket>, policy: Policy, me: {id: number}}} Known
 */

/** @param {{calls: Call[]}} ticket */
const ringing = ({ calls }) => calls.find((call) => call.state === "ringing") ?? null;
/** @param {{calls: Call[]}} ticket */
const answered = ({ calls }) => calls.findLast((call) => call.state === "answered") ?? null;

/**
 * Rings for longer than any carrier lets it: its end was lost.
 * @param {Call | null} call
 */
export const isDoubtful = (call, now = serverNow()) =>
  call?.state === "ringing" && Boolean(call.doubtful_at) && now >= Date.parse(call.doubtful_at ?? "");

/**
 * Counts as answered for longer than people talk: its end was lost.
 * @param {Call | null} call
 * @param {Policy} policy
 */
export const isStaleTalk = (call, policy, now = serverNow()) =>
  call?.state === "answered" && now - Date.parse(call.answered_at ?? "") >= (policy.stale_talk_s ?? Infinity) * 1000;

/**
 * Sorted out with one key while the telephones still ring for it.
 * @param {Ticket} ticket
 */
export const isSorted = (ticket) => ticket.state === "closed" && ringing(ticket) !== null;

/**
 * The call of an open ticket that waits for somebody; not one that is doubtful.
 * @param {Ticket} ticket
 */
export function waitingCall(ticket, now = serverNow()) {
  const call = ticket.owner || ticket.state === "closed" ? null : ringing(ticket);
  return call && !isDoubtful(call, now) ? call : null;
}

/**
 * The calls that seats ring for now.
 * @param {Known} store
 */
export function soundingCalls(store, now = serverNow()) {
  const calls = [];
  for (const ticket of store.tickets.values()) {
    const call = waitingCall(ticket, now);
    if (call && !atGate(call)) calls.push(call);
  }
  return calls;
}

/**
 * The ticket's caller is in my handset: answered at my seat or, where nobody knows which seat it was, my ticket.
 * @param {Ticket} ticket
 * @param {Known} store
 */
export function mineOnTheLine(ticket, store, now = serverNow()) {
  const call = answered(ticket);
  if (!call || isStaleTalk(call, store.policy, now)) return null;
  return (call.answered_by ?? ticket.owner)?.id === store.me.id ? call : null;
}

/**
 * The ticket whose caller I am talking to, the one answered last; a ticket that is sorted out binds nobody any more.
 * @param {Known} store
 */
export function inMyHandset(store, now = serverNow()) {
  /** @type {{ticket: Ticket, call: Call} | null} */
  let last = null;
  for (const ticket of [...store.tickets.values(), ...[...store.closed.values()].filter((one) => one.duplicate_of)]) {
    const call = mineOnTheLine(ticket, store, now);
    if (call && (!last || (call.answered_at ?? "") > (last.call.answered_at ?? ""))) last = { ticket, call };
  }
  return last?.ticket ?? null;
}

/**
 * The ticket of the caller whom `event` has put into my handset, picked up or passed on to me, or null.
 * @param {import("../types.d.ts").CentreEvent} event
 * @param {{id: number}} me
 */
export function answeredByMe(event, me) {
  if (!["call.answered", "call.transferred"].includes(event.kind) || !event.ticket) return null;
  /** @param {{calls: Call[]}} ticket */
  const holds = (ticket) =>
    ticket.calls?.some(
      (call) => call.id === event.call_id && call.state === "answered" && call.answered_by?.id === me.id,
    );
  return [event.ticket, ...(event.ticket.joined ?? [])].find(holds)?.number ?? null;
}
