// The operator's console: wires the store, the live feed, the regions and the keyboard together. It draws once per
// frame however many events come.

import { get, WriteQueue } from "../core/api.js";
import { clockLook, observeServerTime, serverNow } from "../core/clocks.js";
import { data, frameOnce } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { KeptTexts } from "../core/kept-texts.js";
import { connectLive } from "../core/live.js";
import { startClocks } from "../core/marks.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { watchSession } from "../core/session.js";
import { keepTicking } from "../core/ticking.js";
import { createMap } from "../map/map.js";
import { Actions } from "./actions.js";
import { sayPolitely, showBanner, Toasts } from "./alerts.js";
import { Callbacks } from "./callbacks.js";
import { CallerMap } from "./caller.js";
import { CallerNotes } from "./caller-notes.js";
import { setUpCardPickers, setUpClosing, setUpPalette, setUpReasons, setUpSearch, setUpSettings } from "./dialogs.js";
import { Drafts } from "./drafts.js";
import { setUpEndCall } from "./end-call.js";
import { answeredByMe, inMyHandset, isSorted, isStaleTalk, waitingCall } from "./handset.js";
import { renderMix, renderNeeds, renderNext } from "./idle.js";
import { Incidents } from "./incidents.js";
import { isEcho, renderJournal } from "./journal-lines.js";
import { KeyMap } from "./keymap.js";
import { listen } from "./keys.js";
import { setUpLandmarks } from "./landmark-dialogs.js";
import { Lists } from "./lists.js";
import { Locations } from "./location.js";
import { pickPoint } from "./place-pick.js";
import { Ringer } from "./ringer.js";
import { Sounds } from "./sounds.js";
import { answeredCall, exceptions, lastCall, Store, sortedLists, worstClock } from "./store.js";
import { drawClock, drawTop, keepStats, LateWatch, LinkWatch, showAlarms, showMode, warnBeforeEnd } from "./watch.js";
import { Work } from "./work.js";

const STEADY_MS = 600;
const SURE_S = 5; // so long a second press says that the call before is over
const FEW = 5; // in a surge nothing but calls happens: then the last events tell of the calls

const snapshot = data("snapshot");
const catalogue = data("catalogue");
const city = data("city");
const seats = data("seats") ?? [];
const { policy } = catalogue;
observeServerTime(snapshot.server_time);

const store = new Store(snapshot, policy);
const toasts = new Toasts(document.getElementById("toasts"));
const sounds = new Sounds({ onChange: () => ringer?.look() });
const types = new Map(catalogue.types.map((type) => [type.code, type]));
const agencies = new Map((catalogue.agencies ?? []).map((agency) => [agency.code, agency]));
const wards = new Map(catalogue.kelurahan.map((ward) => [ward.code, ward]));
const draw = frameOnce(drawAll);
let selected = null; // the ringing call that Enter takes, when the hand has chosen one
let needs = [];
let nextShown; // the call that is next, and since when: a key must not hit another one that has just slid in
let nextSince = 0;
let ringer = null;
let sessionEnd = data("session")?.expires_at ?? null;
let lists = sortedLists(store, serverNow());

const queue = new WriteQueue({
  owner: store.me.id,
  onChange: draw,
  onSent: (_entry, answer) => {
    if (answer.ticket) store.put(answer.ticket);
    draw();
  },
  onRefused: (entry, problem) => {
    const number = /tickets\/([\d-]+)\//.exec(entry.path)?.[1]?.split("-").at(-1);
    toasts.show({
      look: "red",
      title: t("{number}: yang Anda kirim saat terputus ditolak.", { number: number ?? t("Tugas") }),
      more: problem.message,
      button: { words: t("Mengerti"), act: () => {} },
    });
    draw();
  },
});

