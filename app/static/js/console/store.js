// What the console knows: the snapshot, brought up to date by journal events. An event carries its ticket as it is now,
// so applying events leaves the same tickets as taking a new snapshot; nothing here talks to the server or the page.

import { assignmentUrgency, clockLook } from "../core/clocks.js";
import { isReplaced } from "./follow-facts.js";
import { isDoubtful, isSorted, isStaleTalk, mineOnTheLine } from "./handset.js";
import { loudOf } from "./loud.js";

/**
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {import("../payloads.d.ts").CentreSnapshot} CentreSnapshot
 * @typedef {import("../payloads.d.ts").Clock} Clock
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("../types.d.ts").CentreEvent} CentreEvent
 * @typedef {import("../types.d.ts").Need} Need
 * @typedef {import("../types.d.ts").TicketNeed} TicketNeed
 * @typedef {import("../types.d.ts").RunningClock} RunningClock
 * @typedef {(string | number)[]} SortKey
 */

const RECENT = 30;
const CLOSED_KEPT = 20; // for the undo and for looking at what was just closed

export class Store {
  /**
   * policy: the city's limits and targets, as the catalogue has them.
   * @param {CentreSnapshot} snapshot
   * @param {import("../types.d.ts").Policy} [policy]
   */
  constructor(snapshot, policy = {}) {
    this.policy = policy;
    this.me = snapshot.me;
    this.newest = snapshot.newest;
    /** @type {Map<string, Ticket>} */
    this.tickets = new Map();
    /** @type {Map<string, Ticket>} */
    this.closed = new Map();
    /** @type {import("../payloads.d.ts").Entry[]} the newest first */
    this.recent = [];
    /** @type {import("../payloads.d.ts").Operator[]} */
    this.colleagues = [];
    /** @type {import("../payloads.d.ts").Board | null} */
    this.stats = null;
    /** @type {import("../types.d.ts").CallbackRows} */
    this.callbacks = { items: [], total: 0, numbers: new Set() };
    this.replace(snapshot);
  }

  /**
   * Take a snapshot for the truth; what was closed lately is kept for the undo.
   * @param {CentreSnapshot} snapshot
   */
  replace({ me, newest, tickets, still_ringing: sorted = [], recent = [], colleagues = [], stats }) {
    this.me = me;
    this.newest = newest;
    this.recent = recent;
    this.colleagues = colleagues;
    this.stats = stats;
    this.tickets = new Map();
    for (const ticket of [...tickets, ...sorted]) this.put(ticket);
  }

  /** @param {CentreEvent[]} events */
  apply(events) {
    for (const event of events) {
      this.newest = event.seq;
      const { ticket, ...entry } = event;
      if (this.recent.every((known) => known.seq !== event.seq)) this.recent.unshift(entry);
      if (ticket) this.put(ticket);
      this.#moveColleague(event);
    }
    this.recent = this.recent.sort((a, b) => b.seq - a.seq).slice(0, RECENT);
  }

  /**
   * A ticket as a command's answer or an event brought it.
   * @param {Ticket} ticket
   */
  put(ticket) {
    this.#tellJoined(ticket);
    if (ticket.state !== "closed") {
      this.closed.delete(ticket.number);
      this.tickets.set(ticket.number, ticket);
      return;
    }
    this.tickets.delete(ticket.number);
    this.closed.delete(ticket.number);
    this.closed.set(ticket.number, ticket);
    const old = [...this.closed.values()].filter((one) => !stillTalking(one) && !isSorted(one));
    if (this.closed.size > CLOSED_KEPT && old.length) this.closed.delete(old[0].number);
  }

  /**
   * What happens to the callers that were joined to an event is told with the event.
   * @param {Ticket} event
   */
  #tellJoined(event) {
    for (const { number, calls, words } of event.joined ?? []) {
      const known = this.closed.get(number);
      if (known)
        this.closed.set(number, {
          ...known,
          calls,
          words,
          duplicate_of: event.number,
          public_status: event.public_status,
        });
    }
  }

  /**
   * The callback list as it is now.
   * @param {import("../types.d.ts").CallbackRows} callbacks
   */
  setCallbacks(callbacks) {
    this.callbacks = callbacks;
  }

  /**
   * The board's figures as they are now, and with them who is there.
   * @param {import("../payloads.d.ts").Board} stats
   */
  setStats(stats) {
    this.stats = stats;
    this.colleagues = stats.operators;
  }

  /**
   * I sit at another seat, or at none (null).
   * @param {string | null} seat
   */
  sitAt(seat) {
    this.me = { ...this.me, seat };
  }

  /** Names of the shift's people by id. */
  get people() {
    return new Map([...this.colleagues, this.me].map(({ id, name }) => [id, name]));
  }

  /**
   * A ticket that there is no more.
   * @param {string} number
   */
  drop(number) {
    this.tickets.delete(number);
    this.closed.delete(number);
  }

  /** @param {string} number */
  get(number) {
    return this.tickets.get(number) ?? this.closed.get(number) ?? null;
  }

  /** @param {CentreEvent} event */
  #moveColleague(event) {
    if (event.kind === "call.answered" || event.kind === "call.transferred") {
      const call = [event.ticket, ...(event.ticket?.joined ?? [])]
        .flatMap((one) => one?.calls ?? [])
        .find((one) => one.id === event.call_id);
      const person = this.colleagues.find((one) => one.id === call?.answered_by?.id);
      if (person) Object.assign(person, { state: "on_call", since: call?.answered_at, ticket: event.ticket_number });
    }
    if (event.kind === "call.ended") {
      const joined = event.ticket?.joined?.find((one) => one.calls.some((call) => call.id === event.call_id));
      const person = this.colleagues.find((one) => one.ticket === (joined?.number ?? event.ticket_number));
      if (person) Object.assign(person, { state: "ready", since: event.at, ticket: null });
    }
  }
}

