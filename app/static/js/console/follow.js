// "Sudah dikirim": for each agency that has the ticket how far the news has come, its clock, who is told next, and one
// button. The worst is first; while a hand is in the list nothing changes its place.
import { all, around, clone, fill, find, keyed, one, setAttribute, setIcon } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { channelName, levelWord, shortWho } from "../core/ladder-words.js";
import { setClock } from "../core/marks.js";
import { length, moment, timeOfDay } from "../core/time.js";
import {
  actOf,
  allDeclined,
  clockOf,
  isLive,
  isReplaced,
  isUnreached,
  keepOrder,
  nextRungs,
  pauseOf,
  reachedOf,
  worstFirst,
} from "./follow-facts.js";
import { FollowPanels } from "./follow-panels.js";

/**
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("./follow-facts.js").Act} Act
 * @typedef {import("./follow-facts.js").Reached} Reached
 * @typedef {import("./types.d.ts").FollowHands} FollowHands
 * @typedef {import("./types.d.ts").TimelineEntry} TimelineEntry
 * @typedef {{node: HTMLElement, assignment: Assignment, act: Act | null}} Row
 */

/** @type {Record<Act, {words: string, icon: string}>} */
const ACTS = {
  call: { words: t("Telepon"), icon: "phone" },
  acknowledge: { words: t("Tandai diterima"), icon: "check" },
  "en-route": { words: t("Tandai menuju"), icon: "arrow-right" },
  "on-scene": { words: t("Tandai tiba"), icon: "map-pin" },
  clear: { words: t("Tandai selesai"), icon: "check-check" },
  "hand-over": { words: t("Serahkan"), icon: "forward" },
};
/** @type {Record<Reached["kind"], string>} */
const SIGNS = {
  waiting: "clock",
  level: "check",
  unknown: "circle-help",
  failed: "octagon-alert",
  hole: "unplug",
  declined: "x",
  off: "minus",
};

