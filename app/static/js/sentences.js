// A journal entry as a sentence: for the list of last events and the timeline of a ticket.
import { length } from "./time.js";
import { CLASSIFICATIONS, DISPOSITIONS, named, phoneNumber, t } from "./words.js";

const number = (event, ticket) => {
  const call = ticket?.calls?.find((one) => one.id === event.call_id) ?? ticket?.calls?.at(-1);
  return call ? phoneNumber(call.number) : t("Penelepon");
};

const passed = (from, to) => length((Date.parse(to) - Date.parse(from)) / 1000);

const agency = (event, ticket) => event.data?.agency ?? ticket?.assignments?.find((one) => one.id === event.assignment_id)?.agency ?? t("Instansi");

function answered(event, ticket) {
  const call = ticket?.calls?.find((one) => one.id === event.call_id);
  const name = call?.answered_by?.name;
  const time = call?.answered_at ? passed(call.received_at, call.answered_at) : null;
  if (name && time) return t("Dijawab {name} setelah {time}", { name, time });
  return name ? t("Dijawab {name}", { name }) : t("Dijawab di pesawat telepon");
}

function classified(event, ticket, types) {
  const { classification, type_code: code, priority } = event.data ?? {};
  if (classification && classification !== "genuine") return t("{word}, ditutup", { word: CLASSIFICATIONS[classification] ?? classification });
  const type = types?.get(code);
  if (!type) return t("Ditandai sah");
  return [named(type), priority].filter(Boolean).join(", ");
}

const SENTENCES = {
  "call.registered": (event, ticket) => t("{number} berdering", { number: number(event, ticket) }),
  "call.answered": answered,
  "call.abandoned": (event, ticket) => t("{number} menutup sebelum dijawab", { number: number(event, ticket) }),
  "call.ended": () => t("Panggilan selesai"),
  "ticket.claimed": (event) => t("Diambil {name}", { name: event.actor?.name ?? t("operator") }),
  "ticket.released": (event) => t("Dilepas {name}", { name: event.actor?.name ?? t("operator") }),
  "ticket.taken_over": (event) => t("Diambil alih {name}", { name: event.actor?.name ?? t("operator") }),
  "ticket.classified": classified,
  "ticket.located": (event, ticket) => (ticket?.place ? t("Lokasi: {place}", { place: ticket.place.kelurahan }) : t("Lokasi dipilih")),
  "ticket.dispatched": (event) => t("Dikirim ke {agencies}", { agencies: (event.data?.agencies ?? []).join(", ") || t("Instansi") }),
  "ticket.closed": (event) => t("Ditutup: {word}", { word: DISPOSITIONS[event.data?.disposition] ?? CLASSIFICATIONS[event.data?.disposition] ?? "" }),
  "ticket.reopened": () => t("Dibuka kembali"),
  "assignment.sent": (event, ticket) => t("Terkirim ke {agency}", { agency: agency(event, ticket) }),
  "assignment.acknowledged": (event, ticket) => t("{agency} menerima tugas", { agency: agency(event, ticket) }),
  "assignment.declined": (event, ticket) => t("{agency} menolak", { agency: agency(event, ticket) }),
  "assignment.en_route": (event, ticket) => t("{agency} menuju lokasi", { agency: agency(event, ticket) }),
  "assignment.on_scene": (event, ticket) => t("{agency} tiba di lokasi", { agency: agency(event, ticket) }),
  "assignment.cleared": (event, ticket) => t("{agency} selesai", { agency: agency(event, ticket) }),
  "assignment.cancelled": (event, ticket) => t("{agency} dipanggil pulang", { agency: agency(event, ticket) }),
  "seat.taken": (event) => t("{name} duduk di Meja {seat}", { name: event.actor?.name ?? "", seat: event.data?.seat ?? "" }),
};

/** What happened, in words; null for kinds that do not concern an operator. `types` maps codes to incident types. */
export function sentence(event, ticket, types) {
  return SENTENCES[event.kind]?.(event, ticket, types) ?? null;
}

/** Who did it. */
export function actorName(event) {
  const names = { asterisk: t("Telepon"), system: t("sistem") };
  return names[event.actor?.kind] ?? event.actor?.name ?? "";
}