/** @param {Pick<Ticket, "calls">} ticket */
export const ringingCall = (ticket) => ticket.calls.find((call) => call.state === "ringing") ?? null;
/** @param {Pick<Ticket, "calls">} ticket */
export const answeredCall = (ticket) => ticket.calls.find((call) => call.state === "answered") ?? null;
/**
 * Joined to another ticket, while its caller is still on the line.
 * @param {Ticket} ticket
 */
export const stillTalking = (ticket) => Boolean(ticket.duplicate_of && answeredCall(ticket));
/** @param {Pick<Ticket, "calls">} ticket */
export const lastCall = (ticket) => ticket.calls[ticket.calls.length - 1] ?? null;

/**
 * What I may do with a ticket now (the server says it for owners, other call takers and supervisors).
 * @param {Ticket} ticket
 * @param {{id: number, role: string}} me
 */
export function allowedFor(ticket, me) {
  if (ticket.owner?.id === me.id) return ticket.allowed.owner;
  return me.role === "supervisor"
    ? ticket.allowed.supervisor
    : me.role === "call_taker"
      ? ticket.allowed.call_taker
      : [];
}

/**
 * The running clock that runs out first.
 * @param {Pick<Ticket, "clocks">} ticket
 */
export const worstClock = (ticket) =>
  ticket.clocks.reduce(
    (worst, clock) => (!worst || clock.due_at < worst.due_at ? clock : worst),
    /** @type {Clock | null} */ (null),
  );

/**
 * The assignment to name in a row: the one whose clock is worst, then the one that has come least far.
 * @param {Pick<Ticket, "assignments">} ticket
 * @param {number} now
 */
export function worstAssignment(ticket, now) {
  const order = ["sent", "declined", "acknowledged", "en_route", "on_scene", "cleared", "cancelled"];
  /** @param {Assignment} one */
  const rank = (one) => ["late", "near"].indexOf(assignmentUrgency(one, now)) + (one.state === "cancelled" ? 3 : 0);
  /**
   * @param {Assignment} one
   * @returns {SortKey}
   */
  const key = (one) => [rank(one) < 0 ? 2 : rank(one), order.indexOf(one.state), one.due_at ?? "9"];
  return [...ticket.assignments].sort((a, b) => compare(key(a), key(b)))[0] ?? null;
}

/**
 * @param {SortKey} a
 * @param {SortKey} b
 */
function compare(a, b) {
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] < b[i]) return -1;
    if (a[i] > b[i]) return 1;
  }
  return 0;
}

/** @type {Record<string, number>} */
const LOOKS = { late: 0, near: 1 };
// without a priority nobody knows that it is less than P1
/** @param {string | null} priority */
const urgency = (priority) => (priority ? Number(priority[1]) : 1);

/**
 * The left lists: ringing (longest wait first), own, callbacks (first due first), open tickets (most urgent first).
 * @param {Store} store
 * @param {number} now
 */
export function sortedLists(store, now) {
  /** @type {{ringing: Ticket[], own: Ticket[], callbacks: import("../payloads.d.ts").CallbackLine[], tickets: Ticket[]}} */
  const lists = { ringing: [], own: [], callbacks: store.callbacks.items, tickets: [] };
  for (const ticket of store.tickets.values()) {
    const mine = ticket.owner?.id === store.me.id;
    if (mine && (ticket.state === "claimed" || answeredCall(ticket))) lists.own.push(ticket);
    else if (ringingCall(ticket) && !(ticket.owner && ticket.assignments.length)) lists.ringing.push(ticket);
    else if (ticket.state !== "callback") lists.tickets.push(ticket);
  }
  // Sorted out with one key, and the telephones still ring: whoever hears them must find the row.
  lists.ringing.push(...[...store.closed.values()].filter(isSorted));
  lists.own.push(
    ...[...store.closed.values()].filter((ticket) => ticket.owner?.id === store.me.id && stillTalking(ticket)),
  );
  /** @param {Ticket} ticket */
  const since = (ticket) => (ringingCall(ticket) ?? lastCall(ticket))?.received_at ?? ticket.opened_at;
  /** @param {Ticket} ticket */
  const standing = (ticket) => (isDoubtful(ringingCall(ticket), now) ? 2 : isSorted(ticket) ? 1 : 0);
  lists.ringing.sort((a, b) => compare([standing(a), since(a)], [standing(b), since(b)]));
  /** @param {Ticket} ticket */
  const talks = (ticket) => (mineOnTheLine(ticket, store, now) ? 0 : 1);
  /** @param {Ticket} ticket */
  const taken = (ticket) => -Date.parse(ticket.claimed_at ?? ticket.opened_at);
  lists.own.sort((a, b) => compare([talks(a), taken(a)], [talks(b), taken(b)]));
  /** @type {Map<Ticket, SortKey>} */
  const keys = new Map(lists.tickets.map((ticket) => [ticket, urgencyKey(ticket, now)]));
  lists.tickets.sort((a, b) => compare(keys.get(a) ?? [], keys.get(b) ?? []));
  return lists;
}

