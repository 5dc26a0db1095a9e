// The centre while a ticket is open: what is typed and chosen for it, what has been sent, its history.

import { get } from "../core/api.js";
import { all, fill, find, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { Agencies } from "./agencies.js";
import { callNotes } from "./call-notes.js";
import { renderCaller } from "./caller.js";
import { Card } from "./card.js";
import { Choices } from "./choices.js";
import { choicesOf } from "./drafts.js";
import { Entry } from "./entry.js";
import { Follow } from "./follow.js";
import { LineGeocoder } from "./geocoder.js";
import { renderJournal } from "./journal-lines.js";
import { allowedFor, lastCall } from "./store.js";
import { drawClocks, drawHead } from "./ticket-head.js";

/**
 * @typedef {import("../payloads.d.ts").Draft} Draft
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("../payloads.d.ts").TicketWithTimeline} TicketWithTimeline
 * @typedef {import("../types.d.ts").CentreEvent} CentreEvent
 * @typedef {import("./types.d.ts").DraftChoices} DraftChoices
 * @typedef {import("./types.d.ts").TimelineEntry} TimelineEntry
 */

/** Events after which the whole ticket is read again: whose it is, what was said, what was typed. */
const RELOADING = new Set([
  "call.answered",
  "call.transferred",
  "ticket.claimed",
  "ticket.taken_by_phone",
  "ticket.returned",
  "ticket.taken_over",
  "ticket.draft_left",
  "ticket.draft_kept",
]);
// ASCII's control characters, but those that are blanks (tab, line feed, carriage return).
const CONTROL = /(?![\t\n\r\u0080-\u009f])\p{Cc}/gu;

export class Work {
  /**
   * onChange(): something is to be drawn again; onResumed(name): what a colleague had typed stands there now.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("../payloads.d.ts").Catalogue} parts.catalogue
   * @param {import("../payloads.d.ts").Card[]} parts.cards the city's question cards
   * @param {import("./drafts.js").Drafts} parts.drafts
   * @param {() => void} parts.onChange
   * @param {Omit<import("./types.d.ts").FollowHands, "proposed" | "onChange">} parts.hands
   * @param {(problem: unknown) => void} parts.onOffline
   * @param {(ticketNumber: string, answer: import("../payloads.d.ts").Answer) => Promise<void>} parts.onAnswer
   * @param {(name: string) => void} parts.onResumed
   */
  constructor({ store, catalogue, cards, drafts, onChange, hands, onOffline, onAnswer, onResumed }) {
    this.store = store;
    this.catalogue = catalogue;
    this.drafts = drafts;
    this.onChange = onChange;
    this.onResumed = onResumed;
    /** @type {string | null} of the open ticket */
    this.number = null;
    /** @type {TimelineEntry[]} oldest first */
    this.timeline = [];
    /** @type {TicketWithTimeline | null} as it was read last */
    this.whole = null;
    /** @type {Ticket | null} as it was drawn last */
    this.seen = null;
    /** @type {Draft[]} what others had typed for it */
    this.others = [];
    this.shown = ""; // what stood in the line before a hand changed it
    this.untouched = true; // by this hand
    this.opening = false; // what is set up meanwhile is no change by a hand
    this.offline = false; // the line was not read
    /** @type {import("./caller-notes.js").CallerNotes | null} */
    this.notes = null;
    this.section = one("#work");
    this.types = new Map(catalogue.types.map((type) => [type.code, type]));
    this.choices = new Choices({ catalogue, onChange: () => this.#chosen() });
    this.agencies = new Agencies({ onChange, situation: () => this.#situation });
    this.followUp = new Follow({
      catalogue,
      me: () => store.me,
      hands: { ...hands, onChange, proposed: () => this.agencies.proposed },
    });
    this.geocoder = new LineGeocoder((understood) => this.choices.understand(understood));
    this.card = new Card({
      cards,
      onAnswer,
      onChange: () => {
        this.#keepDraft();
        onChange();
      },
    });
    one('[data-part="draft-add"]').addEventListener("click", () => this.#addOther());
    this.entry = new Entry({
      typeCode: () => (this.choices.type?.byHand ? this.choices.type.code : null),
      onInput: () => {
        this.#keepDraft();
        onChange();
      },
      onUnderstood: (understood, text) => {
        this.offline = false;
        this.agencies.understand(understood, text);
        this.choices.understand(understood);
        this.geocoder.ask(understood, text);
      },
      onProblem: (problem) => {
        this.offline = true;
        onOffline(problem);
        onChange();
      },
    });
  }

  get ticket() {
    return this.number ? this.store.get(this.number) : null;
  }

  get words() {
    return this.entry.text.replace(CONTROL, " ").trim();
  }

  /** @returns {string | null} */
  get #typeCode() {
    return this.choices.type?.code ?? null;
  }

  /**
   * Show the notes of the caller's number with the ticket.
   * @param {import("./caller-notes.js").CallerNotes} notes
   */
  useNotes(notes) {
    this.notes = notes;
  }

  /** Danger words were read, or what is chosen is critical: a nuisance key asks for a second press. */
  get dangerous() {
    return this.agencies.dangerWords.length > 0 || this.choices.priority === "P1";
  }

  /** What decides who would be told; null where nobody is about to send. */
  get #situation() {
    const { priority, place } = this.choices;
    if (!this.mine || !priority || this.ticket?.state === "closed") return null;
    return { priority, kelurahan: place?.kelurahan_code ?? null };
  }

  /** @param {string} command */
  allows(command) {
    const { ticket } = this;
    return ticket !== null && allowedFor(ticket, this.store.me).includes(command);
  }

  get mine() {
    return this.ticket?.owner?.id === this.store.me.id;
  }

  /**
   * Open a ticket that the store has: what was typed for it before stands there again.
   * @param {string} number
   */
  open(number) {
    const ticket = this.store.get(number);
    if (this.number === number || !ticket) return;
    this.opening = true;
    this.number = number;
    this.others = [];
    this.whole = null;
    this.untouched = true;
    this.timeline = [];
    this.seen = null;
    this.followUp.start();
    this.agencies.start();
    this.agencies.understand(null, "");
    this.choices.start(ticket);
    this.card.start();
    const draft = this.mine ? this.drafts.get(number) : null;
    this.shown = draft?.words || ticket.words || "";
    if (draft) this.#restore(draft.choices);
    this.entry.set(this.shown);
    this.opening = false;
    this.#load(number);
    one("#work-body").scrollTop = 0;
  }

  close() {
    this.number = null;
  }

  /**
   * Keep what was typed for a ticket that is not on the screen: it stands in its line when it is opened.
   * @param {string} number
   * @param {string} words
   */
  keepFor(number, words) {
    const before = this.drafts.get(number);
    const line = before?.words || this.store.get(number)?.words || "";
    this.drafts.put(number, { words: [line.trim(), words].filter(Boolean).join(" "), choices: before?.choices ?? {} });
  }

  /**
   * Forget what was typed: the server has it.
   * @param {string} number
   */
  forgetDraft(number) {
    this.drafts.forget(number);
  }

  /**
   * New journal entries of the open ticket.
   * @param {CentreEvent[]} events
   */
  follow(events) {
    const { number } = this;
    if (!number) return;
    const mine = events.filter(
      (event) => this.#isOwn(event) && !this.timeline.some((known) => known.seq === event.seq),
    );
    this.timeline.push(...mine);
    // Only an answered caller says anything (the demo's; a real one is heard on the telephone).
    for (const { ticket } of mine) this.#learnAnswers(ticket?.answers ?? []);
    if (mine.some(({ kind }) => RELOADING.has(kind) || kind.startsWith("ticket.caller_note_"))) this.#load(number);
  }

  /**
   * Is it about the open ticket, or about a call of it that is told with the event it is attached to?
   * @param {CentreEvent} event
   */
  #isOwn(event) {
    if (event.ticket_number === this.number) return true;
    const { ticket } = this;
    return Boolean(event.call_id && ticket?.duplicate_of && ticket.calls.some((call) => call.id === event.call_id));
  }

  /** Fetch the history of the open ticket again. */
  reload() {
    if (this.number) this.#load(this.number);
  }

  /** @param {Ticket["answers"]} answers */
  #learnAnswers(answers) {
    const history = this.whole?.answer_history;
    if (history) history.push(...answers.filter((answer) => !history.some((known) => known.id === answer.id)));
  }

  /** @param {string} number */
  async #load(number) {
    try {
      const whole = await get(`/api/v1/tickets/${number}`);
      if (this.number !== number) return;
      this.whole = whole;
      this.#meetDrafts(number, whole);
      const known = new Set(whole.timeline.map((event) => event.seq));
      this.timeline = [...whole.timeline, ...this.timeline.filter((event) => !known.has(event.seq))];
      this.onChange();
    } catch (problem) {
      console.warn("the history of the ticket is missing:", String(problem));
    }
  }

  #chosen() {
    // A choice draws at once what depends on it, and the page a frame later.
    if (this.ticket) this.agencies.show(this.ticket, this.#typeCode);
    this.#keepDraft();
    this.onChange();
  }

  // -- drafts ---------------------------------------------------------------------------------------------------------

  /**
   * What a hand has done here and the ticket does not have yet.
   * @param {Ticket} ticket
   * @returns {DraftChoices}
   */
  #unsent(ticket) {
    const { type, place, priorityByHand } = this.choices;
    return {
      ...(type?.byHand && !type.saved && type.code !== ticket.type?.code ? { type } : {}),
      ...(place?.byHand && !place.saved ? { place } : {}),
      ...(priorityByHand && priorityByHand !== ticket.priority ? { priorityByHand } : {}),
      ...this.agencies.state,
      ...this.card.state,
    };
  }

  #keepDraft() {
    const { ticket } = this;
    if (this.opening || !ticket || !this.mine || ticket.state === "closed") return;
    const words = this.entry.text.replace(CONTROL, " ");
    const choices = this.#unsent(ticket);
    const nothing = words === (ticket.words ?? "") && Object.keys(choices).length === 0;
    // Nothing by this hand yet: what stands there is the ticket's, or what a colleague had typed.
    const theirs = this.untouched && words === this.shown && Object.keys(choices).length === 0;
    if ((nothing || theirs) && !this.drafts.get(ticket.number)) return;
    if (words !== this.shown) this.untouched = false;
    this.drafts.put(ticket.number, { words: nothing ? "" : words, choices });
  }

  /** @param {DraftChoices} kept */
  #restore(kept) {
    this.agencies.restore(kept);
    this.card.start(kept);
    this.choices.restore(kept);
  }

  /**
   * The server's drafts have come: go on with mine from another PC, or with what a colleague had typed.
   * @param {string} number
   * @param {TicketWithTimeline} whole
   */
  #meetDrafts(number, { drafts, words }) {
    const me = this.store.me.id;
    if (!this.mine) {
      // To look at: what the colleague is typing, as far as it has come.
      const theirs = drafts.find((draft) => draft.by.id === this.ticket?.owner?.id && draft.words);
      if (theirs) this.#show(theirs.words);
      return;
    }
    const before = this.drafts.get(number);
    const mine = this.drafts.meet(number, drafts.find((draft) => draft.by.id === me) ?? null);
    if (mine && mine !== before && this.untouched) {
      this.#show(mine.words || words || "");
      this.#restore(mine.choices);
    }
    const others = drafts.filter((draft) => draft.by.id !== me && draft.words.trim());
    const [newest] = others;
    if (newest && !mine?.words && this.untouched && !(words ?? "").includes(newest.words.trim())) {
      this.#show(newest.words);
      this.untouched = false;
      this.#restore(choicesOf(newest));
      this.#keepDraft();
      this.onResumed(newest.by.name);
    }
    const held = [this.entry.text, words ?? ""];
    this.others = others.filter((draft) => !held.some((kept) => kept.includes(draft.words.trim())));
  }

  /** @param {string} words */
  #show(words) {
    this.shown = words;
    this.entry.set(words);
  }

  /** Put what another had typed behind what stands in the line. */
  #addOther() {
    const [other] = this.others;
    if (!other || !this.mine) return;
    this.others = this.others.slice(1);
    this.entry.set([this.entry.text.trim(), other.words.trim()].filter(Boolean).join(" "));
    this.#keepDraft();
    this.entry.focus();
    this.onChange();
  }

  #draftNote() {
    const [other] = this.mine ? this.others : [];
    const note = one("#draft-note");
    note.hidden = !other;
    if (other) fill(note, { text: t("Teks lain dari {name}: “{text}”", { name: other.by.name, text: other.words }) });
  }

  // -- drawing --------------------------------------------------------------------------------------------------------

  /** @param {number} now */
  render(now) {
    const { ticket, mine } = this;
    if (!ticket) return;
    this.#followTicket(ticket);
    const { policy } = this.catalogue;
    const allowed = allowedFor(ticket, this.store.me);
    drawHead(ticket, { mine, allowed, supervisor: this.store.me.role === "supervisor", policy });
    drawClocks(ticket, policy, now);
    this.card.show(ticket, this.#typeCode, mine && allowed.includes("answer"));
    this.agencies.propose(this.card.proposed);
    this.agencies.show(ticket, this.#typeCode);
    this.followUp.show(ticket, { now, timeline: this.timeline, maySend: allowed.includes("dispatch") });
    this.#draftNote();
    this.#editable(mine && ticket.state !== "closed", mine && Boolean(ticket.duplicate_of));
    this.#drawTimeline(ticket);
    renderCaller(ticket, {
      history: this.whole?.caller ?? null,
      heard: this.whole?.heard ?? null,
      callability: this.whole?.callability ?? null,
      notes: callNotes(lastCall(ticket), policy, now),
    });
    this.notes?.show(lastCall(ticket)?.number ? ticket.number : null, this.whole?.caller?.notes ?? []);
  }

  /**
   * The ticket as the server has it now; what this hand has not touched follows it.
   * @param {Ticket} ticket
   */
  #followTicket(ticket) {
    if (this.seen === ticket) return;
    this.seen = ticket;
    this.choices.follow(ticket);
    const untouched = this.untouched && !this.drafts.get(ticket.number) && document.activeElement !== this.entry.field;
    if (ticket.words && untouched) this.#show(ticket.words);
  }

  /** @param {Ticket} ticket */
  #drawTimeline(ticket) {
    const told = this.whole
      ? { ...ticket, answer_history: this.whole.answer_history, kept_texts: this.whole.kept_texts }
      : ticket;
    one("#timeline-section").hidden = this.timeline.length === 0;
    renderJournal(one("#timeline"), withoutOldReports(this.timeline), {
      ticketOf: () => told,
      types: this.types,
      people: this.store.people,
    });
  }

  /**
   * A ticket that is not ours, or closed, is to look at.
   * @param {boolean} editable
   * @param {boolean} words whose caller was joined to another ticket still has more to say
   */
  #editable(editable, words) {
    this.entry.enable(editable || words);
    this.choices.enabled = editable;
    for (const button of all('button[data-action^="find"], #priority button', this.section))
      button.disabled = !editable;
    for (const box of all("#agencies input", this.section)) box.disabled = !editable;
  }

  /**
   * Put the focus where something is missing.
   * @param {"types" | "places" | "agencies"} id
   */
  focusOn(id) {
    const first = find('[tabindex="0"], input:enabled', one(`#${id}`));
    (first ?? one(`section[aria-labelledby="${id}-title"] [data-action^="find"]`)).focus();
  }

  /**
   * Show what the big button does now.
   * @param {import("./types.d.ts").NextStep} next
   */
  showSend({ kind, words, icon, note, warning, caps }) {
    const button = one('.work-send [data-action="send"]', this.section);
    setText(one('[data-field="send-words"]', button), words);
    setIcon(one(".icon", button), icon);
    setAttribute(button, "aria-disabled", kind === "busy" || kind === "none" ? "true" : null);
    for (const cap of all(".key", button)) cap.hidden = !caps;
    setText(one("#send-note"), note ?? "");
    const alert = one("#send-warning");
    alert.hidden = !warning;
    fill(alert, { text: warning });
  }
}

/**
 * Newest first; of the many positions that a telephone reports, only the newest.
 * @param {TimelineEntry[]} timeline
 */
function withoutOldReports(timeline) {
  const newest = timeline.findLast((event) => event.kind === "call.location_reported");
  return timeline.filter((event) => event.kind !== "call.location_reported" || event === newest).reverse();
}
