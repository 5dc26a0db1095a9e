// How a task ended, in words, when there is nothing more to report.
import { timeOfDay } from "./time.js";
import { named, t } from "./words.js";

/** {icon, title, more} or null while the task goes on; reporter: {name} or null; reasons: the decline reasons. */
export function endingOf(ticket, assignmentId, reporter, reasons) {
  const { assignment } = ticket;
  const by = reporter?.name && reporter.name !== "112" ? ` (${reporter.name})` : "";
  if (assignment.id !== assignmentId)
    return { icon: "info", title: t("Tugas ini sudah tidak berlaku."), more: t("Pusat 112 mengirim tugas baru untuk tiket yang sama.") };
  if (assignment.state === "cleared") {
    const after = ticket.state === "closed" ? t("Tiket sudah ditutup pusat 112.") : t("Pusat 112 memeriksa lalu menutup tiket.");
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
    return { icon: "check", title: t("Tiket sudah ditutup pusat 112 pukul {time}.", { time: timeOfDay(ticket.closed_at) }), more: null };
  return null;
}
