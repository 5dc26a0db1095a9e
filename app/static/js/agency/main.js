// The agency's page on a phone: state, link, waiting steps and the alert of new tasks; the list or one task draws on
// them.
import { ApiError, messageOf } from "../core/api.js";
import { data, find, frameOnce, one } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { KeptTexts } from "../core/kept-texts.js";
import { connectLive } from "../core/live.js";
import { startClocks } from "../core/marks.js";
import { watchSession } from "../core/session.js";
import { keepTicking } from "../core/ticking.js";
import { Alert } from "./alert.js";
import { showList } from "./list.js";
import { noteWallClock, Outbox } from "./outbox.js";
import { doneWords } from "./replies.js";
import { Signal, say } from "./signal.js";
import { isNew, stepOf } from "./steps.js";
import { AgencyStore } from "./store.js";
import { showTask } from "./task.js";
import { Wake } from "./wake.js";

/** @typedef {{store: AgencyStore, outbox: Outbox, signal: Signal, texts: KeptTexts}} Page */
/**
 * The list or one task, on this page.
 * @typedef {object} View
 * @property {() => void} draw
 * @property {(now: number) => void} tick
 * @property {() => void} reachable The centre can be reached again.
 * @property {() => string} title
 * @property {(event: AgencyEvent) => string | null} wordsFor what somebody else's deed means for this page
 */
/**
 * @typedef {import("../types.d.ts").AgencyEvent} AgencyEvent
 * @typedef {import("../payloads.d.ts").AgencyTicket} AgencyTicket
 */

const snapshot = /** @type {import("../payloads.d.ts").AgencySnapshot} */ (data("snapshot"));
const store = new AgencyStore(snapshot, changed);
const extra = data("ticket");
if (extra && !store.tickets.has(extra.number)) store.tickets.set(extra.number, extra);

const signal = new Signal(() => {
  if (!signal.offline) {
    view.reachable();
    if (wake.known === "unsure") wake.resume();
  }
  draw();
});
const outbox = new Outbox({
  owner: store.me.id,
  onChange: () => draw(),
  onSent: (entry, answer) => {
    store.accept(answer.ticket);
    if (!answer.changed) tellDoneAlready(entry, answer.ticket);
  },
  onRefused: tellRefused,
});

const texts = new KeptTexts({ owner: store.me.id });
texts.load();
const page = { store, outbox, signal, texts };
const view = find("#task-page") ? showTask(page) : showList(page);
const alert = new Alert({
  waiting: () => [...store.tickets.values()].filter(isNew).map((ticket) => ticket.assignment.id),
  title: () => view.title(),
});
const wake = new Wake({
  isWaiting: (id) => {
    const ticket = store.ofAssignment(id);
    return ticket !== null && isNew(ticket);
  },
});
const draw = frameOnce(() => view.draw());

/**
 * Somebody else's deed on this screen is said, one's own is seen.
 * @param {AgencyEvent[]} events
 */
function changed(events) {
  wake.tidy();
  alert.look(); // at once: what is drawn waits for a frame, and a hidden page has none
  for (const event of events) {
    const words = outbox.causedHere(event) ? null : view.wordsFor(event);
    if (words) say(words);
  }
  draw();
}

/**
 * A step that had waited came too late: what the state is now, and who made it so.
 * @param {import("./outbox.js").Entry} entry
 * @param {unknown} problem
 */
async function tellRefused(entry, problem) {
  say(
    t("{step} tidak tercatat: {reason}", {
      step: stepOf(entry.command)?.button ?? entry.command,
      reason: messageOf(problem),
    }),
    "amber",
  );
  await store.refresh().catch((failed) => console.warn("the state could not be read again:", String(failed)));
  if (problem instanceof ApiError && problem.code === "transition_refused")
    await tellDoneAlready(entry, store.ofAssignment(entry.assignmentId));
}

/**
 * @param {import("./outbox.js").Entry} entry
 * @param {AgencyTicket | null} ticket
 */
async function tellDoneAlready(entry, ticket) {
  const reporter = ticket ? await store.findReporter(ticket).catch(() => null) : null;
  say(doneWords(ticket, reporter, store.me, entry), "amber");
}

const live = connectLive({
  after: store.newest,
  epoch: store.epoch,
  pageOf: store.me.id,
  deliver: (/** @type {AgencyEvent[]} */ events) => store.deliver(events),
  takeSnapshot: () => store.refresh(),
  onStatus: (status) => {
    signal.note({ status });
    if (status.state === "connected") outbox.flush();
  },
  onRestored: () => {
    say(t("Data server dipulihkan ke keadaan sebelumnya. Periksa tugas Anda."), "amber");
    outbox.flush();
  },
  onHeartbeat: (beat) => {
    noteWallClock();
    store.heartbeat(beat.server_time);
  },
});

const signedOut = one("#signed-out");
watchSession({
  person: store.me.id,
  onOver: () => (signedOut.hidden = false),
  onBack: () => {
    signedOut.hidden = true;
    live.retry();
    outbox.flush();
    store.refresh().catch((problem) => console.warn("the state could not be read again:", String(problem)));
  },
});
for (const occasion of ["online", "pageshow"]) addEventListener(occasion, () => live.retry());
document.addEventListener("visibilitychange", () => !document.hidden && live.retry());
keepTicking(
  () => {
    alert.speaker.look();
    alert.look();
  },
  () => live.wake(),
);
noteWallClock();
startClocks((now) => {
  signal.showSign();
  view.tick(now);
  if (outbox.trying) draw();
});
draw();
outbox.resume();
wake.resume();
