// Under the map: what nobody goes to, and who is told next of what nobody has done; the most urgent first.
import { serverNow } from "../core/clocks.js";
import { all, clone, fill, keyed, one, setIcon, setText } from "../core/dom.js";
import { shortNumber, t } from "../core/i18n.js";
import { shortWho } from "../core/ladder-words.js";
import { setClock, showPriority } from "../core/marks.js";
import { timeOfDay } from "../core/time.js";

/**
 * @typedef {import("../payloads.d.ts").Escalation} Escalation
 * @typedef {import("../payloads.d.ts").Stranded} Stranded
 * @typedef {import("../core/marks.js").ChipClock} ChipClock
 * @typedef {object} EscalationLine
 * @property {string} key
 * @property {import("../payloads.d.ts").Priority | null} priority
 * @property {string} short
 * @property {string} what
 * @property {string} under
 * @property {[full: number, of: number] | null} rungs
 * @property {ChipClock} clock
 * @property {string | null} icon of the chip, where the clock does not choose it
 */

const LINES = 2;

/**
 * @param {Stranded} stranded
 * @returns {EscalationLine}
 */
function strandedLine({ ticket, priority, agencies, since }) {
  const [first, ...more] = agencies;
  return {
    key: `stranded ${ticket}`,
    priority,
    short: shortNumber(ticket),
    what: t("semua menolak"),
    under: more.length ? `${first} +${more.length}` : first,
    rungs: null,
    clock: { kind: "wait", since, nearS: 0, lateS: 0 },
    icon: null,
  };
}

/**
 * @param {Escalation} escalation
 * @returns {EscalationLine}
 */
export function escalationLine(escalation) {
  const { ticket, agency, priority, rung, rungs, next_who: who, next_at: at } = escalation;
  const line = {
    key: `${ticket} ${agency} ${escalation.clock}`,
    priority,
    short: shortNumber(ticket),
    what: who ? `→ ${shortWho(who)}` : t("{agency}: semua sudah tahu", { agency }),
    rungs: /** @type {[number, number]} */ ([rung, rungs]),
    icon: null,
  };
  const steps = t("tingkat {n} dari {of}", { n: rung, of: rungs });
  const under = [agency, steps].filter(Boolean).join(" · ");
  const { paused_until: until, held } = escalation;
  /** @type {ChipClock} */
  const still = { kind: "fixed", look: "plain", words: held ? t("ditahan") : timeOfDay(until ?? null) };
  if (held || until)
    return { ...line, under: until ? t("{agency} · dijeda", { agency }) : under, clock: still, icon: "pause" };
  if (!at) return { ...line, under: steps, clock: { kind: "due", due: escalation.due_at, short: true } };
  return { ...line, under, clock: { kind: "due", due: at, short: true } };
}

/**
 * @param {Stranded[]} stranded
 * @param {Escalation[]} escalations
 * @param {number} total of the escalations, those that are not listed too
 */
export function showEscalations(stranded, escalations, total) {
  const lines = [...stranded.map(strandedLine), ...escalations.map(escalationLine)];
  const everything = total + stranded.length;
  keyed(one("#escalation-lines"), lines.slice(0, LINES), {
    key: ({ key }) => key,
    make: () => clone("escalation-line"),
    update: (node, line) => {
      showPriority(one('[data-part="priority"]', node), line.priority, { keepPlace: true });
      fill(node, { short: line.short, what: line.what, under: line.under });
      const chip = one('[data-part="timer"]', node);
      setClock(chip, line.clock);
      if (line.icon) setIcon(chip.firstElementChild, line.icon);
      drawRungs(one("svg[data-part=rungs]", node), line.rungs);
    },
  });
  setText(one("#escalation-count"), everything ? String(everything) : "");
  setText(
    one("#escalation-more"),
    everything > LINES ? t("+{n} lagi", { n: everything - LINES }) : everything ? t("tingkat berikut") : "",
  );
  one("#escalation-empty").hidden = everything > 0;
}

/**
 * @param {SVGElement} squares
 * @param {[full: number, of: number] | null} rungs
 */
function drawRungs(squares, rungs) {
  const [full, of] = rungs ?? [0, 0];
  squares.toggleAttribute("hidden", of === 0);
  squares.setAttribute("viewBox", `0 0 ${Math.max(1, of) * 16 - 3} 12`);
  all("rect", squares).forEach((square, place) => {
    square.toggleAttribute("hidden", place >= of);
    square.toggleAttribute("data-full", place < full);
  });
}

/**
 * When the auditor last looked at all clocks: amber, and then red, when that is long ago.
 * @param {string | null} checkedAt
 * @param {number} openedAt since when this page would have heard of it
 * @param {{audit_near_s: number, audit_late_s: number}} limits
 */
export function showAudit(checkedAt, openedAt, { audit_near_s: near, audit_late_s: late }, now = serverNow()) {
  const silentS = (now - (checkedAt ? Date.parse(checkedAt) : openedAt)) / 1000;
  const look = silentS >= late ? "late" : silentS >= near ? "near" : "none";
  const sign = one("#audit");
  sign.dataset.look = look;
  setIcon(
    sign.firstElementChild,
    look === "late" ? "octagon-alert" : look === "near" ? "triangle-alert" : "list-checks",
  );
  const minutes = Math.floor(silentS / 60);
  setText(
    one("#audit-words"),
    look === "late"
      ? t("Tenggat tidak diperiksa {n} mnt: awasi sendiri", { n: minutes })
      : look === "near"
        ? t("Tenggat diperiksa {n} mnt lalu", { n: minutes })
        : t("Tenggat diperiksa {time}", { time: timeOfDay(checkedAt) }),
  );
}
