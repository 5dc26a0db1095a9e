// What this agency knows of its tickets: the snapshot, brought up to date by journal events; and who did what last.

import { get } from "../core/api.js";
import { observeServerTime } from "../core/clocks.js";

const ENDED_H = 24; // a closed ticket leaves the list after a day, as in the snapshot

export class AgencyStore {
  /** onChange(events) after every change; events is empty when a whole snapshot was taken. */
  constructor(snapshot, onChange) {
    this.onChange = onChange;
    this.me = snapshot.me;
    this.doneBy = new Map(); // assignment id + kind of event -> {name, at}
    this.#take(snapshot);
  }

  #take(snapshot) {
    observeServerTime(snapshot.server_time);
    this.newest = snapshot.newest;
    this.updatedAt = snapshot.server_time;
    this.tickets = new Map(snapshot.tickets.map((ticket) => [ticket.number, ticket]));
  }

  /** A whole new state; resolves to the journal number it stands at. */
  async refresh() {
    const snapshot = await get("/api/v1/snapshot");
    this.#take(snapshot);
    this.onChange([]);
    return snapshot.newest;
  }

  /** Journal events, in order. */
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

  /** The server's answer to a command of this phone; a newer event may have come first. */
  accept(ticket) {
    if (!ticket) return;
    this.tickets.set(ticket.number, ticket);
    this.onChange([]);
  }

  heartbeat(instant) {
    this.updatedAt = instant;
  }

  ofAssignment(id) {
    return [...this.tickets.values()].find((ticket) => ticket.assignment.id === id) ?? null;
  }

  /** Tickets still to be shown, newest first. */
  shown(now) {
    return [...this.tickets.values()]
      .filter(
        (ticket) =>
          !ticket.closed_at || !Number.isFinite(now) || now - Date.parse(ticket.closed_at) < ENDED_H * 3600000,
      )
      .sort((a, b) => Date.parse(b.assignment.sent_at) - Date.parse(a.assignment.sent_at));
  }

  /** Who reported the state an assignment is in: {name, at} or null when that happened before this page was opened. */
  reporter(assignment) {
    return this.doneBy.get(`${assignment.id} assignment.${assignment.state}`) ?? null;
  }

  /** The same, asking the server's timeline when this page has not seen it. */
  async findReporter(ticket) {
    const known = this.reporter(ticket.assignment);
    if (known) return known;
    const { timeline = [] } = await get(`/api/v1/tickets/${ticket.number}`);
    const event = timeline.findLast(
      ({ assignment_id: id, kind }) => id === ticket.assignment.id && kind === `assignment.${ticket.assignment.state}`,
    );
    return event ? { name: event.actor?.name ?? null, at: event.at } : null;
  }
}