export class Follow {
  /**
   * @param {object} parts
   * @param {import("../payloads.d.ts").Catalogue} parts.catalogue
   * @param {() => import("../payloads.d.ts").Me} parts.me
   * @param {FollowHands} parts.hands
   */
  constructor({ catalogue, me, hands }) {
    this.hands = hands;
    this.silent = new Set([...catalogue.silent_channels, "page"]); // whether anybody looks at a page is not known
    this.reasons = new Map(catalogue.decline_reasons.map((reason) => [reason.code, named(reason)]));
    this.pauses = new Map(catalogue.pause_reasons.map((reason) => [reason.code, reason]));
    this.phones = new Map(catalogue.agencies.map(({ code, phone }) => [code, phone]));
    /** @type {Ticket | null} */
    this.ticket = null;
    this.list = one("ul#assignments");
    this.section = one("#assignments-section");
    /** @type {Row[]} as they are drawn */
    this.rows = [];
    this.panels = new FollowPanels({ catalogue, me, hands, phones: this.phones, onClose: (id) => this.#focus(id) });
    this.list.addEventListener("click", (event) => this.#click(event));
    this.list.addEventListener("keydown", (event) => this.#key(event));
    for (const kind of ["focusin", "focusout"]) this.list.addEventListener(kind, () => hands.onChange());
    // A button that was clicked would keep the focus, and the next Enter would press what it says by then.
    this.list.addEventListener("mousedown", (event) => {
      if (around(event, ".follow-act")) event.preventDefault();
    });
  }

  /** Another ticket is open: nothing is unfolded. */
  start() {
    this.ticket = null;
    this.rows = [];
    this.panels.close();
  }

  /**
   * @param {Ticket} ticket
   * @param {object} about
   * @param {number} about.now
   * @param {TimelineEntry[]} about.timeline
   * @param {boolean} about.maySend hand it over, or stop its clock
   */
  show(ticket, { now, timeline, maySend }) {
    this.ticket = ticket;
    this.section.hidden = ticket.assignments.length === 0;
    setAttribute(one("#work-body"), "data-sent", ticket.assignments.length > 0 || null);
    fill(this.section, { "sent-at": ticket.first_dispatched_at && moment(ticket.first_dispatched_at, now) });
    const inHand = this.list.matches(":hover, :focus-within");
    const worst = worstFirst(ticket, now);
    const order = inHand
      ? keepOrder(
          worst,
          this.rows.map(({ assignment }) => assignment.id),
        )
      : worst;
    /** @type {Row[]} */
    const rows = [];
    keyed(this.list, order, {
      key: ({ id }) => id,
      make: () => clone("row-follow"),
      update: (node, assignment) => {
        const act = maySend || assignment.state !== "declined" ? actOf(ticket, assignment) : null;
        rows.push({ node, assignment, act });
        this.#row(node, { ticket, assignment, act, now, cap: rows.length });
        this.panels.draw(node, { ticket, assignment, now, timeline, maySend });
      },
    });
    this.rows = rows;
    const opener = find('.follow-open[tabindex="0"]', this.list) ?? find(".follow-open", this.list);
    if (opener) this.#rove(opener);
  }

  /**
   * @param {HTMLElement} node
   * @param {{ticket: Ticket, assignment: Assignment, act: Act | null, now: number, cap: number}} row
   */
  #row(node, { ticket, assignment, act, now, cap }) {
    const reached = reachedOf(assignment, this.silent);
    const clock = clockOf(assignment, now);
    const lost = isUnreached(assignment);
    const nobodyGoes = assignment.state === "declined" && allDeclined(ticket);
    setAttribute(node, "data-look", lost || nobodyGoes || clock === "late" ? "hand" : "plain");
    const over =
      assignment.state === "cancelled" || (assignment.state === "declined" && isReplaced(ticket, assignment));
    setAttribute(node, "data-reach", lost ? "lost" : over ? "over" : null);
    fill(node, { agency: assignment.agency, who: whoOf(reached), ...this.#reach(assignment, reached, now) });
    setAttribute(one(".follow-open", node), "title", assignment.agency_name);
    const squares = one("svg[data-part=squares]", node);
    const sign = one("svg[data-part=sign]", node);
    const counts = reached.kind === "level" || reached.kind === "unknown" || reached.kind === "waiting";
    squares.toggleAttribute("hidden", !counts);
    sign.toggleAttribute("hidden", counts);
    setAttribute(squares, "data-full", reached.squares);
    setAttribute(squares, "data-unknown", reached.kind === "unknown" || null);
    setIcon(sign, SIGNS[reached.kind]);
    setAttribute(one('.follow-words [data-field="more"]', node), "data-look", counts && reached.twice ? "amber" : null);
    this.#clock(node, ticket, assignment, { clock, now });
    const button = one('[data-part="act"]', node);
    button.hidden = !act;
    if (!act) return;
    setAttribute(button, "data-act", act);
    setIcon(button.firstElementChild, ACTS[act].icon);
    fill(button, { act: ACTS[act].words, "act-of": assignment.agency, cap: cap <= 9 ? cap : null });
  }

  /**
   * @param {Assignment} assignment
   * @param {Reached} reached
   * @param {number} now
   */
  #reach(assignment, reached, now) {
    const at = reached.at ? timeOfDay(reached.at, { seconds: true }) : null;
    const via = reached.channel ? t("lewat {channel}", { channel: channelName(reached.channel) }) : null;
    if (reached.kind === "failed" || reached.kind === "hole") {
      const phone = this.phones.get(assignment.agency);
      return { level: levelWord(reached.kind), at: null, more: phone ?? t("nomornya belum ada di data kota") };
    }
    if (reached.kind === "declined") {
      const reason = this.reasons.get(assignment.reason ?? "");
      const note = assignment.note ? `“${assignment.note}”` : null;
      return { level: t("ditolak"), at, more: [reason, note].filter(Boolean).join(": ") };
    }
    if (reached.kind === "off") return { level: t("dibatalkan"), at, more: null };
    if (reached.kind === "waiting") return { level: null, at: t("memberi tahu …"), more: null };
    if (reached.kind === "unknown") {
      const channel = channelName(reached.channel ?? "");
      return {
        level: levelWord("accepted"),
        at,
        more: reached.twice ? t("mungkin ganda") : t("{channel}: tidak diketahui", { channel }),
      };
    }
    if (reached.twice) return { level: levelWord(reached.level), at, more: t("mungkin ganda") };
    const moved = assignment.on_scene_at
      ? t("tiba {time}", { time: timeOfDay(assignment.on_scene_at, { seconds: true }) })
      : assignment.en_route_at
        ? t("menuju {time}", { time: timeOfDay(assignment.en_route_at, { seconds: true }) })
        : null;
    const done = assignment.cleared_at ? t("selesai {time}", { time: moment(assignment.cleared_at, now) }) : null;
    const note = assignment.note ? `“${assignment.note}”` : null;
    return { level: levelWord(reached.level), at, more: [done ?? moved ?? via, note].filter(Boolean).join(" · ") };
  }

  /**
   * @param {HTMLElement} node
   * @param {Ticket} ticket
   * @param {Assignment} assignment
   * @param {{clock: ReturnType<typeof clockOf>, now: number}} stands
   */
  #clock(node, ticket, assignment, { clock, now }) {
    const chip = one('[data-part="timer"]', node);
    const { due_at: due, declined_at: declinedAt, acknowledged_at: answeredAt } = assignment;
    const pause = pauseOf(assignment, now);
    const waits = assignment.state === "declined" && !isReplaced(ticket, assignment);
    chip.hidden = false;
    if (pause) {
      const until = timeOfDay(pause.until);
      setClock(chip, { kind: "fixed", look: "plain", words: t("dijeda sampai {time}", { time: until }) });
      setIcon(chip.firstElementChild, "pause");
      fill(node, { next: named(this.pauses.get(pause.reason) ?? { code: pause.reason }) });
      return;
    }
    if (waits) {
      setClock(chip, {
        kind: "wait",
        since: declinedAt ?? "",
        nearS: 0,
        lateS: allDeclined(ticket) ? 0 : Infinity,
        before: t("tanpa pengganti"),
      });
      fill(node, { next: t("dijawab {time} sesudah kirim", { time: lasting(assignment.sent_at, declinedAt) }) });
      return;
    }
    if (due && clock !== "none" && (assignment.state === "sent" || clock !== "running"))
      setClock(chip, { kind: "due", started: assignment.clock_started_at ?? "", due });
    else if (answeredAt)
      setClock(chip, { kind: "fixed", look: "stopped", words: lasting(assignment.sent_at, answeredAt) });
    else chip.hidden = true;
    fill(node, { next: isLive(assignment) ? nextWords(assignment) : null });
  }

  // -- hands ----------------------------------------------------------------------------------------------------------

  /** @param {EventTarget | null} target */
  #rowOf(target) {
    return this.rows.find(({ node }) => target instanceof Node && node.contains(target)) ?? null;
  }

  /** @param {Event} event */
  #click(event) {
    const row = this.#rowOf(event.target);
    if (!row) return;
    if (around(event, ".follow-act")) this.#act(row);
    else if (around(event, ".follow-open")) this.panels.toggle(row.assignment.id, "detail");
    else return;
    this.hands.onChange();
  }

  /** @param {Row} row */
  #act({ assignment, act }) {
    if (act === "call" || act === "hand-over") this.panels.toggle(assignment.id, act);
    else if (act) this.hands.report(assignment, act);
  }

