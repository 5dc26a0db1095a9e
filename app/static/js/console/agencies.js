// The agencies of a ticket: who is proposed for the chosen type and why, who is ticked, who has it already and how that
// stands. When an agency reports by telephone the operator notes its next step here.
import { post } from "../core/api.js";
import { clone, fill, keyed, one, setAttribute, setText } from "../core/dom.js";
import { language, t } from "../core/i18n.js";
import { setClock, showAgency } from "../core/marks.js";
import { moment } from "../core/time.js";

const LIVE = new Set(["sent", "acknowledged", "en_route", "on_scene"]);
const NEXT_STEP = {
  sent: { command: "acknowledge", words: t("Catat: diterima") },
  acknowledged: { command: "en-route", words: t("Catat: menuju") },
  en_route: { command: "on-scene", words: t("Catat: tiba") },
  on_scene: { command: "clear", words: t("Catat: selesai") },
};
const SINCE = ["cleared_at", "declined_at", "cancelled_at", "on_scene_at", "en_route_at", "acknowledged_at", "sent_at"];

export class Agencies {
  /** onChange(): a tick has changed. onReport(assignment, command). */
  constructor({ catalogue, onChange, onReport }) {
    Object.assign(this, { onChange, onReport, proposals: new Map(), ticks: new Map(), added: [], answered: [] });
    this.reasons = new Map(catalogue.decline_reasons.map((reason) => [reason.code, reason[`name_${language}`]]));
    this.list = document.getElementById("agencies");
    this.section = this.list.parentElement;
    this.list.addEventListener("change", ({ target }) => {
      this.ticks.set(target.value, target.checked);
      this.#draw();
      onChange();
    });
  }

  /** Begin with another ticket: nothing is ticked by hand yet. */
  start() {
    this.ticks = new Map();
    this.added = [];
    this.answered = [];
    this.understood = null;
    this.text = "";
    this.proposals = new Map(); // another caller's words propose nothing here
  }

  /** The server has read the line: what was proposed for an earlier text is proposed no longer. */
  understand(understood, text) {
    this.understood = understood;
    this.text = text;
    this.proposals = new Map(Object.entries(understood?.agencies ?? {}));
    this.words = (understood?.danger ?? []).map(({ start, end }) => [...text].slice(start, end).join(""));
    fill(this.section, {
      danger: this.words.length
        ? t("kata bahaya: {words}", { words: this.words.map((word) => `“${word}”`).join(", ") })
        : null,
    });
  }

  /** Draw for this ticket and this chosen type. */
  show(ticket, typeCode, now) {
    this.ticket = ticket;
    this.typeCode = typeCode;
    if (typeCode && !this.proposals.has(typeCode)) this.#ask(typeCode);
    this.#draw();
    this.#drawAssignments(now);
  }

  /** What answers of the question card propose: [{code, at, reason_id, reason_en}]. */
  propose(answered) {
    if (JSON.stringify(answered) === JSON.stringify(this.answered)) return;
    this.answered = answered;
    if (this.ticket) this.#draw();
    this.onChange();
  }

  /** What a hand has ticked and added, to come back to; and back to it. */
  get state() {
    return {
      ...(this.ticks.size ? { ticks: Object.fromEntries(this.ticks) } : {}),
      ...(this.added.length ? { added: this.added } : {}),
    };
  }

  restore({ ticks = {}, added = [] }) {
    this.ticks = new Map(Object.entries(ticks));
    this.added = [...added];
  }

  add(code) {
    if (!this.added.includes(code)) this.added.push(code);
    this.ticks.set(code, true);
    this.#draw();
    this.onChange();
  }

  /** Codes that are ticked and do not have the ticket yet. */
  get ticked() {
    return this.#rows()
      .filter((agency) => agency.ticked)
      .map((agency) => agency.code);
  }

