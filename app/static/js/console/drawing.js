// Drawing the whole console from what the store knows; called once per frame however many events come.
import { clockLook, serverNow } from "../core/clocks.js";
import { one } from "../core/dom.js";
import { inMyHandset } from "./handset.js";
import { renderMix, renderNeeds, renderNext } from "./idle.js";
import { isEcho, renderJournal } from "./journal-lines.js";
import { exceptions, lastCall, sortedLists, worstClock } from "./store.js";
import { drawTop, showMode } from "./watch.js";

/**
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("../types.d.ts").Need} Need
 */

const FEW = 5; // in a surge nothing but calls happens: then the last events tell of the calls

export class Drawing {
  /**
   * @param {object} parts the console's
   * @param {import("./store.js").Store} parts.store
   * @param {import("../payloads.d.ts").Catalogue} parts.catalogue
   * @param {import("./types.d.ts").Seat[]} parts.seats
   * @param {import("./work.js").Work} parts.work
   * @param {import("./waiting.js").Waiting} parts.waiting
   * @param {import("./lists.js").Lists} parts.lists
   * @param {import("./incidents.js").Incidents} parts.incidents
   * @param {import("./one-key.js").OneKey} parts.oneKey
   * @param {import("./sending.js").Sending} parts.sending
   * @param {import("./location.js").Locations} parts.locations
   * @param {import("./caller.js").CallerMap} parts.map
   * @param {(need: Need) => void} parts.onAct
   */
  constructor(parts) {
    this.parts = parts;
    this.types = new Map(parts.catalogue.types.map((type) => [type.code, type]));
    this.agencies = new Map(parts.catalogue.agencies.map((agency) => [agency.code, agency]));
    /** @type {Need[]} as they are drawn, for the keys 1 to 9 */
    this.needs = [];
  }

  /** Draw everything as it is now. */
  all() {
    const { store, work, seats, locations } = this.parts;
    const now = serverNow();
    const ticket = work.ticket;
    showMode(work.number !== null);
    this.#lists(now);
    one("#location-room").hidden = work.number === null;
    if (ticket) this.#work(now);
    // Drawn while hidden too: whoever leaves a ticket finds the waiting screen as it is now.
    this.#idle(now);
    this.#map(ticket, now);
    // After the map has turned to the ticket: a telephone that shares its position draws it there.
    if (ticket) locations.render(ticket, now);
    else locations.hide();
    drawTop({ me: store.me, seats, talking: inMyHandset(store) !== null, stats: store.stats });
  }

  /** @param {number} now */
  #lists(now) {
    const { store, work, waiting, lists } = this.parts;
    const sorted = sortedLists(store, now);
    waiting.update(sorted.ringing);
    lists.render(sorted, {
      current: work.number,
      next: waiting.next?.number ?? null,
      now,
      colleagues: store.colleagues.filter((person) => person.id !== store.me.id),
      callbacksTotal: store.callbacks.total,
      callingAgain: store.callbacks.numbers,
    });
  }

  /** @param {number} now */
  #work(now) {
    const { work, incidents, oneKey, sending } = this.parts;
    work.render(now);
    incidents.draw();
    oneKey.draw();
    const { next } = sending;
    if (next) work.showSend(next);
  }

  /** @param {number} now */
  #idle(now) {
    const { store, waiting, catalogue, onAct } = this.parts;
    renderNext(waiting.next, { longest: waiting.nextIsLongest, policy: catalogue.policy, store });
    this.needs = renderNeeds(exceptions(store, now), { agencies: this.agencies, onAct });
    const told = store.recent.filter((event) => !isEcho(event));
    renderJournal(one("#recent"), told.length >= FEW ? told : store.recent, {
      ticketOf: (event) => store.get(event.ticket_number ?? ""),
      types: this.types,
      people: store.people,
    });
    renderMix(store.stats?.mix, store.stats?.abandoned);
  }

  /**
   * @param {Ticket | null} ticket
   * @param {number} now
   */
  #map(ticket, now) {
    const { store, work, map } = this.parts;
    const { place, type } = work.choices;
    map.show({
      location: ticket ? (lastCall(ticket)?.location ?? null) : null,
      tickets: [...store.tickets.values()].filter((one) => one.place),
      alertOf: (one) => alertOf(one, now),
      current: work.number,
      working: ticket !== null,
      place: ticket && place ? { ...place, icon: this.types.get(type?.code ?? "")?.icon ?? null } : null,
    });
  }
}

/**
 * How its worst clock stands, where that is worth a sign.
 * @param {Ticket} ticket
 * @param {number} now
 */
function alertOf(ticket, now) {
  const clock = worstClock(ticket);
  const look = clock && clockLook(clock.started_at, clock.due_at, now);
  return look === "late" || look === "near" ? look : null;
}
