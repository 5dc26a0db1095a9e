// What a leader is told of a case: why it came, with whom it lies, what was done, what comes next.
import { t } from "../core/i18n.js";
import { capital, levelWord, whoOnLadder } from "../core/ladder-words.js";
import { moment } from "../core/time.js";

/**
 * @typedef {import("../payloads.d.ts").Case} Case
 * @typedef {import("../payloads.d.ts").PersonReached} PersonReached
 */

/** @type {Record<string, (agency: string) => string>} by the clock that was not stopped in time */
const WHY = {
  acknowledge: (agency) => t("{agency} belum menerima tugas", { agency }),
  move: (agency) => t("{agency} belum berangkat", { agency }),
  arrive: (agency) => t("{agency} belum tiba", { agency }),
  clear: (agency) => t("{agency} belum selesai", { agency }),
  verify: () => t("Pusat 112 belum memeriksa hasilnya"),
  answer: () => t("Panggilan belum dijawab"),
  callback: () => t("Penelepon belum ditelepon balik"),
  first_dispatch: () => t("Belum ada instansi yang dikirim"),
  instruction: () => t("Tenggat pimpinan lewat"),
};

/** @type {string[]} from the lowest */
const LEVELS = ["hole", "failed", "queued", "accepted", "delivered", "read", "opened", "answered"];

/** The newest thing that this office has asked for; undefined where it has asked for nothing. @param {Case} found */
export const ownInstruction = (found) => found.instructions.filter((one) => one.office === found.office).at(-1);

/** @param {Case} found */
export function whyWords(found) {
  const own = ownInstruction(found);
  if (found.section === "waiting" && own && !own.done_at)
    return t("Tenggat Anda {time} lewat", { time: moment(own.due_at) });
  return WHY[found.clock]?.(found.agency ?? "112") ?? found.clock;
}

/** From when to when the clock was to run. @param {Case} found */
export const clockWords = (found) =>
  t("dihitung sejak {since}, batas {due}", { since: moment(found.since), due: moment(found.due_at) });

/** @param {Case} found */
export function liesWords(found) {
  const who = found.lies_with ?? "duty";
  const words = capital(whoOnLadder(who));
  return /duty|chief|head/.test(who) ? `${words} ${found.agency ?? ""}`.trim() : words;
}

/** How far the news has come at best. @param {Case} found */
export function toldWords(found) {
  /** @param {PersonReached} one */
  const rank = (one) => LEVELS.indexOf(one.level);
  const below = found.people.filter((one) => one.role !== "leader");
  const best = below.sort((a, b) => rank(a) - rank(b) || a.at.localeCompare(b.at)).at(-1);
  if (!best) return t("belum ada yang terjangkau");
  return t("{who}: {level} {time}", {
    who: capital(whoOnLadder(best.role)),
    level: levelWord(best.level),
    time: moment(best.at),
  });
}

/** @param {Case} found */
export function nextWords(found) {
  if (found.section === "done") return found.over_at ? t("tuntas {time}", { time: moment(found.over_at) }) : "–";
  const own = ownInstruction(found);
  if (found.section === "running" && own) return t("tenggat Anda {time}", { time: moment(own.due_at) });
  if (!found.next_at || !found.next_who) return t("tidak ada lagi, Anda terakhir");
  return `${capital(whoOnLadder(found.next_who))} ${moment(found.next_at)}`;
}

/** @param {Case} found */
export const placeWords = ({ place }) =>
  place ? [place.text, t("Kel. {name}", { name: place.kelurahan })].filter(Boolean).join(" · ") : t("lokasi belum ada");

/** @type {Record<string, (agency: string, who: string) => string>} by kind of the journal */
const PAST = {
  "ticket.dispatched": () => t("Pusat 112 mengirim ke instansi"),
  "ticket.closed": () => t("Tiket ditutup"),
  "ticket.reopened": () => t("Tiket dibuka lagi"),
  "ticket.instructed": () => t("Pimpinan menindaklanjuti"),
  "ticket.instruction_done": () => t("Tindak lanjut pimpinan selesai"),
  "assignment.sent": (agency) => t("Tugas dikirim ke {agency}", { agency }),
  "assignment.acknowledged": (agency) => t("{agency} menerima tugas", { agency }),
  "assignment.declined": (agency) => t("{agency} menolak tugas", { agency }),
  "assignment.en_route": (agency) => t("{agency} menuju lokasi", { agency }),
  "assignment.on_scene": (agency) => t("{agency} tiba di lokasi", { agency }),
  "assignment.cleared": (agency) => t("{agency} selesai", { agency }),
  "assignment.cancelled": (agency) => t("Tugas {agency} ditarik kembali", { agency }),
  "ladder.fired": (_agency, who) => t("Diberi tahu: {who}", { who }),
  "ladder.lost": (_agency, who) => t("Tidak ada pesan yang sampai ke {who}", { who }),
  "ladder.delayed": () => t("Tingkat berikut ditunda oleh tindak lanjut"),
};

/** @param {import("../payloads.d.ts").CaseStep} step */
export function pastWords(step) {
  const who = whoOnLadder(step.who);
  if (step.hole) return t("Tidak ada yang bisa dihubungi: {who}", { who });
  return PAST[step.kind]?.(step.agency ?? "", who) ?? step.kind;
}
