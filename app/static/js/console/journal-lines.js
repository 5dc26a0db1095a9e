// Journal entries as sentences: the last events of the centre, and a ticket's own history.
import { clone, fill, find, keyed } from "../core/dom.js";
import { CLASSIFICATIONS, DISPOSITIONS, language, named, t } from "../core/i18n.js";
import { whoOnLadder } from "../core/ladder-words.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { length, timeOfDay } from "../core/time.js";
import { endingWords } from "./call-notes.js";
import { ATTEMPTS } from "./callback-words.js";

/**
 * @typedef {import("../payloads.d.ts").JournalData} JournalData
 * @typedef {import("../payloads.d.ts").KnownType} KnownType
 * @typedef {import("./types.d.ts").TimelineEntry} TimelineEntry
 * @typedef {import("./types.d.ts").ToldTicket} ToldTicket
 * @typedef {{ticket: ToldTicket | null, types: Map<string, KnownType>, people: Map<number, string>}} About types by their
 * codes, names of colleagues by their ids
 */
/**
 * @template {keyof JournalData} K
 * @typedef {TimelineEntry & {data: JournalData[K]}} EntryOf
 */
/**
 * @template {keyof JournalData} K
 * @typedef {(entry: EntryOf<K>, about: About) => string | null} Sentence
 */

/**
 * Fill a list of journal rows: the last events (newest first), or a ticket's timeline.
 * @param {HTMLElement} list
 * @param {TimelineEntry[]} events
 * @param {object} about
 * @param {(event: TimelineEntry) => ToldTicket | null} about.ticketOf
 * @param {Map<string, KnownType>} about.types
 * @param {Map<number, string>} about.people
 */
export function renderJournal(list, events, { ticketOf, types, people }) {
  const rows = events
    .map((event) => ({ event, text: sentence(event, { ticket: ticketOf(event), types, people }) }))
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
  const empty = list.parentElement && find(":scope > .list-empty", list.parentElement);
  if (empty) empty.hidden = rows.length > 0;
}

/** @param {JournalData["ladders.released"]} data */
function releasedSentence(data) {
  if (data.ladders) return t("Eskalasi dilanjutkan setelah pemulihan basis data");
  return data.dropped ? t("Eskalasi dihentikan setelah pemulihan basis data") : t("Pesan lama dihentikan");
}

/** @param {JournalData["ladder.fired"]} data */
function rungSentence(data) {
  const who = whoOnLadder(data.who);
  return data.hole ? t("Tidak ada yang bisa dihubungi: {who}", { who }) : t("Diberi tahu: {who}", { who });
}

/** @type {Record<string, () => string>} */
const REACHED = {
  delivered: () => t("Pesan sampai"),
  read: () => t("Pesan dibaca"),
  opened: () => t("Tugas dibuka"),
  answered: () => t("Pesan dijawab"),
};

/** @param {JournalData["notice.reached"]} data */
const reachSentence = (data) => REACHED[data.level ?? ""]?.() ?? null;

/**
 * The call that an entry is about.
 * @param {TimelineEntry} event
 * @param {ToldTicket | null} ticket
 */
const callOf = (event, ticket) => ticket?.calls?.find((one) => one.id === event.call_id);

/**
 * @param {TimelineEntry} event
 * @param {ToldTicket | null} ticket
 */
const callerNumber = (event, ticket) => {
  const call = callOf(event, ticket) ?? ticket?.calls?.at(-1);
  return call ? phoneNumber(call.number) : t("Penelepon");
};

/**
 * @param {string} from
 * @param {string} to
 */
const passed = (from, to) => length((Date.parse(to) - Date.parse(from)) / 1000);

/**
 * @param {TimelineEntry & {data: {agency?: string}}} event
 * @param {ToldTicket | null} ticket
 */
const agency = (event, ticket) =>
  event.data?.agency ?? ticket?.assignments?.find((one) => one.id === event.assignment_id)?.agency ?? t("Instansi");

/**
 * @param {Map<number, string>} people
 * @param {number | null | undefined} id
 */
const nameOf = (people, id) => (typeof id === "number" ? people?.get(id) : undefined);

/** @param {string | undefined} number of a ticket */
const shortOf = (number) => number?.split("-").at(-1) ?? "";

/** @type {Sentence<"call.answered">} */
function answered(event, { ticket, people }) {
  const call = callOf(event, ticket);
  const name = call?.answered_by?.name ?? nameOf(people, event.data?.operator_id);
  const time = call?.answered_at ? passed(call.received_at, call.answered_at) : null;
  if (name && time) return t("Dijawab {name} setelah {time}", { name, time });
  return name ? t("Dijawab {name}", { name }) : t("Dijawab di pesawat telepon");
}

/** @type {Sentence<"ticket.classified">} */
function classified(event, { types }) {
  const { classification, type_code: code, priority } = event.data ?? {};
  if (classification && classification !== "genuine")
    return t("{word}, ditutup", { word: CLASSIFICATIONS[classification] ?? classification });
  const type = types?.get(code ?? "");
  if (!type) return t("Ditandai sah");
  return [named(type), priority].filter(Boolean).join(", ");
}

