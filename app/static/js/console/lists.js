// The left column: ringing calls, own call, callbacks, open tickets, colleagues. A list is reordered only when the hand
// is off it; until then new rows come last and rows that are gone stay where they are, greyed.

import { clockLook, secondsSince } from "../core/clocks.js";
import { all, around, clone, fill, find, keyed, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { atGate, ringsSince } from "../core/gate.js";
import { gateWords } from "../core/gate-words.js";
import { CLASSIFICATIONS, DISPOSITIONS, named, shortName, t } from "../core/i18n.js";
import { setClock, showAgency, showPriority } from "../core/marks.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { callNotes } from "./call-notes.js";
import { updateCallback } from "./callback-words.js";
import { isDoubtful, isSorted, isStaleTalk, waitingCall } from "./handset.js";
import { loudOf } from "./loud.js";
import { answeredCall, lastCall, ringingCall, worstAssignment, worstClock } from "./store.js";

/**
 * @typedef {import("../payloads.d.ts").Call} Call
 * @typedef {import("../payloads.d.ts").CallbackLine} CallbackLine
 * @typedef {import("../payloads.d.ts").KnownPolicy} KnownPolicy
 * @typedef {import("../payloads.d.ts").Operator} Operator
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 */

const HAND_MS = 4000; // the pointer or an arrow key has been here so lately
const GONE_MS = 3000;

/**
 * One list of rows: keyed, held under the hand, moved in with arrow keys.
 * @template T
 */
class RowList {
  /**
   * @param {string} id
   * @param {object} how
   * @param {string} how.template of a row
   * @param {(item: T) => string} how.key
   * @param {(node: HTMLElement, item: T) => void} how.update
   * @param {(item: T) => void} how.onOpen on Enter or click
   * @param {(key: string) => T | null} [how.latest] an item that has left the list, as it is now
   * @param {(key: string | null) => void} [how.onSelect]
   */
  constructor(id, { template, key, update, onOpen, latest = () => null, onSelect = () => {} }) {
    this.template = template;
    this.key = key;
    this.update = update;
    this.onOpen = onOpen;
    this.latest = latest;
    this.onSelect = onSelect;
    this.list = one(`#${id}`);
    this.section = one(`#${id}-section`);
    /** @type {Map<string, T>} */
    this.items = new Map();
    /** @type {string[]} keys */
    this.order = [];
    /** @type {Map<string, number>} since when rows stay that are gone, as performance.now() */
    this.gone = new Map();
    this.handUntil = 0;
    /** @type {string | null} */
    this.selected = null;
    this.list.addEventListener("pointermove", () => this.#hand());
    this.list.addEventListener("pointerleave", () => {
      this.handUntil = 0;
    });
    this.list.addEventListener("keydown", (event) => this.#move(event));
    this.list.addEventListener("click", (event) => this.#open(around(event, "[data-key]")));
    this.list.addEventListener("focusin", (event) => this.select(around(event, "[data-key]")?.dataset.key ?? null));
  }

  #hand() {
    this.handUntil = performance.now() + HAND_MS;
  }

  /**
   * Show these items; selected: the key of the row that carries the bar at the left, or null.
   * @param {T[]} items
   * @param {string | null} selected
   * @param {number} [count]
   */
  render(items, selected, count = items.length) {
    const now = performance.now();
    const held = now < this.handUntil;
    const wanted = new Map(items.map((item) => [this.key(item), item]));
    for (const [key, since] of this.gone) if (!held || now - since > GONE_MS * 3) this.gone.delete(key);
    for (const key of this.order)
      if (held && !wanted.has(key) && this.items.has(key)) this.gone.set(key, this.gone.get(key) ?? now);
    const kept = held ? this.order.filter((key) => wanted.has(key) || this.gone.has(key)) : [];
    const known = new Set(kept);
    const order = [...kept, ...[...wanted.keys()].filter((key) => !known.has(key))];
    for (const [key, item] of wanted) this.items.set(key, item);
    for (const key of this.items.keys()) if (!wanted.has(key) && !this.gone.has(key)) this.items.delete(key);
    this.order = order;
    this.selected = selected;
    for (const row of all(":scope > .row-loading", this.list)) row.remove();
    const shown = order.flatMap((key) => wanted.get(key) ?? this.latest(key) ?? this.items.get(key) ?? []);
    keyed(this.list, shown, {
      key: this.key,
      make: () => clone(this.template),
      update: (node, item) => {
        const key = this.key(item);
        setAttribute(node, "data-gone", (!wanted.has(key) && this.gone.has(key)) || null);
        setAttribute(node, "aria-selected", key === selected);
        this.update(node, item);
      },
    });
    const nodes = all(":scope > [data-key]", this.list);
    const entry =
      nodes.find((node) => node.contains(document.activeElement)) ??
      nodes.find((node) => node.dataset.key === selected) ??
      nodes[0];
    for (const node of nodes) setAttribute(node, "tabindex", node === entry ? 0 : -1);
    setText(one('[data-part="count"]', this.section), count ? String(count) : "");
    one(".list-empty", this.section).hidden = order.length > 0;
    setAttribute(this.section, "data-empty", order.length === 0 || null);
  }

  /** @param {string | null} key */
  select(key) {
    if (key !== this.selected) this.onSelect(key);
  }

  /** @param {string | null} [key] */
  focus(key = this.selected) {
    (find(`[data-key="${CSS.escape(key ?? "")}"]`, this.list) ?? find("[data-key]", this.list))?.focus({
      preventScroll: false,
    });
  }

  /** @param {HTMLElement | null | undefined} node */
  #open(node) {
    const item = this.items.get(node?.dataset.key ?? "");
    if (item) this.onOpen(item);
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const rows = all(":scope > [data-key]", this.list);
    const row = around(event, "[data-key]");
    const here = row ? rows.indexOf(row) : -1;
    /** @type {Record<string, number>} */
    const places = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 };
    const to = places[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.#hand();
      rows[Math.min(rows.length - 1, Math.max(0, to))]?.focus();
    } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) {
      event.preventDefault();
      event.stopPropagation();
      this.#open(rows[here]);
    }
  }
}

