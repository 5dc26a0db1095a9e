// The agency's page on a phone: state, link, waiting steps and the alert of new tasks; the list or one task draws on them.
import { data, frameOnce, one } from "./dom.js";
import { KeptTexts } from "./kept-texts.js";
import { connectLive } from "./live.js";
import { startClocks } from "./marks.js";
import { t } from "./words.js";
import { makeAlert, unlockOnFirstTap } from "./agency-alert.js";
import { Outbox, noteWallClock } from "./agency-outbox.js";
import { showList } from "./agency-list.js";
import { Signal, say } from "./agency-signal.js";
import { AgencyStore } from "./agency-store.js";
import { doneWords } from "./agency-replies.js";
import { isNew, stepOf } from "./agency-steps.js";
import { showTask } from "./agency-task.js";

const snapshot = data("snapshot");
const store = new AgencyStore(snapshot, changed);
const extra = data("ticket");
if (extra && !store.tickets.has(extra.number)) store.tickets.set(extra.number, extra);

const signal = new Signal(() => {
  if (!signal.offline) view.reachable();
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
const view = one("#task-page") ? showTask(page) : showList(page);
const alert = makeAlert(() => view.title());
const draw = frameOnce(() => {
  view.draw();
  alert([...store.tickets.values()].filter(isNew).map((ticket) => ticket.assignment.id));
});

/** Somebody else's deed on this screen is said, one's own is seen. */
function changed(events) {
  for (const event of events) {
    const words = outbox.causedHere(event) ? null : view.wordsFor(event);
    if (words) say(words);
  }
  draw();
}

/** A step that had waited came too late: what the state is now, and who made it so. */
async function tellRefused(entry, problem) {
  say(t("{step} tidak tercatat: {reason}", { step: stepOf(entry.command)?.button ?? entry.command, reason: problem.message }), "amber");
  await store.refresh().catch((failed) => console.warn("the state could not be read again:", failed.message));
  if (problem.code === "transition_refused") await tellDoneAlready(entry, store.ofAssignment(entry.assignmentId));
}

async function tellDoneAlready(entry, ticket) {
  const reporter = ticket ? await store.findReporter(ticket).catch(() => null) : null;
  say(doneWords(ticket, reporter, store.me, entry), "amber");
}

const live = connectLive({
  after: store.newest,
  deliver: (events) => store.deliver(events),
  takeSnapshot: () => store.refresh(),
  onStatus: (status) => {
    signal.note({ status });
    if (status.state === "connected") outbox.flush();
  },
  onHeartbeat: (beat) => {
    noteWallClock();
    store.heartbeat(beat.server_time);
  },
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) live.retry();
});
unlockOnFirstTap(() => {
  const mute = one("#mute");
  if (mute) mute.hidden = true;
});
noteWallClock();
startClocks((now) => {
  signal.showSign();
  view.tick(now);
  if (outbox.trying) draw();
});
draw();
outbox.resume();
