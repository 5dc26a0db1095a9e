// What ladders and their notices are called: roles, channels, how far a message has come.
import { t } from "./i18n.js";

/** @type {Record<string, () => string>} */
const ROLES = {
  duty: () => t("piket"),
  chief: () => t("kepala regu"),
  head: () => t("kepala dinas"),
  supervisor: () => t("supervisor"),
  desk: () => t("meja Rabeg"),
  leader: () => t("pimpinan"),
  "leader:SETDA": () => t("Sekda"),
  "leader:WALIKOTA": () => t("Wali Kota"),
};

/** @type {Record<string, () => string>} */
const CHANNELS = {
  whatsapp: () => "WhatsApp",
  telegram: () => "Telegram",
  push: () => t("notifikasi"),
  sms: () => "SMS",
  email: () => "email",
  apprise: () => "Apprise",
  page: () => t("layar instansi"),
};

/** @type {Record<string, () => string>} a level of reach -> its word */
const LEVELS = {
  queued: () => t("sedang dikirim"),
  accepted: () => t("terkirim"),
  delivered: () => t("sampai"),
  read: () => t("dibaca"),
  opened: () => t("dibuka"),
  answered: () => t("diterima"),
  failed: () => t("pesan gagal, telepon"),
  hole: () => t("tanpa kanal, telepon"),
};

/**
 * Who is meant by a rung, such as `duty+chief` or `leader:SETDA`.
 * @param {string | null | undefined} who
 */
export const whoOnLadder = (who) =>
  (who ?? "")
    .split("+")
    .map((role) => ROLES[role]?.() ?? role)
    .join(", ");

/**
 * The gravest role of a rung alone, for where there is room for one: of `duty+chief` the chief.
 * @param {string | null | undefined} who
 */
export const shortWho = (who) => capital(whoOnLadder((who ?? "").split("+").at(-1)));

/** @param {string} channel */
export const channelName = (channel) => CHANNELS[channel]?.() ?? channel;

/** @param {string} level */
export const levelWord = (level) => LEVELS[level]?.() ?? level;

/** @param {string} words */
export const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