/** @param {Call} call */
const nuisanceWords = ({ nuisance }) =>
  nuisance?.count ? t("iseng {n} dari {limit}", { n: nuisance.count, limit: nuisance.limit }) : null;

/**
 * @param {HTMLElement} node
 * @param {Ticket} ticket
 * @param {KnownPolicy} policy
 * @param {Set<string>} callingAgain numbers of the callback list
 */
function updateCall(node, ticket, policy, callingAgain) {
  const call = ringingCall(ticket) ?? answeredCall(ticket) ?? lastCall(ticket);
  if (!call) return; // no row of this list is without one
  const sorted = isSorted(ticket);
  const doubtful = isDoubtful(call);
  const taken =
    ticket.owner && ringingCall(ticket) ? ticket.owner.name : (call.answered_by?.name ?? ticket.owner?.name);
  const waited = atGate(call) ? 0 : secondsSince(ringsSince(call));
  const state = doubtful
    ? "doubtful"
    : sorted || taken || call.state !== "ringing"
      ? "taken"
      : waited >= policy.answer_target_s
        ? "late"
        : "ringing";
  setAttribute(node, "data-state", state);
  setIcon(one(".call-disc .icon", node), CALL_ICONS[state] ?? "phone-incoming");
  const facts = call.number ? [gateWords(call), call.carrier, nuisanceWords(call)] : [t("Mungkin tanpa kartu SIM")];
  if (call.number && state !== "taken" && callingAgain.has(call.number)) facts.unshift(t("menelepon lagi"));
  const rings = ticket.pickup_due_at ? t("belum diangkat") : null;
  const under = doubtful
    ? t("mungkin sudah selesai")
    : sorted
      ? t("ditandai {word}, berdering", {
          word: shortName({
            name: CLASSIFICATIONS[ticket.disposition ?? ""] ?? DISPOSITIONS[ticket.disposition ?? ""] ?? t("selesai"),
          }).toLowerCase(),
        })
      : state === "taken"
        ? taken
          ? [t("diambil {name}", { name: taken }), rings].filter(Boolean).join(", ")
          : t("sudah tidak berdering")
        : facts.filter(Boolean).join(" · ");
  fill(node, { title: phoneNumber(call.number), under: under || t("Nomor tidak dikenal") });
  const chip = one('[data-part="timer"]', node);
  if (doubtful) setClock(chip, { kind: "age", since: call.received_at });
  else if (state === "taken") setClock(chip, { kind: "length", since: call.answered_at ?? call.received_at });
  else if (atGate(call)) setClock(chip, { kind: "length", since: call.received_at });
  else
    setClock(chip, { kind: "wait", since: ringsSince(call), nearS: policy.ring_near_s, lateS: policy.answer_target_s });
}

