// Many callers, one event: proposes the ticket that this caller may be reporting too, joins the caller to it with one
// key, and shows both sides of it. The rule is the server's (dispatch/incidents/likeness.py); here it is asked and
// drawn.
import { get } from "../core/api.js";
import { clone, fill, keyed, one, setAttribute, setText } from "../core/dom.js";
import { ASSIGNMENT_STATES, shortName, t } from "../core/i18n.js";
import { showAgency, showPriority } from "../core/marks.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { timeOfDay } from "../core/time.js";

/**
 * @typedef {import("../payloads.d.ts").Caller} Caller
 * @typedef {import("../payloads.d.ts").SimilarTicket} SimilarTicket
 * @typedef {import("../payloads.d.ts").SimilarTickets} SimilarTickets
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 */

const SHOWN = 2;
const PAUSE_MS = 150; // after the last change of type or place
const FRESH_MS = 10_000; // others take calls meanwhile
const GONE = ["declined", "cancelled"];
const MOVES = [
  "ticket.located",
  "ticket.classified",
  "ticket.closed",
  "ticket.joined",
  "ticket.parted",
  "ticket.reopened",
  "ticket.dispatched",
  "assignment.acknowledged",
  "assignment.en_route",
  "assignment.on_scene",
];

export class Incidents {
  /**
   * @param {object} parts the console's
   * @param {import("./store.js").Store} parts.store
   * @param {import("./work.js").Work} parts.work
   * @param {import("./commands.js").Commands} parts.commands
   * @param {import("./undo.js").Undo} parts.undo
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {() => void} parts.onChange
   * @param {(ticketNumber: string) => unknown} parts.onOpen
   */
  constructor({ store, work, commands, undo, toasts, onChange, onOpen }) {
    this.store = store;
    this.work = work;
    this.commands = commands;
    this.undo = undo;
    this.toasts = toasts;
    this.onChange = onChange;
    this.onOpen = onOpen;
    /** @type {(SimilarTickets & {of: string}) | null} what the server has found, and for which ticket */
    this.found = null;
    /** @type {string | null} what was asked last */
    this.asked = null;
    this.staleAt = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {string | null} number of the event's ticket that is being fetched, or was */
    this.loading = null;
    /** @type {WeakMap<HTMLElement, SimilarTicket>} what each row shows now */
    this.similarOf = new WeakMap();
    this.note = one("#similar-note");
    this.strip = one("#similar");
  }

  /**
   * Other tickets have changed: what was found may not be all any more.
   * @param {import("../types.d.ts").CentreEvent[]} events
   */
  follow(events) {
    if (events.some((event) => event.ticket_number !== this.work.number && MOVES.includes(event.kind)))
      this.staleAt = 0;
  }

  /** The proposals for the open ticket, likeliest first. */
  get items() {
    return this.found && this.found.of === this.work.number ? this.found.items : [];
  }

  get best() {
    return this.work.allows("attach") && this.work.mine ? (this.items.find((item) => item.open) ?? null) : null;
  }

  draw() {
    const { ticket } = this.work;
    const looking = ticket?.state === "claimed" && this.work.mine;
    if (looking) this.#ask(ticket);
    this.#drawStrip(looking ? this.items.slice(0, SHOWN) : [], looking);
    this.#drawJoined(ticket);
    this.#drawCallers(ticket);
  }

  // -- proposing -----------------------------------------------------------------------------------------------------

