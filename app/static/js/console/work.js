// The centre while a ticket is open: its head, both clocks, what is typed and chosen, what has been sent, its history.

import { get } from "../core/api.js";
import { secondsSince } from "../core/clocks.js";
import { fill, find, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { ringsSince } from "../core/gate.js";
import { CLASSIFICATIONS, DISPOSITIONS, t } from "../core/i18n.js";
import { setBar, setClock } from "../core/marks.js";
import { length } from "../core/time.js";
import { Agencies } from "./agencies.js";
import { callNotes, isUncertain } from "./call-notes.js";
import { renderCaller } from "./caller.js";
import { Card } from "./card.js";
import { Choices } from "./choices.js";
import { upCall } from "./end-call.js";
import { Entry } from "./entry.js";
import { LineGeocoder } from "./geocoder.js";
import { renderJournal } from "./journal-lines.js";
import { allowedFor, answeredCall, lastCall, ringingCall, stillTalking } from "./store.js";

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
   * onChange(): something is to be drawn again; onReport(assignment, command); onOffline(error); onAnswer(number,
   * body); onResumed(name): what a colleague had typed stands there now. drafts: Drafts; cards: the city's question
   * cards.
   */
  constructor({ store, catalogue, cards, drafts, onChange, onReport, onOffline, onAnswer, onResumed }) {
    Object.assign(this, {
      store,
      catalogue,
      drafts,
      onChange,
      onResumed,
      number: null,
      timeline: [],
      history: null,
      callability: null,
      heard: null,
      notes: null,
      others: [],
      whole: null,
    });
    this.section = document.getElementById("work");
    this.types = new Map(catalogue.types.map((type) => [type.code, type]));
    this.choices = new Choices({ catalogue, onChange: () => this.#chosen() });
    this.agencies = new Agencies({ catalogue, onChange, onReport });
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

  /** Show the notes of the caller's number with the ticket. */
  useNotes(notes) {
    this.notes = notes;
  }

  /** Danger words were read, or what is chosen is critical: a nuisance key asks for a second press. */
  get dangerous() {
    return this.agencies.words?.length > 0 || this.choices.priority === "P1";
  }

  allows(command) {
    return Boolean(this.ticket) && allowedFor(this.ticket, this.store.me).includes(command);
  }

  get mine() {
    return this.ticket?.owner?.id === this.store.me.id;
  }

  /** Open a ticket: what was typed for it before stands there again. */
  open(number) {
    if (this.number === number) return;
    this.opening = true; // what is set up here is no change by a hand
    this.number = number;
    this.others = [];
    this.whole = null;
    this.untouched = true;
    this.timeline = [];
    this.history = null;
    this.callability = null;
    this.heard = null;
    this.seen = null;
    const { ticket } = this;
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
    document.getElementById("work-body").scrollTop = 0;
  }

  close() {
    this.number = null;
  }

  /** Keep what was typed for a ticket that is not on the screen: it stands in its line when it is opened. */
  keepFor(number, words) {
    const before = this.drafts.get(number);
    const line = before?.words || this.store.get(number)?.words || "";
    this.drafts.put(number, { words: [line.trim(), words].filter(Boolean).join(" "), choices: before?.choices ?? {} });
  }

  /** Forget what was typed: the server has it. */
  forgetDraft(number) {
    this.drafts.forget(number);
  }

  /** New journal entries of the open ticket. */
  follow(events) {
    const own = (event) =>
      event.ticket_number === this.number ||
      (event.call_id && this.ticket?.duplicate_of && this.ticket.calls.some((call) => call.id === event.call_id));
    const mine = events.filter((event) => own(event) && !this.timeline.some((known) => known.seq === event.seq));
    this.timeline.push(...mine);
    // Only an answered caller says anything (the demo's; a real one is heard on the telephone).
    for (const { ticket } of mine) this.#learnAnswers(ticket?.answers ?? []);
    if (mine.some(({ kind }) => RELOADING.has(kind) || kind.startsWith("ticket.caller_note_"))) this.#load(this.number);
  }

  /** Fetch the history of the open ticket again. */
  reload() {
    if (this.number) this.#load(this.number);
  }

  #learnAnswers(answers) {
    const history = this.whole?.answer_history;
    if (history) history.push(...answers.filter((answer) => !history.some((known) => known.id === answer.id)));
  }

  async #load(number) {
    try {
      const whole = await get(`/api/v1/tickets/${number}`);
      if (this.number !== number) return;
      this.history = whole.caller ?? null;
      this.callability = whole.callability ?? null;
      this.heard = whole.heard ?? null;
      this.whole = whole;
      this.#meetDrafts(whole);
      const known = new Set(whole.timeline.map((event) => event.seq));
      this.timeline = [...whole.timeline, ...this.timeline.filter((event) => !known.has(event.seq))];
      this.onChange();
    } catch (problem) {
      console.warn("the history of the ticket is missing:", problem.message);
    }
  }

  #chosen() {
    // A choice draws at once what depends on it, and the page a frame later.
    if (this.ticket) this.agencies.show(this.ticket, this.choices.type?.code);
    this.#keepDraft();
    this.onChange();
  }

  /** What a hand has done here and the ticket does not have yet. */
  get #unsent() {
    const { ticket, choices } = this;
    const { type, place, priorityByHand } = choices;
    return {
      ...(type?.byHand && !type.saved && type.code !== ticket.type?.code ? { type } : {}),
      ...(place?.byHand && !place.saved ? { place } : {}),
      ...(priorityByHand && priorityByHand !== ticket.priority ? { priorityByHand } : {}),
      ...this.agencies.state,
      ...this.card.state,
    };
  }

  #keepDraft() {
    const { number, ticket } = this;
    if (this.opening || !ticket || !this.mine || ticket.state === "closed") return;
    const words = this.entry.text.replace(CONTROL, " ");
    const choices = this.#unsent;
    const nothing = words === (ticket.words ?? "") && Object.keys(choices).length === 0;
    // Nothing by this hand yet: what stands there is the ticket's, or what a colleague had typed.
    const theirs = this.untouched && words === this.shown && Object.keys(choices).length === 0;
    if ((nothing || theirs) && !this.drafts.get(number)) return;
    if (words !== this.shown) this.untouched = false;
    this.drafts.put(number, { words: nothing ? "" : words, choices });
  }

  #restore({ type, place, priorityByHand, ticks, added, half, silent }) {
    this.agencies.restore({ ticks, added });
    this.card.start({ half, silent });
    const chosen = { type, place, priorityByHand };
    this.choices.restore(Object.fromEntries(Object.entries(chosen).filter(([, value]) => value)));
  }

  /** The server's drafts have come: go on with mine from another PC, or with what a colleague had typed. */
  #meetDrafts({ drafts = [], words }) {
    const me = this.store.me.id;
    if (!this.mine) {
      // To look at: what the colleague is typing, as far as it has come.
      const theirs = drafts.find((draft) => draft.by.id === this.ticket.owner?.id && draft.words);
      if (theirs) this.#show(theirs.words);
      return;
    }
    const before = this.drafts.get(this.number);
    const mine = this.drafts.meet(
      this.number,
      drafts.find((draft) => draft.by.id === me),
    );
    if (mine && mine !== before && this.untouched) {
      this.#show(mine.words || words || "");
      this.#restore(mine.choices);
    }
    const held = (text) => [this.entry.text, words ?? ""].some((kept) => kept.includes(text.trim()));
    const others = drafts.filter((draft) => draft.by.id !== me && draft.words.trim());
    const [newest] = others;
    if (newest && !mine?.words && this.untouched && !(words ?? "").includes(newest.words.trim())) {
      this.#show(newest.words);
      this.untouched = false;
      this.#restore(newest.choices);
      this.#keepDraft();
      this.onResumed(newest.by.name);
    }
    this.others = others.filter((draft) => !held(draft.words));
  }

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
    const note = document.getElementById("draft-note");
    note.hidden = !other;
    if (other) fill(note, { text: t("Teks lain dari {name}: “{text}”", { name: other.by.name, text: other.words }) });
  }

  render(now) {
    const { ticket } = this;
    if (!ticket) return;
    if (this.seen !== ticket) {
      // The ticket as the server has it now; what this hand has not touched follows it.
      this.seen = ticket;
      this.choices.follow(ticket);
      if (
        !this.drafts.get(this.number) &&
        this.untouched &&
        ticket.words &&
        document.activeElement !== this.entry.field
      )
        this.#show(ticket.words);
    }
    this.#head(ticket);
    this.#clocks(ticket, now);
    this.card.show(ticket, this.choices.type?.code, this.mine && this.allows("answer"));
    this.agencies.propose(this.card.proposed);
    this.agencies.show(ticket, this.choices.type?.code, now);
    this.#draftNote();
    this.#editable(this.mine && ticket.state !== "closed", this.mine && Boolean(ticket.duplicate_of));
    document.getElementById("timeline-section").hidden = this.timeline.length === 0;
    renderJournal(document.getElementById("timeline"), withoutOldReports(this.timeline), {
      ticketOf: () =>
        this.whole
          ? { ...ticket, answer_history: this.whole.answer_history, kept_texts: this.whole.kept_texts }
          : ticket,
      types: this.types,
      people: this.store.people,
    });
    renderCaller(ticket, {
      history: this.history,
      heard: this.heard,
      callability: this.callability,
      notes: callNotes(lastCall(ticket), this.catalogue.policy, now),
    });
    this.notes?.show(lastCall(ticket)?.number ? ticket.number : null, this.history?.notes ?? []);
  }

  /** A ticket that is not ours, or closed, is to look at. */
  #editable(editable, words) {
    this.entry.enable(editable || words); // whose caller was joined to another ticket still has more to say
    this.choices.enabled = editable;
    for (const button of this.section.querySelectorAll('[data-action^="find"], #priority button, #agencies input'))
      button.disabled = !editable;
  }

  #head(ticket) {
    const call = answeredCall(ticket) ?? ringingCall(ticket) ?? lastCall(ticket);
    const states = {
      answered: t("Tersambung"),
      ringing: t("Berdering"),
      ended: t("Panggilan selesai"),
      abandoned: t("Tidak terjawab"),
    };
    const uncertain = isUncertain(call, this.catalogue.policy) ? t("Mungkin sudah selesai") : null;
    const ending =
      ticket.state === "closed" && !stillTalking(ticket)
        ? (CLASSIFICATIONS[ticket.disposition] ?? DISPOSITIONS[ticket.disposition] ?? t("Ditutup"))
        : null;
    const owner = ticket.owner
      ? this.mine
        ? null
        : t("dipegang {name}", { name: ticket.owner.name })
      : ticket.state === "closed"
        ? null
        : t("belum ada yang memegang");
    fill(this.section, {
      "call-state": ending ?? uncertain ?? states[call?.state] ?? t("Tanpa panggilan"),
      short: t("Tiket {short}", { short: ticket.short }),
      number: ticket.number,
      owner,
    });
    setAttribute(
      one(".call-state", this.section),
      "data-look",
      call?.state === "answered" && !ending && !uncertain ? "yours" : null,
    );
    this.#pickup(ticket);
    one('[data-action="end-call"]', this.section).hidden = !(this.store.me.role === "supervisor" && upCall(ticket));
    one('[data-action="release"]', this.section).hidden = !(this.mine && this.allows("release"));
    one('.work-actions [data-action="close"]', this.section).hidden = !this.allows("close");
  }

  /** Mine, and its telephone still rings: pressing "Ambil" has lifted no handset. */
  #pickup(ticket) {
    const due = this.mine && ringingCall(ticket) ? ticket.pickup_due_at : null;
    const part = one('[data-part="pickup"]', this.section);
    part.hidden = !due;
    if (due)
      setClock(one('[data-part="timer"]', part), { kind: "due", started: ticket.claimed_at ?? "", due, short: true });
    setAttribute(
      part,
      "title",
      due ? t("Penelepon masih mendengar nada tunggu. Lewat batas ini berdering lagi untuk semua.") : null,
    );
  }

  #clocks(ticket, now) {
    const { answer_target_s: answer, dispatch_target_s: dispatch, ring_near_s: near } = this.catalogue.policy;
    const call = lastCall(ticket);
    const target = (seconds) => t("target {time}", { time: length(seconds) });
    const first = document.getElementById("clock-answer");
    const stop = call?.answered_at ?? call?.ended_at ?? ticket.closed_at;
    clockPanel(first, {
      since: call && ringsSince(call),
      stop,
      targetS: answer,
      nearS: near,
      now,
      words: call && !call.answered_at && stop ? t("tidak terjawab") : null,
    });
    fill(first, { target: stop && !call?.answered_at ? null : target(answer) });
    const second = document.getElementById("clock-dispatch");
    const nuisance = ticket.state === "closed" && !ticket.first_dispatched_at;
    const since = call?.answered_at ?? ticket.claimed_at;
    const end = ticket.first_dispatched_at ?? ticket.closed_at;
    clockPanel(second, {
      since,
      stop: end,
      targetS: dispatch,
      nearS: (dispatch * 2) / 3,
      now,
      words: ticket.duplicate_of ? t("berhenti, digabung") : nuisance ? t("berhenti, tidak dikirim") : null,
    });
    fill(second, { target: nuisance ? null : target(dispatch) });
  }

  /**
   * What is typed and chosen moves with the ticket: called before the page is left and when the ticket is somebody
   * else's.
   */
  handBack(number) {
    return this.drafts.handBack(number);
  }

  /** Put the focus where something is missing. */
  focusOn(id) {
    const list = document.getElementById(id);
    (find('[tabindex="0"], input:enabled', list) ?? one('[data-action^="find"]', list.parentElement)).focus();
  }

  /** Show what the big button does now. */
  showSend({ words, icon, enabled, note, warning, caps }) {
    const row = one(".work-send", this.section);
    const button = one('[data-action="send"]', row);
    setText(one('[data-field="send-words"]', button), words);
    setIcon(one(".icon", button), icon);
    setAttribute(button, "aria-disabled", enabled ? null : "true");
    for (const cap of button.querySelectorAll(".key")) cap.hidden = !caps;
    setText(document.getElementById("send-note"), note ?? "");
    const alert = document.getElementById("send-warning");
    alert.hidden = !warning;
    fill(alert, { text: warning });
  }
}

