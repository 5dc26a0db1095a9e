// One task: how long is left, what happened, where, and one button for the next step.
import { clockLook, serverNow } from "../core/clocks.js";
import { all, data, fill, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { setBar, showPriority } from "../core/marks.js";
import { length, moment, timeOfDay } from "../core/time.js";
import { showAnswers, showFurther } from "./callers.js";
import { instructionsOnTask } from "./leaders.js";
import { placeOnMap, precision } from "./place.js";
import { endingOf, eventWords } from "./replies.js";
import { makeReporting } from "./reporting.js";
import { addSheets } from "./sheets.js";
import { isNew, LIMITS, progress } from "./steps.js";
import { toldOfLateTask } from "./told.js";

/**
 * @typedef {import("../payloads.d.ts").AgencyTicket} AgencyTicket
 * @typedef {import("./steps.js").Step} Step
 * @typedef {import("./steps.js").StepBox} StepBox
 */

const LOOK_ICONS = { running: "clock", near: "triangle-alert", late: "octagon-alert", unknown: "circle-help" };
const SIGNS = { done: "✓ ", waiting: "⇡ " };

/**
 * @param {import("./main.js").Page} page
 * @returns {import("./main.js").View}
 */
export function showTask({ store, outbox, signal, texts }) {
  const task = one("#task-page");
  const assignmentId = Number(task.dataset.assignment);
  let ticket = ticketOf(store, assignmentId);
  const reporting = makeReporting({ store, outbox, signal, assignmentId, draw: () => draw() });
  const reasons = data("decline-reasons");
  const sheets = addSheets(reasons, reporting, texts, assignmentId);
  const showPlace = placeOnMap(data("city"));
  const showInstructions = instructionsOnTask(() => draw());
  /** @type {string | null} */
  let announced = null;

  /** As it is now; one that ended long ago is in no later snapshot, and stays here as it was. */
  function ticketNow() {
    ticket = store.tickets.get(ticket.number) ?? ticket;
    return ticket;
  }

  one("#next").addEventListener("click", () => {
    const { next } = progress(ticketNow(), outbox.waitingFor(assignmentId));
    if (!next) return;
    if (next.command === "acknowledge") reporting.accept();
    else if (next.command === "clear") sheets.askResult();
    else reporting.report(next.command, {});
  });
  one("#decline").addEventListener("click", () => sheets.askReason());
  const more = one("#words-more");
  more.addEventListener("click", () => {
    const open = more.getAttribute("aria-expanded") !== "true";
    setAttribute(more, "aria-expanded", String(open));
    setText(more, open ? t("Ringkas") : t("Tampilkan semua"));
  });

  function draw() {
    const { assignment, place } = ticketNow();
    const replaced = assignment.id !== assignmentId;
    const waiting = outbox.waitingFor(assignmentId);
    const { boxes, next } = progress(ticket, waiting);

    showPriority(one('[data-part="priority"]', task), ticket.priority);
    setIcon(one('[data-part="type-icon"]', task), ticket.type?.icon ?? "circle-help");
    fill(task, {
      type: named(ticket.type) || t("Jenis belum diketahui"),
      place: place?.text,
      ward: place ? t("Kel. {kelurahan}, Kec. {kecamatan}", { ...place }) : t("belum diketahui"),
      "place-note": place ? precision(place) : null,
      "also-sent": ticket.also_sent.length ? ticket.also_sent.join(", ") : t("tidak ada"),
      origin: t("Tiket {number}, masuk {time}", { number: ticket.number, time: moment(ticket.opened_at) }),
    });
    one("#caller").hidden = !ticket.words;
    setText(one("#words"), ticket.words ? `“${ticket.words}”` : "");
    more.hidden =
      more.getAttribute("aria-expanded") !== "true" && one("#words").scrollHeight <= one("#words").clientHeight + 4;
    const told = toldOfLateTask(assignment);
    one("#told").hidden = !told;
    setText(one("#told-words"), told ?? "");
    showInstructions(assignment);
    showFurther(ticket);
    showAnswers(ticket);
    showPlace(ticket);
    showEnding(replaced);
    if (replaced) showFoot(boxes.map(laterBox), null);
    else showFoot(boxes, next);
    signal.showStrip({
      waiting: waiting.filter(({ mention }) => mention),
      others: outbox.elsewhere(assignmentId),
      acceptOpen: isNew(ticket) && !replaced,
      updatedAt: store.updatedAt,
    });
    tick();
  }

  /** @param {boolean} replaced */
  function showEnding(replaced) {
    const ending = endingOf(ticket, assignmentId, store.reporter(ticket.assignment), reasons);
    one("#ending").hidden = !ending;
    if (!ending) return;
    fill(one("#ending"), { title: ending.title, more: ending.more });
    setIcon(one("#ending-icon"), ending.icon);
    const newer = one("#newer");
    newer.hidden = !replaced;
    setAttribute(newer, "href", replaced ? `/agency/${ticket.assignment.id}` : null);
  }

  /**
   * @param {StepBox[]} boxes
   * @param {Step | null} next
   */
  function showFoot(boxes, next) {
    const button = one("button#next");
    const mustCall = next?.waits === false && signal.offline;
    button.hidden = !next || mustCall;
    one("#call-instead").hidden = !mustCall;
    if (next) {
      setIcon(one("#next-icon"), next.icon);
      setText(one("#next-words"), reporting.busy ? t("Mengirim…") : next.button);
      button.disabled = reporting.busy;
    }
    for (const [index, element] of all("#steps > li").entries()) showBox(element, boxes[index], index);
    const decline = one("button#decline");
    decline.hidden = !(next && isNew(ticket)) || mustCall;
    decline.disabled = reporting.busy;
    one("#call").hidden = mustCall;
    const problem = one("#problem");
    problem.hidden = !reporting.problem;
    setText(problem, reporting.problem ?? "");
  }

  function tick(now = serverNow()) {
    const { assignment } = ticketNow();
    const due = one("#due");
    const { due_at: dueAt, clock_started_at: started, due_kind: kind } = assignment;
    const words = LIMITS[kind ?? ""];
    const stopped = assignment.id !== assignmentId || outbox.waitingFor(assignmentId).length > 0;
    due.hidden = stopped || !dueAt || !words;
    if (stopped || !dueAt || !words) return;
    const look = clockLook(started, dueAt, now);
    const leftS = (Date.parse(dueAt) - now) / 1000;
    const wholeS = (Date.parse(dueAt) - Date.parse(started ?? "")) / 1000;
    const limit = timeOfDay(dueAt, { seconds: kind === "acknowledge" });
    due.dataset.look = look;
    setIcon(one("#due-icon"), LOOK_ICONS[look]);
    setText(one("#due-limit"), look === "late" ? words.late(limit) : words.before(limit));
    setText(
      one("#due-after"),
      look === "late" ? t("sudah lewat, alarm di pusat 112") : t("lewat itu, alarm di pusat 112"),
    );
    setAttribute(due, "data-long", Math.abs(leftS) >= 3600 || null);
    setText(
      one("#due-left"),
      look === "unknown" ? "–:––" : look === "late" ? `+${length(-leftS)}` : length(Math.ceil(Math.min(leftS, wholeS))),
    );
    setBar(one('[data-part="bar"]', due), look === "late" ? 1 : leftS / wholeS, look);
    announce(look, `${kind} ${look}`);
  }

  /**
   * @param {string} look
   * @param {string} key of what was announced
   */
  function announce(look, key) {
    if (key === announced) return;
    announced = key;
    if (look !== "near" && look !== "late") return;
    const left = look === "late" ? t("Batas sudah lewat.") : t("Sisa {time}", { time: one("#due-left").textContent });
    setText(one("#urgent"), `${one("#due-limit").textContent}. ${left}`);
  }

  function reachable() {
    reporting.forgetProblem();
  }

  return {
    draw,
    tick,
    reachable,
    title: () => `${ticketNow().short} ${named(ticketNow().type) || t("Tugas")} · ${store.me.agency}`,
    wordsFor: (event) => (event.ticket_number === ticket.number ? eventWords(event, assignmentId) : null),
  };
}

/**
 * What this page is about: of the open tickets, or told by the page itself where it ended long ago.
 * @param {import("./store.js").AgencyStore} store
 * @param {number} assignmentId
 */
function ticketOf(store, assignmentId) {
  const ticket = store.ofAssignment(assignmentId) ?? data("ticket");
  if (!ticket) throw new Error(`the page has no ticket of assignment ${assignmentId}`);
  return ticket;
}

/**
 * @param {StepBox} box
 * @returns {StepBox}
 */
const laterBox = (box) => ({ ...box, look: "later" });

/**
 * One of the four boxes under the big button; index from 0.
 * @param {HTMLElement} element
 * @param {StepBox} box
 * @param {number} index
 */
function showBox(element, { step, look, at }, index) {
  const [top, under] = all("span", element);
  const reached = look === "done" || look === "waiting";
  setAttribute(element, "data-look", look);
  setAttribute(element, "aria-current", look === "current" ? "step" : null);
  setText(top, reached ? `${SIGNS[look]}${step.word}` : String(index + 1));
  setText(under, reached ? (at ? timeOfDay(at) : "–") : step.word);
  setAttribute(element, "title", look === "waiting" ? t("Tersimpan di ponsel, terkirim sendiri nanti.") : null);
}
