// The head of the open ticket: how its call stands, whose it is, what may be done with it; and its two clocks.
import { secondsSince } from "../core/clocks.js";
import { fill, one, setAttribute } from "../core/dom.js";
import { ringsSince } from "../core/gate.js";
import { CLASSIFICATIONS, DISPOSITIONS, t } from "../core/i18n.js";
import { setBar, setClock } from "../core/marks.js";
import { length } from "../core/time.js";
import { isUncertain } from "./call-notes.js";
import { upCall } from "./end-call.js";
import { answeredCall, lastCall, ringingCall, stillTalking } from "./store.js";

/**
 * @typedef {import("../payloads.d.ts").KnownPolicy} KnownPolicy
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 */

/** @type {Record<string, string>} */
const CALL_STATES = {
  answered: t("Tersambung"),
  ringing: t("Berdering"),
  ended: t("Panggilan selesai"),
  abandoned: t("Tidak terjawab"),
};

/**
 * @param {Ticket} ticket
 * @param {object} about
 * @param {boolean} about.mine
 * @param {string[]} about.allowed commands that I may give
 * @param {boolean} about.supervisor I am one
 * @param {KnownPolicy} about.policy
 */
export function drawHead(ticket, { mine, allowed, supervisor, policy }) {
  const head = one("#work > .work-head"); // what lies below has numbers of its own: one of them is to be dialled
  const call = answeredCall(ticket) ?? ringingCall(ticket) ?? lastCall(ticket);
  const uncertain = isUncertain(call, policy) ? t("Mungkin sudah selesai") : null;
  const ending = ticket.state === "closed" && !stillTalking(ticket) ? endingOf(ticket) : null;
  fill(head, {
    "call-state": ending ?? uncertain ?? CALL_STATES[call?.state ?? ""] ?? t("Tanpa panggilan"),
    short: t("Tiket {short}", { short: ticket.short }),
    number: ticket.number,
    owner: mine ? null : ownerOf(ticket),
  });
  setAttribute(
    one(".call-state", head),
    "data-look",
    call?.state === "answered" && !ending && !uncertain ? "yours" : null,
  );
  drawPickup(ticket, mine);
  one('[data-action="end-call"]', head).hidden = !(supervisor && upCall(ticket));
  one('[data-action="release"]', head).hidden = !(mine && allowed.includes("release"));
  one('.work-actions [data-action="close"]', head).hidden = !allowed.includes("close");
}

/** @param {Ticket} ticket */
const endingOf = ({ disposition }) =>
  CLASSIFICATIONS[disposition ?? ""] ?? DISPOSITIONS[disposition ?? ""] ?? t("Ditutup");

/** @param {Ticket} ticket */
function ownerOf({ owner, state }) {
  if (owner) return t("dipegang {name}", { name: owner.name });
  return state === "closed" ? null : t("belum ada yang memegang");
}

/**
 * Mine, and its telephone still rings: pressing "Ambil" has lifted no handset.
 * @param {Ticket} ticket
 * @param {boolean} mine
 */
function drawPickup(ticket, mine) {
  const due = mine && ringingCall(ticket) ? ticket.pickup_due_at : null;
  const part = one('#work [data-part="pickup"]');
  part.hidden = !due;
  if (due)
    setClock(one('[data-part="timer"]', part), { kind: "due", started: ticket.claimed_at ?? "", due, short: true });
  setAttribute(
    part,
    "title",
    due ? t("Penelepon masih mendengar nada tunggu. Lewat batas ini berdering lagi untuk semua.") : null,
  );
}

/**
 * From the ring to the answer, and from the answer to the first dispatch.
 * @param {Ticket} ticket
 * @param {KnownPolicy} policy
 * @param {number} now
 */
export function drawClocks(ticket, policy, now) {
  const { answer_target_s: answer, dispatch_target_s: dispatch, ring_near_s: near } = policy;
  const call = lastCall(ticket);
  const stop = call?.answered_at ?? call?.ended_at ?? ticket.closed_at;
  drawClock(one("#clock-answer"), {
    since: call && ringsSince(call),
    stop,
    targetS: answer,
    nearS: near,
    now,
    words: call && !call.answered_at && stop ? t("tidak terjawab") : null,
    aimed: !stop || Boolean(call?.answered_at),
  });
  const undispatched = ticket.state === "closed" && !ticket.first_dispatched_at;
  drawClock(one("#clock-dispatch"), {
    since: call?.answered_at ?? ticket.claimed_at,
    stop: ticket.first_dispatched_at ?? ticket.closed_at,
    targetS: dispatch,
    nearS: (dispatch * 2) / 3,
    now,
    words: ticket.duplicate_of ? t("berhenti, digabung") : undispatched ? t("berhenti, tidak dikirim") : null,
    aimed: !undispatched,
  });
}

/**
 * One of the two clocks: counting since an instant, or stopped with the figure it had; aimed: its target is named.
 * @param {HTMLElement} panel
 * @param {object} clock
 * @param {string | null} clock.since
 * @param {string | null} clock.stop
 * @param {number} clock.targetS
 * @param {number} clock.nearS
 * @param {number} clock.now
 * @param {string | null} clock.words where it has stopped otherwise than by what it waits for
 * @param {boolean} clock.aimed
 */
function drawClock(panel, { since, stop, targetS, nearS, now, words, aimed }) {
  const chip = one('[data-part="timer"]', panel);
  const bar = one('[data-part="bar"]', panel);
  fill(panel, { target: aimed ? t("target {time}", { time: length(targetS) }) : null });
  if (!since) {
    setClock(chip, { kind: "fixed", look: "none", words: "–" });
    return setBar(bar, 0, "stopped");
  }
  const passed = stop ? (Date.parse(stop) - Date.parse(since)) / 1000 : secondsSince(since, now);
  if (stop) {
    const late = passed > targetS;
    setClock(chip, {
      kind: "fixed",
      look: "stopped",
      words: words ?? (late ? `${length(passed)} (+${length(passed - targetS)})` : length(passed)),
    });
    return setBar(bar, passed / targetS, "stopped");
  }
  setClock(chip, { kind: "wait", since, nearS, lateS: targetS });
  return setBar(bar, passed / targetS, passed >= targetS ? "late" : passed >= nearS ? "near" : "running");
}
