// One task: how long is left, what happened, where, and one button for the next step.
import { clockLook, serverNow } from "../core/clocks.js";
import { data, fill, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { setBar, showPriority } from "../core/marks.js";
import { length, moment, timeOfDay } from "../core/time.js";
import { showAnswers, showFurther } from "./callers.js";
import { placeOnMap, precision } from "./place.js";
import { endingOf, eventWords } from "./replies.js";
import { makeReporting } from "./reporting.js";
import { addSheets } from "./sheets.js";
import { isNew, LIMITS, progress } from "./steps.js";

const LOOK_ICONS = { running: "clock", near: "triangle-alert", late: "octagon-alert", unknown: "circle-help" };
const SIGNS = { done: "✓ ", waiting: "⇡ " };

/** page: {store, outbox, signal, texts}. Returns {draw, tick(now), reachable(), title(), wordsFor(event)}. */
export function showTask({ store, outbox, signal, texts }) {
  const task = one("#task-page");
  const assignmentId = Number(task.dataset.assignment);
  const number = (store.ofAssignment(assignmentId) ?? data("ticket")).number;
  const reporting = makeReporting({ store, outbox, signal, assignmentId, draw: () => draw() });
  const sheets = addSheets(data("catalogue").decline_reasons, reporting, texts, assignmentId);
  const showPlace = placeOnMap(data("city"));
  let announced = null;

  const ticketNow = () => store.tickets.get(number);

  one("#next").addEventListener("click", () => {
    const { next } = progress(ticketNow(), outbox.waitingFor(assignmentId));
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
    const ticket = ticketNow();
    const { assignment, place } = ticket;
    const replaced = assignment.id !== assignmentId;
    const waiting = outbox.waitingFor(assignmentId);
    const { boxes, next } = progress(ticket, waiting);

    showPriority(one('[data-part="priority"]', task), ticket.priority);
    setIcon(one('[data-part="type-icon"]', task), ticket.type?.icon ?? "circle-help");
    fill(task, {
      type: named(ticket.type) || t("Jenis belum diketahui"),
      place: place?.text,
      ward: place ? t("Kel. {kelurahan}, Kec. {kecamatan}", place) : t("belum diketahui"),
      "place-note": place ? precision(place) : null,
      "also-sent": ticket.also_sent.length ? ticket.also_sent.join(", ") : t("tidak ada"),
      origin: t("Tiket {number}, masuk {time}", { number: ticket.number, time: moment(ticket.opened_at) }),
    });
    one("#caller").hidden = !ticket.words;
    setText(one("#words"), ticket.words ? `“${ticket.words}”` : "");
    more.hidden =
      more.getAttribute("aria-expanded") !== "true" && one("#words").scrollHeight <= one("#words").clientHeight + 4;
    showFurther(ticket);
    showAnswers(ticket);
    showPlace(ticket);
    showEnding(ticket, replaced);
    showFoot(ticket, replaced ? boxes.map((box) => ({ ...box, look: "later" })) : boxes, replaced ? null : next);
    signal.showStrip({
      waiting: waiting.filter(({ mention }) => mention),
      others: outbox.elsewhere(assignmentId),
      acceptOpen: isNew(ticket) && !replaced,
      updatedAt: store.updatedAt,
    });
    tick();
  }

  function showEnding(ticket, replaced) {
    const ending = endingOf(ticket, assignmentId, store.reporter(ticket.assignment), data("catalogue").decline_reasons);
    one("#ending").hidden = !ending;
    if (!ending) return;
    fill(one("#ending"), { title: ending.title, more: ending.more });
    setIcon(one("#ending-icon"), ending.icon);
    const newer = one("#newer");
    newer.hidden = !replaced;
    setAttribute(newer, "href", replaced ? `/agency/${ticket.assignment.id}` : null);
  }

  function showFoot(ticket, boxes, next) {
    const button = one("#next");
    const mustCall = next?.waits === false && signal.offline;
    button.hidden = !next || mustCall;
    one("#call-instead").hidden = !mustCall;
    if (next) {
      setIcon(one("#next-icon"), next.icon);
      setText(one("#next-words"), reporting.busy ? t("Mengirim…") : next.button);
      button.disabled = reporting.busy;
    }
    for (const [index, box] of boxes.entries()) showBox(one("#steps").children[index], box, index);
    one("#decline").hidden = !(next && isNew(ticket)) || mustCall;
    one("#decline").disabled = reporting.busy;
    one("#call").hidden = mustCall;
    const problem = one("#problem");
    problem.hidden = !reporting.problem;
    setText(problem, reporting.problem ?? "");
  }

  function tick(now = serverNow()) {
    const { assignment } = ticketNow();
    const due = one("#due");
    const stopped =
      !assignment.due_at ||
      assignment.id !== assignmentId ||
      outbox.waitingFor(assignmentId).length > 0 ||
      !LIMITS[assignment.due_kind];
    due.hidden = stopped;
    if (stopped) return;
    const started = assignment.clock_started_at;
    const look = clockLook(started, assignment.due_at, now);
    const leftS = (Date.parse(assignment.due_at) - now) / 1000;
    const wholeS = (Date.parse(assignment.due_at) - Date.parse(started)) / 1000;
    const limit = timeOfDay(assignment.due_at, { seconds: assignment.due_kind === "acknowledge" });
    due.dataset.look = look;
    setIcon(one("#due-icon"), LOOK_ICONS[look]);
    setText(
      one("#due-limit"),
      look === "late" ? LIMITS[assignment.due_kind].late(limit) : LIMITS[assignment.due_kind].before(limit),
    );
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
    announce(look, assignment);
  }

  function announce(look, assignment) {
    const key = `${assignment.due_kind} ${look}`;
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
    wordsFor: (event) => (event.ticket_number === number ? eventWords(event, assignmentId) : null),
  };
}

/** One of the four boxes under the big button: {step, look, at} of progress(); index from 0. */
function showBox(element, { step, look, at }, index) {
  const [top, under] = element.children;
  const reached = look === "done" || look === "waiting";
  setAttribute(element, "data-look", look);
  setAttribute(element, "aria-current", look === "current" ? "step" : null);
  setText(top, reached ? `${SIGNS[look]}${step.word}` : String(index + 1));
  setText(under, reached ? (at ? timeOfDay(at) : "–") : step.word);
  setAttribute(element, "title", look === "waiting" ? t("Tersimpan di ponsel, terkirim sendiri nanti.") : null);
}