/** @type {Record<string, string>} */
const CALL_ICONS = { taken: "phone", doubtful: "circle-help" };

/**
 * How many more callers reported the same event; the row stands for all of them.
 * @param {Ticket} ticket
 */
const callersOf = (ticket) => (ticket.joined?.length ? `+${ticket.joined.length}` : null);

/** @param {Ticket} ticket */
function ticketTitle(ticket) {
  if (ticket.type) return shortName(ticket.type);
  const call = lastCall(ticket);
  return call ? phoneNumber(call.number) : t("Belum dipilah");
}

/**
 * @param {HTMLElement} node
 * @param {Ticket} ticket
 * @param {number} now
 * @param {KnownPolicy} policy
 */
function updateTicket(node, ticket, now, policy) {
  showPriority(one('[data-part="priority"]', node), ticket.priority, {
    keepPlace: true,
    byHand: ticket.priority_by_hand,
  });
  setIcon(one('[data-part="type-icon"]', node), ticket.type?.icon ?? "phone");
  const where = ticket.place?.kelurahan ?? (ticket.type ? t("lokasi belum ada") : t("belum dipilah"));
  fill(node, { title: ticketTitle(ticket), under: `${ticket.short} ${where}`, callers: callersOf(ticket) });
  setAttribute(
    node,
    "title",
    [
      ticket.type && named(ticket.type),
      ticket.place?.text,
      ticket.owner?.name,
      ticket.joined?.length && t("{n} penelepon", { n: ticket.joined.length + 1 }),
      ...callNotes(lastCall(ticket), policy),
    ]
      .filter(Boolean)
      .join(" · ") || null,
  );
  const loud = loudWords(ticket, now);
  if (loud) fill(node, { under: `${ticket.short} ${loud.words}` });
  const clock = worstClock(ticket);
  const look = clock && clockLook(clock.started_at, clock.due_at, now);
  const chip = one('[data-part="timer"]', node);
  if (loud) setClock(chip, { kind: "wait", since: loud.since, nearS: 0, lateS: 0 });
  else if (clock && (look === "near" || look === "late"))
    setClock(chip, { kind: "due", started: clock.started_at, due: clock.due_at, short: true });
  else setClock(chip, { kind: "age", since: ticket.opened_at });
  const agency = one('[data-part="agency"]', node);
  const worst = worstAssignment(ticket, now);
  agency.hidden = !worst;
  if (worst) showAgency(agency, worst, { words: false, now });
  fill(node, { more: ticket.assignments.length > 1 ? `+${ticket.assignments.length - 1}` : null });
}

/**
 * Nobody goes, or somebody has not heard of it: in a few words, and since when. Clocks have their own sign.
 * @param {Ticket} ticket
 * @param {number} now
 */
function loudWords(ticket, now) {
  const [loud] = loudOf(ticket, now);
  if (!loud || loud.kind === "late") return null;
  const [first, ...more] = loud.assignments;
  const agency = more.length ? `${first.agency} +${more.length}` : first.agency;
  return { since: loud.since, words: loud.kind === "nobody" ? t("semua menolak") : t("telepon {agency}", { agency }) };
}

/**
 * @param {HTMLElement} node
 * @param {Ticket} ticket
 * @param {KnownPolicy} policy
 * @param {number} now
 */
function updateOwn(node, ticket, policy, now) {
  const call = answeredCall(ticket);
  showPriority(one('[data-part="priority"]', node), ticket.priority, { keepPlace: true });
  setIcon(one('[data-part="type-icon"]', node), ticket.type?.icon ?? "phone");
  const where = ticket.place?.kelurahan ?? null;
  const event = ticket.duplicate_of?.split("-").at(-1);
  const pickupDue = !event && ringingCall(ticket) ? ticket.pickup_due_at : null;
  const pickup = pickupDue ? t("angkat telepon") : null;
  const sent = pickup
    ? null
    : event
      ? t("digabung ke {short}", { short: event })
      : ticket.first_dispatched_at
        ? null
        : t("belum dikirim");
  const loud = pickup ? null : loudWords(ticket, now);
  const late = loudOf(ticket, now).find(({ kind }) => kind === "late");
  fill(node, {
    title: ticketTitle(ticket),
    under: [pickup, ticket.short, where, loud?.words ?? sent, ...callNotes(lastCall(ticket), policy)]
      .filter(Boolean)
      .join(" · "),
    more: null,
    callers: callersOf(ticket),
  });
  one('[data-part="agency"]', node).hidden = true;
  const chip = one('[data-part="timer"]', node);
  if (pickupDue) setClock(chip, { kind: "due", started: ticket.claimed_at ?? "", due: pickupDue, short: true });
  else if (loud) setClock(chip, { kind: "wait", since: loud.since, nearS: 0, lateS: 0 });
  else if (late) setClock(chip, { kind: "due", due: late.since, short: true });
  else if (call && !isStaleTalk(call, policy)) setClock(chip, { kind: "length", since: call.answered_at ?? "" });
  else setClock(chip, { kind: "age", since: ticket.claimed_at ?? ticket.opened_at });
}