/** Newest first; of the many positions that a telephone reports, only the newest. */
function withoutOldReports(timeline) {
  const newest = timeline.findLast((event) => event.kind === "call.location_reported");
  return timeline.filter((event) => event.kind !== "call.location_reported" || event === newest).reverse();
}

/** One of the two clocks: counting since an instant, or stopped with the figure it had. */
function clockPanel(panel, { since, stop, targetS, nearS, now, words }) {
  const chip = one('[data-part="timer"]', panel);
  const bar = one('[data-part="bar"]', panel);
  if (!since) {
    setClock(chip, { kind: "fixed", look: "none", words: "–" });
    return setBar(bar, 0, "stopped");
  }
  const passed = stop ? (Date.parse(stop) - Date.parse(since)) / 1000 : secondsSince(since, now);
  if (stop) {
    const late = passed > targetS;
    setClock(chip, {
      kind: "fixed",
      look: "stopped",
      words: words ?? (late ? `${length(passed)} (+${length(passed - targetS)})` : length(passed)),
    });
    return setBar(bar, passed / targetS, "stopped");
  }
  setClock(chip, { kind: "wait", since, nearS, lateS: targetS });
  return setBar(bar, passed / targetS, passed >= targetS ? "late" : passed >= nearS ? "near" : "running");
}
