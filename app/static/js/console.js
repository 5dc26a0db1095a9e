// The operator's console: wires the store, the live feed, the regions and the keyboard together. It draws once per frame
// however many events come.
import { Actions } from "./actions.js";
import { showBanner, Sounds, sayPolitely, Toasts } from "./alerts.js";
import { get, WriteQueue } from "./api.js";
import { CallerMap } from "./caller.js";
import { dialogOpen, setUpCardPickers, setUpClosing, setUpPalette, setUpReasons, setUpSearch, setUpSettings, showHelp } from "./dialogs.js";
import { all, data, fill, frameOnce, one, setAttribute, setText } from "./dom.js";
import { renderMix, renderNeeds, renderNext, renderJournal } from "./idle.js";
import { listen } from "./keys.js";
import { Lists } from "./lists.js";
import { connectLive } from "./live.js";
import { createMap } from "./map.js";
import { clockLook, showLink, startClocks } from "./marks.js";
import { answeredCall, exceptions, lastCall, ringingCall, sortedLists, Store, worstClock } from "./store.js";
import { dateLine, length, observeServerTime, serverNow, timeOfDay } from "./time.js";
import { named, phoneNumber, t } from "./words.js";
import { Work } from "./work.js";

const STATS_MS = 20000;
const WIDE = matchMedia("(min-width: 1700px)");

const snapshot = data("snapshot");
const catalogue = data("catalogue");
const city = data("city");
const seats = data("seats") ?? [];
const { policy } = catalogue;
observeServerTime(snapshot.server_time);

const store = new Store(snapshot);
const toasts = new Toasts(document.getElementById("toasts"));
const sounds = new Sounds();
const types = new Map(catalogue.types.map((type) => [type.code, type]));
const agencies = new Map((catalogue.agencies ?? []).map((agency) => [agency.code, agency]));
const wards = new Map(catalogue.kelurahan.map((ward) => [ward.code, ward]));
const draw = frameOnce(drawAll);
let selected = null; // the ringing call that Enter takes, when the hand has chosen one
let needs = [];
let lists = sortedLists(store, serverNow());
const silenced = new Set(); // late assignments this seat has looked at

const queue = new WriteQueue({
  owner: store.me.id,
  onChange: draw,
  onSent: (entry, answer) => {
    if (answer.ticket) store.put(answer.ticket);
    draw();
  },
  onRefused: (entry, problem) => {
    const number = /tickets\/([\d-]+)\//.exec(entry.path)?.[1]?.split("-").at(-1);
    toasts.show({ look: "red", title: t("{number}: yang Anda kirim saat terputus ditolak.", { number: number ?? t("Tugas") }), more: problem.message, button: { words: t("Mengerti"), act: () => {} } });
    draw();
  },
});

const work = new Work({
  store,
  catalogue,
  onChange: draw,
  onReport: (assignment, command) => actions.report(assignment, command),
  onOffline: (problem) => console.warn("the line was not read:", problem.message),
});
const actions = new Actions({ store, work, queue, toasts, policy, onOpened: open, onLeft: left, onChange: draw });
const openClosing = setUpClosing(actions, work);
setUpReasons(actions, work);
const pickers = setUpCardPickers(work, catalogue);
const openSettings = setUpSettings({ sounds, me: () => store.me, onSeat: (seat) => ((store.me = { ...store.me, seat }), draw()) });
const openSearch = setUpSearch(store, open);
const openPalette = setUpPalette(commands);
const leftLists = new Lists({
  policy,
  seats,
  onOpen: (ticket, list) => (list === "ringing" && !ticket.owner && !inCall() ? actions.claim(ticket.number) : list === "ringing" && !ticket.owner ? takeLongest() : open(ticket.number)),
  onSelectRinging: (number) => ((selected = number), draw()),
});
const map = new CallerMap(
  createMap(document.getElementById("map"), { boundariesUrl: "/api/v1/boundaries", centre: city.centre, bbox: city.bbox, interactive: true, onPick: pick }),
  wards,
);

// -- opening, leaving, taking ------------------------------------------------------------------------------------------

const inCall = () => lists.own.some((ticket) => answeredCall(ticket));

function open(number) {
  if (!store.get(number)) {
    // An answer of the search or a toast may name a ticket that is not among the open ones any more.
    get(`/api/v1/tickets/${number}`).then((ticket) => (store.put(ticket), open(number)), (problem) => actions.refused(problem));
    return;
  }
  for (const one of store.get(number).assignments) silenced.add(one.id);
  work.open(number);
  drawAll();
  work.entry.focus();
}