const drafts = new Drafts({ owner: store.me.id, onProblem: (problem) => actions.refused(problem) });
const texts = new KeptTexts({ owner: store.me.id });
const keyMap = new KeyMap(data("keys") ?? {});
const work = new Work({
  store,
  catalogue,
  cards: data("cards") ?? [],
  drafts,
  onAnswer: (number, body) => actions.answer(number, body),
  onResumed: (name) =>
    toasts.show({ key: "resumed", look: "plain", title: t("Teks dari {name} dilanjutkan.", { name }) }),
  onChange: draw,
  onReport: (assignment, command) => actions.report(assignment, command),
  onOffline: (problem) => console.warn("the line was not read:", problem.message),
});
const actions = new Actions({
  store,
  work,
  queue,
  toasts,
  policy,
  ringing: () => ({ ticket: nextCall(), steady: performance.now() - nextSince > STEADY_MS }),
  talking: () => inMyHandset(store),
  onOpened: open,
  onLeft: left,
  onChange: draw,
});
const incidents = new Incidents({ store, work, actions, queue, toasts, policy, onChange: draw, onOpen: open });
const openClosing = setUpClosing(actions, work, texts);
setUpReasons(actions, work, texts);
const openEndCall = setUpEndCall({
  onEnded: (ticket) => {
    store.put(ticket);
    draw();
  },
});
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
const landmarks = setUpLandmarks({
  toasts,
  onChange: () => map.freshLandmarks(),
  onShow: (lat, lon) => map.look(lat, lon),
});
const openPalette = setUpPalette({
  more: () => [{ id: "landmarks", title: t("Daftar patokan"), run: () => landmarks.list() }],
  work,
  actions,
  incidents,
  pickers,
  openClosing,
  openSearch,
  openSettings,
  openHelp: () => keyMap.show(),
  takeSelected,
  takeLongest,
  askLocation: () => locations.ask(),
});
const leftLists = new Lists({
  policy,
  seats,
  latest: (number) => store.get(number),
  onOpen: (ticket, list) => {
    if (list === "callbacks") return callbacks.open(ticket.id);
    if (list !== "ringing" || ticket.owner || isSorted(ticket)) return open(ticket.number);
    return inCall() ? takeLongest() : actions.claim(ticket.number);
  },
  onSelectRinging: (number) => {
    selected = number;
    draw();
  },
});
const callbacks = new Callbacks({
  store,
  toasts,
  texts,
  onChange: draw,
  onOpen: open,
  claim: (number) => actions.claim(number),
});
work.useNotes(new CallerNotes({ toasts, texts, onChanged: () => work.reload() }));
const map = new CallerMap(
  createMap(document.getElementById("map"), {
    boundariesUrl: "/api/v1/boundaries",
    landmarksUrl: "/api/v1/places/landmarks",
    centre: city.centre,
    bbox: city.bbox,
    interactive: true,
    onPick: pick,
    actions: pointActions(),
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
  onRefused: (problem) => actions.refused(problem),
});

// -- opening, leaving, taking ----------------------------------------------------------------------------------------

const inCall = () => inMyHandset(store) !== null;

/** A hand opens a ticket: what is late of it has been seen. */
function open(number) {
  if (!store.get(number)) {
    // An answer of the search or a toast may name a ticket that is not among the open ones any more.
    get(`/api/v1/tickets/${number}`).then(
      (ticket) => {
        store.put(ticket);
        open(number);
      },
      (problem) => actions.refused(problem),
    );
    return;
  }
  late.silence(store.get(number), serverNow());
  show(number);
}

/** A ticket comes on the screen, perhaps by itself. */
function show(number) {
  work.open(number);
  drawAll();
  for (const row of document.querySelectorAll('.lists [aria-selected="true"]'))
    row.scrollIntoView({ block: "nearest" });
  work.entry.focus();
}

function left() {
  work.close();
  drawAll();
  if (lists.ringing.length) leftLists.ringing.focus(selected);
  else document.getElementById("centre").focus({ preventScroll: true });
}

const nextCall = () => {
  const waiting = lists.ringing.filter((ticket) => waitingCall(ticket));
  return waiting.find((ticket) => ticket.number === selected) ?? waiting[0] ?? null;
};

function takeLongest() {
  // Somebody is in my handset, as far as we were told; its end may have been lost, so a second press counts.
  const sure = toasts.has("busy");
  toasts.dismiss("busy");
  if (inCall() && !sure) {
    toasts.show({
      key: "busy",
      look: "amber",
      seconds: SURE_S,
      title: t("Selesaikan panggilan ini dulu."),
      more: t("Sudah selesai? Tekan sekali lagi."),
    });
    return;
  }
  const [longest] = lists.ringing.filter((ticket) => waitingCall(ticket));
  if (longest) actions.claim(longest.number, { sure });
}

function takeSelected() {
  const ticket = nextCall();
  if (ticket) actions.claim(ticket.number);
}

async function act({ kind, ticket, callback }) {
  if (callback) return callbacks.open(callback.id);
  if (kind === "uncertain") return openEndCall(ticket);
  const claims = kind === "unowned" || (kind === "verify" && !ticket.owner);
  if (claims) await actions.claim(ticket.number);
  else open(ticket.number);
  if (kind === "verify" && work.number === ticket.number) openClosing();
  return undefined;
}

function pick(lat, lon, moved = false) {
  pickPoint({ work, toasts, city }, lat, lon, moved);
}

/** What the menu of a point on the map offers. */
function pointActions() {
  return [
    {
      words: t("Jadikan lokasi"),
      icon: "map-pin",
      enabled: () => work.mine && work.allows("locate"),
      act: (lat, lon) => pick(lat, lon),
    },
    { words: t("Tambah patokan"), icon: "landmark", enabled: () => true, act: (lat, lon) => landmarks.add(lat, lon) },
    { words: t("Daftar patokan"), icon: "list", enabled: () => true, act: () => landmarks.list() },
  ];
}

// -- drawing ---------------------------------------------------------------------------------------------------------

function drawAll() {
  const now = serverNow();
  lists = sortedLists(store, now);
  const working = work.number !== null;
  showMode(working);
  const next = nextCall();
  if (next?.number !== nextShown) [nextShown, nextSince] = [next?.number, performance.now()];
  const colleagues = store.colleagues.filter((person) => person.id !== store.me.id);
  leftLists.render(lists, {
    current: work.number,
    next: next?.number ?? null,
    now,
    colleagues,
    callbacksTotal: store.callbacks.total,
    callingAgain: store.callbacks.numbers,
  });
  document.getElementById("location-room").hidden = !working;
  if (working) drawWork(now);
  // Drawn while hidden too: whoever leaves a ticket finds the waiting screen as it is now.
  renderNext(next, { longest: next === lists.ringing.find((ticket) => waitingCall(ticket)), policy, store });
  needs = renderNeeds(exceptions(store, now), { agencies, onAct: act });
  const told = store.recent.filter((event) => !isEcho(event));
  renderJournal(document.getElementById("recent"), told.length >= FEW ? told : store.recent, {
    ticketOf: (event) => store.get(event.ticket_number),
    types,
    people: store.people,
  });
  renderMix(store.stats?.mix, store.stats?.abandoned);
  const alertOf = (ticket) => {
    const clock = worstClock(ticket);
    const look = clock && clockLook(clock.started_at, clock.due_at, now);
    return look === "late" || look === "near" ? look : null;
  };
  const chosen = working ? work.choices.place : null;
  const location = working ? lastCall(work.ticket)?.location : null;
  map.show({
    location,
    tickets: [...store.tickets.values()].filter((ticket) => ticket.place),
    alertOf,
    current: work.number,
    working,
    place: chosen && { ...chosen, icon: types.get(work.choices.type?.code)?.icon ?? null },
  });
  // After the map has turned to the ticket: a telephone that shares its position draws it there.
  if (working) locations.render(work.ticket, now);
  else locations.hide();
  drawTop({ me: store.me, seats, talking: inCall(), stats: store.stats });
}

function drawWork(now) {
  work.render(now);
  incidents.draw();
  actions.renderStrip();
  const next = actions.next;
  if (next) work.showSend({ ...next, enabled: !["busy", "none"].includes(next.kind) });
}

// -- live ------------------------------------------------------------------------------------------------------------

function deliver(events) {
  store.apply(events);
  ringer.look(); // at once: what is drawn waits for a frame, and a hidden page has none
  work.follow(events);
  locations.follow(events);
  callbacks.follow(events);
  incidents.follow(events);
  for (const event of events) react(event);
  // Not while signing out: that the seat was left is then told to a page whose session is over.
  if (
    !drafts.left &&
    events.some((event) =>
      ["seat.taken", "seat.left", "call.answered", "call.transferred", "call.ended", "call.abandoned"].includes(
        event.kind,
      ),
    )
  )
    freshStats();
  draw();
}

function react(event) {
  const { ticket } = event;
  if (event.kind === "call.registered" && ticket)
    sayPolitely(t("Berdering: {number}", { number: phoneNumber(lastCall(ticket)?.number) }));
  const mine = answeredByMe(event, store.me);
  if (mine) followHandset(mine);
  const { short = "" } = ticket ?? {};
  if (event.kind === "ticket.returned" && event.data?.owner_id === store.me.id)
    toasts.show({
      look: "amber",
      title: t("Tiket {short} kembali ke semua: telepon tidak diangkat.", { short }),
      more: t("Telepon masih berdering."),
    });
  if (event.kind === "ticket.taken_by_phone" && event.data?.from_id === store.me.id)
    toasts.show({
      look: "amber",
      title: t("{name} mengangkat telepon: tiket {short} kini miliknya.", {
        name: ticket?.owner?.name ?? t("Rekan"),
        short,
      }),
    });
  if (event.kind === "ticket.taken_over" && event.data?.from_id === store.me.id)
    toasts.show({
      look: "amber",
      title: t("{name} mengambil alih tiket {short}.", { name: event.actor.name, short: ticket?.short ?? "" }),
    });
  if (event.kind.startsWith("landmark.")) map.freshLandmarks();
  if (
    drafts.get(event.ticket_number) &&
    ticket &&
    (ticket.state === "closed" || (ticket.owner && ticket.owner.id !== store.me.id))
  )
    drafts.handBack(event.ticket_number);
  if (event.kind === "seat.taken" && event.actor.id !== store.me.id && event.data?.seat === store.me.seat)
    toasts.show({ look: "amber", title: t("{name} sekarang duduk di meja Anda.", { name: event.actor.name }) });
}

/**
 * A caller is in my handset: the screen is that caller's ticket, whatever was open; what was typed stays with its own.
 */
function followHandset(number) {
  if (!store.get(number)) return open(number);
  // A dialog would stand before the caller's line, and do what it asks to another ticket; its words are kept.
  for (const dialog of document.querySelectorAll("dialog:modal")) if (work.number !== number) dialog.close();
  return work.number === number ? undefined : show(number);
}

async function takeSnapshot() {
  const fresh = await get("/api/v1/snapshot");
  observeServerTime(fresh.server_time);
  const open = work.ticket;
  store.replace(fresh);
  if (open && !store.get(open.number)) store.put(open); // it is on the screen until we know better
  callbacks.load();
  if (open && fresh.tickets.every(({ number }) => number !== open.number)) await findOpenTicket();
  ringer.look();
  draw();
  return fresh.newest;
}

/**
 * The open ticket is not among those of the snapshot: closed long ago, or of a journal that was restored to before it.
 */
async function findOpenTicket() {
  const { number } = work;
  try {
    store.put(await get(`/api/v1/tickets/${number}`));
  } catch (problem) {
    if (problem.status !== 404) throw problem;
    store.drop(number);
    if (work.number === number) left();
    toasts.show({
      look: "amber",
      seconds: 60,
      title: t("Tiket {short} tidak ada lagi di server.", { short: number.split("-").at(-1) }),
      more: t("Data server dipulihkan ke keadaan sebelumnya. Catat ulang yang penting."),
    });
  }
}

const freshStats = keepStats(store, draw);
const late = new LateWatch({ store, toasts, onOpen: open });
const link = new LinkWatch({ sounds, queue });
ringer = new Ringer({ store, sounds, late, answerTargetS: policy.answer_target_s });
const live = connectLive({
  after: snapshot.newest,
  pageOf: store.me.id,
  deliver,
  takeSnapshot,
  onStatus: (status) => {
    link.show(status);
    if (status.state === "connected") queue.flush();
  },
  onHeartbeat: ({ alarms }) => showAlarms(alarms ?? []),
});
const sessionBanner = document.getElementById("session-banner");
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
for (const occasion of ["online", "pageshow", "visibilitychange"])
  (occasion === "visibilitychange" ? document : window).addEventListener(
    occasion,
    () => !document.hidden && live.status().state !== "connected" && live.retry(),
  );
warnBeforeEnd(() => sessionEnd, toasts);

// -- hands -----------------------------------------------------------------------------------------------------------

const pressed = {
  take: takeSelected,
  send: () => actions.advance(),
  undo: () => actions.undo(),
  leave: () => actions.leave(),
  release: () => actions.release(),
  close: openClosing,
  "end-call": () => openEndCall(work.ticket),
  "open-event": () => open(work.ticket.duplicate_of),
  detach: () => incidents.detach(),
  help: () => keyMap.show(),
  settings: openSettings,
  "find-type": () => pickers.type.open(),
  "find-place": () => pickers.place.open(),
  "find-agency": () => pickers.agency.open(),
  "ask-location": () => locations.ask(),
  "end-location": () => locations.end(),
  "copy-location": () => locations.copy(),
  "copy-number": () =>
    navigator.clipboard
      ?.writeText(lastCall(work.ticket)?.number ?? "")
      .then(() => toasts.show({ key: "copied", look: "done", title: t("Nomor disalin."), seconds: 3 })),
};
document.addEventListener("click", (event) => {
  const earlier = event.target.closest("[data-open-ticket]");
  if (earlier) return open(earlier.dataset.openTicket);
  const button = event.target.closest("[data-action], [data-classify]");
  if (!button || button.getAttribute("aria-disabled") === "true") return undefined;
  if (button.dataset.classify) actions.classify(button.dataset.classify);
  else pressed[button.dataset.action]?.();
  return undefined;
});
listen({
  working: () => work.number !== null,
  takeSelected,
  takeLongest,
  focusRinging: () => leftLists.ringing.focus(selected),
  need: (place) => needs[place] && act(needs[place]),
  send: () => actions.advance(),
  join: () => incidents.join(),
  undo: () => actions.undo(),
  canUndo: () => actions.canUndo,
  goOn: () => actions.goOn(),
  mayGoOn: () => actions.mayGoOn,
  classify: (kind) => actions.classify(kind),
  taking: () => actions.taking,
  typeEarly: (key) => actions.typeEarly(key),
  entry: work.entry,
  search: openSearch,
  palette: openPalette,
  help: () => keyMap.show(),
  keys: keyMap,
  card: () => {
    drawAll(); // a card that has just been guessed is drawn before it gets the focus, or its keys would be typed
    return work.card.focus();
  },
  location: () => locations.ask(),
});

await Promise.all([drafts.load(), texts.load()]);
for (const number of drafts.numbers) if (store.get(number)?.owner?.id !== store.me.id) drafts.handBack(number);
const current =
  inMyHandset(store) ??
  lists.own.find((ticket) => drafts.get(ticket.number) && !isStaleTalk(answeredCall(ticket), policy));
if (current) show(current.number); // by itself: that is no hand that has looked at what is late
drawAll();