  /** @param {Ticket} ticket */
  #ask(ticket) {
    const { type, place } = this.work.choices;
    const query = new URLSearchParams();
    if (type?.code) query.set("type_code", type.code);
    if (place?.kelurahan_code) query.set("kelurahan_code", place.kelurahan_code);
    if (place && place.kind !== "kelurahan" && place.lat !== null && place.lon !== null) {
      query.set("lat", String(place.lat));
      query.set("lon", String(place.lon));
    }
    const name = place?.kind === "kelurahan" ? place.text : (place?.text ?? place?.name);
    if (name) query.set("place", name.slice(0, 300));
    const key = `${ticket.number}?${query}`;
    const now = performance.now();
    if (this.asked === key && now < this.staleAt) return;
    const changed = this.asked !== key;
    this.asked = key;
    this.staleAt = now + FRESH_MS;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#fetch(ticket.number, query, key), changed ? PAUSE_MS : 0);
  }

  /**
   * @param {string} number
   * @param {URLSearchParams} query
   * @param {string} key
   */
  async #fetch(number, query, key) {
    try {
      const found = await get(`/api/v1/tickets/${number}/similar?${query}`);
      if (this.asked === key) this.found = { ...found, of: number };
    } catch (problem) {
      if (this.asked === key) this.found = null;
      console.warn("similar tickets were not looked for:", String(problem));
    }
    this.onChange();
  }

  /**
   * @param {SimilarTicket[]} items
   * @param {boolean} looking
   */
  #drawStrip(items, looking) {
    this.strip.hidden = items.length === 0;
    const best = this.best;
    keyed(one("#similar-list"), items, {
      key: (item) => item.number,
      make: () => {
        const row = clone("row-similar");
        one('[data-part="join"]', row).addEventListener("click", () => {
          const item = this.similarOf.get(row);
          if (item) item.open ? this.join(item) : this.onOpen(item.number);
        });
        return row;
      },
      update: (row, item) => {
        this.similarOf.set(row, item);
        showPriority(one('[data-part="priority"]', row), item.priority);
        const first = item === best;
        fill(row, {
          title: t("Mungkin sama: {short} {type}", { short: item.short, type: typeOf(item) }),
          place: [item.place, item.kelurahan].filter(Boolean).join(", "),
          under: facts(item),
          join: item.open ? t("Gabungkan") : t("Lihat"),
          cap: first ? "Ctrl G" : null,
        });
        setAttribute(one('[data-part="join"]', row), "aria-keyshortcuts", first ? "Control+G" : null);
      },
    });
    const found = looking && this.found?.of === this.work.number ? this.found : null;
    const none = found?.place && !found.items.length ? found.limits : null;
    setText(
      this.note,
      none ? t("Tiket serupa dalam {m} m, {min} mnt: tidak ada.", { m: none.radius_m, min: none.minutes }) : "",
    );
    this.note.hidden = !none;
  }

  // -- joining and parting -------------------------------------------------------------------------------------------

  /**
   * Ctrl+G: this caller reports what the best proposal is about.
   * @param {SimilarTicket | null} [item]
   */
  async join(item = this.best) {
    if (!item) {
      this.toasts.show({
        key: "join",
        look: "amber",
        title: t("Tidak ada tiket serupa untuk digabungkan."),
        more: t("Pilih jenis dan lokasi lebih dulu."),
      });
      return;
    }
    const { number, words } = this.work;
    if (!number) return;
    const accepted = await this.commands.give(
      `/api/v1/tickets/${number}/attach`,
      { to: item.number, words: words || null },
      () => this.work.forgetDraft(number),
    );
    if (!accepted) return;
    this.staleAt = 0;
    if (this.work.ticket?.state !== "closed") return; // it waits for the link
    this.undo.offer({
      number,
      what: "attach",
      command: "detach",
      title: t("Digabung ke {short}.", { short: item.short }),
    });
    this.onChange();
  }

  /** @param {string | null} [number] of the ticket whose caller is detached */
  async detach(number = this.work.number) {
    if (!number) return;
    this.undo.forget(number);
    await this.commands.give(`/api/v1/tickets/${number}/detach`, {});
    this.staleAt = 0;
    this.onChange();
  }

  // -- both sides of it ----------------------------------------------------------------------------------------------

  /** @param {Ticket | null} ticket */
  #drawJoined(ticket) {
    const panel = one("#joined");
    const eventNumber = ticket?.duplicate_of;
    panel.hidden = !eventNumber;
    setAttribute(one("#work-body"), "data-joined", Boolean(eventNumber) || null);
    if (!eventNumber) return;
    const event = this.store.get(eventNumber);
    if (!event) this.#load(eventNumber);
    const short = eventNumber.split("-").at(-1);
    const what = event?.type ? shortName(event.type) : "";
    fill(panel, {
      title: t("Digabung ke tiket {short} {type}", { short, type: what }).trim(),
      where: [event?.place?.text, event?.place?.kelurahan].filter(Boolean).join(", "),
      say: event ? `“${sentenceFor(event)}”` : t("memuat tiketnya"),
    });
    one('[data-action="detach"]', panel).hidden = !(
      this.work.allows("detach") || event?.owner?.id === this.store.me.id
    );
    keyed(one("#joined-agencies"), event?.assignments.filter((task) => !GONE.includes(task.state)) ?? [], {
      key: (task) => task.id,
      make: () => clone("event-agency"),
      update: (chip, task) => showAgency(chip, task),
    });
  }

  /** @param {string} number */
  async #load(number) {
    if (this.loading === number) return;
    this.loading = number;
    try {
      this.store.put(await get(`/api/v1/tickets/${number}`));
      this.onChange();
    } catch (problem) {
      console.warn("the event's ticket is missing:", String(problem));
    }
  }

  /** @param {Ticket | null} ticket */
  #drawCallers(ticket) {
    const section = one("#callers-section");
    const joined = ticket?.joined ?? [];
    section.hidden = joined.length === 0;
    if (!ticket || !joined.length) return;
    fill(section, { title: t("+{n} penelepon", { n: joined.length }) });
    const supervisor = this.store.me.role === "supervisor";
    keyed(one("#callers"), joined, {
      key: (caller) => caller.number,
      make: () => {
        const row = clone("row-caller");
        one('[data-part="part"]', row).addEventListener("click", () => this.detach(row.dataset.key));
        return row;
      },
      update: (row, caller) => {
        const call = caller.calls.at(-1);
        fill(row, {
          short: caller.short,
          number: call ? phoneNumber(call.number) : t("Tanpa panggilan"),
          when: timeOfDay(call?.received_at ?? caller.attached_at),
          words: caller.words ? `“${caller.words}”` : t("tanpa catatan"),
        });
        setAttribute(row, "title", caller.owner ? t("dipegang {name}", { name: caller.owner.name }) : null);
        const may =
          supervisor || (this.work.mine && ticket.state !== "closed") || caller.owner?.id === this.store.me.id;
        one('[data-part="part"]', row).hidden = !may;
      },
    });
  }
}

