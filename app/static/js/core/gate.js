// The gate and the standing of a number, in words, for lists and the caller card.
import { icon, setText } from "./dom.js";
import { t } from "./i18n.js";
import { moment, secondsSince } from "./time.js";

/** The dialplan's limit (SIAGA_GATE_FUSE_S): later than this a caller is in the queue, told or not. */
const GATE_LIMIT_S = 40;

/** Whether the caller hears "tekan 1" at this moment and no seat can ring yet. */
export const atGate = (call) =>
  call.state === "ringing" &&
  call.treatment !== "normal" &&
  !call.gate &&
  secondsSince(call.received_at) < GATE_LIMIT_S;

/** Since when seats can ring for it. */
export const ringsSince = (call) => call.gate_at ?? call.received_at;

/** What came of the gate; null for a call that was not there. */
export function gateWords(call) {
  const words = {
    passed: t("lewat gerbang: tekan 1"),
    failed: t("gerbang: tidak menekan 1"),
    left: t("menutup di gerbang"),
    unheard: t("gerbang gagal diputar, diteruskan"),
  };
  return call.gate ? words[call.gate] : call.treatment && atGate(call) ? t("di gerbang") : null;
}

/** Show in `line` how the caller's number stands; history: the ticket's `caller`, null while unknown. */
export function renderStanding(line, call, history) {
  const nuisance = history?.nuisance;
  const standing = {
    proposed: () => t("Diusulkan blokir, menunggu supervisor."),
    blocked: () => t("Nomor ini diblokir sampai {time}.", { time: moment(nuisance.expires_at) }),
  }[nuisance?.standing]?.();
  const gate = call ? gateWords(call) : null;
  const words = [standing, gate && `${gate[0].toUpperCase()}${gate.slice(1)}.`].filter(Boolean).join(" ");
  line.hidden = !words;
  if (!line.firstElementChild) line.append(icon("phone-off"), document.createElement("span"));
  setText(line.lastElementChild, words);
}
