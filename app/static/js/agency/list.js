// The list: new tasks first and always in sight, then those under way, then what was done today.

import { messageOf, newRequestId } from "../core/api.js";
import { clockLook, serverNow } from "../core/clocks.js";
import { all, clone, fill, keyed, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { ASSIGNMENT_STATES, named, t } from "../core/i18n.js";
import { setClock, showPriority } from "../core/marks.js";
import { timeOfDay } from "../core/time.js";
import { askedWords } from "./leaders.js";
import { isUnreachable } from "./outbox.js";
import { doneWords, reachedAt } from "./replies.js";
import { isNew, isOver, progress, stepOf } from "./steps.js";
import { toldOfLateTask } from "./told.js";

/**
 * @typedef {import("../payloads.d.ts").AgencyTicket} AgencyTicket
 * @typedef {import("./outbox.js").Outbox} Outbox
 */
/**
 * What came of the button on a card; one request id for all attempts.
 * @typedef {{state: "sending" | "failed" | "told" | "idle", words: string | null, requestId: string}} Reply
 */

const WORDS_SHOWN = 120;

/**
 * @param {Pick<import("./main.js").Page, "store" | "outbox" | "signal">} page
 * @returns {import("./main.js").View}
 */
export function showList({ store, outbox, signal }) {
  const list = one("#list");
  /** @type {Map<number, Reply>} by assignment */
  const asked = new Map();

  for (const tab of all("[data-tab]:not(#list)")) {
    tab.addEventListener("click", () => {
      list.dataset.tab = tab.dataset.tab;
      for (const other of all("[data-tab]:not(#list)")) setAttribute(other, "aria-pressed", String(other === tab));
      list.scrollTop = 0;
    });
  }
  warnBeforeLeaving(outbox);

  /** @param {number} id */
  async function accept(id) {
    // The same request id for every attempt: an answer that was lost on the way back accepts nothing twice.
    const requestId = asked.get(id)?.requestId ?? newRequestId();
    asked.set(id, { state: "sending", words: null, requestId });
    draw();
    try {
      const answer = await outbox.now(id, "acknowledge", {}, requestId);
      asked.delete(id);
      store.accept(answer.ticket);
      if (!answer.changed) {
        const reporter = answer.ticket && (await store.findReporter(answer.ticket).catch(() => null));
        const words = doneWords(answer.ticket, reporter, store.me, { command: "acknowledge" });
        asked.set(id, { state: "told", words, requestId });
      }
    } catch (problem) {
      const lost = isUnreachable(problem);
      signal.note({ failed: lost });
      asked.set(id, {
        state: "failed",
        words: lost ? t("Tidak sampai ke pusat. Coba lagi, atau telepon 112.") : messageOf(problem),
        requestId,
      });
      if (!lost)
        await store.refresh().catch((failed) => console.warn("the state could not be read again:", String(failed)));
    }
    draw();
  }

  function make() {
    const card = clone("task");
    const urge = document.createElement("span");
    urge.dataset.field = "urge";
    one('[data-part="timer"] > .icon', card).after(urge);
    one('button[data-part="accept"]', card).addEventListener("click", () => accept(Number(card.dataset.key)));
    return card;
  }

  /**
   * @param {HTMLElement} card
   * @param {AgencyTicket} ticket
   */
  function update(card, ticket) {
    const { assignment, place } = ticket;
    const waiting = outbox.waitingFor(assignment.id);
    const { next, state } = progress(ticket, waiting);
    const fresh = isNew(ticket) && !waiting.length;
    const due = fresh ? assignment.due_at : null;
    const shownState = ticket.state === "closed" && assignment.state === "sent" ? "cancelled" : state;
    const reply = asked.get(assignment.id);
    const look = due ? clockLook(assignment.clock_started_at, due) : "none";
    setAttribute(card, "data-look", look);
    setAttribute(card, "data-over", isOver(ticket));
    const last = waiting.at(-1);
    const reached = timeOfDay(last?.occurred_at ?? reachedAt(assignment));
    fill(card, {
      short: ticket.short,
      urge: look === "late" ? `${t("Terima sekarang")} ·` : `${t("Terima")} ·`,
      state: `${capital(ASSIGNMENT_STATES[shownState].word)} ${reached}`,
      type: named(ticket.type) || t("Jenis belum diketahui"),
      place: place?.text ? `${place.text},` : null,
      ward: place ? t("Kel. {name}", { name: place.kelurahan }) : t("Lokasi belum diketahui"),
      told: isOver(ticket) ? null : toldOfLateTask(assignment),
      asked: askedWords(assignment),
      words: fresh && ticket.words ? `“${shortened(ticket.words)}”` : null,
      result: isOver(ticket) ? assignment.note : null,
      waiting: last ? t("“{step}” tersimpan di ponsel.", { step: stepOf(last.command)?.button ?? last.command }) : null,
      problem: reply?.words ?? null,
      next: next && !fresh ? next.word : null,
    });
    one('[data-part="waiting"]', card).hidden = !waiting.length;
    one('[data-part="problem"]', card).hidden = !reply?.words;
    setIcon(one('[data-part="state-icon"]', card), ASSIGNMENT_STATES[shownState].icon);
    one(".task-state", card).hidden = due !== null;
    const chip = one('[data-part="timer"]', card);
    chip.hidden = !due;
    if (due) setClock(chip, { kind: "due", started: assignment.clock_started_at ?? "", due });
    showPriority(one('[data-part="priority"]', card), ticket.priority);
    setIcon(one('[data-part="type-icon"]', card), ticket.type?.icon ?? "circle-help");
    for (const part of all('[data-part="open"], [data-part="next"]', card))
      setAttribute(part, "href", `/agency/${assignment.id}`);
    const button = one('button[data-part="accept"]', card);
    const closed = signal.offline;
    button.hidden = !fresh || closed;
    button.disabled = reply?.state === "sending";
    setText(one("span", button), reply?.state === "sending" ? t("Mengirim…") : t("Terima"));
    one('[data-part="call"]', card).hidden = !fresh || !(closed || reply?.state === "failed");
    one('[data-part="next"]', card).hidden = !next || fresh;
    setAttribute(one('[data-part="next"]', card), "aria-label", next ? `${next.word}: ${ticket.short}` : null);
  }

  function draw() {
    const tickets = store.shown(serverNow());
    const groups = {
      new: tickets.filter(isNew),
      running: tickets.filter((ticket) => !isNew(ticket) && !isOver(ticket)),
      done: tickets.filter((ticket) => !isNew(ticket) && isOver(ticket)),
    };
    groups.new.sort((a, b) => dueMs(a) - dueMs(b));
    for (const [name, items] of Object.entries(groups)) {
      keyed(one(`#${name}-list`), items, { key: (ticket) => ticket.assignment.id, make, update });
      one(`#${name}-empty`).hidden = items.length > 0;
      setText(one(`[data-count="${name}"]`), String(items.length));
    }
    signal.showStrip({
      waiting: [],
      others: outbox.waiting,
      acceptOpen: groups.new.length > 0,
      updatedAt: store.updatedAt,
    });
  }

  /** @type {Map<number, string>} by assignment */
  const looks = new Map();
  /** @param {number} now */
  function tick(now) {
    setText(one("#updated"), t("Diperbarui {time}", { time: timeOfDay(store.updatedAt, { seconds: true }) }));
    for (const ticket of store.tickets.values()) {
      if (!isNew(ticket) || !ticket.assignment.due_at) continue;
      const look = clockLook(ticket.assignment.clock_started_at, ticket.assignment.due_at, now);
      // The chip ticks by itself; a change of look changes the whole card, and is announced once.
      if (looks.get(ticket.assignment.id) === look) continue;
      looks.set(ticket.assignment.id, look);
      if (look === "late")
        setText(one("#urgent"), t("Tiket {short}: terima sekarang, batas sudah lewat.", { short: ticket.short }));
      draw();
    }
  }

  /** The centre can be reached again: what failed before may be tried again, under the same request id. */
  function reachable() {
    for (const reply of asked.values())
      if (reply.state === "failed") Object.assign(reply, { state: "idle", words: null });
  }

  return { draw, tick, reachable, title: () => `${t("Tugas")} · ${store.me.agency}`, wordsFor: () => null };
}

/** @param {AgencyTicket} ticket */
const dueMs = ({ assignment }) => (assignment.due_at ? Date.parse(assignment.due_at) : Infinity);
/** @param {string} word */
const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
/** @param {string} words */
const shortened = (words) =>
  words.length > WORDS_SHOWN ? `${[...words].slice(0, WORDS_SHOWN).join("").trimEnd()}…` : words;

/**
 * Signing out leaves waiting steps on the phone; nobody else's sign-in sends them.
 * @param {Outbox} outbox
 */
function warnBeforeLeaving(outbox) {
  const form = one("form#sign-out");
  const dialog = one("dialog#leave");
  form.addEventListener("submit", (event) => {
    if (!outbox.waiting || dialog.returnValue === "leave") return;
    event.preventDefault();
    setText(
      one("#leave-words"),
      t(
        "{n} langkah masih tersimpan di ponsel ini. Langkah itu baru terkirim setelah Anda sendiri masuk lagi di sini.",
        {
          n: outbox.waiting,
        },
      ),
    );
    dialog.showModal();
  });
  dialog.addEventListener("close", () => dialog.returnValue === "leave" && form.requestSubmit());
}
