// What the page of rosters says: shifts by the wall, roles, channels, holes.

import { language, t } from "../core/i18n.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { dateLine } from "../core/time.js";

/** @typedef {import("../payloads.d.ts").ContactChannel} ContactChannel */
/** @typedef {import("../payloads.d.ts").Hole} Hole */

/** @type {Record<string, string>} */
export const ROLES = {
  duty: t("petugas piket"),
  chief: t("kepala regu"),
  head: t("kepala instansi"),
  supervisor: t("supervisor"),
  desk: t("meja Rabeg"),
  leader: t("pimpinan"),
};

/** @type {Record<string, string>} */
export const CHANNELS = {
  whatsapp: t("WhatsApp"),
  telegram: t("Telegram"),
  sms: t("SMS"),
  email: t("E-mail"),
  push: t("Browser"),
  apprise: t("Layanan lain"),
};

/** @type {Record<string, string>} */
export const CHANNEL_ICONS = {
  whatsapp: "message-circle",
  telegram: "send",
  sms: "phone",
  email: "mail",
  push: "radio",
};

const SHORT = { whatsapp: "WA", telegram: "TG", sms: "SMS", email: t("mail"), apprise: t("lain") };

const locale = language === "en" ? "en-GB" : "id-ID";
// Wall times have no zone: they are written as if they were UTC, so that no browser moves them.
const dayLong = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "long", day: "numeric", month: "short" });
const dayShort = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "short", day: "numeric" });
const dayMonth = new Intl.DateTimeFormat(locale, { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });

/** @param {string} day 2026-11-25 */
const atNoon = (day) => Date.parse(`${day.slice(0, 10)}T12:00:00Z`);

/**
 * Rabu, 25 Nov
 * @param {string} day
 */
export const longDay = (day) => dayLong.format(atNoon(day));

/**
 * Rab 25
 * @param {string} day
 */
export const shortDay = (day) => dayShort.format(atNoon(day)).replace(",", "");

/**
 * 23–29 Nov 2026
 * @param {string[]} days
 */
export function weekWords(days) {
  const [first, last] = [days[0] ?? "", days.at(-1) ?? ""];
  const end = dayMonth.format(atNoon(last));
  if (first.slice(0, 7) === last.slice(0, 7)) return `${Number(first.slice(8))}–${end}`;
  return `${dayMonth.format(atNoon(first)).replace(` ${first.slice(0, 4)}`, "")} – ${end}`;
}

/**
 * 07.00
 * @param {string} local 2026-11-25T07:00, or 07:00
 */
export const clockOf = (local) => local.slice(-5).replace(":", ".");

/**
 * Rabu, 25 Nov 07.00–15.00
 * @param {{starts_local: string, ends_local: string}} shift
 */
export const shiftWords = (shift) =>
  `${longDay(shift.starts_local)} ${clockOf(shift.starts_local)}–${clockOf(shift.ends_local)}`;

/**
 * The day some days later, by the calendar.
 * @param {string} day
 * @param {number} count
 */
export const daysLater = (day, count) => new Date(atNoon(day) + count * 86400000).toISOString().slice(0, 10);

/**
 * WA, TG: a person's channels, short.
 * @param {ContactChannel[]} channels
 */
export const shortChannels = (channels) =>
  [...new Set(channels.map((one) => SHORT[/** @type {keyof typeof SHORT} */ (one.channel)] ?? one.channel))].join(", ");

/**
 * How somebody is reached: proved, not yet proved, or not at all.
 * @param {{channels: ContactChannel[], browsers: number}} person
 * @returns {"proved" | "untested" | "none"}
 */
export function reachOf({ channels, browsers }) {
  if (channels.some((one) => one.proved) || browsers > 0) return "proved";
  return channels.length ? "untested" : "none";
}

export const REACH_WORDS = { proved: t("teruji"), untested: t("tanpa uji"), none: t("tanpa kanal") };
export const REACH_ICONS = { proved: "check", untested: "circle-help", none: "unplug" };

/**
 * An address as people read it.
 * @param {ContactChannel} channel
 */
export const addressWords = (channel) =>
  channel.address && ["whatsapp", "sms"].includes(channel.channel)
    ? phoneNumber(channel.address)
    : (channel.address ?? t("alamat disembunyikan"));

/**
 * What a hole is, and what to know of it.
 * @param {Hole} hole
 * @returns {{what: string, more: string}}
 */
export function holeWords(hole) {
  const role = ROLES[hole.role] ?? hole.role;
  const office = hole.area_name ? ` · ${hole.area_name}` : "";
  const name = hole.name ?? "";
  switch (hole.kind) {
    case "nobody":
      return { what: t("Tidak ada petugas piket"), more: `${t("pesan langsung ke tingkat berikutnya")}${office}` };
    case "shift":
      return { what: t("Giliran kosong"), more: `${spanWords(hole)}${office}` };
    case "rung":
      return { what: t("Tingkat tanpa orang: {role}", { role }), more: `${sinceWords(hole)}${office}` };
    case "no_channel":
      return { what: name, more: `${role} · ${t("tanpa kanal")}${office}` };
    case "untested":
      return { what: name, more: `${role} · ${t("belum pernah diuji; tetap dipakai")}${office}` };
    case "old_test":
      return { what: name, more: `${role} · ${t("uji terakhir sudah lama")}${office}` };
    default:
      return {
        what: name,
        more: t("{channel} baru dicoba setelah tingkat berikutnya diberi tahu. Naikkan urutannya.", {
          channel: CHANNELS[hole.channel ?? ""] ?? "",
        }),
      };
  }
}

/**
 * The hole in one or two words, for a list.
 * @param {Hole} hole
 */
export function holeSign(hole) {
  if (hole.kind === "shift")
    return t("kosong {day}", { day: dateLine(hole.starts_at).split(" ").slice(0, 2).join(" ") });
  /** @type {Record<string, string>} */
  const signs = {
    nobody: t("tanpa piket"),
    rung: t("tingkat kosong"),
    no_channel: t("tanpa kanal"),
    untested: t("tanpa uji"),
    old_test: t("uji lama"),
    overtaken: t("urutan kanal"),
  };
  return signs[hole.kind] ?? hole.kind;
}

/** @param {Hole} hole */
function spanWords(hole) {
  const from = instantWords(hole.starts_at);
  return hole.ends_at ? t("{from} sampai {to}", { from, to: instantWords(hole.ends_at) }) : from;
}

/** @param {Hole} hole */
const sinceWords = (hole) => t("mulai {time}", { time: instantWords(hole.starts_at) });

const zone = document.documentElement.dataset.timezone || "Asia/Jakarta";
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** @param {string} instant */
const instantWords = (instant) => `${dateLine(instant)} ${clock.format(Date.parse(instant)).replace(":", ".")}`;

/** What can be wrong with a cell of a file. @type {Record<string, string>} */
export const PROBLEMS = {
  unknown: t("tidak dikenal"),
  empty: t("wajib diisi"),
  missing: t("kolom ini tidak ada"),
  form: t("bentuknya salah"),
  not_after: t("tidak sesudah awalnya"),
  out_of_range: t("terlalu lama"),
  overlaps: t("bertabrakan dengan giliran orang yang sama"),
  too_long: t("terlalu banyak baris"),
};
