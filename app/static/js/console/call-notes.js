// What is to be known of a call besides its state, in words: that it was told late, that nobody heard its end.

import { serverNow } from "../core/clocks.js";
import { t } from "../core/i18n.js";
import { isDoubtful, isStaleTalk } from "./handset.js";

/**
 * @typedef {import("../payloads.d.ts").Call} Call
 * @typedef {import("../types.d.ts").Policy} Policy
 */

/** @type {Partial<Record<NonNullable<Call["ended_how"]>, string>>} */
const ENDINGS = {
  inferred: t("akhirnya tidak terdengar, mejanya sudah menjawab yang lain"),
  restart: t("terputus saat sentral telepon dimulai ulang"),
  by_hand: t("dinyatakan selesai oleh supervisor"),
  record: t("akhirnya dari catatan sentral telepon"),
};

/**
 * How a call ended where the exchange has not simply told it; null where it has.
 * @param {Pick<Call, "ended_how"> | null} [call]
 */
export const endingWords = (call) => (call?.ended_how ? (ENDINGS[call.ended_how] ?? null) : null);

/**
 * The call is up as far as we were told, and hardly in truth.
 * @param {Call | null} call
 * @param {Policy} policy
 */
export const isUncertain = (call, policy, now = serverNow()) => isDoubtful(call, now) || isStaleTalk(call, policy, now);

/**
 * All of it, for a card or a row's title: an array of words, perhaps empty.
 * @param {Call | null} call
 * @param {Policy} policy
 */
export function callNotes(call, policy, now = serverNow()) {
  if (!call) return [];
  return [
    isUncertain(call, policy, now) ? t("mungkin sudah selesai") : null,
    call.late ? t("terlambat diberitahukan") : null,
    endingWords(call),
  ].filter((words) => words !== null);
}
