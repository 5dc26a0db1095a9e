// The operator's console: makes its parts, and wires the store, the live feed, the regions and the keyboard together.

import { WriteQueue } from "../core/api.js";
import { observeServerTime, serverNow } from "../core/clocks.js";
import { data, frameOnce, one } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { KeptTexts } from "../core/kept-texts.js";
import { connectLive } from "../core/live.js";
import { startClocks } from "../core/marks.js";
import { watchSession } from "../core/session.js";
import { keepTicking } from "../core/ticking.js";
import { createMap } from "../map/map.js";
import { showBanner, Toasts } from "./alerts.js";
import { CallbackList } from "./callback-list.js";
import { Callbacks } from "./callbacks.js";
import { CallerMap } from "./caller.js";
import { CallerNotes } from "./caller-notes.js";
import { setUpCardPickers } from "./card-pickers.js";
import { Commands } from "./commands.js";
import { setUpDialogs } from "./dialog.js";
import { setUpClosing, setUpReasons, setUpSettings } from "./dialogs.js";
import { Drafts } from "./drafts.js";
import { Drawing } from "./drawing.js";
import { setUpEndCall } from "./end-call.js";
import { listenToHands } from "./hands.js";
import { inMyHandset, isSorted, isStaleTalk } from "./handset.js";
import { Incidents } from "./incidents.js";
import { Incoming } from "./incoming.js";
import { KeyMap } from "./keymap.js";
import { setUpLandmarks } from "./landmark-dialogs.js";
import { Lists } from "./lists.js";
import { Locations } from "./location.js";
import { OneKey } from "./one-key.js";
import { setUpPalette, setUpSearch } from "./palette.js";
import { pickPoint } from "./place-pick.js";
import { Ringer } from "./ringer.js";
import { Screen } from "./screen.js";
import { Sending } from "./sending.js";
import { Sounds } from "./sounds.js";
import { answeredCall, Store, sortedLists } from "./store.js";
import { Taking } from "./taking.js";
import { Undo } from "./undo.js";
import { Waiting } from "./waiting.js";
import { drawClock, keepStats, LateWatch, LinkWatch, showAlarms, warnBeforeEnd } from "./watch.js";
import { Work } from "./work.js";

/**
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("../types.d.ts").CentreEvent} CentreEvent
 * @typedef {import("../types.d.ts").Need} Need
 * @typedef {import("./types.d.ts").Answered} Answered
 * @typedef {import("./types.d.ts").ReportedStep} ReportedStep
 */

const snapshot = /** @type {import("../payloads.d.ts").CentreSnapshot} */ (data("snapshot")); // as of this page
const catalogue = data("catalogue");
const city = data("city");
const seats = data("seats");
const { policy } = catalogue;
const wards = new Map(catalogue.kelurahan.map((ward) => [ward.code, ward]));
let sessionEnd = data("session").expires_at;
observeServerTime(snapshot.server_time);

const store = new Store(snapshot, policy);
const toasts = new Toasts(one("#toasts"));
const draw = frameOnce(() => drawing.all());

// -- writing ---------------------------------------------------------------------------------------------------------

/** @type {WriteQueue<Answered>} */
const queue = new WriteQueue({
  owner: store.me.id,
  onChange: draw,
  onSent: (_entry, { ticket }) => {
    if (ticket) store.put(ticket);
    draw();
  },
  onRefused: (entry, problem) => {
    const short = /tickets\/([\d-]+)\//.exec(entry.path)?.[1]?.split("-").at(-1);
    toasts.show({
      look: "red",
      title: t("{number}: yang Anda kirim saat terputus ditolak.", { number: short ?? t("Tugas") }),
      more: problem instanceof Error ? problem.message : "",
      button: { words: t("Mengerti"), act: () => {} },
    });
    draw();
  },
});
const commands = new Commands({ store, queue, toasts, onChange: draw });
const drafts = new Drafts({
  owner: store.me.id,
  onProblem: (problem) => commands.refused(problem),
  onLost: (record) =>
    toasts.show({
      key: record.key,
      look: "red",
      title: t("Ketikan untuk tiket {short} yang hilang saat data dipulihkan:", {
        short: record.number.split("~")[0].split("-").at(-1) ?? "",
      }),
      more: record.words,
      button: { words: t("Sudah dicatat"), act: () => drafts.discard(record) },
    }),
});
const texts = new KeptTexts({ owner: store.me.id });

// -- the open ticket -------------------------------------------------------------------------------------------------