function left() {
  work.close();
  drawAll();
  if (lists.ringing.length) leftLists.ringing.focus(selected);
  else document.getElementById("centre").focus({ preventScroll: true });
}

const nextCall = () => {
  const waiting = lists.ringing.filter((ticket) => !ticket.owner);
  return waiting.find((ticket) => ticket.number === selected) ?? waiting[0] ?? null;
};

function takeLongest() {
  if (inCall()) {
    toasts.show({ key: "busy", look: "amber", title: t("Selesaikan panggilan ini dulu.") });
    return;
  }
  const [longest] = lists.ringing.filter((ticket) => !ticket.owner);
  if (longest) actions.claim(longest.number);
}

function takeSelected() {
  const ticket = nextCall();
  if (ticket) actions.claim(ticket.number);
}

async function act({ kind, ticket }) {
  const claims = ["callback", "unowned"].includes(kind) || (kind === "verify" && !ticket.owner);
  if (claims) await actions.claim(ticket.number);
  else open(ticket.number);
  if (kind === "verify" && work.number === ticket.number) openClosing();
}

function pick(lat, lon) {
  if (!work.mine || !work.allows("locate")) return;
  const before = work.choices.place;
  const text = before && !["kelurahan", "sip"].includes(before.kind) ? (before.text ?? (before.kind === "pin" ? null : before.name)) : null;
  work.choices.choosePlace({ key: `pin-${lat}-${lon}`, kind: "pin", name: text ?? t("Titik di peta"), text, kelurahan_code: null, kelurahan: null, kecamatan: null, lat, lon, accuracy_m: null, relation: null });
}

function commands() {
  const list = work.number
    ? [
        { id: "send", title: one('[data-field="send-words"]').textContent, cap: "Ctrl Enter", run: () => actions.advance() },
        { id: "type", title: t("Cari jenis kejadian"), run: () => pickers.type.open() },
        { id: "place", title: t("Cari kelurahan atau tempat"), run: () => pickers.place.open() },
        { id: "agency", title: t("Tambah instansi"), run: () => pickers.agency.open() },
        ...all("[data-classify]").filter((key) => !key.disabled).map((key) => ({ id: key.dataset.classify, title: one("span", key).textContent, cap: one("kbd", key).textContent, run: () => actions.classify(key.dataset.classify) })),
        work.allows("close") && { id: "close", title: t("Tutup tiket"), run: openClosing },
        work.mine && work.allows("release") && { id: "release", title: t("Lepas tiket"), run: () => actions.release() },
        { id: "leave", title: t("Kembali ke daftar"), run: () => actions.leave() },
      ]
    : [{ id: "take", title: t("Ambil panggilan"), cap: "Enter", run: takeSelected }];
  return [
    ...list.filter(Boolean),
    { id: "longest", title: t("Ambil yang menunggu paling lama"), cap: "Shift Enter", run: takeLongest },
    { id: "search", title: t("Cari tiket, nomor, tempat"), cap: "/", run: openSearch },
    { id: "settings", title: t("Suara dan meja"), run: openSettings },
    { id: "theme", title: t("Terang atau gelap"), run: () => one('[data-action="theme"]').click() },
    { id: "help", title: t("Bantuan tombol"), cap: "F1", run: showHelp },
  ];
}

// -- drawing -----------------------------------------------------------------------------------------------------------

function drawAll() {
  const now = serverNow();
  lists = sortedLists(store, now);
  const working = work.number !== null;
  setAttribute(document.body, "data-mode", working ? "work" : "idle");
  document.getElementById("idle").hidden = working;
  document.getElementById("work").hidden = !working;
  document.getElementById("caller").hidden = !working;
  for (const keys of all(".foot-keys")) keys.hidden = keys.dataset.mode !== (working ? "work" : "idle");
  const next = nextCall();
  const colleagues = store.colleagues.filter((person) => person.id !== store.me.id);
  leftLists.render(lists, { current: work.number, next: next?.number ?? null, now, colleagues });
  if (working) drawWork(now);
  else {
    renderNext(next, { longest: next === lists.ringing.find((ticket) => !ticket.owner), policy, store });
    needs = renderNeeds(exceptions(store, now), { agencies, onAct: act });
    renderJournal(document.getElementById("recent"), store.recent, { ticketOf: (event) => store.get(event.ticket_number), types });
    renderMix(store.stats?.mix, store.stats?.abandoned);
  }
  const alertOf = (ticket) => {
    const clock = worstClock(ticket);
    const look = clock && clockLook(clock.started_at, clock.due_at, now);
    return look === "late" || look === "near" ? look : null;
  };
  const chosen = working ? work.choices.place : null;
  map.show({ tickets: [...store.tickets.values()].filter((ticket) => ticket.place), alertOf, current: work.number, working, place: chosen && { ...chosen, icon: types.get(work.choices.type?.code)?.icon ?? null } });
  drawTop();
}