  #rows() {
    if (!this.ticket) return [];
    const has = new Set(this.ticket.assignments.filter((one) => LIVE.has(one.state)).map((one) => one.agency));
    const proposed = this.typeCode ? (this.proposals.get(this.typeCode) ?? []) : [];
    const extra = this.added
      .filter(
        (code) =>
          !proposed.some((agency) => agency.code === code) && !this.answered.some((agency) => agency.code === code),
      )
      .map((code) => ({ code, reason_id: "ditambah dengan tangan", reason_en: "added by hand", preselected: true }));
    // After the first dispatch nothing is ticked by itself: what was left out was left out on purpose.
    const sentBefore = this.ticket.assignments.length > 0;
    const fresh = new Set(
      this.answered.filter(({ at }) => !sentBefore || at > this.ticket.first_dispatched_at).map(({ code }) => code),
    );
    const byAnswer = new Map(
      this.answered
        .filter(({ code }) => !proposed.some((agency) => agency.code === code))
        .map((agency) => [agency.code, agency]),
    );
    return [...proposed, ...byAnswer.values(), ...extra]
      .filter(({ code }) => !has.has(code))
      .map((agency) => ({
        ...agency,
        ticked: this.ticks.get(agency.code) ?? (fresh.has(agency.code) || (agency.preselected && !sentBefore)),
      }));
  }

  async #ask(code) {
    const { proposals, text } = this;
    proposals.set(code, []);
    try {
      const { agencies } = await post("/api/v1/interpret", { text: text ?? "", type_code: code });
      proposals.set(code, agencies[code] ?? []);
    } catch {
      proposals.delete(code); // asked again at the next change; agencies can be added by hand meanwhile
      return;
    }
    if (proposals !== this.proposals) return; // meanwhile the text or the ticket is another
    if (this.typeCode === code) {
      this.#draw();
      this.onChange();
    }
  }

  #draw() {
    const rows = this.#rows();
    keyed(this.list, rows, {
      key: (agency) => agency.code,
      make: () => clone("row-agency"),
      update: (node, agency) => {
        const box = one("input", node);
        box.value = agency.code;
        box.checked = agency.ticked;
        const reason = agency[`reason_${language}`] || agency.reason_id;
        fill(node, { code: agency.code, reason });
        setAttribute(node, "title", `${agency.code}: ${reason}`);
      },
    });
    const hint = one('[data-part="hint"]', this.section);
    hint.hidden = rows.length > 0;
    setText(
      hint,
      this.typeCode
        ? t("Tidak ada usulan lain. Tambah instansi bila perlu.")
        : t("Muncul setelah jenis kejadian dipilih."),
    );
    setText(one('[data-part="count"]', this.section), String(rows.filter((agency) => agency.ticked).length));
  }

  #drawAssignments(now) {
    const { assignments } = this.ticket;
    document.getElementById("assignments-section").hidden = assignments.length === 0;
    setAttribute(document.getElementById("work-body"), "data-sent", assignments.length > 0 || null);
    const open = this.ticket.state !== "closed";
    keyed(document.getElementById("assignments"), assignments, {
      key: (assignment) => assignment.id,
      make: () => {
        const node = clone("row-assignment");
        one('[data-part="report"]', node).addEventListener("click", () =>
          this.onReport(node.assignment, NEXT_STEP[node.assignment.state].command),
        );
        return node;
      },
      update: (node, assignment) => {
        node.assignment = assignment;
        showAgency(one('[data-part="agency"]', node), assignment, { now });
        const since = assignment[SINCE.find((name) => assignment[name])];
        fill(node, {
          note: [moment(since, now), this.reasons.get(assignment.reason), assignment.note].filter(Boolean).join(" · "),
          report: NEXT_STEP[assignment.state]?.words,
        });
        const chip = one('[data-part="timer"]', node);
        chip.hidden = !assignment.due_at;
        if (assignment.due_at)
          setClock(chip, { kind: "due", started: assignment.clock_started_at, due: assignment.due_at });
        one('[data-part="report"]', node).hidden = !(open && NEXT_STEP[assignment.state]);
      },
    });
  }
}