const work = new Work({
  store,
  catalogue,
  cards: data("cards"),
  drafts,
  onAnswer: (number, answer) => commands.answer(number, answer),
  onResumed: (name) =>
    toasts.show({ key: "resumed", look: "plain", title: t("Teks dari {name} dilanjutkan.", { name }) }),
  onChange: draw,
  hands: {
    report,
    handOver: (number, agency, note) =>
      commands.give(`/api/v1/tickets/${number}/dispatch`, { agencies: [agency], note }),
    pause: (number, assignment, reason, minutes) =>
      commands.give(`/api/v1/tickets/${number}/pause-clock`, {
        assignment,
        reason,
        until: new Date(serverNow() + minutes * 60_000).toISOString(),
      }),
    resume: (number, assignment) => commands.give(`/api/v1/tickets/${number}/resume-clock`, { assignment }),
  },
  onOffline: (problem) => console.warn("the line was not read:", String(problem)),
});
work.useNotes(new CallerNotes({ toasts, texts, onChanged: () => work.reload() }));
/** @param {string} number */
const open = (number) => screen.open(number);
const taking = new Taking({ store, work, commands, talking: () => inMyHandset(store), onTaken: open });
const undo = new Undo({ seconds: policy.undo_s, commands, toasts, onOpened: open });
const oneKey = new OneKey({
  store,
  work,
  commands,
  undo,
  toasts,
  ringing: () => ({ ticket: waiting.next, steady: waiting.steady }),
  onOpened: open,
  onLeave: leave,
  onChange: draw,
});
const incidents = new Incidents({ store, work, commands, undo, toasts, onChange: draw, onOpen: open });

// -- dialogs ---------------------------------------------------------------------------------------------------------

setUpDialogs();
const openClosing = setUpClosing({ commands, work, texts });
const askReason = setUpReasons({ commands, work, texts, onOpened: open });
const sending = new Sending({
  store,
  work,
  commands,
  taking,
  toasts,
  dialogs: { ask: askReason, close: openClosing },
  onChange: draw,
});
const endCall = setUpEndCall({
  onEnded: (ticket) => {
    store.put(ticket);
    draw();
  },
});
const callbackList = new CallbackList({
  store,
  onChange: () => {
    draw();
    callbacks.redraw();
  },
});
const callbacks = new Callbacks({
  list: callbackList,
  store,
  toasts,
  texts,
  onOpen: open,
  claim: (number) => taking.take(number),
});

// -- regions ---------------------------------------------------------------------------------------------------------

const waiting = new Waiting({ store, taking, toasts, ringing: sortedLists(store, serverNow()).ringing });
const lists = new Lists({
  policy,
  seats,
  latest: (number) => store.get(number),
  onOpen: (ticket) => open(ticket.number),
  onOpenRinging: (ticket) => {
    if (ticket.owner || isSorted(ticket)) open(ticket.number);
    else if (inMyHandset(store)) waiting.takeLongest();
    else taking.take(ticket.number);
  },
  onOpenCallback: (callback) => callbacks.open(callback.id),
  onSelectRinging: (number) => {
    waiting.select(number);
    draw();
  },
});
/** @type {(lat: number, lon: number, moved?: boolean) => void} */
const pick = (lat, lon, moved = false) => {
  pickPoint({ work, toasts, city }, lat, lon, moved);
};
const landmarks = setUpLandmarks({
  toasts,
  onChange: () => map.freshLandmarks(),
  onShow: (lat, lon) => map.look(lat, lon),
});
const map = new CallerMap(
  createMap(one("#map"), {
    boundariesUrl: "/api/v1/boundaries",
    landmarksUrl: "/api/v1/places/landmarks",
    centre: city.centre,
    bbox: city.bbox,
    interactive: true,
    onPick: pick,
    actions: [
      {
        words: t("Jadikan lokasi"),
        icon: "map-pin",
        enabled: () => work.mine && work.allows("locate"),
        act: (lat, lon) => pick(lat, lon),
      },
      { words: t("Tambah patokan"), icon: "landmark", enabled: () => true, act: (lat, lon) => landmarks.add(lat, lon) },
      { words: t("Daftar patokan"), icon: "list", enabled: () => true, act: () => landmarks.list() },
    ],
  }),
  wards,
);
const locations = new Locations({
  work,
  store,
  toasts,
  map,
  wards,
  onChange: draw,
  onRefused: (problem) => commands.refused(problem),
});
const drawing = new Drawing({
  store,
  catalogue,
  seats,
  work,
  waiting,
  lists,
  incidents,
  oneKey,
  sending,
  locations,
  map,
  onAct: act,
});

// -- opening, leaving, acting ----------------------------------------------------------------------------------------

const late = new LateWatch({ store, toasts, onOpen: open });
const screen = new Screen({
  store,
  work,
  commands,
  undo,
  late,
  draw: () => drawing.all(),
  focusRinging: () => {
    if (!waiting.ringing.length) return false;
    lists.ringing.focus(waiting.selected);
    return true;
  },
});

function leave() {
  oneKey.forgetPress();
  screen.leave();
}

function release() {
  if (work.number) commands.give(`/api/v1/tickets/${work.number}/release`, {}, leave);
}

/** @type {(assignment: Assignment, step: ReportedStep) => void} */
function report(assignment, step) {
  if (step !== "clear") commands.report(assignment, step);
  else
    askReason({
      kind: "clear",
      assignment,
      title: t("Catat selesai: {agency}", { agency: assignment.agency }),
      lead: t("Apa hasilnya, menurut instansi?"),
      submit: t("Catat selesai"),
    });
}

