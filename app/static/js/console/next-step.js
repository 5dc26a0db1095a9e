// What the big button does for the open ticket, and which writes bring the ticket to what is typed and chosen. Nothing
// here knows the page or the server.
import { t } from "../core/i18n.js";
import { hasPlace, locateBody } from "./place-words.js";

/**
 * @typedef {import("../payloads.d.ts").Priority} Priority
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("./types.d.ts").ListedPlace} ListedPlace
 * @typedef {import("./types.d.ts").NextStep} NextStep
 */
/**
 * @typedef {object} Situation of the open ticket
 * @property {Ticket} ticket
 * @property {boolean} mine
 * @property {string[]} allowed commands that I may give
 * @property {boolean} waits something that was done to it waits for the link
 * @property {boolean} busy the server is being asked
 * @property {string} words as they stand in the line
 * @property {number} ticked how many agencies are
 * @property {string[]} [toCall] the ticked ones that no message would reach
 * @property {boolean} changed something is typed or chosen that the ticket does not have
 * @property {string | null} warning
 *
 * @typedef {object} Chosen
 * @property {string | null} typeCode
 * @property {Priority | null} priorityByHand
 * @property {Priority | null} proposedPriority
 * @property {ListedPlace | null} place
 *
 * @typedef {{command: "classify", body: import("../payloads.d.ts").Classify}} ClassifyWrite
 * @typedef {{command: "locate", body: import("../payloads.d.ts").Locate}} LocateWrite
 * @typedef {ClassifyWrite | LocateWrite} Write
 */

/**
 * What the big button does now.
 * @param {Situation} situation
 * @returns {NextStep}
 */
export function nextStep(situation) {
  const { ticket, mine, allowed } = situation;
  if (situation.waits)
    return {
      kind: "none",
      words: t("Menunggu sambungan"),
      icon: "wifi-off",
      note: t("Tersimpan di komputer ini, terkirim sendiri nanti."),
    };
  if (situation.busy) return { kind: "busy", words: t("Menunggu jawaban server"), icon: "clock" };
  if (ticket.duplicate_of) return nextOfAttached(situation);
  if (ticket.state === "closed") return { kind: "reopen", words: t("Buka kembali"), icon: "rotate-ccw" };
  if (allowed.includes("claim")) return { kind: "claim", words: t("Ambil tiket"), icon: "phone" };
  if (mine) return nextOfMine(situation);
  const note = t("Hanya untuk dilihat. Tiket ini dipegang {name}.", { name: ticket.owner?.name ?? "–" });
  return allowed.includes("take-over")
    ? { kind: "take-over", words: t("Ambil alih"), icon: "user-plus", note }
    : { kind: "none", words: t("Hanya untuk dilihat"), icon: "eye", note };
}

/**
 * Some agency has the ticket or has done with it. When all have declined or were called off, it is to be sent again.
 * @param {Ticket} ticket
 */
export const isOut = ({ state }) => state === "dispatched" || state === "in_progress" || state === "verify";

const addedIsSeen = () => t("Tambahan langsung terlihat oleh instansi yang sudah dikirim.");

/**
 * A ticket that is attached to another: send what this caller adds.
 * @param {Situation} situation
 * @returns {NextStep}
 */
function nextOfAttached({ ticket, allowed, words }) {
  const may = allowed.includes("words");
  const note = addedIsSeen();
  return may && words && words !== (ticket.words ?? "")
    ? { kind: "words", words: t("Kirim tambahan"), icon: "send", note, caps: true }
    : { kind: "none", words: t("Sudah digabung"), icon: "check", note: may ? note : null };
}

/**
 * @param {Situation} situation
 * @returns {NextStep}
 */
function nextOfMine({ ticket, ticked, toCall = [], changed, warning }) {
  const out = isOut(ticket);
  const note = out ? addedIsSeen() : null;
  if (ticked > 0)
    return {
      kind: "send",
      words: toCall.length ? callWords(ticked, toCall) : out ? moreWords(ticked) : sendWords(ticked),
      icon: "send",
      note: toCall.length
        ? t("{agency} tidak akan menerima pesan: telepon sesudah kirim.", { agency: holesInWords(toCall) })
        : note,
      warning,
      caps: true,
    };
  // Before the first dispatch the button sends, and says what is missing for that; afterwards changes are kept alone.
  if (ticket.assignments.length && changed)
    return { kind: "send", words: t("Simpan perubahan"), icon: "check", note, warning, caps: true };
  if (ticket.state === "verify") return { kind: "close", words: t("Verifikasi"), icon: "check-check" };
  if (out) return { kind: "none", words: t("Sudah dikirim"), icon: "check", note };
  return { kind: "send", words: t("Kirim"), icon: "send", note, warning, caps: true };
}

/** @param {string[]} holes */
const holesInWords = ([first, ...more]) => (more.length ? `${first} +${more.length}` : first);

/**
 * A hole never stops a dispatch; the button says what is left to do by hand.
 * @param {number} n
 * @param {string[]} toCall
 */
const callWords = (n, toCall) => t("Kirim ke {n}, telepon {agency}", { n, agency: holesInWords(toCall) });
/** @param {number} n */
const moreWords = (n) => (n === 1 ? t("Kirim ke 1 lagi") : t("Kirim ke {n} lagi", { n }));
/** @param {number} n */
const sendWords = (n) => (n === 1 ? t("Kirim ke 1 instansi") : t("Kirim ke {n} instansi", { n }));

/**
 * The writes that bring the ticket to what is typed and chosen, without the dispatch.
 * @param {Ticket} ticket
 * @param {string} words
 * @param {Chosen} chosen
 */
export function changesOf(ticket, words, { typeCode, priorityByHand, proposedPriority, place }) {
  /** @type {Write[]} */
  const writes = [];
  const typed = words && words !== ticket.words;
  const retyped = typeCode && typeCode !== ticket.type?.code;
  const raised = priorityByHand ? priorityByHand !== ticket.priority : typeCode && proposedPriority !== ticket.priority;
  if (typed || retyped || raised) {
    const priority = priorityByHand ?? proposedPriority;
    writes.push({
      command: "classify",
      body: { classification: "genuine", type_code: typeCode, priority, words: words || null },
    });
  }
  if (place && !place.saved && hasPlace(place)) writes.push({ command: "locate", body: locateBody(place) });
  return writes;
}
