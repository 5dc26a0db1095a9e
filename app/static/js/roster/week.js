// An agency's week by shift: whose each is, how that person is reached, and what is nobody's.

import { all, clone, fill, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import {
  clockOf,
  longDay,
  REACH_ICONS,
  REACH_WORDS,
  reachOf,
  shiftWords,
  shortChannels,
  shortDay,
  weekWords,
} from "./words.js";

/** @typedef {import("../payloads.d.ts").RosterWeek} RosterWeek */
/** @typedef {import("../payloads.d.ts").RosterCell} RosterCell */

/**
 * @param {RosterWeek} week
 * @param {string | null} chosen a cell's starts_local
 */
export function showWeek(week, chosen) {
  const grid = one("#week");
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.starts : null;
  grid.dataset.shifts = String(week.shifts.length);
  setText(one("#agency-code"), week.short_name);
  setText(one("#agency-name"), week.name);
  setText(one("#week-words"), weekWords(week.days));
  const corner = document.createElement("div");
  corner.className = "week-corner";
  const labels = week.shifts.map((shift) =>
    fill(clone("shift-head"), { name: shift.name, times: `${clockOf(shift.starts)}–${clockOf(shift.ends)}` }),
  );
  const columns = week.days.flatMap((day) => {
    const head = fill(clone("day-head"), {
      day: day === week.today ? t("Hari ini {n}", { n: Number(day.slice(8)) }) : shortDay(day),
    });
    head.dataset.today = String(day === week.today);
    return [head, ...week.cells.filter((cell) => cell.day === day).map((cell) => makeCell(week, cell, chosen))];
  });
  grid.replaceChildren(corner, ...labels, ...columns);
  if (focused)
    all("#week button")
      .find((button) => button.dataset.starts === focused)
      ?.focus();
  const others = one("#others");
  others.hidden = week.others.length === 0;
  setText(
    others,
    t("Di luar giliran ini: {list}.", {
      list: week.others.map((duty) => `${duty.name} ${shiftWords(duty)}`).join("; "),
    }),
  );
  showOffices(week);
}

/** @param {RosterWeek} week */
function showOffices(week) {
  one("#office").hidden = week.offices.length < 2;
  one("select#office-choice").replaceChildren(
    ...week.offices.map((office) => {
      const option = new Option(office.name ?? t("tanpa wilayah"), office.area ?? "");
      option.selected = office.area === week.area;
      return option;
    }),
  );
}

/**
 * @param {RosterWeek} week
 * @param {RosterCell} cell
 * @param {string | null} chosen
 */
function makeCell(week, cell, chosen) {
  const node = clone("cell");
  const button = one("button", node);
  button.dataset.starts = cell.starts_local;
  const shift = week.shifts[cell.shift];
  const { look, who, state, icon } = cellWords(week, cell);
  node.dataset.look = look;
  node.dataset.over = String(cell.over);
  node.dataset.today = String(cell.day === week.today);
  setAttribute(button, "aria-pressed", cell.starts_local === chosen ? "true" : "false");
  const label = `${shift?.name ?? ""} ${clockOf(cell.starts_local)}–${clockOf(cell.ends_local)}`;
  fill(node, { label, who, state });
  one(".shift-who svg", node).toggleAttribute("hidden", look !== "hole");
  one(".shift-state svg", node).toggleAttribute("hidden", !icon);
  if (icon) setIcon(one(".shift-state svg", node), icon);
  button.setAttribute("aria-label", `${who}, ${state ? `${state}, ` : ""}${longDay(cell.day)}, ${label}`);
  return node;
}

/**
 * @param {RosterWeek} week
 * @param {RosterCell} cell
 * @returns {{look: string, who: string, state: string, icon: string | null}}
 */
function cellWords(week, cell) {
  const gone = cell.given_away.at(-1);
  const away = gone ? t("{name} dibebaskan", { name: gone.name }) : "";
  if (!cell.duties.length) {
    if (cell.hole) return { look: cell.over ? "past" : "hole", who: t("kosong"), state: away, icon: null };
    const stands = week.contacts.some((contact) => contact.role === "duty");
    if (!stands) return { look: "always", who: t("tanpa giliran"), state: "", icon: null };
    return { look: "always", who: t("selalu siaga"), state: "", icon: "check" };
  }
  const who = cell.duties.map((duty) => duty.name).join(", ");
  if (cell.hole) return { look: cell.over ? "past" : "hole", who, state: t("sebagian kosong"), icon: null };
  if (cell.duties.some((duty) => duty.checked_in_at)) return { look: "ready", who, state: t("siap"), icon: "check" };
  const people = cell.duties.map((duty) => week.contacts.find((contact) => contact.id === duty.contact_id));
  const reaches = people.map((person) => (person ? reachOf(person) : "none"));
  const best = reaches.includes("proved") ? "proved" : reaches.includes("untested") ? "untested" : "none";
  const ways = shortChannels(people.flatMap((person) => person?.channels ?? []));
  if (best === "proved") return { look: "good", who, state: ways || t("browser"), icon: "check" };
  if (best === "none") return { look: "hole", who, state: REACH_WORDS.none, icon: null };
  return { look: "untested", who, state: REACH_WORDS.untested, icon: REACH_ICONS.untested };
}

/**
 * Arrows go through the week as it is seen: days beside each other, shifts below each other.
 * @param {KeyboardEvent} event
 */
export function moveInWeek(event) {
  const shifts = Number(one("#week").dataset.shifts) || 1;
  const steps = { ArrowRight: shifts, ArrowLeft: -shifts, ArrowDown: 1, ArrowUp: -1 };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  const buttons = all("#week button");
  const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  if (!step || at < 0) return;
  event.preventDefault();
  buttons[at + step]?.focus();
}
