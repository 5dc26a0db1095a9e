// The centre while a ticket is open: its head, both clocks, what is typed and chosen, what has been sent, its history.
import { get } from "./api.js";
import { Agencies } from "./agencies.js";
import { renderCaller } from "./caller.js";
import { Choices } from "./choices.js";
import { fill, one, setAttribute, setIcon, setText } from "./dom.js";
import { Entry } from "./entry.js";
import { LineGeocoder } from "./geocoder.js";
import { renderJournal } from "./idle.js";
import { setBar, setClock } from "./marks.js";
import { ringsSince } from "./gate.js";
import { allowedFor, answeredCall, lastCall, ringingCall, stillTalking } from "./store.js";
import { length, secondsSince } from "./time.js";
import { CLASSIFICATIONS, DISPOSITIONS, t } from "./words.js";

const DRAFT = "siaga.draft.";
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g; // eslint-disable-line no-control-regex

export class Work {
  /** onChange(): something is to be drawn again; onReport(assignment, command); onOffline(error). */
  constructor({ store, catalogue, onChange, onReport, onOffline }) {
    Object.assign(this, { store, catalogue, onChange, number: null, drafts: new Map(), timeline: [], history: null, callability: null, heard: null, notes: null });
    this.section = document.getElementById("work");
    this.types = new Map(catalogue.types.map((type) => [type.code, type]));
    this.choices = new Choices({ catalogue, onChange: () => this.#chosen() });
    this.agencies = new Agencies({ catalogue, onChange, onReport });
    this.geocoder = new LineGeocoder((understood) => this.choices.understand(understood));
    this.entry = new Entry({
      onInput: (text) => this.#keepDraft(text),
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
    this.#leaveDraft();
    this.number = number;
    this.timeline = [];
    this.history = null;
    this.callability = null;
    this.heard = null;
    this.seen = null;
    const { ticket } = this;
    const draft = this.drafts.get(number);
    this.agencies.start();
    this.agencies.understand(null, "");
    this.choices.start(ticket);
    if (draft) this.choices.restore(draft);
    this.entry.set(readDraft(number) ?? ticket.words ?? "");
    this.#load(number);
    document.getElementById("work-body").scrollTop = 0;
  }

  close() {
    this.#leaveDraft();
    this.number = null;
  }

  /** Forget what was typed: the server has it. */
  forgetDraft(number) {
    this.drafts.delete(number);
    storage((kept) => kept.removeItem(DRAFT + number));
  }

  /** New journal entries of the open ticket. */
  follow(events) {
    const own = (event) => event.ticket_number === this.number || (event.call_id && this.ticket?.duplicate_of && this.ticket.calls.some((call) => call.id === event.call_id));
    const mine = events.filter((event) => own(event) && !this.timeline.some((known) => known.seq === event.seq));
    this.timeline.push(...mine);
    // Only an answered caller says anything (the demo's; a real one is heard on the telephone).
    if (mine.some(({ kind }) => kind === "call.answered" || kind.startsWith("ticket.caller_note_"))) this.#load(this.number);
  }

  /** Fetch the history of the open ticket again. */
  reload() {
    if (this.number) this.#load(this.number);
  }

  async #load(number) {
    try {
      const whole = await get(`/api/v1/tickets/${number}`);
      if (this.number !== number) return;
      this.history = whole.caller ?? null;
      this.callability = whole.callability ?? null;
      this.heard = whole.heard ?? null;
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
    this.onChange();
  }

  #keepDraft(text) {
    const { number, ticket } = this;
    storage((kept) => (text && text !== ticket?.words ? kept.setItem(DRAFT + number, text) : kept.removeItem(DRAFT + number)));
    this.onChange();
  }

  #leaveDraft() {
    if (this.number && this.ticket?.state !== "closed") this.drafts.set(this.number, this.choices.state);
  }

  render(now) {
    const { ticket } = this;
    if (!ticket) return;
    if (this.seen !== ticket) {
      // The ticket as the server has it now; what this hand has not touched follows it.
      this.seen = ticket;
      this.choices.follow(ticket);
      if (!readDraft(this.number) && ticket.words && document.activeElement !== this.entry.field) this.entry.set(ticket.words);
    }
    this.#head(ticket);
    this.#clocks(ticket, now);
    this.agencies.show(ticket, this.choices.type?.code, now);
    this.#editable(this.mine && ticket.state !== "closed", this.mine && Boolean(ticket.duplicate_of));
    document.getElementById("timeline-section").hidden = this.timeline.length === 0;
    renderJournal(document.getElementById("timeline"), withoutOldReports(this.timeline), { ticketOf: () => ticket, types: this.types });
    renderCaller(ticket, this.history, this.heard, this.callability);
    this.notes?.show(lastCall(ticket)?.number ? ticket.number : null, this.history?.notes ?? []);
  }

  /** A ticket that is not ours, or closed, is to look at. */
  #editable(editable, words) {
    this.entry.enable(editable || words); // whose caller was joined to another ticket still has more to say
    this.choices.enabled = editable;
    for (const button of this.section.querySelectorAll('[data-action^="find"], #priority button, #agencies input')) button.disabled = !editable;
  }

  #head(ticket) {
    const call = answeredCall(ticket) ?? ringingCall(ticket) ?? lastCall(ticket);
    const states = { answered: t("Tersambung"), ringing: t("Berdering"), ended: t("Panggilan selesai"), abandoned: t("Tidak terjawab") };
    const ending = ticket.state === "closed" && !stillTalking(ticket) ? (CLASSIFICATIONS[ticket.disposition] ?? DISPOSITIONS[ticket.disposition] ?? t("Ditutup")) : null;
    const owner = ticket.owner ? (this.mine ? null : t("dipegang {name}", { name: ticket.owner.name })) : ticket.state === "closed" ? null : t("belum ada yang memegang");
    fill(this.section, { "call-state": ending ?? states[call?.state] ?? t("Tanpa panggilan"), short: t("Tiket {short}", { short: ticket.short }), number: ticket.number, owner });
    setAttribute(one(".call-state", this.section), "data-look", call?.state === "answered" && !ending ? "yours" : null);
    one('[data-action="release"]', this.section).hidden = !(this.mine && this.allows("release"));
    one('.work-actions [data-action="close"]', this.section).hidden = !this.allows("close");
  }

