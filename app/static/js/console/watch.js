// What is always true on the console (top bar, foot) and what it keeps an eye on by itself: the link, the server's
// alarms, late acknowledgements, the end of the session.

import { alarmWords } from "../core/alarm-words.js";
import { get } from "../core/api.js";
import { serverNow } from "../core/clocks.js";
import { all, fill, one, setAttribute, setText } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { showLink } from "../core/marks.js";
import { dateLine, timeOfDay } from "../core/time.js";
import { showBanner } from "./alerts.js";
import { isHeardAlways, loudOf } from "./loud.js";
import { exceptions } from "./store.js";

/**
 * @typedef {import("../payloads.d.ts").Board} Board
 * @typedef {import("../payloads.d.ts").KnownShift} KnownShift
 * @typedef {import("./alerts.js").Toasts} Toasts
 * @typedef {import("./loud.js").Loud} Loud
 * @typedef {import("./loud.js").LoudKind} LoudKind
 * @typedef {import("./store.js").Store} Store
 */

const WIDE = matchMedia("(min-width: 1700px)");

/**
 * City clock, date and shift; once a second.
 * @param {number} now
 * @param {KnownShift[]} shifts
 */
export function drawClock(now, shifts) {
  setText(one("#clock"), timeOfDay(now, { seconds: true }));
  setText(one("#date"), dateLine(now, { year: WIDE.matches }));
  const local = timeOfDay(now).replace(".", ":");
  /** @param {KnownShift} shift */
  const covers = ({ starts, ends }) =>
    starts < ends ? local >= starts && local < ends : local >= starts || local < ends;
  const shift = shifts.find(covers);
  // Messages with {names} stand outside of template strings: the extraction of messages does not find them there.
  const words = shift
    ? t("Sif {name} sampai {time}", { name: named(shift).toLowerCase(), time: shift.ends.replace(":", ".") })
    : null;
  setText(one("#shift"), words ? ` · ${words}` : "");
}

/**
 * Own state and seat, the share answered in time.
 * @param {object} state
 * @param {import("../payloads.d.ts").Me} state.me
 * @param {import("./types.d.ts").Seat[]} state.seats
 * @param {boolean} state.talking
 * @param {Board | null} state.stats
 */
export function drawTop({ me, seats, talking, stats }) {
  const state = one('[data-field="seat-state"]');
  setText(state, talking ? t("Dalam panggilan") : me.seat ? t("Siap") : t("Tanpa meja"));
  setAttribute(state, "data-look", talking ? "yours" : null);
  setText(one("#my-seat"), seats.find((seat) => seat.code === me.seat)?.name ?? "");
  const answered = stats?.answered;
  const share = one("#share");
  share.hidden = !answered?.of;
  if (!answered?.of) return;
  const of = WIDE.matches ? t("dari {n} panggilan, {h} jam", { n: answered.of, h: answered.window_h }) : null;
  fill(share, {
    target: t("{n} dtk", { n: answered.target_s }),
    percent: `${Math.round((100 * answered.within) / answered.of)}%`,
    of,
  });
}

/**
 * Waiting for a call, or working on a ticket: which regions and which keys of the foot are shown.
 * @param {boolean} working
 */
export function showMode(working) {
  setAttribute(document.body, "data-mode", working ? "work" : "idle");
  one("#idle").hidden = working;
  one("#work").hidden = !working;
  one("#caller").hidden = !working;
  const mode = !working ? "idle" : one("#assignments").matches(":focus-within") ? "follow" : "work";
  for (const keys of all(".foot-keys")) keys.hidden = keys.dataset.mode !== mode;
}

/** @param {string[]} names */
const few = ([first, ...rest]) => (rest.length ? `${first} +${rest.length}` : first);
/** @type {Set<string | null>} without a priority nobody knows that it is less */
const URGENT = new Set(["P1", "P2", null]);

/** @type {Record<LoudKind, (values: {short: string, agency: string}) => string>} */
const SAID = {
  nobody: (values) => t("{short}: semua menolak, belum ada yang berangkat.", values),
  unreached: (values) => t("{short}: {agency} belum tahu, telepon.", values),
  late: (values) => t("{short}: {agency} belum terima.", values),
};

/** The link sign, and the red banner while the link is lost. */
export class LinkWatch {
  /** @param {{sounds: import("./sounds.js").Sounds, queue: {waiting: number}}} parts */
  constructor({ sounds, queue }) {
    this.sounds = sounds;
    this.queue = queue;
    this.lost = false;
    this.sign = one('[data-part="link"]');
    this.banner = one("#link-banner");
  }

  /** @param {import("../types.d.ts").LinkStatus} status */
  show(status) {
    if (status.state === "disconnected" && !this.lost) this.sounds.play("lost");
    this.lost = status.state === "disconnected" || (this.lost && status.state === "reconnecting");
    showLink(this.sign, status);
    setAttribute(one(".lists"), "data-stale", this.lost || null);
    const waiting = this.queue.waiting
      ? t("{n} tindakan menunggu dikirim.", { n: this.queue.waiting })
      : t("Yang Anda ketik tersimpan di komputer ini.");
    showBanner(
      this.banner,
      this.lost ? t("Sambungan terputus. Telepon tetap berdering.") : null,
      `${t("Jawab lewat pesawat telepon.")} ${waiting}`,
    );
  }
}