  /**
   * Digits press the buttons, S hands over, the arrows move and unfold; only while the list has the focus, and never
   * where something is typed. Other letters go to the caller's line, as everywhere.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const row = this.#rowOf(event.target);
    if (!row) return;
    const { id } = row.assignment;
    if (event.key === "Escape" && this.panels.isOpen(id)) {
      this.panels.close();
      this.#focus(id);
    } else if (!around(event, ".follow-row")) {
      if (!around(event, "input, select, textarea") && event.key.length === 1) event.stopPropagation();
      return; // inside of what is unfolded the keys are the form's
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const to = this.rows[this.rows.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
      if (to) this.#focus(to.assignment.id);
    } else if (event.key === "ArrowRight") this.panels.open(id, "detail");
    else if (event.key === "ArrowLeft") this.panels.close();
    else if (event.key.toLowerCase() === "s" && row.assignment.state !== "cancelled") this.panels.open(id, "hand-over");
    else if (/^[1-9]$/.test(event.key)) {
      const pressed = this.rows[Number(event.key) - 1];
      if (pressed) this.#act(pressed);
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.hands.onChange();
  }

  /** @param {number} id */
  #focus(id) {
    const opener = find(`[data-key="${id}"] .follow-open`, this.list);
    if (!opener) return;
    this.#rove(opener);
    opener.focus();
  }

  /**
   * Tab comes to one row; the arrows go on from there.
   * @param {HTMLElement} opener
   */
  #rove(opener) {
    for (const { node } of this.rows)
      for (const button of all(".follow-open, .follow-act", node))
        setAttribute(button, "tabindex", node.contains(opener) ? 0 : -1);
  }
}

/**
 * Who has it, or was told first.
 * @param {Reached} reached
 */
function whoOf({ kind, person, others }) {
  if (kind === "hole" || kind === "waiting" || !person) return null;
  const role = shortWho(person.role);
  const who = person.name ? `${role} (${person.name})` : role;
  return others ? `${who} +${others}` : who;
}

/** @param {Assignment} assignment */
function nextWords(assignment) {
  const { ladder, state } = assignment;
  if (!ladder) return null;
  if (ladder.held) return t("ditahan: data dipulihkan");
  const [first, second] = nextRungs(assignment);
  if (!first) return state === "sent" ? t("semua tingkat sudah diberi tahu") : null;
  const now = { who: shortWho(first.who), time: timeOfDay(first.at) };
  if (!second) return t("{who} {time}", now);
  return t("{who} {time}, lalu {at} {later}", {
    ...now,
    later: shortWho(second.who),
    at: timeOfDay(second.at),
  });
}

/**
 * @param {string} from
 * @param {string | null} to
 */
const lasting = (from, to) => (to ? length((Date.parse(to) - Date.parse(from)) / 1000) : "–");