  #clocks(ticket, now) {
    const { answer_target_s: answer, dispatch_target_s: dispatch, ring_near_s: near } = this.catalogue.policy;
    const call = lastCall(ticket);
    const target = (seconds) => t("target {time}", { time: length(seconds) });
    const first = document.getElementById("clock-answer");
    const stop = call?.answered_at ?? call?.ended_at ?? ticket.closed_at;
    clockPanel(first, { since: call && ringsSince(call), stop, targetS: answer, nearS: near, now, words: call && !call.answered_at && stop ? t("tidak terjawab") : null });
    fill(first, { target: stop && !call?.answered_at ? null : target(answer) });
    const second = document.getElementById("clock-dispatch");
    const nuisance = ticket.state === "closed" && !ticket.first_dispatched_at;
    const since = call?.answered_at ?? ticket.claimed_at;
    const end = ticket.first_dispatched_at ?? ticket.closed_at;
    clockPanel(second, { since, stop: end, targetS: dispatch, nearS: dispatch * 2 / 3, now, words: ticket.duplicate_of ? t("berhenti, digabung") : nuisance ? t("berhenti, tidak dikirim") : null });
    fill(second, { target: nuisance ? null : target(dispatch) });
  }

  /** Put the focus where something is missing. */
  focusOn(id) {
    const list = document.getElementById(id);
    (one('[tabindex="0"]', list) ?? one('[data-action^="find"]', list.parentElement)).focus();
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
    setClock(chip, { kind: "fixed", look: "stopped", words: words ?? (late ? `${length(passed)} (+${length(passed - targetS)})` : length(passed)) });
    return setBar(bar, passed / targetS, "stopped");
  }
  setClock(chip, { kind: "wait", since, nearS, lateS: targetS });
  return setBar(bar, passed / targetS, passed >= targetS ? "late" : passed >= nearS ? "near" : "running");
}

function storage(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null; // switched off: the draft lives as long as the page
  }
}

const readDraft = (number) => storage((kept) => kept.getItem(DRAFT + number));
