// What kind of number a caller has and whether it can be called back, in words.
import { t } from "./words.js";

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

/** callability: {kind, can_call, area_code}; carrier: the mobile operator, if known. "Telkomsel · ponsel". */
export function numberWords(callability, carrier) {
  if (!callability) return carrier ?? null;
  const kind = KINDS[callability.kind]?.(callability);
  if (callability.kind === "mobile") return carrier ?? t("ponsel, operator tidak dikenal");
  return [carrier, kind].filter(Boolean).join(" · ");
}
