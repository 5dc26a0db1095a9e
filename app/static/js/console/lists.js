// The left column: ringing calls, own call, callbacks, open tickets, colleagues. A list is reordered only when the hand
// is off it; until then new rows come last and rows that are gone stay where they are, greyed.

import { clockLook, secondsSince } from "../core/clocks.js";
import { all, clone, fill, find, keyed, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { atGate, ringsSince } from "../core/gate.js";
import { gateWords } from "../core/gate-words.js";
import { CLASSIFICATIONS, DISPOSITIONS, named, shortName, t } from "../core/i18n.js";
import { setClock, showAgency, showPriority } from "../core/marks.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { callNotes } from "./call-notes.js";
import { updateCallback } from "./callbacks.js";
import { isDoubtful, isSorted, isStaleTalk, waitingCall } from "./handset.js";
import { answeredCall, lastCall, ringingCall, worstAssignment, worstClock } from "./store.js";

const HAND_MS = 4000; // the pointer or an arrow key has been here so lately
const GONE_MS = 3000;

/** One list of rows: keyed, held under the hand, moved in with arrow keys. onOpen(item) on Enter or click. */
class RowList {
  constructor(id, { make, update, onOpen, latest, onSelect = () => {} }) {
    Object.assign(this, { list: document.getElementById(id), make, update, onOpen, latest, onSelect });
    this.section = this.list.closest("section");
    this.items = new Map();
    this.order = [];
    this.gone = new Map();
    this.handUntil = 0;
    this.selected = null;
    const hand = () => (this.handUntil = performance.now() + HAND_MS);
    this.list.addEventListener("pointermove", hand);
    this.list.addEventListener("pointerleave", () => (this.handUntil = 0));
    this.list.addEventListener("keydown", (event) => this.#key(event, hand));
    this.list.addEventListener("click", (event) => this.#open(event.target.closest("[data-key]")));
    this.list.addEventListener("focusin", (event) =>
      this.select(event.target.closest("[data-key]")?.dataset.key ?? null),
    );
  }

  /** Show these tickets; selected: the number that carries the bar at the left, or null. */
  render(items, selected, count = items.length) {
    const now = performance.now();
    const held = now < this.handUntil;
    const wanted = new Map(items.map((item) => [item.number, item]));
    for (const [key, since] of this.gone) if (!held || now - since > GONE_MS * 3) this.gone.delete(key);
    for (const key of this.order)
      if (held && !wanted.has(key) && this.items.has(key)) this.gone.set(key, this.gone.get(key) ?? now);
    const kept = held ? this.order.filter((key) => wanted.has(key) || this.gone.has(key)) : [];
    const known = new Set(kept);
    const order = [...kept, ...items.map((item) => item.number).filter((key) => !known.has(key))];
    for (const [key, item] of wanted) this.items.set(key, item);
    for (const key of this.items.keys()) if (!wanted.has(key) && !this.gone.has(key)) this.items.delete(key);
    this.order = order;
    this.selected = selected;
    for (const row of all(":scope > .row-loading", this.list)) row.remove();
    keyed(
      this.list,
      order.map((key) => (wanted.has(key) ? this.items.get(key) : (this.latest(key) ?? this.items.get(key)))),
      {
        key: (item) => item.number,
        make: () => clone(this.make),
        update: (node, item) => {
          setAttribute(node, "data-gone", (!wanted.has(item.number) && this.gone.has(item.number)) || null);
          setAttribute(node, "aria-selected", item.number === selected);
          this.update(node, item);
        },
      },
    );
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

  select(key) {
    if (key !== this.selected) this.onSelect(key);
  }

  focus(key = this.selected) {
    (find(`[data-key="${CSS.escape(key ?? "")}"]`, this.list) ?? find("[data-key]", this.list))?.focus({
      preventScroll: false,
    });
  }

  #open(node) {
    const item = node && this.items.get(node.dataset.key);
    if (item) this.onOpen(item);
  }

  #key(event, hand) {
    const rows = all(":scope > [data-key]", this.list);
    const here = rows.indexOf(event.target.closest("[data-key]"));
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      hand();
      rows[Math.min(rows.length - 1, Math.max(0, to))]?.focus();
    } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) {
      event.preventDefault();
      event.stopPropagation();
      this.#open(rows[here]);
    }
  }
}

const nuisanceWords = ({ nuisance }) =>
  nuisance?.count ? t("iseng {n} dari {limit}", { n: nuisance.count, limit: nuisance.limit }) : null;