/** The left column. */
export class Lists {
  /**
   * latest(ticket's number): a ticket as it is now.
   * @param {object} options
   * @param {KnownPolicy} options.policy
   * @param {import("./types.d.ts").Seat[]} options.seats
   * @param {(ticketNumber: string) => Ticket | null} options.latest
   * @param {(ticket: Ticket) => void} options.onOpen
   * @param {(ticket: Ticket) => void} options.onOpenRinging
   * @param {(callback: CallbackLine) => void} options.onOpenCallback
   * @param {(ticketNumber: string | null) => void} options.onSelectRinging
   */
  constructor({ policy, seats, latest, onOpen, onOpenRinging, onOpenCallback, onSelectRinging }) {
    this.now = NaN; // as the server's clock says, of the last drawing
    /** @type {Set<string>} */
    this.callingAgain = new Set();
    this.seatNames = new Map(seats.map((seat) => [seat.code, seat.name]));
    /** @param {Ticket} ticket */
    const key = (ticket) => ticket.number;
    this.ringing = new RowList("ringing", {
      template: "row-call",
      key,
      update: (node, ticket) => updateCall(node, ticket, policy, this.callingAgain),
      onOpen: onOpenRinging,
      latest,
      onSelect: onSelectRinging,
    });
    this.own = new RowList("own", {
      template: "row-ticket",
      key,
      update: (node, ticket) => updateOwn(node, ticket, policy, this.now),
      onOpen,
      latest,
    });
    this.callbacks = new RowList("callbacks", {
      template: "row-call",
      key: (/** @type {CallbackLine} */ item) => `callback-${item.id}`,
      update: (node, item) => updateCallback(node, item, this.now),
      onOpen: onOpenCallback,
    });
    this.tickets = new RowList("tickets", {
      template: "row-ticket",
      key,
      update: (node, ticket) => updateTicket(node, ticket, this.now, policy),
      onOpen,
      latest,
    });
  }

  /**
   * current: the open ticket's number; next: that of the call that is next; callbacksTotal: those beyond the list's end
   * too; callingAgain: the numbers of the callback list.
   * @param {ReturnType<typeof import("./store.js").sortedLists>} lists
   * @param {object} about
   * @param {string | null} about.current
   * @param {string | null} about.next
   * @param {number} about.now
   * @param {Operator[]} about.colleagues
   * @param {number} about.callbacksTotal
   * @param {Set<string>} about.callingAgain
   */
  render(lists, { current, next, now, colleagues, callbacksTotal, callingAgain }) {
    this.now = now;
    this.callingAgain = callingAgain;
    this.ringing.render(
      lists.ringing,
      current ? null : next,
      lists.ringing.filter((ticket) => waitingCall(ticket, now)).length,
    );
    this.own.render(lists.own, current);
    this.callbacks.render(lists.callbacks, null, callbacksTotal);
    this.tickets.render(lists.tickets, current);
    this.#colleagues(colleagues);
  }

  /** @param {Operator[]} people */
  #colleagues(people) {
    const list = one("#colleagues");
    keyed(list, people, {
      key: (person) => person.name + person.seat,
      make: () => clone("row-colleague"),
      update: (node, person) => {
        const talking = person.state === "on_call";
        const short = person.ticket?.split("-").at(-1);
        setIcon(one(".call-disc .icon", node), talking ? "phone" : "check");
        const state = talking ? [t("Dalam panggilan"), short].filter(Boolean).join(" · ") : t("Siap");
        fill(node, {
          name: person.name,
          seat: this.seatNames.get(person.seat) ?? t("Meja {seat}", { seat: person.seat }),
          state,
        });
        const chip = one('[data-part="timer"]', node);
        if (talking) setClock(chip, { kind: "length", since: person.since });
        else setClock(chip, { kind: "age", since: person.since });
      },
    });
    one("#colleagues-section .list-empty").hidden = people.length > 0;
  }
}