/**
 * @param {Ticket} ticket
 * @param {number} now
 * @returns {SortKey}
 */
function urgencyKey(ticket, now) {
  const [loud] = loudOf(ticket, now);
  if (loud && loud.kind !== "late") return [-1, loud.since, urgency(ticket.priority), 0];
  const clock = worstClock(ticket);
  const look = clock ? (LOOKS[clockLook(clock.started_at, clock.due_at, now)] ?? 2) : 2;
  return [look, clock && look < 2 ? clock.due_at : "", urgency(ticket.priority), -Date.parse(ticket.opened_at)];
}

/** @type {Record<import("./loud.js").LoudKind, number>} */
const LOUD_RANKS = { nobody: -2, unreached: -1, late: 0 };

/**
 * What needs the operator. Exceptions only, most urgent first:
 * nobody (all have declined), unreached (no message gets through), late (an agency has not accepted in time), declined, callback, unowned, unfinished (mine, the call is over),
 * uncertain (a call that is hardly up any more, for a supervisor), slow (any other clock that ran out), verify.
 * @param {Store} store
 * @param {number} now
 */
export function exceptions(store, now) {
  /** @type {Need[]} */
  const found = [];
  for (const ticket of store.tickets.values()) {
    const up = ringingCall(ticket) ?? answeredCall(ticket);
    // Only a supervisor can say that it is over.
    if (store.me.role === "supervisor" && (isDoubtful(up, now) || isStaleTalk(up, store.policy, now)))
      found.push({ kind: "uncertain", rank: 4, ticket, assignments: [], clock: null });
    if (ringingCall(ticket)) continue;
    const mine = ticket.owner?.id === store.me.id;
    const free = !ticket.owner;
    /**
     * @param {TicketNeed["kind"]} kind
     * @param {number} rank
     * @param {Partial<TicketNeed>} [more]
     */
    const add = (kind, rank, more = {}) => found.push({ kind, rank, ticket, assignments: [], clock: null, ...more });
    const over = ticket.assignments.filter(
      (one) => one.due_at && clockLook(one.clock_started_at, one.due_at, now) === "late",
    );
    /** @param {Assignment[]} ones */
    const clockOf = (ones) =>
      ones.reduce(
        (worst, { clock_started_at: started_at, due_at }) =>
          due_at && (!worst || due_at < worst.due_at) ? { started_at, due_at } : worst,
        /** @type {RunningClock | null} */ (null),
      );
    const loud = loudOf(ticket, now);
    const slow = over.filter((one) => one.state !== "sent");
    const declined = ticket.assignments.filter((one) => one.state === "declined" && !isReplaced(ticket, one));
    const nobody = loud.some(({ kind }) => kind === "nobody");
    for (const { kind, assignments, since } of loud) {
      const clock = kind === "late" ? clockOf(assignments) : { started_at: null, due_at: since };
      add(kind, LOUD_RANKS[kind], { assignments, clock });
    }
    if (declined.length && !nobody && ticket.state !== "verify") add("declined", 1, { assignments: declined });
    if (slow.length) add("slow", 5, { assignments: slow, clock: clockOf(slow) });
    if (ticket.state === "new") add("unowned", 2);
    else if (
      ticket.state === "claimed" &&
      !nobody &&
      mine &&
      (!answeredCall(ticket) || isStaleTalk(answeredCall(ticket), store.policy, now))
    )
      add("unfinished", 3);
    else if (ticket.state === "verify" && (mine || free || store.me.role === "supervisor")) add("verify", 6);
  }
  for (const item of store.callbacks.items) {
    if (item.can_call && !(item.holder && item.holder.id !== store.me.id))
      found.push({
        kind: "callback",
        rank: 2,
        callback: item,
        clock: { started_at: item.started_at, due_at: item.due_at },
      });
  }
  return found.sort((a, b) => compare(needKey(a), needKey(b)));
}

/**
 * @param {Need} need
 * @returns {SortKey}
 */
function needKey(need) {
  if (need.kind === "callback") return [need.rank, urgency(null), need.clock.due_at];
  return [need.rank, urgency(need.ticket.priority), need.clock?.due_at ?? need.ticket.opened_at];
}