function drawWork(now) {
  work.render(now);
  actions.renderStrip();
  const next = actions.next;
  if (next) work.showSend({ ...next, enabled: !["busy", "none"].includes(next.kind) });
}

function drawTop() {
  const state = one('[data-field="seat-state"]');
  const talking = inCall();
  setText(state, talking ? t("Dalam panggilan") : store.me.seat ? t("Siap") : t("Tanpa meja"));
  setAttribute(state, "data-look", talking ? "yours" : null);
  setText(document.getElementById("my-seat"), seats.find((seat) => seat.code === store.me.seat)?.label ?? "");
  const answered = store.stats?.answered;
  const share = document.getElementById("share");
  share.hidden = !answered?.of;
  if (answered?.of) fill(share, { target: t("{n} dtk", { n: answered.target_s }), percent: `${Math.round((100 * answered.within) / answered.of)}%`, of: WIDE.matches ? t("dari {n} panggilan, {h} jam", { n: answered.of, h: answered.window_h }) : null });
}

function drawClock(now) {
  setText(document.getElementById("clock"), timeOfDay(now, { seconds: true }));
  setText(document.getElementById("date"), dateLine(now, { year: WIDE.matches }));
  const local = timeOfDay(now).replace(".", ":");
  const shift = (catalogue.shifts ?? []).find(({ starts, ends }) => (starts < ends ? local >= starts && local < ends : local >= starts || local < ends));
  setText(document.getElementById("shift"), shift ? ` · ${t("{shift} sampai {time}", { shift: named(shift), time: shift.ends.replace(":", ".") })}` : "");
}

// -- live --------------------------------------------------------------------------------------------------------------

function deliver(events) {
  store.apply(events);
  work.follow(events);
  for (const event of events) react(event);
  if (events.some((event) => ["seat.taken", "call.answered", "call.ended", "call.abandoned"].includes(event.kind))) freshStats();
  draw();
}

function react(event) {
  const { ticket } = event;
  if (event.kind === "call.registered" && ticket) sayPolitely(t("Berdering: {number}", { number: phoneNumber(lastCall(ticket)?.number) }));
  if (event.kind === "ticket.claimed" && event.actor.kind === "asterisk" && ticket?.owner?.id === store.me.id && work.number !== ticket.number) {
    // My telephone was picked up: the call is on my screen, unless I am still talking with somebody else.
    if (!work.number || !answeredCall(work.ticket ?? { calls: [] })) open(ticket.number);
  }
  if (event.kind === "ticket.taken_over" && event.data?.from_id === store.me.id) toasts.show({ look: "amber", title: t("{name} mengambil alih tiket {short}.", { name: event.actor.name, short: ticket?.short ?? "" }) });
  if (event.kind === "seat.taken" && event.actor.id !== store.me.id && event.data?.seat === store.me.seat) toasts.show({ look: "amber", title: t("{name} sekarang duduk di meja Anda.", { name: event.actor.name }) });
}

async function takeSnapshot() {
  const fresh = await get("/api/v1/snapshot");
  observeServerTime(fresh.server_time);
  store.replace(fresh);
  if (work.number && !store.get(work.number)) store.put(await get(`/api/v1/tickets/${work.number}`));
  draw();
  return fresh.newest;
}

let statsAsked = 0;
async function freshStats() {
  const now = performance.now();
  if (now - statsAsked < 3000) return;
  statsAsked = now;
  try {
    const stats = await get("/api/v1/board");
    store.stats = stats;
    store.colleagues = stats.operators;
    draw();
  } catch {
    // The last known figures stay; the link sign says how old everything is.
  }
}
setInterval(freshStats, STATS_MS);

const sign = one('[data-part="link"]');
let lost = false;
const live = connectLive({
  after: snapshot.newest,
  deliver,
  takeSnapshot,
  onStatus: (status) => {
    if (status.state === "disconnected" && !lost) sounds.play("lost");
    lost = status.state === "disconnected" || (lost && status.state === "reconnecting");
    showLink(sign, status);
    drawLost();
    if (status.state === "connected") queue.flush();
  },
  onHeartbeat: ({ alarms }) => drawAlarms(alarms ?? []),
});

