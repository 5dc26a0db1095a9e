// The server's own alarms in words, with what to do; the gravest first.

import { t } from "./i18n.js";
import { timeOfDay } from "./time.js";

/** @typedef {import("../payloads.d.ts").Alarm} Alarm */

/** @type {Record<string, (n?: number) => [string, string]>} code -> what is wrong, and what to do */
const TEXTS = {
  storage_failing: () => [t("Penyimpanan gagal."), t("Panggilan tetap masuk antrean; catat di kertas sampai pulih.")],
  no_telephone: () => [
    t("Tidak ada pesawat telepon yang terdaftar."),
    t("Penelepon menunggu tanpa satu pun dering: periksa pesawat di meja dan jaringannya, beri tahu administrator."),
  ],
  feed_failing: () => [
    t("Pembaruan layar tertinggal."),
    t("Telepon tetap berdering; muat ulang halaman untuk melihat keadaan terbaru."),
  ],
  carrier_refuses: () => [
    t("Layanan pesan menolak pengaturan kita."),
    t("Petugas tidak terjangkau lewat saluran itu: telepon mereka, beri tahu administrator."),
  ],
  deadlines_missed: (n) => [
    n ? t("{n} eskalasi tidak berjalan.", { n }) : t("Ada eskalasi yang tidak berjalan."),
    t("Telepon instansi yang lewat batas, awasi sendiri. Beri tahu administrator."),
  ],
  wrong_clock: () => [
    t("Jam sentral telepon salah."),
    t("Waktu panggilan dihitung sejak diberitahukan. Beri tahu administrator: samakan jam sentral telepon."),
  ],
  held_after_restore: (n) => [
    t("{n} eskalasi menunggu sejak data dipulihkan: tidak ada yang diberi tahu.", { n: n ?? 0 }),
    t("Supervisor memutuskan di papan: Setelah pemulihan."),
  ],
  record_gap: (n) => [
    n
      ? t("{n} panggilan ditemukan di catatan sentral telepon, tanpa tiket.", { n })
      : t("Ada panggilan di catatan sentral telepon yang tanpa tiket."),
    t("Kini masuk daftar telepon balik: telepon mereka. Beri tahu administrator."),
  ],
};
const ORDER = Object.keys(TEXTS);
/** Nothing is lost at this moment: amber. */
const CALM = new Set(["wrong_clock", "record_gap"]);

/**
 * {title, more, look} of the gravest, null when there is none; further ones are named in
 * `more`.
 * @param {Alarm[]} alarms
 */
export function alarmWords(alarms) {
  /** @param {Alarm} alarm */
  const grave = ({ code }) => ORDER.indexOf(code) + 1 || 2.5;
  const [first, ...others] = [...alarms]
    .sort((a, b) => grave(a) - grave(b))
    .map((alarm) => ({ ...alarm, texts: texts(alarm) }));
  if (!first) return null;
  const [title, more] = first.texts;
  const since = first.since ? t("Sejak {time}.", { time: timeOfDay(first.since) }) : null;
  const also = others.length ? t("Juga: {alarms}", { alarms: others.map((one) => one.texts[0]).join(" ") }) : null;
  return { title, more: [more, since, also].filter(Boolean).join(" "), look: CALM.has(first.code) ? "amber" : "red" };
}

/** @param {Alarm} alarm */
const texts = ({ code, n }) =>
  TEXTS[code]?.(n) ?? [t("Gangguan sistem: {code}.", { code }), t("Telepon tetap berdering. Beri tahu administrator.")];
