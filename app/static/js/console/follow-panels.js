// What unfolds under an agency's row, one at a time: the number to dial, handing the task over, the full ladder with
// every message, and the pause of its clock.
import { all, clone, fill, find, keyed, one, setAttribute, setIcon } from "../core/dom.js";
import { language, named, t } from "../core/i18n.js";
import { age, timeOfDay } from "../core/time.js";
import { isReplaced, pauseOf } from "./follow-facts.js";
import { messageLines, rungLines } from "./follow-lines.js";

/**
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {import("../payloads.d.ts").KnownPauseReason} KnownPauseReason
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("./follow-lines.js").Line} Line
 * @typedef {import("./types.d.ts").FollowHands} FollowHands
 * @typedef {import("./types.d.ts").TimelineEntry} TimelineEntry
 * @typedef {"call" | "hand-over" | "detail"} PanelKind
 * @typedef {object} Shown
 * @property {Ticket} ticket
 * @property {Assignment} assignment
 * @property {number} now
 * @property {TimelineEntry[]} timeline
 * @property {boolean} maySend
 */

/** How long a clock may stand, as far as its reason allows. */
const MINUTES = [15, 30, 60, 120, 240, 720];
const CHOICES = 2;

export class FollowPanels {
  /**
   * onClose(assignment's id): a form was sent, the focus goes back to its row.
   * @param {object} parts
   * @param {import("../payloads.d.ts").Catalogue} parts.catalogue
   * @param {() => import("../payloads.d.ts").Me} parts.me
   * @param {FollowHands} parts.hands
   * @param {Map<string, string | null>} parts.phones by agency
   * @param {(id: number) => void} parts.onClose
   */
  constructor({ catalogue, me, hands, phones, onClose }) {
    this.catalogue = catalogue;
    this.me = me;
    this.hands = hands;
    this.phones = phones;
    this.onClose = onClose;
    /** @type {{id: number, kind: PanelKind} | null} */
    this.opened = null;
    this.fresh = false; // opened by a hand, and not drawn since
  }

  /** @param {number} id */
  isOpen(id) {
    return this.opened?.id === id;
  }

  close() {
    this.opened = null;
  }

  /**
   * @param {number} id
   * @param {PanelKind} kind
   */
  open(id, kind) {
    this.opened = { id, kind };
    this.fresh = true;
  }

  /**
   * @param {number} id
   * @param {PanelKind} kind
   */
  toggle(id, kind) {
    if (this.opened?.id === id && this.opened.kind === kind) this.close();
    else this.open(id, kind);
  }

  /**
   * @param {HTMLElement} node the row
   * @param {Shown} shown
   */
  draw(node, shown) {
    const { assignment } = shown;
    const kind = this.opened?.id === assignment.id ? this.#kindFor(shown) : null;
    const room = one('[data-part="under"]', node);
    setAttribute(one(".follow-open", node), "aria-expanded", String(kind === "detail"));
    room.hidden = kind === null;
    if (room.dataset.kind !== (kind ?? "")) {
      room.dataset.kind = kind ?? "";
      room.replaceChildren();
      if (kind === "hand-over") room.append(this.#handOver(shown));
      if (kind === "call") room.append(this.#call(shown));
      if (kind === "detail") room.append(this.#detail(shown));
    }
    if (kind === "detail") this.#fillDetail(room, shown);
    if (kind !== null && this.fresh) {
      this.fresh = false;
      find("[data-first]", room)?.focus();
      room.scrollIntoView({ block: "nearest" });
    }
  }

  /**
   * What is open may have been done meanwhile, here or by a colleague.
   * @param {Shown} shown
   * @returns {PanelKind | null}
   */
  #kindFor({ ticket, assignment, maySend }) {
    const kind = this.opened?.kind ?? null;
    const over =
      assignment.state === "cancelled" || (assignment.state === "declined" && isReplaced(ticket, assignment));
    if (kind === "hand-over" && (!maySend || over)) return null;
    return kind === "call" && assignment.state !== "sent" ? null : kind;
  }

  // -- the number to dial ---------------------------------------------------------------------------------------------

  /** @param {Shown} shown */
  #call({ assignment, maySend }) {
    const panel = clone("follow-call");
    const phone = this.phones.get(assignment.agency) ?? null;
    const number = one("a[data-part=number]", panel);
    number.hidden = !phone;
    if (phone) {
      number.href = `tel:${phone.replace(/[^+\d]/g, "")}`;
      number.textContent = phone;
    }
    fill(panel, {
      why: t("Telepon {agency}", { agency: assignment.agency }),
      none: phone ? null : t("Nomornya belum ada di data kota: lewat radio, atau serahkan."),
    });
    const told = one('[data-part="told"]', panel);
    setAttribute(told, "data-first", true);
    told.addEventListener("click", () => {
      this.close();
      this.hands.report(assignment, "acknowledge");
      this.onClose(assignment.id);
    });
    const handOver = one('[data-part="hand-over"]', panel);
    handOver.hidden = !maySend;
    handOver.addEventListener("click", () => {
      this.open(assignment.id, "hand-over");
      this.hands.onChange();
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "s" && maySend && !event.ctrlKey) handOver.click();
    });
    return panel;
  }

  // -- handing over ---------------------------------------------------------------------------------------------------