function drawLost() {
  setAttribute(one(".lists"), "data-stale", lost || null);
  const waiting = queue.waiting ? t("{n} tindakan menunggu dikirim.", { n: queue.waiting }) : t("Yang Anda ketik tersimpan di komputer ini.");
  showBanner(document.getElementById("link-banner"), lost ? t("Sambungan terputus. Telepon tetap berdering.") : null, `${t("Jawab lewat pesawat telepon.")} ${waiting}`);
}

function drawAlarms(alarms) {
  const texts = { storage: [t("Penyimpanan gagal."), t("Panggilan tetap masuk antrean; catat di kertas sampai pulih.")] };
  const [alarm] = alarms;
  const [title, more] = alarm ? (texts[alarm.code] ?? [t("Gangguan sistem: {code}.", { code: alarm.code }), t("Beri tahu administrator.")]) : [null];
  showBanner(document.getElementById("alarm-banner"), title, more && `${more} ${t("Sejak {time}.", { time: timeOfDay(alarm.since) })}`);
}

document.addEventListener("siaga:signed-out", () => showBanner(document.getElementById("session-banner"), t("Sesi Anda berakhir."), t("Masuk lagi di tab baru; yang Anda ketik tetap di sini.")));

// -- every second ------------------------------------------------------------------------------------------------------

const lateOnes = () => exceptions(store, serverNow()).filter(({ kind, ticket }) => kind === "late" && ["P1", "P2"].includes(ticket.priority ?? "P1"));

function watchLate() {
  const late = lateOnes();
  const keys = new Set(late.map(({ assignment }) => `late-${assignment.id}`));
  for (const { key } of [...toasts.list]) if (String(key).startsWith?.("late-") && !keys.has(key)) toasts.dismiss(key);
  for (const { ticket, assignment } of late) {
    const key = `late-${assignment.id}`;
    if (silenced.has(assignment.id) || toasts.has(key)) continue;
    toasts.show({ key, look: "red", title: t("{short}: {agency} belum terima.", { short: ticket.short, agency: assignment.agency }), more: ticket.type ? named(ticket.type) : "", button: { words: t("Buka"), act: () => (silenced.add(assignment.id), open(ticket.number)) } });
  }
  const unseen = late.filter(({ assignment }) => !silenced.has(assignment.id)).length;
  document.title = unseen ? `(${unseen}) ${t("Lewat batas")} · Siaga 112` : "Siaga 112";
  return unseen > 0;
}

let lateNow = false;
startClocks((now) => {
  drawClock(now);
  lateNow = watchLate();
  showLink(sign, live.status());
  if (lost) drawLost();
  draw();
});
setInterval(() => {
  const waiting = lists.ringing.filter((ticket) => !ticket.owner);
  const hurry = waiting.some((ticket) => serverNow() - Date.parse(ringingCall(ticket)?.received_at) >= policy.answer_target_s * 1000);
  sounds.tick({ waiting: waiting.length > 0 && !inCall(), hurry, late: lateNow });
}, 500);

// -- hands -------------------------------------------------------------------------------------------------------------

const pressed = {
  take: takeSelected,
  send: () => actions.advance(),
  undo: () => actions.undo(),
  leave: () => actions.leave(),
  release: () => actions.release(),
  close: openClosing,
  help: showHelp,
  settings: openSettings,
  "find-type": () => pickers.type.open(),
  "find-place": () => pickers.place.open(),
  "find-agency": () => pickers.agency.open(),
  "copy-number": () => navigator.clipboard?.writeText(lastCall(work.ticket)?.number ?? "").then(() => toasts.show({ key: "copied", look: "done", title: t("Nomor disalin."), seconds: 3 })),
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action], [data-classify]");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  if (button.dataset.classify) actions.classify(button.dataset.classify);
  else pressed[button.dataset.action]?.();
});
listen({
  working: () => work.number !== null,
  takeSelected,
  takeLongest,
  focusRinging: () => leftLists.ringing.focus(selected),
  need: (place) => needs[place] && act(needs[place]),
  send: () => actions.advance(),
  undo: () => actions.undo(),
  canUndo: () => actions.undoing !== null,
  leave: () => actions.leave(),
  canLeave: () => actions.undoing?.number === work.number,
  classify: (kind) => actions.classify(kind),
  entry: work.entry,
  search: openSearch,
  palette: openPalette,
  help: showHelp,
});

const [current] = lists.own;
if (current && answeredCall(current)) open(current.number);
drawAll();
