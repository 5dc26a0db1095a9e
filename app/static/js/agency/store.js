// What this agency knows of its tickets: the snapshot, brought up to date by journal events; and who did what last.

import { getForAgency } from "../core/api.js";
import { observeServerTime } from "../core/clocks.js";

const ENDED_H = 24; // a closed ticket leaves the list after a day, as in the snapshot

/**
 * @typedef {import("../payloads.d.ts").AgencySnapshot} AgencySnapshot
 * @typedef {import("../payloads.d.ts").AgencyTicket} AgencyTicket
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {import("../types.d.ts").AgencyEvent} AgencyEvent
 * @typedef {{name: string | null, at: string}} Reporter
 */

export class AgencyStore {
  /**
   * onChange(events) after every change; events is empty when a whole snapshot was taken.
   * @param {AgencySnapshot} snapshot
   * @param {(events: AgencyEvent[]) => void} onChange
   */
  constructor(snapshot, onChange) {
    this.onChange = onChange;
    this.me = snapshot.me;
    /** @type {Map<string, Reporter>} assignment id + kind of event -> who did it */
    this.doneBy = new Map();
    this.newest = snapshot.newest;
    this.epoch = snapshot.epoch;
    this.updatedAt = snapshot.server_time;
    /** @type {Map<string, AgencyTicket>} */
    this.tickets = new Map();
    this.#take(snapshot);
  }

  /** @param {AgencySnapshot} snapshot */
  #take(snapshot) {
    observeServerTime(snapshot.server_time);
    this.newest = snapshot.newest;
    this.updatedAt = snapshot.server_time;
    this.tickets = new Map(snapshot.tickets.map((ticket) => [ticket.number, ticket]));
  }

  /** A whole new state; resolves to the journal number it stands at. */
  async refresh() {
    const snapshot = await getForAgency("/api/v1/snapshot");
    this.#take(snapshot);
    this.onChange([]);
    return snapshot.newest;
  }

  /**
   * Journal events, in order.
   * @param {AgencyEvent[]} events
   */
  deliver(events) {
    for (const event of events) {
      if (event.assignment_id)
        this.doneBy.set(`${event.assignment_id} ${event.kind}`, { name: event.actor?.name ?? null, at: event.at });
      if (event.ticket) this.tickets.set(event.ticket.number, event.ticket);
      this.newest = event.seq;
      this.updatedAt = event.at;
    }
    this.onChange(events);
  }

  /**
   * The server's answer to a command of this phone; a newer event may have come first.
   * @param {AgencyTicket | null} ticket
   */
  accept(ticket) {
    if (!ticket) return;
    this.tickets.set(ticket.number, ticket);
    this.onChange([]);
  }

  /** @param {string} instant */
  heartbeat(instant) {
    this.updatedAt = instant;
  }

  /** @param {number} id */
  ofAssignment(id) {
    return [...this.tickets.values()].find((ticket) => ticket.assignment.id === id) ?? null;
  }

  /**
   * Tickets still to be shown, newest first.
   * @param {number} now
   */
  shown(now) {
    return [...this.tickets.values()]
      .filter(
        (ticket) =>
          !ticket.closed_at || !Number.isFinite(now) || now - Date.parse(ticket.closed_at) < ENDED_H * 3600000,
      )
      .sort((a, b) => Date.parse(b.assignment.sent_at) - Date.parse(a.assignment.sent_at));
  }

  /**
   * Who reported the state an assignment is in: {name, at} or null when that happened before this page was opened.
   * @param {Assignment} assignment
   */
  reporter(assignment) {
    return this.doneBy.get(`${assignment.id} assignment.${assignment.state}`) ?? null;
  }

  /**
   * The same, asking the server's timeline when this page has not seen it.
   * @param {AgencyTicket} ticket
   * @returns {Promise<Reporter | null>}
   */
  async findReporter(ticket) {
    const known = this.reporter(ticket.assignment);
    if (known) return known;
    const { timeline } = await getForAgency(`/api/v1/tickets/${ticket.number}`);
    const event = timeline.findLast(
      ({ assignment_id: id, kind }) => id === ticket.assignment.id && kind === `assignment.${ticket.assignment.state}`,
    );
    return event ? { name: event.actor?.name ?? null, at: event.at } : null;
  }
}
