// What is said when a colleague was faster (who, what, when, and that nothing of ours was lost without a word) and how
// a task ended when there is nothing more to report.

import { ASSIGNMENT_STATES, named, t } from "../core/i18n.js";
import { timeOfDay } from "../core/time.js";
import { answerWords } from "./callers.js";
import { STEPS } from "./steps.js";

/**
 * @typedef {import("../payloads.d.ts").AgencyTicket} AgencyTicket
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {{name: string | null, at: string}} Reporter
 */

/** @type {Partial<Record<Assignment["state"], "declined_at" | "cancelled_at">>} */
const AT = { declined: "declined_at", cancelled: "cancelled_at" };

/**
 * When an assignment reached the state it is in.
 * @param {Assignment} assignment
 */
export function reachedAt(assignment) {
  const step = STEPS.find(({ state }) => state === assignment.state);
  return assignment[step?.at ?? AT[assignment.state] ?? "sent_at"] ?? null;
}

/**
 * reporter: {name, at} or null; entry: {command, body} that found its step done already, or was refused for it.
 * @param {AgencyTicket | null} ticket
 * @param {Reporter | null} reporter
 * @param {{name: string}} me
 * @param {{command: string, body?: {note?: string | null}}} entry
 */
export function doneWords(ticket, reporter, me, entry) {
  if (!ticket) return t("Sudah tercatat sebelumnya.");
  const { assignment } = ticket;
  const word = ASSIGNMENT_STATES[assignment.state].word;
  const at = timeOfDay(reporter?.at ?? reachedAt(assignment));
  const name = reporter?.name ?? null;
  const lost =
    entry.command === "clear" && entry.body?.note && assignment.note !== entry.body.note
      ? ` ${t("Catatan Anda tidak disimpan; telepon 112 bila perlu.")}`
      : "";
  if (name && name !== me.name)
    return (
      t("{name} sudah mencatat “{state}” pukul {time}.", {
        name: name === "112" ? t("Pusat 112") : name,
        state: word,
        time: at,
      }) + lost
    );
  return t("Sudah tercatat “{state}” pukul {time}.", { state: word, time: at }) + lost;
}

/**
 * A journal event of another phone or of the centre in words; null when it says nothing to this page.
 * @param {import("../types.d.ts").AgencyEvent} event
 * @param {number} assignmentId
 */
export function eventWords(event, assignmentId) {
  const name = event.actor?.name && event.actor.name !== "112" ? event.actor.name : t("Pusat 112");
  const time = timeOfDay(event.at);
  if (event.assignment_id === assignmentId && event.kind.startsWith("assignment.")) {
    const state = /** @type {Assignment["state"]} */ (event.kind.slice("assignment.".length));
    if (state === "sent") return null;
    return t("{name}: {state} {time}.", { name, state: ASSIGNMENT_STATES[state]?.word ?? state, time });
  }
  if (event.kind === "ticket.located") return t("{name} memperbarui lokasi pukul {time}.", { name, time });
  if (event.kind === "ticket.classified") return t("{name} memperbarui keterangan pukul {time}.", { name, time });
  if (event.kind === "ticket.joined") return t("Penelepon lain melaporkan kejadian ini, {time}.", { time });
  if (event.kind === "ticket.words_added") return t("Penelepon lain menambahkan keterangan, {time}.", { time });
  if (event.kind === "ticket.question_answered") return answerWords(event);
  if (event.kind === "ticket.dispatched") return t("{name} mengirim instansi lain pukul {time}.", { name, time });
  if (event.kind === "ticket.instructed" && event.assignment_id === assignmentId)
    return t("Pimpinan meminta sesuatu pukul {time}. Lihat di tugas ini.", { time });
  if (event.kind === "ticket.closed") return t("{name} menutup tiket pukul {time}.", { name, time });
  if (event.kind === "ticket.reopened") return t("{name} membuka lagi tiket pukul {time}.", { name, time });
  return null;
}

/**
 * How a task ended: {icon, title, more}, or null while the task goes on; reporter: {name} or null; reasons: the decline
 * reasons.
 * @param {AgencyTicket} ticket
 * @param {number} assignmentId
 * @param {Reporter | null} reporter
 * @param {{code: string, name_id?: string, name_en?: string}[]} reasons
 * @returns {{icon: string, title: string, more: string | null} | null}
 */
export function endingOf(ticket, assignmentId, reporter, reasons) {
  const { assignment } = ticket;
  const by = reporter?.name && reporter.name !== "112" ? ` (${reporter.name})` : "";
  if (assignment.id !== assignmentId)
    return {
      icon: "info",
      title: t("Tugas ini sudah tidak berlaku."),
      more: t("Pusat 112 mengirim tugas baru untuk tiket yang sama."),
    };
  if (assignment.state === "cleared") {
    const after =
      ticket.state === "closed" ? t("Tiket sudah ditutup pusat 112.") : t("Pusat 112 memeriksa lalu menutup tiket.");
    return {
      icon: "check-check",
      title: t("Selesai {time}", { time: timeOfDay(assignment.cleared_at) }) + by,
      more: assignment.note ? `“${assignment.note}” ${after}` : after,
    };
  }
  if (assignment.state === "declined") {
    const reason = named(reasons.find(({ code }) => code === assignment.reason)) || assignment.reason;
    return {
      icon: "x",
      title: t("Ditolak {time}", { time: timeOfDay(assignment.declined_at) }) + by,
      more: [reason, assignment.note].filter(Boolean).join(": "),
    };
  }
  if (assignment.state === "cancelled")
    return {
      icon: "x",
      title: t("Dibatalkan pusat 112 pukul {time}.", { time: timeOfDay(assignment.cancelled_at) }),
      more: t("Tidak perlu ke lokasi."),
    };
  if (ticket.state === "closed")
    return {
      icon: "check",
      title: t("Tiket sudah ditutup pusat 112 pukul {time}.", { time: timeOfDay(ticket.closed_at) }),
      more: null,
    };
  return null;
}