/**
 * What a "needs you" row is for.
 * @param {Need} need
 */
async function act(need) {
  if (need.kind === "callback") return callbacks.open(need.callback.id);
  const { kind, ticket } = need;
  if (kind === "uncertain") return endCall(ticket);
  const claims = kind === "unowned" || (kind === "verify" && !ticket.owner);
  if (claims) await taking.take(ticket.number);
  else open(ticket.number);
  if (kind === "verify" && work.number === ticket.number) openClosing();
  return undefined;
}

// -- live ------------------------------------------------------------------------------------------------------------

const sounds = new Sounds({ onChange: () => ringer.look() });
const ringer = new Ringer({ store, sounds, late, answerTargetS: policy.answer_target_s });
const link = new LinkWatch({ sounds, queue });
const freshStats = keepStats(store, draw);
const incoming = new Incoming({
  store,
  work,
  drafts,
  callbackList,
  screen,
  ringer,
  toasts,
  followers: [work, locations, callbacks, callbackList, incidents],
  freshStats,
  freshLandmarks: () => map.freshLandmarks(),
  draw,
});
const live = connectLive({
  after: snapshot.newest,
  epoch: snapshot.epoch,
  pageOf: store.me.id,
  // A page of the centre is sent the centre's cut of each ticket.
  deliver: (events) => incoming.deliver(/** @type {CentreEvent[]} */ (events)),
  takeSnapshot: () => incoming.takeSnapshot(),
  onStatus: (status) => {
    link.show(status);
    if (status.state === "connected") queue.flush();
  },
  onHeartbeat: ({ alarms }) => showAlarms(alarms ?? []),
  onRestored: () => incoming.comeBack(),
});
const sessionBanner = one("#session-banner");
watchSession({
  person: store.me.id,
  onOver: () =>
    showBanner(sessionBanner, t("Sesi Anda berakhir."), t("Masuk lagi di tab baru; yang Anda ketik tetap di sini.")),
  onOther: (name) =>
    showBanner(
      sessionBanner,
      t("Di browser ini sekarang {name} yang masuk.", { name }),
      t("Layar ini milik {name} dan berlanjut saat {name} masuk lagi.", { name: store.me.name }),
    ),
  onBack: (me) => {
    showBanner(sessionBanner, null);
    sessionEnd = me.expires_at;
    store.sitAt(me.seat);
    live.retry();
    queue.flush();
    drafts.flush();
    freshStats();
    draw();
  },
});

startClocks((now) => {
  drawClock(now, catalogue.shifts);
  link.show(live.status());
  draw();
});
keepTicking(
  () => {
    sounds.speaker.look();
    late.look(serverNow());
    ringer.look();
  },
  () => live.wake(),
);
const lookAgain = () => {
  if (!document.hidden && live.status().state !== "connected") live.retry();
};
window.addEventListener("online", lookAgain);
window.addEventListener("pageshow", lookAgain);
document.addEventListener("visibilitychange", lookAgain);
warnBeforeEnd(() => sessionEnd, toasts);

// -- hands -----------------------------------------------------------------------------------------------------------

const keyMap = new KeyMap(data("keys"));
const pickers = setUpCardPickers(work, catalogue);
const openSettings = setUpSettings({
  sounds,
  me: () => store.me,
  onSeat: (seat) => {
    store.sitAt(seat);
    draw();
  },
  beforeSignOut: () => drafts.leave(),
});
const openSearch = setUpSearch(store, open);
const openPalette = setUpPalette({
  work,
  sending,
  incidents,
  pickers,
  classify: (kind) => oneKey.press(kind),
  openClosing,
  openSearch,
  openSettings,
  openHelp: () => keyMap.show(),
  openLandmarks: () => landmarks.list(),
  takeSelected: () => waiting.takeNext(),
  takeLongest: () => waiting.takeLongest(),
  askLocation: () => locations.ask(),
  release,
  leave,
});
listenToHands({
  work,
  toasts,
  taking,
  waiting,
  lists,
  sending,
  undo,
  oneKey,
  incidents,
  locations,
  drawing,
  keyMap,
  pickers,
  open,
  act,
  leave,
  release,
  openClosing,
  openEndCall: () => endCall(work.ticket),
  openSearch,
  openPalette,
  openSettings,
});

await Promise.all([drafts.load(), texts.load()]);
for (const number of drafts.numbers) if (store.get(number)?.owner?.id !== store.me.id) drafts.handBack(number);
const current =
  inMyHandset(store) ??
  sortedLists(store, serverNow()).own.find(
    (ticket) => drafts.get(ticket.number) && !isStaleTalk(answeredCall(ticket), policy),
  );
if (current) screen.show(current.number); // by itself: that is no hand that has looked at what is late
drawing.all();
