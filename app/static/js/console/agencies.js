// The agencies that a ticket could be sent to: who is proposed for the chosen type and why, and who is ticked.
import { get, post } from "../core/api.js";
import { around, clone, fill, find, keyed, one, setAttribute, setText } from "../core/dom.js";
import { language, t } from "../core/i18n.js";
import { drawCell } from "./ladder-cells.js";
import { Previews } from "./previews.js";

/**
 * @typedef {import("../payloads.d.ts").Interpretation} Interpretation
 * @typedef {import("../payloads.d.ts").ProposedAgency} ProposedAgency
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("./types.d.ts").AnsweredAgency} AnsweredAgency
 * @typedef {import("./types.d.ts").DraftChoices} DraftChoices
 * @typedef {{code: string, reason_id: string, reason_en: string, preselected?: boolean}} Proposal by the type, by an
 * answer or by hand
 */

const LIVE = new Set(["sent", "acknowledged", "en_route", "on_scene"]);

export class Agencies {
  /**
   * onChange(): a tick has changed.
   * @param {object} options
   * @param {() => void} options.onChange
   * @param {() => import("./previews.js").Situation | null} options.situation null: nobody asks who would be told
   */
  constructor({ onChange, situation }) {
    this.onChange = onChange;
    this.situation = situation;
    /** @type {Ticket | null} the open one */
    this.ticket = null;
    /** @type {string | null} of the chosen type */
    this.typeCode = null;
    this.text = "";
    /** @type {string[]} what of it says that there is danger */
    this.dangerWords = [];
    /** @type {Map<string, ProposedAgency[]>} by type code */
    this.proposals = new Map();
    /** @type {AnsweredAgency[]} */
    this.answered = [];
    /** @type {Map<string, boolean>} what a hand has ticked or not, by agency */
    this.ticks = new Map();
    /** @type {string[]} codes */
    this.added = [];
    /** @type {string | null} whose full ladder is unfolded */
    this.unfolded = null;
    this.previews = new Previews({
      ask: async ({ agencies, priority, kelurahan }, signal) => {
        const query = new URLSearchParams({ agencies: agencies.join(","), priority });
        if (kelurahan) query.set("kelurahan_code", kelurahan);
        return (await get(`/api/v1/ladder-preview?${query}`, { signal })).items;
      },
      onChange: () => {
        this.#draw();
        onChange();
      },
    });
    this.list = one("ul#agencies");
    this.section = one("section.agencies");
    this.list.addEventListener("change", ({ target }) => {
      if (!(target instanceof HTMLInputElement)) return;
      this.ticks.set(target.value, target.checked);
      this.#draw();
      onChange();
    });
    this.list.addEventListener("click", (event) => {
      if (around(event, '[data-part="ladder"]')) this.#unfold(around(event, "[data-key]"));
    });
    this.list.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      event.preventDefault();
      event.stopPropagation();
      const cell = around(event, "[data-key]");
      if ((this.unfolded === cell?.dataset.key) === (event.key === "ArrowLeft")) this.#unfold(cell);
    });
  }

  /**
   * The full ladder of a cell, or no longer.
   * @param {HTMLElement | null} cell
   */
  #unfold(cell) {
    const code = cell?.dataset.key ?? null;
    this.unfolded = this.unfolded === code ? null : code;
    this.#draw();
    find(`[data-key="${this.unfolded}"]`, this.list)?.scrollIntoView({ block: "nearest" });
  }

  /** Begin with another ticket: nothing is ticked by hand yet. */
  start() {
    this.previews.stop();
    this.unfolded = null;
    this.ticks = new Map();
    this.added = [];
    this.answered = [];
    this.text = "";
    this.proposals = new Map(); // another caller's words propose nothing here
  }

  /**
   * The server has read the line (null: it is empty): what was proposed for an earlier text is proposed no longer.
   * @param {Interpretation | null} understood
   * @param {string} text
   */
  understand(understood, text) {
    this.text = text;
    this.proposals = new Map(Object.entries(understood?.agencies ?? {}));
    this.dangerWords = (understood?.danger ?? []).map(({ start, end }) => [...text].slice(start, end).join(""));
    fill(this.section, {
      danger: this.dangerWords.length
        ? t("kata bahaya: {words}", { words: this.dangerWords.map((word) => `“${word}”`).join(", ") })
        : null,
    });
  }

  /**
   * Draw for this ticket and this chosen type.
   * @param {Ticket} ticket
   * @param {string | null} typeCode
   */
  show(ticket, typeCode) {
    this.ticket = ticket;
    this.typeCode = typeCode;
    if (typeCode && !this.proposals.has(typeCode)) this.#ask(typeCode);
    this.#draw();
  }

  /**
   * What answers of the question card propose.
   * @param {AnsweredAgency[]} answered
   */
  propose(answered) {
    if (JSON.stringify(answered) === JSON.stringify(this.answered)) return;
    this.answered = answered;
    if (this.ticket) this.#draw();
    this.onChange();
  }

  /**
   * What a hand has ticked and added, to come back to; and back to it.
   * @returns {Pick<DraftChoices, "ticks" | "added">}
   */
  get state() {
    return {
      ...(this.ticks.size ? { ticks: Object.fromEntries(this.ticks) } : {}),
      ...(this.added.length ? { added: this.added } : {}),
    };
  }

  /** @param {Pick<DraftChoices, "ticks" | "added">} state */
  restore({ ticks = {}, added = [] }) {
    this.ticks = new Map(Object.entries(ticks));
    this.added = [...added];
  }

  /** @param {string} code */
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

  /** Codes that are ticked and that no message would reach. */
  get holes() {
    const situation = this.situation();
    if (!situation) return [];
    return this.ticked.filter((code) => {
      const known = this.previews.get(code, situation);
      return known !== null && known !== "failed" && known.hole;
    });
  }

  /** Those that do not have the ticket, the best first. */
  get proposed() {
    return this.#rows();
  }

  #rows() {
    const { ticket } = this;
    if (!ticket) return [];
    const has = new Set(ticket.assignments.filter((one) => LIVE.has(one.state)).map((one) => one.agency));
    /** @type {Proposal[]} */
    const proposed = this.typeCode ? (this.proposals.get(this.typeCode) ?? []) : [];
    const extra = this.added
      .filter(
        (code) =>
          !proposed.some((agency) => agency.code === code) && !this.answered.some((agency) => agency.code === code),
      )
      .map((code) => ({ code, reason_id: "ditambah dengan tangan", reason_en: "added by hand", preselected: true }));
    // After the first dispatch nothing is ticked by itself: what was left out was left out on purpose.
    const sentBefore = ticket.assignments.length > 0;
    const sentAt = ticket.first_dispatched_at ?? "";
    const fresh = new Set(this.answered.filter(({ at }) => !sentBefore || at > sentAt).map(({ code }) => code));
    /** @type {Map<string, Proposal>} */
    const byAnswer = new Map(
      this.answered
        .filter(({ code }) => !proposed.some((agency) => agency.code === code))
        .map((agency) => [agency.code, agency]),
    );
    return [...proposed, ...byAnswer.values(), ...extra]
      .filter(({ code }) => !has.has(code))
      .map((agency) => ({
        ...agency,
        ticked: this.ticks.get(agency.code) ?? (fresh.has(agency.code) || (Boolean(agency.preselected) && !sentBefore)),
      }));
  }

  /** @param {string} code */
  async #ask(code) {
    const { proposals, text } = this;
    proposals.set(code, []);
    try {
      const { agencies } = await post("/api/v1/interpret", { text, type_code: code });
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
    const situation = this.situation();
    if (situation)
      this.previews.want(
        rows.map(({ code }) => code),
        situation,
      );
    else this.previews.stop();
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
        const known = situation ? this.previews.get(agency.code, situation) : undefined;
        drawCell(node, known, this.unfolded === agency.code);
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
    const holes = this.holes.length;
    fill(this.section, { holes: holes ? t("{n} tanpa kanal", { n: holes }) : null });
    one('[data-part="holes"]', this.section).hidden = holes === 0;
    setText(one('[data-part="count"]', this.section), String(rows.filter((agency) => agency.ticked).length));
  }
}