  /** @param {Shown} shown */
  #handOver({ ticket, assignment }) {
    const panel = clone("follow-hand");
    const has = new Set(ticket.assignments.map(({ agency }) => agency));
    const proposed = this.hands.proposed().filter(({ code }) => !has.has(code));
    const others = this.catalogue.agencies.filter(({ code }) => code !== assignment.agency);
    fill(panel, { for: t("{agency} ke", { agency: assignment.agency }) });
    const choices = one('[data-part="choices"]', panel);
    for (const { code, reason_id: id, reason_en: en } of proposed.slice(0, CHOICES)) {
      const choice = clone("hand-choice");
      one("input", choice).value = code;
      fill(choice, { code, reason: language === "en" ? en || id : id });
      choices.append(choice);
    }
    const radios = all("input", choices);
    const other = one("select[data-part=other]", panel);
    other.append(new Option(radios.length ? t("Lain") : t("Pilih instansi"), ""));
    for (const { code, name } of others) other.append(new Option(`${code} · ${name}`, code));
    const words = one("input[data-part=words]", panel);
    words.value = assignment.note ?? "";
    if (radios[0]) radios[0].checked = true;
    setAttribute(radios[0] ?? other, "data-first", true);
    other.addEventListener("change", () => {
      for (const radio of radios) radio.checked = !other.value && radio === radios[0];
    });
    choices.addEventListener("change", () => {
      other.value = "";
    });
    panel.addEventListener("submit", (event) => {
      event.preventDefault();
      const to = other.value || radios.find(({ checked }) => checked)?.value;
      if (!to) {
        other.focus();
        return;
      }
      this.close();
      const why = t("menggantikan {agency}", { agency: assignment.agency });
      this.hands.handOver(ticket.number, to, [why, words.value.trim()].filter(Boolean).join(": "));
      this.onClose(assignment.id);
    });
    // Enter hands over from wherever it is pressed in the form; a list that is open keeps it to itself.
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target === other || !(panel instanceof HTMLFormElement)) return;
      event.preventDefault();
      event.stopPropagation();
      panel.requestSubmit();
    });
    return panel;
  }

  // -- the full ladder and every message ------------------------------------------------------------------------------

  /** @param {Shown} shown */
  #detail({ ticket, assignment }) {
    const panel = clone("follow-detail");
    const form = one("form[data-part=pause]", panel);
    const reason = one("select[data-part=reason]", form);
    const minutes = one("select[data-part=minutes]", form);
    const mine = this.#reasons();
    for (const known of mine) reason.append(new Option(named(known), known.code));
    const offer = () => {
      const longest = mine.find(({ code }) => code === reason.value)?.longest_s ?? 0;
      const chosen = minutes.value;
      minutes.replaceChildren(
        ...MINUTES.filter((n) => n * 60 <= longest).map((n) => new Option(age(n * 60), String(n))),
      );
      if ([...minutes.options].some(({ value }) => value === chosen)) minutes.value = chosen;
    };
    reason.addEventListener("change", offer);
    offer();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.dataset.paused) this.hands.resume(ticket.number, assignment.id);
      else this.hands.pause(ticket.number, assignment.id, reason.value, Number(minutes.value));
    });
    return panel;
  }

  /** @returns {KnownPauseReason[]} those that I may give */
  #reasons() {
    return this.catalogue.pause_reasons.filter(({ roles }) => roles.includes(this.me().role));
  }

  /**
   * @param {HTMLElement} room
   * @param {Shown} shown
   */
  #fillDetail(room, { assignment, now, timeline }) {
    const rungs = rungLines(assignment, now);
    const messages = messageLines(assignment, timeline);
    drawLines(one('[data-part="rungs"]', room), rungs);
    drawLines(one('[data-part="messages"]', room), messages);
    const form = one("form[data-part=pause]", room);
    const pause = pauseOf(assignment, now);
    const reasons = this.#reasons();
    const mayResume = pause !== null && reasons.some(({ code }) => code === pause.reason);
    form.hidden = !assignment.ladder || !assignment.due_at || (pause ? false : !reasons.length);
    one("button", form).hidden = pause !== null && !mayResume;
    for (const select of all("select", form)) select.hidden = pause !== null;
    form.dataset.paused = pause ? "1" : "";
    const known = this.catalogue.pause_reasons.find(({ code }) => code === pause?.reason);
    fill(room, {
      "no-ladder": rungs.length ? null : t("Tidak ada tenggat yang berjalan."),
      "no-messages": messages.length ? null : t("Belum ada yang diberi tahu."),
      "pause-words": pause
        ? t("Tenggat dijeda sampai {time}: {reason}.", { time: timeOfDay(pause.until), reason: named(known) })
        : t("Jeda tenggat karena"),
      "pause-act": pause ? t("Jalankan lagi") : t("Jeda"),
    });
  }
}

/**
 * @param {HTMLElement} list
 * @param {Line[]} lines
 */
function drawLines(list, lines) {
  keyed(list, lines, {
    key: ({ key }) => key,
    make: () => clone("rung"),
    update: (node, { icon, look, at, words }) => {
      setAttribute(node, "data-look", look);
      setIcon(node.firstElementChild, icon);
      fill(node, { at, words });
    },
  });
}