/**
 * The server's own alarms, from the heartbeat.
 * @param {import("../payloads.d.ts").Alarm[]} alarms
 */
export function showAlarms(alarms) {
  const banner = one("#alarm-banner");
  const words = alarmWords(alarms);
  setAttribute(banner, "data-look", words?.look === "amber" ? "amber" : null);
  showBanner(banner, words?.title ?? null, words?.more);
}

/**
 * Red toasts for what nobody goes to, what nobody has heard of, and P1 and P2 that no agency has accepted in time;
 * silenced for this seat once its operator has looked, each until something else is loud about the same agency.
 */
export class LateWatch {
  /** @param {{store: Store, toasts: Toasts, onOpen: (ticketNumber: string) => void}} parts */
  constructor({ store, toasts, onOpen }) {
    this.store = store;
    this.toasts = toasts;
    this.onOpen = onOpen;
    /** @type {Set<string>} kinds with ids of assignments */
    this.silenced = new Set();
    this.unseen = 0;
    /** @type {LoudKind | null} of what nobody has looked at here */
    this.worst = null;
  }

  /**
   * A hand has opened the ticket here: what is late of it now has been seen. What becomes late afterwards has not.
   * @param {import("../payloads.d.ts").Ticket} ticket
   * @param {number} now
   */
  silence(ticket, now) {
    for (const { kind, assignments } of loudOf(ticket, now))
      for (const { id } of assignments) this.silenced.add(`${kind}-${id}`);
  }

  /**
   * @param {import("../payloads.d.ts").Ticket} ticket
   * @param {Loud} loud
   */
  #key(ticket, { kind, assignments }) {
    return `late-${kind}-${ticket.number}-${assignments.map(({ id }) => id).join("-")}`;
  }

  /**
   * @param {number} now
   * @returns {{ticket: import("../payloads.d.ts").Ticket, loud: Loud}[]} the worst first
   */
  #unseen(now) {
    return exceptions(this.store, now)
      .flatMap((need) => (need.kind in SAID ? [/** @type {import("../types.d.ts").TicketNeed} */ (need)] : []))
      .map(({ ticket, kind, assignments, clock }) => ({
        ticket,
        loud: /** @type {Loud} */ ({ kind, since: clock?.due_at ?? "", assignments }),
      }))
      .filter(({ ticket, loud }) => isHeardAlways(loud, now) || URGENT.has(ticket.priority))
      .map(({ ticket, loud: { kind, since, assignments } }) => ({
        ticket,
        loud: { kind, since, assignments: assignments.filter(({ id }) => !this.silenced.has(`${kind}-${id}`)) },
      }))
      .filter(({ loud }) => loud.assignments.length);
  }

  /** @param {number} now */
  look(now) {
    const unseen = this.#unseen(now);
    const keys = new Set(unseen.map(({ ticket, loud }) => this.#key(ticket, loud)));
    this.toasts.keepOnly("late-", keys);
    for (const { ticket, loud } of [...unseen].reverse()) {
      const key = this.#key(ticket, loud);
      if (this.toasts.has(key)) continue;
      const agency = few(loud.assignments.map((one) => one.agency));
      const title = SAID[loud.kind]({ short: ticket.short, agency });
      const act = () => this.onOpen(ticket.number);
      this.toasts.show({ key, look: "red", title, button: { words: t("Buka"), act } });
    }
    this.unseen = unseen.length;
    this.worst = unseen[0]?.loud.kind ?? null;
  }
}

/**
 * sessionEnd(): when the session ends now, null for never. Say some minutes before it that it will, so that nobody is
 * surprised in a call.
 * @param {() => string | null} sessionEnd
 * @param {Toasts} toasts
 */
export function warnBeforeEnd(sessionEnd, toasts, minutes = 10) {
  /** @type {string | null} */
  let warnedOf = null;
  setInterval(() => {
    const endsAt = sessionEnd();
    if (endsAt === null || warnedOf === endsAt) return;
    if (!(Date.parse(endsAt) - serverNow() < minutes * 60000)) return;
    warnedOf = endsAt;
    toasts.show({
      key: "session",
      look: "amber",
      seconds: 60,
      title: t("Sesi Anda berakhir pukul {time}.", { time: timeOfDay(endsAt) }),
      more: t("Keluar dan masuk lagi sebelum itu, di antara dua panggilan."),
    });
  }, 15000);
}

/**
 * Keep figures and colleagues fresh; returns a function that asks now (not more often than every 3 s).
 * @param {Store} store
 * @param {() => void} draw
 */
export function keepStats(store, draw) {
  let asked = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | null} */
  let later = null; // a question that came too soon after the last one is asked when its time has come
  const ask = async () => {
    if (later) return;
    const wait = asked + 3000 - performance.now();
    if (wait > 0) {
      later = setTimeout(() => {
        later = null;
        ask();
      }, wait);
      return;
    }
    asked = performance.now();
    try {
      store.setStats(await get("/api/v1/board"));
      draw();
    } catch {
      // The last known figures stay; the link sign says how old everything is.
    }
  };
  setInterval(ask, 20000);
  return ask;
}