function updateCall(node, ticket, policy, callingAgain) {
  const call = ringingCall(ticket) ?? answeredCall(ticket) ?? lastCall(ticket);
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
  setIcon(one(".call-disc .icon", node), { taken: "phone", doubtful: "circle-help" }[state] ?? "phone-incoming");
  const facts = call.number ? [gateWords(call), call.carrier, nuisanceWords(call)] : [t("Mungkin tanpa kartu SIM")];
  if (call.number && state !== "taken" && callingAgain?.has(call.number)) facts.unshift(t("menelepon lagi"));
  const rings = ticket.pickup_due_at ? t("belum diangkat") : null;
  const under = doubtful
    ? t("mungkin sudah selesai")
    : sorted
      ? t("ditandai {word}, berdering", {
          word: shortName({
            name: CLASSIFICATIONS[ticket.disposition] ?? DISPOSITIONS[ticket.disposition] ?? t("selesai"),
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

/** How many more callers reported the same event; the row stands for all of them. */
const callersOf = (ticket) => (ticket.joined?.length ? `+${ticket.joined.length}` : null);

function ticketTitle(ticket) {
  if (ticket.type) return shortName(ticket.type);
  const call = lastCall(ticket);
  return call ? phoneNumber(call.number) : t("Belum dipilah");
}

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
  const clock = worstClock(ticket);
  const look = clock ? clockLook(clock.started_at, clock.due_at, now) : "none";
  const chip = one('[data-part="timer"]', node);
  if (look === "near" || look === "late")
    setClock(chip, { kind: "due", started: clock.started_at, due: clock.due_at, short: true });
  else setClock(chip, { kind: "age", since: ticket.opened_at });
  const agency = one('[data-part="agency"]', node);
  const worst = worstAssignment(ticket, now);
  agency.hidden = !worst;
  if (worst) showAgency(agency, worst, { words: false, now });
  fill(node, { more: ticket.assignments.length > 1 ? `+${ticket.assignments.length - 1}` : null });
}

function updateOwn(node, ticket, policy) {
  const call = answeredCall(ticket);
  showPriority(one('[data-part="priority"]', node), ticket.priority, { keepPlace: true });
  setIcon(one('[data-part="type-icon"]', node), ticket.type?.icon ?? "phone");
  const where = ticket.place?.kelurahan ?? null;
  const event = ticket.duplicate_of?.split("-").at(-1);
  const pickup = !event && ticket.pickup_due_at && ringingCall(ticket) ? t("angkat telepon") : null;
  const sent = pickup
    ? null
    : event
      ? t("digabung ke {short}", { short: event })
      : ticket.first_dispatched_at
        ? null
        : t("belum dikirim");
  fill(node, {
    title: ticketTitle(ticket),
    under: [pickup, ticket.short, where, sent, ...callNotes(lastCall(ticket), policy)].filter(Boolean).join(" · "),
    more: null,
    callers: callersOf(ticket),
  });
  one('[data-part="agency"]', node).hidden = true;
  const chip = one('[data-part="timer"]', node);
  if (pickup) setClock(chip, { kind: "due", started: ticket.claimed_at ?? "", due: ticket.pickup_due_at, short: true });
  else if (call && !isStaleTalk(call, policy)) setClock(chip, { kind: "length", since: call.answered_at });
  else setClock(chip, { kind: "age", since: ticket.claimed_at ?? ticket.opened_at });
}

/** The left column. onOpen(ticket, list), onSelectRinging(number), latest(number): the ticket as it is now. */
export class Lists {
  constructor({ policy, seats, latest, onOpen, onSelectRinging }) {
    this.policy = policy;
    this.seatNames = new Map(seats.map((seat) => [seat.code, seat.name]));
    const list = (id, make, update, more = {}) =>
      new RowList(id, { make, update, latest, onOpen: (ticket) => onOpen(ticket, id), ...more });
    this.ringing = list("ringing", "row-call", (node, ticket) => updateCall(node, ticket, policy, this.callingAgain), {
      onSelect: onSelectRinging,
    });
    this.own = list("own", "row-ticket", (node, ticket) => updateOwn(node, ticket, policy));
    this.callbacks = list("callbacks", "row-call", (node, item) => updateCallback(node, item, this.now));
    this.tickets = list("tickets", "row-ticket", (node, ticket) => updateTicket(node, ticket, this.now, policy));
  }

  render(lists, { current, next, now, colleagues, callbacksTotal, callingAgain = new Set() }) {
    this.now = now;
    this.callingAgain = callingAgain;
    this.ringing.render(
      lists.ringing,
      current ? null : next,
      lists.ringing.filter((ticket) => waitingCall(ticket, now)).length,
    );
    this.own.render(lists.own, current);
    this.callbacks.render(lists.callbacks, null, callbacksTotal ?? lists.callbacks.length);
    this.tickets.render(lists.tickets, current);
    this.#colleagues(colleagues);
  }

  #colleagues(people) {
    const list = document.getElementById("colleagues");
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
    one(".list-empty", list.parentElement).hidden = people.length > 0;
  }
}
