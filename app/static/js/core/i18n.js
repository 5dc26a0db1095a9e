// What the screens say. Indonesian is the text in the source; the other language is looked up by it.
// One catalogue for templates and scripts: app/translations, turned into vendor/words/en.js by app.assets.translations.
// Pages load this as a part of their file in bundle/, from where the address of those words counts.

/** @typedef {{name_id?: string | null, name_en?: string | null, name?: string, code?: string}} Named */

/** The page's; where there is no page (the scripts' own tests), that of the source. */
export const language = globalThis.document?.documentElement.lang === "en" ? "en" : "id";

/** @type {Record<string, string>} */
const words = language === "id" ? {} : await foreignWords(language);

/**
 * @param {string} code
 * @returns {Promise<Record<string, string>>}
 */
async function foreignWords(code) {
  try {
    return (await import(new URL(`../vendor/words/${code}.js`, import.meta.url).href)).default;
  } catch (problem) {
    console.error("the words of this language are missing; run python -m app.assets.translations", problem);
    return {}; // Indonesian is better than no page
  }
}

/**
 * The text in the page's language, with {name} replaced by values.name.
 * @param {string} text
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function t(text, values = {}) {
  return (words[text] ?? text).replace(/\{(\w+)\}/g, (all, name) => String(values[name] ?? all));
}

/**
 * The name of a thing that carries name_id and name_en (incident types, reasons).
 * @param {Named | null} [thing]
 */
export function named(thing) {
  return thing ? thing[`name_${language}`] || thing.name_id || thing.name || thing.code || "" : "";
}

/**
 * The same without what stands in brackets at its end, for rows.
 * @param {Named | null} [thing]
 */
export const shortName = (thing) => named(thing).replace(/\s*\([^()]*\)$/, "");

/**
 * 047: a ticket's number without its day, as people say it.
 * @param {string} number
 */
export const shortNumber = (number) => number.slice(number.indexOf("-") + 1);

/** @type {Record<import("../payloads.d.ts").Priority, string>} */
export const PRIORITY_NAMES = { P1: t("Kritis"), P2: t("Tinggi"), P3: t("Sedang"), P4: t("Rendah") };

/** @type {Record<string, string>} */
export const CLASSIFICATIONS = {
  genuine: t("Sah"),
  prank: t("Iseng (prank)"),
  ghost: t("Senyap (ghost)"),
  information: t("Informasi"),
  wrong_number: t("Salah sambung"),
  dropped: t("Terputus"),
};

/** @type {Record<string, string>} */
export const DISPOSITIONS = {
  handled: t("Selesai ditangani"),
  handled_by_phone: t("Selesai lewat telepon"),
  cancelled: t("Dibatalkan pelapor"),
  duplicate: t("Laporan ganda"),
  no_responder_needed: t("Tidak perlu petugas"),
  got_through: t("Tersambung lewat tiket lain"),
  unreachable: t("Tidak dapat dihubungi"),
  gate: t("Tidak melewati gerbang"),
};

/**
 * state of an assignment -> the word and the sign an agency chip carries
 * @type {Record<import("../payloads.d.ts").Assignment["state"], {word: string, icon: string}>}
 */
export const ASSIGNMENT_STATES = {
  sent: { word: t("terkirim"), icon: "clock" },
  acknowledged: { word: t("diterima"), icon: "check" },
  en_route: { word: t("menuju"), icon: "arrow-right" },
  on_scene: { word: t("tiba"), icon: "map-pin" },
  cleared: { word: t("selesai"), icon: "check-check" },
  declined: { word: t("ditolak"), icon: "x" },
  cancelled: { word: t("dibatalkan"), icon: "x" },
};
