// How time is written: a dot is a time of day (02.14), a colon is a length (0:34), +0:22 is past its limit.
import { serverNow } from "./clocks.js";
import { language, t } from "./i18n.js";

const timeZone = globalThis.document?.documentElement.dataset.timezone || "Asia/Jakarta";

/**
 * 0:34, 12:05, 1:02:05
 * @param {number} seconds
 */
export function length(seconds) {
  if (!Number.isFinite(seconds)) return t("waktu server ?");
  const whole = Math.max(0, Math.trunc(Math.abs(seconds)));
  /** @param {number} n */
  const two = (n) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/**
 * How old something is, in words short enough for a row: 34 dtk, 14 mnt, 1 j 12, 3 hr
 * @param {number} seconds
 */
export function age(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return t("{n} dtk", { n: s });
  if (s < 3600) return t("{n} mnt", { n: Math.floor(s / 60) });
  if (s < 86400)
    return t("{h} j {m}", { h: Math.floor(s / 3600), m: String(Math.floor((s % 3600) / 60)).padStart(2, "0") });
  return t("{n} hr", { n: Math.floor(s / 86400) });
}

const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(language === "en" ? "en-GB" : "id-ID", {
  timeZone,
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
});

/**
 * 02.14 or, with seconds, 02.14.36, in the city's time zone; takes an ISO string or milliseconds.
 * @param {string | number | null} instant unknown: dashes
 */
export function timeOfDay(instant, { seconds = false } = {}) {
  const at = typeof instant === "number" ? instant : Date.parse(instant ?? "");
  if (!Number.isFinite(at)) return seconds ? "––.––.––" : "––.––";
  return clock
    .format(at)
    .slice(0, seconds ? 8 : 5)
    .replaceAll(":", ".");
}

/**
 * Sel 24 Nov, with year: Sel 24 Nov 2026
 * @param {string | number} instant
 */
export function dateLine(instant, { year = false } = {}) {
  const at = typeof instant === "number" ? instant : Date.parse(instant);
  if (!Number.isFinite(at)) return "";
  const part = Object.fromEntries(day.formatToParts(at).map(({ type, value }) => [type, value]));
  return [part.weekday, part.day, part.month, year && part.year].filter(Boolean).join(" ");
}

/**
 * Time of day of today, otherwise with its date.
 * @param {string} instant
 */
export function moment(instant, now = serverNow()) {
  const sameDay = dateLine(instant, { year: true }) === dateLine(now, { year: true });
  return sameDay ? timeOfDay(instant) : `${dateLine(instant)} ${timeOfDay(instant)}`;
}