/** @param {SimilarTicket} item */
const typeOf = (item) =>
  item.type_name_id ? shortName({ name_id: item.type_name_id, name_en: item.type_name_en }) : t("belum dipilah");

/** @type {Partial<Record<SimilarTicket["reasons"][number], string>>} */
const LIKENESS = { same_category: t("sejenis"), kind_unknown: t("jenis belum dipilih") };

/** @param {SimilarTicket} item */
function facts(item) {
  const where = item.reasons.includes("same_place")
    ? t("tempat sama")
    : item.distance_m === null
      ? t("kelurahan sama")
      : t("{m} m", { m: Math.round(item.distance_m) });
  const sent = sentWords(item.agencies);
  const callers = item.callers === 1 ? t("1 penelepon") : t("{n} penelepon", { n: item.callers });
  return [
    where,
    t("{n} mnt", { n: item.minutes }),
    LIKENESS[item.reasons[0]],
    callers,
    item.open ? (sent ?? t("belum dikirim")) : t("sudah ditutup"),
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * The agency that is furthest, and how many more have the ticket.
 * @param {import("../payloads.d.ts").SentAgency[]} agencies
 */
function sentWords(agencies) {
  const order = ["on_scene", "en_route", "acknowledged", "sent", "cleared"];
  const [first, ...rest] = [...agencies].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  if (!first) return null;
  const words = `${first.agency} ${ASSIGNMENT_STATES[first.state].word}`;
  return rest.length ? t("{first}, +{n} instansi", { first: words, n: rest.length }) : words;
}

/**
 * What the caller is told: never more than what the agencies have reported.
 * @param {Ticket} event
 */
function sentenceFor(event) {
  const states = event.assignments.map((task) => task.state);
  if (event.state === "closed" || event.state === "verify")
    return t("Kejadian ini tercatat sudah ditangani. Apakah masih berlangsung?");
  if (states.includes("on_scene")) return t("Petugas sudah di lokasi.");
  if (states.includes("en_route")) return t("Laporan ini sudah kami terima, bantuan sudah menuju.");
  if (states.includes("acknowledged")) return t("Laporan ini sudah kami terima, petugas sedang bersiap.");
  if (states.includes("sent")) return t("Laporan ini sudah kami terima dan teruskan ke petugas.");
  return t("Laporan ini sudah kami terima, bantuan segera dikirim.");
}
