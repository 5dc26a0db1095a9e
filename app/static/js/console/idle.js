// The centre while nobody is on the line: the next call, what needs the operator, what happened last, the mix of calls;
// and a journal entry as a sentence.

import { clone, fill, keyed, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { atGate, gateWords, ringsSince } from "../core/gate.js";
import { CLASSIFICATIONS, DISPOSITIONS, language, named, shortName, t } from "../core/i18n.js";
import { setBar, setClock, showPriority } from "../core/marks.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { age, length, secondsSince, timeOfDay } from "../core/time.js";
import { endingWords } from "./call-notes.js";
import { ATTEMPTS, callbackNeed } from "./callbacks.js";
import { lastCall, ringingCall } from "./store.js";

const MIX = ["genuine", "prank", "ghost", "information", "dropped", "wrong_number"];
const NEEDS_SHOWN = 30;

/** Draw the next-call panel: `ticket` is the selected ringing one or null, `longest` says that it waits longest. */
export function renderNext(ticket, { longest, policy, store }) {
  const panel = document.getElementById("next-call");
  const call = ticket && ringingCall(ticket);
  one('[data-action="take"]', panel).hidden = !call;
  one('[data-part="nuisance"]', panel).hidden = true;
  if (!call) {
    setAttribute(panel, "data-look", "none");
    setIcon(one(".next-head > .icon", panel), "check");
    const last = store.recent.find((event) => event.kind === "call.registered");
    const since = last ? t("Panggilan terakhir {time}.", { time: timeOfDay(last.at) }) : null;
    fill(panel, {
      title: t("Panggilan berikutnya"),
      why: null,
      number: t("Tidak ada panggilan menunggu."),
      carrier: since,
      target: null,
      note: t("Panggilan baru muncul dan berbunyi di sini."),
    });
    return;
  }
  const waited = atGate(call) ? 0 : secondsSince(ringsSince(call));
  const look = waited >= policy.answer_target_s ? "late" : waited >= policy.ring_near_s ? "near" : "running";
  setAttribute(panel, "data-look", look);
  setIcon(
    one(".next-head > .icon", panel),
    { late: "octagon-alert", near: "triangle-alert", running: "phone-incoming" }[look],
  );
  const timer = one('[data-part="timer"]', panel);
  if (atGate(call)) setClock(timer, { kind: "length", since: call.received_at });
  else
    setClock(timer, {
      kind: "wait",
      since: ringsSince(call),
      nearS: policy.ring_near_s,
      lateS: policy.answer_target_s,
    });
  setBar(one('[data-part="bar"]', panel), waited / policy.answer_target_s, look);
  const { nuisance } = call;
  fill(panel, {
    title: longest ? t("Panggilan berikutnya") : t("Panggilan dipilih"),
    why: longest ? t("menunggu paling lama") : null,
    number: phoneNumber(call.number),
    carrier: call.number
      ? (call.carrier ?? t("Operator seluler tidak dikenal"))
      : t("Mungkin tanpa kartu SIM. Tanpa riwayat, tanpa blokir."),
    target: t("target {time}", { time: length(policy.answer_target_s) }),
    "nuisance-word": t("Iseng"),
    nuisance: nuisance ? t("{n} dari {limit}", { n: nuisance.count, limit: nuisance.limit }) : null,
    note: gateWords(call) ?? (nuisance?.count ? t("Tetap dijawab.") : null),
  });
  one('[data-part="nuisance"]', panel).hidden = !nuisance;
}

/** What a "needs you" row says and does, by kind. */
function need({ kind, ticket, assignments, clock, callback }, agencies) {
  if (callback) return { alert: null, ...callbackNeed(callback) };
  const what = ticket.type ? shortName(ticket.type) : phoneNumber(lastCall(ticket)?.number);
  const title = `${ticket.short} ${what}`;
  const where = ticket.place ? `· ${[ticket.place.text, ticket.place.kelurahan].filter(Boolean).join(", ")}` : null;
  const agency = assignments.map((one) => one.agency).join(", ");
  const phones = assignments.map((one) => agencies.get(one.agency)).filter((one) => one?.phone);
  const call = phones.length
    ? t("Telepon {phones}", { phones: phones.map((one) => `${one.code} ${one.phone}`).join(", ") })
    : null;
  const over = clock ? age(secondsSince(clock.due_at)) : null;
  const texts = {
    late: {
      alert: t("{agency} belum terima, lewat {time}.", { agency, time: over }),
      under: call,
      act: t("Buka tiket"),
    },
    declined: { alert: t("{agency} menolak.", { agency }), under: assignments[0]?.note, act: t("Pilih pengganti") },
    unowned: { under: t("Belum ada yang memegang."), act: t("Ambil tiket") },
    uncertain: { under: t("Panggilan tercatat belum selesai, tetapi mungkin sudah."), act: t("Akhiri panggilan") },
    unfinished: { under: t("Panggilan sudah selesai, tiket belum dikirim atau ditutup."), act: t("Lanjutkan") },
    slow: { alert: t("{agency} lewat batas {time}.", { agency, time: over }), under: call, act: t("Buka tiket") },
    verify: { under: t("Semua instansi selesai. Menunggu verifikasi pusat."), act: t("Verifikasi") },
  };
  return { title, where, alert: null, under: null, ...texts[kind] };
}

/** Draw "Perlu tindakan Anda"; onAct(item). Returns the shown items, for the keys 1 to 9. */
export function renderNeeds(items, { agencies, onAct }) {
  const list = document.getElementById("needs");
  const shown = items.slice(0, NEEDS_SHOWN);
  keyed(
    list,
    shown.map((item, place) => ({ ...item, place })),
    {
      key: ({ kind, ticket }) => `${kind}-${ticket.number}`,
      make: () => {
        const node = clone("row-need");
        one('[data-part="act"]', node).addEventListener("click", () => onAct(node.item));
        return node;
      },
      update: (node, item) => {
        node.item = item;
        const call = item.kind === "callback" || !item.ticket.priority;
        const mark = one('[data-part="priority"]', node);
        showPriority(mark, item.ticket.priority);
        one(".need-mark > .icon", node).toggleAttribute("hidden", !call || !mark.hidden);
        setIcon(one(".need-mark > .icon", node), item.kind === "callback" ? "phone-missed" : "phone");
        fill(node, { ...need(item, agencies), cap: item.place < 9 ? item.place + 1 : null });
        const chip = one('[data-part="timer"]', node);
        if (item.clock) setClock(chip, { kind: "due", started: item.clock.started_at, due: item.clock.due_at });
        else setClock(chip, { kind: "age", since: lastCall(item.ticket)?.ended_at ?? item.ticket.opened_at });
      },
    },
  );
  const section = list.parentElement;
  setText(one('[data-part="count"]', section), items.length ? String(items.length) : "");
  one(".list-empty", section).hidden = items.length > 0;
  return shown;
}

/** Fill a list of journal rows: the last events (newest first), or a ticket's timeline. */
export function renderJournal(list, events, { ticketOf, types, people }) {
  const rows = events
    .map((event) => ({ event, text: sentence(event, ticketOf(event), types, people) }))
    .filter(({ text }) => text);
  keyed(list, rows, {
    key: ({ event }) => event.seq,
    make: () => clone("row-journal"),
    update: (node, { event, text }) =>
      fill(node, {
        at: timeOfDay(event.at, { seconds: true }),
        number: event.ticket_number?.split("-").at(-1) ?? "–",
        text,
        actor: actorName(event),
      }),
  });
  const empty = one(":scope > .list-empty", list.parentElement);
  if (empty) empty.hidden = rows.length > 0;
}

/** The 24-hour mix of calls: a bar in parts, and the same in words. */
export function renderMix(mix, abandoned) {
  const parts = MIX.map((kind) => ({ kind, n: mix?.[kind] ?? 0, words: CLASSIFICATIONS[kind].toLowerCase() })).filter(
    ({ n, kind }) => n || kind === "genuine",
  );
  parts.push({ kind: "abandoned", n: abandoned ?? 0, words: t("tidak terjawab") });
  const total = parts.reduce((sum, { n }) => sum + n, 0);
  setText(one('.mix [data-part="count"]'), total ? String(total) : "");
  const bar = document.getElementById("mix-bar");
  const words = document.getElementById("mix-words");
  const signature = JSON.stringify(parts);
  if (bar.dataset.shown === signature) return;
  bar.dataset.shown = signature;
  let x = 0;
  bar.replaceChildren(
    ...parts.map(({ n }) => {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const width = total ? (1000 * n) / total : 0;
      for (const [name, value] of Object.entries({ x, y: 0, width, height: 20 })) rect.setAttribute(name, value);
      x += width;
      return rect;
    }),
  );
  words.replaceChildren(
    ...parts.map(({ n, words: text }) => {
      const item = document.createElement("li");
      const figure = document.createElement("b");
      figure.textContent = n;
      item.append(figure, ` ${text}`);
      return item;
    }),
  );
}

const number = (event, ticket) => {
  const call = ticket?.calls?.find((one) => one.id === event.call_id) ?? ticket?.calls?.at(-1);
  return call ? phoneNumber(call.number) : t("Penelepon");
};

const passed = (from, to) => length((Date.parse(to) - Date.parse(from)) / 1000);

const agency = (event, ticket) =>
  event.data?.agency ?? ticket?.assignments?.find((one) => one.id === event.assignment_id)?.agency ?? t("Instansi");

function answered(event, ticket, types, people) {
  const call = ticket?.calls?.find((one) => one.id === event.call_id);
  const name = call?.answered_by?.name ?? people?.get(event.data?.operator_id);
  const time = call?.answered_at ? passed(call.received_at, call.answered_at) : null;
  if (name && time) return t("Dijawab {name} setelah {time}", { name, time });
  return name ? t("Dijawab {name}", { name }) : t("Dijawab di pesawat telepon");
}

function classified(event, ticket, types) {
  const { classification, type_code: code, priority } = event.data ?? {};
  if (classification && classification !== "genuine")
    return t("{word}, ditutup", { word: CLASSIFICATIONS[classification] ?? classification });
  const type = types?.get(code);
  if (!type) return t("Ditandai sah");
  return [named(type), priority].filter(Boolean).join(", ");
}

/** How the entry itself says that the end became known; what the call says by now may be another. */
const howOf = ({ by, inferred } = {}) =>
  inferred ? "inferred" : { restart: "restart", record: "record", supervisor: "by_hand" }[by];

function ended(event, ticket) {
  const how = howOf(event.data ?? {});
  if (how === "by_hand") return t("Panggilan dinyatakan selesai oleh supervisor");
  if (event.data?.corrects) return t("Akhir panggilan kini diketahui pasti");
  const words = endingWords({ ended_how: how });
  if (words) return t("Panggilan selesai: {how}", { how: words });
  return event.kind === "call.ended"
    ? t("Panggilan selesai")
    : t("{number} menutup sebelum dijawab", { number: number(event, ticket) });
}

const SENTENCES = {
  "call.registered": (event, ticket) => {
    const late = ticket?.calls?.find((one) => one.id === event.call_id)?.late;
    return late
      ? t("{number} berdering, terlambat diberitahukan", { number: number(event, ticket) })
      : t("{number} berdering", { number: number(event, ticket) });
  },
  "call.answered": answered,
  "call.gate_passed": (event, ticket) => t("{number} menekan 1 di gerbang", { number: number(event, ticket) }),
  "call.gate_failed": (event, ticket) => t("{number} tidak menekan 1 di gerbang", { number: number(event, ticket) }),
  "call.gate_left": (event, ticket) => t("{number} menutup di gerbang", { number: number(event, ticket) }),
  "call.gate_unheard": (event, ticket) =>
    t("Gerbang gagal diputar, {number} diteruskan", { number: number(event, ticket) }),
  // supervisors receive these, operators do not
  "number.flagged": () => t("Nomor baru diusulkan blokir, menunggu supervisor"),
  "number.flag_withdrawn": () => t("Usul blokir ditarik, iseng dibatalkan"),
  "number.evidence_undone": () => t("Bukti sebuah blokir dibatalkan, lihat ulang"),
  "call.abandoned": ended,
  "call.ended": ended,
  "call.transferred": (event, ticket, types, people) => {
    const name = people?.get(event.data?.operator_id);
    return name ? t("Panggilan dialihkan ke {name}", { name }) : t("Panggilan dialihkan");
  },
  "call.location_requested": (event) =>
    event.data?.by === "sms" ? t("Lokasi diminta lewat SMS") : t("Lokasi diminta, tautan dibacakan"),
  "call.location_opened": () => t("Tautan lokasi dibuka"),
  "call.location_shared": () => t("Penelepon membagikan lokasi"),
  "call.location_reported": () => t("Lokasi penelepon diterima"),
  "call.location_ended": () => t("Berbagi lokasi berakhir"),
  "call.delivery_accepted": () => t("SMS diterima gateway"),
  "call.delivery_delayed": () => t("SMS belum terkirim, dicoba lagi"),
  "call.delivery_failed": (event) =>
    event.data?.problem === "not_needed" ? t("SMS dibatalkan, tidak perlu lagi") : t("SMS gagal terkirim"),
  "ticket.claimed": (event, ticket) =>
    t("Diambil {name}", { name: event.actor?.name ?? ticket?.owner?.name ?? t("operator") }),
  "ticket.returned": (event, ticket, types, people) => {
    const name = people?.get(event.data?.owner_id);
    return name
      ? t("Kembali ke semua: {name} mengambil, telepon tidak diangkat", { name })
      : t("Kembali ke semua: telepon tidak diangkat");
  },
  "ticket.taken_by_phone": (event, ticket, types, people) => {
    const name = people?.get(event.data?.owner_id) ?? ticket?.owner?.name;
    const from = people?.get(event.data?.from_id);
    if (!name) return t("Diambil lewat pesawat telepon");
    return from
      ? t("{name} mengangkat telepon, tiket berpindah dari {from}", { name, from })
      : t("{name} mengangkat telepon, tiket berpindah", { name });
  },
  "ticket.released": (event) => t("Dilepas {name}", { name: event.actor?.name ?? t("operator") }),
  "ticket.taken_over": (event) => t("Diambil alih {name}", { name: event.actor?.name ?? t("operator") }),
  "ticket.classified": classified,
  "ticket.located": (event, ticket) =>
    ticket?.place ? t("Lokasi: {place}", { place: ticket.place.kelurahan }) : t("Lokasi dipilih"),
  "ticket.dispatched": (event) =>
    t("Dikirim ke {agencies}", { agencies: (event.data?.agencies ?? []).join(", ") || t("Instansi") }),
  "ticket.closed": (event) =>
    t("Ditutup: {word}", {
      word: DISPOSITIONS[event.data?.disposition] ?? CLASSIFICATIONS[event.data?.disposition] ?? "",
    }),
  "ticket.got_through": (event) => t("Pelapor tersambung lewat tiket {number}", { number: event.data?.through ?? "" }),
  "ticket.callback_taken": (event) => t("{name} menelepon balik", { name: event.actor?.name ?? "" }),
  "ticket.callback_tried": (event) =>
    t("Telepon balik, percobaan {n}: {outcome}", {
      n: event.data?.attempt ?? "",
      outcome: ATTEMPTS[event.data?.outcome] ?? "",
    }),
  "ticket.callback_given_up": () => t("Telepon balik dihentikan"),
  "ticket.caller_note_added": () => t("Catatan tentang nomor ditambah"),
  "ticket.caller_note_edited": () => t("Catatan tentang nomor diubah"),
  "ticket.caller_note_removed": () => t("Catatan tentang nomor dihapus"),
  "ticket.reopened": () => t("Dibuka kembali"),
  "ticket.attached": (event) => t("Digabung ke tiket {short}", { short: event.data?.to?.split("-").at(-1) ?? "" }),
  "ticket.detached": (event) =>
    t("Dipisahkan dari tiket {short}", { short: event.data?.from?.split("-").at(-1) ?? "" }),
  "ticket.joined": (event) =>
    t("Penelepon tiket {short} digabung, kini {n} penelepon", {
      short: event.data?.joined?.split("-").at(-1) ?? "",
      n: event.data?.callers ?? "",
    }),
  "ticket.parted": (event) =>
    t("Penelepon tiket {short} dipisahkan", { short: event.data?.parted?.split("-").at(-1) ?? "" }),
  "ticket.words_added": (event) =>
    t("Penelepon tiket {short} menambahkan keterangan", { short: event.data?.joined?.split("-").at(-1) ?? "" }),
  "ticket.question_answered": (event, ticket) => {
    const answer =
      ticket?.answer_history?.find((one) => one.id === event.data?.answer_id) ??
      ticket?.answers?.find((one) => one.id === event.data?.answer_id);
    return answer
      ? t("{question}: {answer}", { question: answer[`tells_${language}`], answer: answer[`words_${language}`] })
      : null; // answered anew since
  },
  "ticket.draft_left": (event) =>
    t("{name} masih mengetik saat tiket berpindah", { name: event.actor?.name ?? t("operator") }),
  "ticket.draft_kept": (event, ticket) => {
    const kept = ticket?.kept_texts?.find((one) => one.note_id === event.data?.note_id);
    return kept ? t("Teks yang tidak terkirim: “{text}”", { text: kept.text }) : t("Teks yang tidak terkirim disimpan");
  },
  "assignment.sent": (event, ticket) => t("Terkirim ke {agency}", { agency: agency(event, ticket) }),
  "assignment.acknowledged": (event, ticket) => t("{agency} menerima tugas", { agency: agency(event, ticket) }),
  "assignment.declined": (event, ticket) => t("{agency} menolak", { agency: agency(event, ticket) }),
  "assignment.en_route": (event, ticket) => t("{agency} menuju lokasi", { agency: agency(event, ticket) }),
  "assignment.on_scene": (event, ticket) => t("{agency} tiba di lokasi", { agency: agency(event, ticket) }),
  "assignment.cleared": (event, ticket) => t("{agency} selesai", { agency: agency(event, ticket) }),
  "assignment.cancelled": (event, ticket) => t("{agency} dipanggil pulang", { agency: agency(event, ticket) }),
  "seat.left": (event) => t("Meja {seat} kosong", { seat: event.data?.seat ?? "" }),
  "seat.taken": (event) =>
    t("{name} duduk di Meja {seat}", { name: event.actor?.name ?? "", seat: event.data?.seat ?? "" }),
};

const ECHOES = new Set([
  "call.registered",
  "call.ended",
  "assignment.sent",
  "call.location_reported",
  "ticket.callback_taken",
  "ticket.callback_released",
  "ticket.attached",
  "ticket.detached",
]);

/** Said by another entry, or by the lists beside: left out of the last events, kept in a ticket's own history. */
export const isEcho = ({ kind, data }) => ECHOES.has(kind) || (kind === "ticket.claimed" && data?.by === "answer");

/**
 * What happened, in words; null for kinds that do not concern an operator. `types` maps codes to incident types,
 * `people` ids of colleagues to names.
 */
function sentence(event, ticket, types, people) {
  return SENTENCES[event.kind]?.(event, ticket, types, people) ?? null;
}

/** Who did it. */
function actorName(event) {
  const names = { asterisk: t("Telepon"), system: t("sistem"), caller: t("Ponsel penelepon") };
  return names[event.actor?.kind] ?? event.actor?.name ?? "";
}