/** @type {Record<string, "restart" | "record" | "by_hand">} */
const TOLD_BY = { restart: "restart", record: "record", supervisor: "by_hand" };

/**
 * How the entry itself says that the end became known, null where it says nothing; what the call says by now may be
 * another.
 * @param {JournalData["call.ended"]} data
 */
const howOf = ({ by, inferred }) => (inferred ? "inferred" : (TOLD_BY[by ?? ""] ?? null));

/** @type {Sentence<"call.ended" | "call.abandoned">} */
function ended(event, { ticket }) {
  const how = howOf(event.data ?? {});
  if (how === "by_hand") return t("Panggilan dinyatakan selesai oleh supervisor");
  if (event.data?.corrects) return t("Akhir panggilan kini diketahui pasti");
  const words = endingWords({ ended_how: how });
  if (words) return t("Panggilan selesai: {how}", { how: words });
  return event.kind === "call.ended"
    ? t("Panggilan selesai")
    : t("{number} menutup sebelum dijawab", { number: callerNumber(event, ticket) });
}

/** @type {{[K in keyof JournalData]?: Sentence<K>}} */
const SENTENCES = {
  "call.registered": (event, { ticket }) => {
    const late = callOf(event, ticket)?.late;
    return late
      ? t("{number} berdering, terlambat diberitahukan", { number: callerNumber(event, ticket) })
      : t("{number} berdering", { number: callerNumber(event, ticket) });
  },
  "call.answered": answered,
  "call.gate_passed": (event, { ticket }) =>
    t("{number} menekan 1 di gerbang", { number: callerNumber(event, ticket) }),
  "call.gate_failed": (event, { ticket }) =>
    t("{number} tidak menekan 1 di gerbang", { number: callerNumber(event, ticket) }),
  "call.gate_left": (event, { ticket }) => t("{number} menutup di gerbang", { number: callerNumber(event, ticket) }),
  "call.gate_unheard": (event, { ticket }) =>
    t("Gerbang gagal diputar, {number} diteruskan", { number: callerNumber(event, ticket) }),
  // supervisors receive these, operators do not
  "number.flagged": () => t("Nomor baru diusulkan blokir, menunggu supervisor"),
  "number.flag_withdrawn": () => t("Usul blokir ditarik, iseng dibatalkan"),
  "number.evidence_undone": () => t("Bukti sebuah blokir dibatalkan, lihat ulang"),
  "call.abandoned": ended,
  "call.ended": ended,
  "call.transferred": (event, { people }) => {
    const name = nameOf(people, event.data?.operator_id);
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
  "ladder.fired": (event) => rungSentence(event.data),
  "ladder.lost": (event) => t("Tidak ada pesan yang sampai ke {who}", { who: whoOnLadder(event.data.who) }),
  "ladder.paused": (event) => t("Tenggat dijeda sampai {time}", { time: timeOfDay(event.data.until ?? null) }),
  "ladder.resumed": () => t("Tenggat berjalan lagi"),
  "ladders.released": (event) => releasedSentence(event.data),
  "ladder.delayed": () => t("Tingkat berikut ditunda atas tindak lanjut pimpinan"),
  "notice.reached": (event) => (event.data.level === "accepted" ? null : reachSentence(event.data)),
  "notice.failed": () => t("Pesan gagal lewat semua kanal, telepon"),
  "notice.answered_late": () => t("Jawaban terlambat, dicatat saja"),
  "ticket.instructed": () => t("Pimpinan menindaklanjuti"),
  "ticket.instruction_done": () => t("Tindak lanjut pimpinan selesai"),
  "ticket.claimed": (event, { ticket }) =>
    t("Diambil {name}", { name: event.actor?.name ?? ticket?.owner?.name ?? t("operator") }),
  "ticket.returned": (event, { people }) => {
    const name = nameOf(people, event.data?.owner_id);
    return name
      ? t("Kembali ke semua: {name} mengambil, telepon tidak diangkat", { name })
      : t("Kembali ke semua: telepon tidak diangkat");
  },
  "ticket.taken_by_phone": (event, { ticket, people }) => {
    const name = nameOf(people, event.data?.owner_id) ?? ticket?.owner?.name;
    const from = nameOf(people, event.data?.from_id);
    if (!name) return t("Diambil lewat pesawat telepon");
    return from
      ? t("{name} mengangkat telepon, tiket berpindah dari {from}", { name, from })
      : t("{name} mengangkat telepon, tiket berpindah", { name });
  },
  "ticket.released": (event) => t("Dilepas {name}", { name: event.actor?.name ?? t("operator") }),
  "ticket.taken_over": (event) => t("Diambil alih {name}", { name: event.actor?.name ?? t("operator") }),
  "ticket.classified": classified,
  "ticket.located": (_event, { ticket }) =>
    ticket?.place ? t("Lokasi: {place}", { place: ticket.place.kelurahan }) : t("Lokasi dipilih"),
  "ticket.dispatched": (event) =>
    t("Dikirim ke {agencies}", { agencies: (event.data?.agencies ?? []).join(", ") || t("Instansi") }),
  "ticket.closed": (event) =>
    t("Ditutup: {word}", {
      word: DISPOSITIONS[event.data?.disposition ?? ""] ?? CLASSIFICATIONS[event.data?.disposition ?? ""] ?? "",
    }),
  "ticket.got_through": (event) => t("Pelapor tersambung lewat tiket {number}", { number: event.data?.through ?? "" }),
  "ticket.callback_taken": (event) => t("{name} menelepon balik", { name: event.actor?.name ?? "" }),
  "ticket.callback_tried": (event) =>
    t("Telepon balik, percobaan {n}: {outcome}", {
      n: event.data?.attempt ?? "",
      outcome: ATTEMPTS[event.data?.outcome ?? ""] ?? "",
    }),
  "ticket.callback_given_up": () => t("Telepon balik dihentikan"),
  "ticket.caller_note_added": () => t("Catatan tentang nomor ditambah"),
  "ticket.caller_note_edited": () => t("Catatan tentang nomor diubah"),
  "ticket.caller_note_removed": () => t("Catatan tentang nomor dihapus"),
  "ticket.reopened": () => t("Dibuka kembali"),
  "ticket.attached": (event) => t("Digabung ke tiket {short}", { short: shortOf(event.data?.to) }),
  "ticket.detached": (event) => t("Dipisahkan dari tiket {short}", { short: shortOf(event.data?.from) }),
  "ticket.joined": (event) =>
    t("Penelepon tiket {short} digabung, kini {n} penelepon", {
      short: shortOf(event.data?.joined),
      n: event.data?.callers ?? "",
    }),
  "ticket.parted": (event) => t("Penelepon tiket {short} dipisahkan", { short: shortOf(event.data?.parted) }),
  "ticket.words_added": (event) =>
    t("Penelepon tiket {short} menambahkan keterangan", { short: shortOf(event.data?.joined) }),
  "ticket.question_answered": (event, { ticket }) => {
    const answer =
      ticket?.answer_history?.find((one) => one.id === event.data?.answer_id) ??
      ticket?.answers?.find((one) => one.id === event.data?.answer_id);
    return answer
      ? t("{question}: {answer}", { question: answer[`tells_${language}`], answer: answer[`words_${language}`] })
      : null; // answered anew since
  },
  "ticket.draft_left": (event) =>
    t("{name} masih mengetik saat tiket berpindah", { name: event.actor?.name ?? t("operator") }),
  "ticket.draft_kept": (event, { ticket }) => {
    const kept = ticket?.kept_texts?.find((one) => one.note_id === event.data?.note_id);
    return kept ? t("Teks yang tidak terkirim: “{text}”", { text: kept.text }) : t("Teks yang tidak terkirim disimpan");
  },
  "assignment.sent": (event, { ticket }) => t("Terkirim ke {agency}", { agency: agency(event, ticket) }),
  "assignment.acknowledged": (event, { ticket }) => t("{agency} menerima tugas", { agency: agency(event, ticket) }),
  "assignment.declined": (event, { ticket }) => t("{agency} menolak", { agency: agency(event, ticket) }),
  "assignment.en_route": (event, { ticket }) => t("{agency} menuju lokasi", { agency: agency(event, ticket) }),
  "assignment.on_scene": (event, { ticket }) => t("{agency} tiba di lokasi", { agency: agency(event, ticket) }),
  "assignment.cleared": (event, { ticket }) => t("{agency} selesai", { agency: agency(event, ticket) }),
  "assignment.cancelled": (event, { ticket }) => t("{agency} dipanggil pulang", { agency: agency(event, ticket) }),
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

/**
 * Said by another entry, or by the lists beside: left out of the last events, kept in a ticket's own history.
 * @param {Pick<TimelineEntry, "kind" | "data">} event
 */
export const isEcho = ({ kind, data }) => ECHOES.has(kind) || (kind === "ticket.claimed" && data?.by === "answer");

/**
 * What happened, in words; null for kinds that do not concern an operator.
 * @param {TimelineEntry} event
 * @param {About} about
 */
function sentence(event, about) {
  // Which data an entry of a kind has is what the server says with the kind.
  const say = /** @type {Record<string, Sentence<never> | undefined>} */ (SENTENCES)[event.kind];
  return say?.(/** @type {EntryOf<never>} */ (event), about) ?? null;
}

/**
 * Who did it.
 * @param {TimelineEntry} event
 */
function actorName(event) {
  /** @type {Partial<Record<TimelineEntry["actor"]["kind"], string>>} */
  const names = { asterisk: t("Telepon"), system: t("sistem"), caller: t("Ponsel penelepon") };
  return names[event.actor?.kind] ?? event.actor?.name ?? "";
}
