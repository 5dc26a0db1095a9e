// A caller's number: how it is read aloud, what kind it is and whether it can be called back.
import { t } from "./i18n.js";

/** @typedef {import("../payloads.d.ts").Callability} Callability */

/** @type {Record<string, (callability: Callability) => string>} */
const KINDS = {
  mobile: () => t("ponsel"),
  landline: ({ area_code: code }) => t("telepon rumah, kode area {code}", { code: code ?? "?" }),
  foreign: () => t("nomor luar negeri, dapat ditelepon balik lewat sambungan internasional"),
  short_code: () => t("nomor pendek, tidak dapat ditelepon balik"),
  unusual: () => t("bentuk nomor tidak lazim, periksa sebelum menelepon"),
  withheld: () => t("nomor disembunyikan, tidak dapat ditelepon balik"),
  not_sent: () => t("mungkin tanpa kartu SIM, tidak dapat ditelepon balik"),
  unreadable: () => t("nomor tidak terbaca, tidak dapat ditelepon balik"),
};

/**
 * A caller's number as it is read aloud: 0812-0000-0417; anything that is no Indonesian number stays as it came.
 * @param {string | null} [number]
 */
export function phoneNumber(number) {
  if (!number) return t("Nomor tidak dikirim");
  const digits = number.replace(/^\+?62(?=[2-9]\d{6,})/, "0");
  if (!/^0\d{7,14}$/.test(digits)) return number;
  return digits.replace(/^(\d{4})(\d{3,4})(\d{0,4})(\d*)$/, (_, a, b, c, d) => [a, b, c, d].filter(Boolean).join("-"));
}

/**
 * callability: {kind, can_call, area_code}; carrier: the mobile operator, if known. "Telkomsel · ponsel".
 * @param {Callability | null | undefined} callability
 * @param {string | null} [carrier]
 */
export function numberWords(callability, carrier) {
  if (!callability) return carrier ?? null;
  const kind = KINDS[callability.kind]?.(callability);
  if (callability.kind === "mobile") return carrier ?? t("ponsel, operator tidak dikenal");
  return [carrier, kind].filter(Boolean).join(" · ");
}
