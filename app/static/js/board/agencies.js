// Row 2, left: one line per agency, its worst clock first; beyond eight lines the calm ones fold into one.
import { clockLook, serverNow } from "../core/clocks.js";
import { clone, fill, keyed, one, setIcon } from "../core/dom.js";
import { ASSIGNMENT_STATES, language, t } from "../core/i18n.js";
import { levelWord } from "../core/ladder-words.js";
import { setClock } from "../core/marks.js";

/** @typedef {import("../payloads.d.ts").AgencyLine} AgencyLine */

const LINES = 8;
/** The line that the calm ones fold into. */
const FOLD = "+";
/** @type {Record<string, number>} */
const URGENCY = { late: 0, near: 1 };

/**
 * A clock that ran out since the figures were fetched comes to the front by itself.
 * @param {AgencyLine[]} agencies
 */
export function showAgencies(agencies) {
  const now = serverNow();
  const lines = [...agencies].sort((a, b) => urgency(a, now) - urgency(b, now));
  const folds = lines.length > LINES;
  /** @type {(AgencyLine | typeof FOLD)[]} */
  const shown = folds ? [...lines.slice(0, LINES - 1), FOLD] : lines;
  const folded = folds ? lines.slice(LINES - 1) : [];
  keyed(one("#agency-lines"), shown, {
    key: (agency) => (agency === FOLD ? FOLD : agency.code),
    make: (agency) => clone(agency === FOLD ? "agency-fold" : "agency-line"),
    update: (line, agency) => (agency === FOLD ? fillFold(line, folded, now) : fillLine(line, agency, now)),
  });
  one("#agencies-empty").hidden = agencies.length > 0;
}

/**
 * @param {AgencyLine} agency
 * @param {number} now
 */
const lookOf = ({ worst }, now) => (worst.due_at ? clockLook(worst.clock_started_at, worst.due_at, now) : "none");
/**
 * @param {AgencyLine} agency
 * @param {number} now
 */
const urgency = (agency, now) => URGENCY[lookOf(agency, now)] ?? 2;

/**
 * @param {HTMLElement} line
 * @param {AgencyLine} agency
 * @param {number} now
 */
function fillLine(line, agency, now) {
  const { code, name, open, worst } = agency;
  const type = worst[`type_name_${language}`] ?? worst.type_name_id;
  const look = lookOf(agency, now);
  // The column is about acceptance; another clock shows only when it needs somebody, and with its state.
  const clock = worst.state === "sent" || look === "near" || look === "late" ? worst.due_at : null;
  const { word, icon } = ASSIGNMENT_STATES[worst.state];
  const lost = worst.reach === "failed" || worst.reach === "hole";
  const reach = lost ? t("belum tahu") : worst.reach && worst.reach !== "queued" ? levelWord(worst.reach) : null;
  fill(line, { code, open, what: `${worst.short} ${type ?? t("jenis belum diketahui")}`, state: reach ?? word });
  line.title = name;
  line.dataset.look = clock ? look : "none";
  const state = one('[data-part="state"]', line);
  state.hidden = worst.state === "sent" && Boolean(clock) && !reach;
  state.dataset.look = lost ? "lost" : "none";
  setIcon(state.firstElementChild, lost ? "unplug" : icon);
  state.firstElementChild?.toggleAttribute("hidden", Boolean(reach) && !lost);
  const chip = one('[data-part="timer"]', line);
  chip.hidden = !clock;
  if (clock) setClock(chip, { kind: "due", started: worst.clock_started_at, due: clock });
}

/**
 * @param {HTMLElement} line
 * @param {AgencyLine[]} folded
 * @param {number} now
 */
function fillFold(line, folded, now) {
  const late = folded.filter((agency) => lookOf(agency, now) === "late").length;
  line.dataset.look = late ? "late" : "none";
  fill(line, {
    fold: late
      ? t("+{n} instansi, {late} lewat batas", { n: folded.length, late })
      : t("+{n} instansi berjalan", { n: folded.length }),
  });
}
