// Draws cases: cards in the list, the chosen one large on a desk, its ladder and its history.
import { clone, fill, find, keyed, one, setAttribute, setIcon } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { capital, levelWord, whoOnLadder } from "../core/ladder-words.js";
import { setClock, showPriority } from "../core/marks.js";
import { age, moment } from "../core/time.js";
import {
  clockWords,
  liesWords,
  nextWords,
  ownInstruction,
  pastWords,
  placeWords,
  toldWords,
  whyWords,
} from "./words.js";

/**
 * @typedef {import("./words.js").Case} Case
 * @typedef {import("../payloads.d.ts").LadderRung} LadderRung
 */

/** How many of the five squares a level fills. @type {Record<string, number>} */
const SQUARES = { accepted: 1, delivered: 2, read: 3, opened: 4, answered: 5 };

/** @param {Case} found */
export const keyOf = (found) => `${found.ticket_number}.${found.assignment_id ?? ""}.${found.office}`;

/**
 * @param {HTMLElement} card
 * @param {Case} found
 * @param {{now: number, chosen: boolean, waiting: boolean}} how waiting: what was written for it is not sent yet
 */
export function drawCard(card, found, { now, chosen, waiting }) {
  const own = ownInstruction(found);
  fill(card, {
    number: `112 · ${found.ticket_number}`,
    type: typeWords(found),
    place: placeWords(found),
    why: whyWords(found),
    lies: liesWords(found),
    told: toldWords(found),
    next: nextWords(found),
    words: own ? t("Anda, {time}: {words}", { time: moment(own.given_at), words: own.words }) : "",
    call: t("Telepon {agency}", { agency: found.agency_short ?? "" }),
  });
  one('[data-field="words"]', card).hidden = !own;
  showPriority(one('[data-part="priority"]', card), found.priority);
  setIcon(one('[data-part="type-icon"]', card), found.type?.icon ?? "circle-help");
  setClock(one('[data-part="timer"]', card), clockOf(found, now));
  setAttribute(card, "data-look", found.section);
  setAttribute(card, "data-chosen", chosen ? "1" : null);
  setAttribute(one('[data-action="choose"]', card), "aria-pressed", chosen ? "true" : "false");
  const follow = one('button[data-action="follow"]', card);
  follow.hidden = found.section === "done";
  follow.disabled = waiting;
  one('[data-action="answered"]', card).hidden = !own || own.done_at !== null || found.section === "done";
  const call = one('[data-part="call"]', card);
  call.hidden = !found.agency_phone;
  if (found.agency_phone) setAttribute(call, "href", `tel:${found.agency_phone.replace(/[^\d+]/g, "")}`);
  drawRecord(one('[data-part="record"]', card), found);
}

/**
 * @param {HTMLElement} detail
 * @param {Case} found
 */
export function drawDetail(detail, found) {
  fill(detail, {
    type: typeWords(found),
    where: `${found.ticket_number} · ${placeWords(found)}`,
    why: whyWords(found),
    "why-more": clockWords(found),
    late: moment(found.due_at),
    reached: t("sampai kepada Anda {time}", { time: moment(found.reached_at) }),
    lies: liesWords(found),
    told: toldWords(found),
  });
  showPriority(one('[data-part="priority"]', detail), found.priority);
  setIcon(one('[data-part="type-icon"]', detail), found.type?.icon ?? "circle-help");
  drawRecord(one('[data-part="record"]', detail), found);
}

/** @param {Case} found */
export const typeWords = (found) => named(found.type) || t("Belum dipilah");

/**
 * What the card counts: how late it is, what is left of the leader's own due time, or when it was over.
 * @param {Case} found
 * @param {number} now
 * @returns {import("../core/marks.js").ChipClock}
 */
function clockOf(found, now) {
  if (found.section === "done") return { kind: "fixed", look: "stopped", words: t("tuntas") };
  const own = ownInstruction(found);
  const due = own && !own.done_at ? own.due_at : found.due_at;
  const passed = (now - Date.parse(due)) / 1000;
  if (passed < 0) return { kind: "fixed", look: "near", words: t("sisa {time}", { time: age(-passed) }) };
  return { kind: "fixed", look: "late", words: t("lewat {time}", { time: age(passed) }) };
}

/**
 * @param {HTMLElement} holder
 * @param {Case} found
 */
function drawRecord(holder, found) {
  if (!holder.firstElementChild) holder.append(clone("record"));
  const rungs = found.ladder.rungs.map((rung, number) => ({ ...rung, number }));
  keyed(one('[data-part="climb"]', holder), rungs, {
    key: (rung) => String(rung.number),
    make: () => clone("rung"),
    update: (row, rung) => drawRung(row, rung, found),
  });
  const past = found.history.map((step, number) => ({ ...step, number })).reverse();
  keyed(one('[data-part="past"]', holder), past, {
    key: (step) => String(step.number),
    make: () => clone("past"),
    update: (row, step) => fill(row, { at: moment(step.at), words: pastWords(step) }),
  });
}

/**
 * @param {HTMLElement} row
 * @param {LadderRung & {number: number}} rung
 * @param {Case} found
 */
function drawRung(row, rung, found) {
  const mine = rung.who === `leader:${found.office}`;
  const fired = rung.fired_at !== null;
  const people = found.people.filter((one) => rung.who.split("+").includes(one.role));
  const filled = Math.max(0, ...people.map((one) => SQUARES[one.level] ?? 0));
  const best = people.find((one) => (SQUARES[one.level] ?? 0) === filled);
  fill(row, {
    at: moment(rung.fired_at ?? rung.due_at),
    who: mine ? t("{who}: Anda", { who: capital(whoOnLadder(rung.who)) }) : capital(whoOnLadder(rung.who)),
    how: fired ? (rung.hole && !mine ? t("tidak ada yang terjangkau") : "") : t("bila belum ditangani"),
    reach: fired && !rung.hole && best && !mine ? `${levelWord(best.level)} ${moment(best.at)}` : "",
  });
  setAttribute(row, "data-look", mine && fired ? "mine" : rung.hole ? "hole" : fired ? "fired" : "ahead");
  setIcon(one('[data-part="sign"]', row), mine ? "user" : rung.hole ? "phone-off" : fired ? "check" : "clock");
  const reach = one('[data-part="reach"]', row);
  reach.hidden = !fired || rung.hole || !best || mine;
  const squares = find(".reach-squares", reach)?.children ?? [];
  for (const [number, square] of [...squares].entries()) setAttribute(square, "data-on", number < filled ? "1" : null);
}
