// The gate and the standing of a number, in words, for lists and the caller card.
import { icon, setText } from "./dom.js";
import { atGate } from "./gate.js";
import { t } from "./i18n.js";
import { moment } from "./time.js";

/** @typedef {import("../payloads.d.ts").Call} Call */
/** @typedef {import("../payloads.d.ts").EvidenceCall} EvidenceCall */
/** @typedef {import("../payloads.d.ts").CallerHistory} CallerHistory */

/**
 * What came of the gate; null for a call that was not there. Of evidence it is not told whether it is there now.
 * @param {Call | EvidenceCall} call
 */
export function gateWords(call) {
  const words = {
    passed: t("lewat gerbang: tekan 1"),
    failed: t("gerbang: tidak menekan 1"),
    left: t("menutup di gerbang"),
    unheard: t("gerbang gagal diputar, diteruskan"),
  };
  return call.gate ? words[call.gate] : "treatment" in call && atGate(call) ? t("di gerbang") : null;
}

/**
 * Show in `line` how the caller's number stands; history: the ticket's `caller`, null while unknown.
 * @param {HTMLElement} line
 * @param {Call | null} call
 * @param {CallerHistory | null} history
 */
export function renderStanding(line, call, history) {
  const nuisance = history?.nuisance;
  const standing = {
    proposed: () => t("Diusulkan blokir, menunggu supervisor."),
    blocked: () => t("Nomor ini diblokir sampai {time}.", { time: moment(nuisance?.expires_at ?? "") }),
    clear: () => null,
  }[nuisance?.standing ?? "clear"]();
  const gate = call ? gateWords(call) : null;
  const words = [standing, gate && `${gate[0].toUpperCase()}${gate.slice(1)}.`].filter(Boolean).join(" ");
  line.hidden = !words;
  if (!line.firstElementChild) line.append(icon("phone-off"), document.createElement("span"));
  setText(/** @type {Element} */ (line.lastElementChild), words);
}
