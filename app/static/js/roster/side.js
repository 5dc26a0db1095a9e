// The panel at the right for a chosen shift: whose it is, who could have it at what cost, and what is given in return.

import { all, clone, fill, keyed, one, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { clockOf, longDay, reachOf, shiftWords } from "./words.js";

/** @typedef {import("../payloads.d.ts").RosterWeek} RosterWeek */
/** @typedef {import("../payloads.d.ts").RosterCell} RosterCell */
/** @typedef {import("../payloads.d.ts").ShiftView} ShiftView */
/** @typedef {import("../payloads.d.ts").Candidate} Candidate */

/** Longer in one stretch than this is marked: nobody answers well after it. */
const LONG_H = 12;

/** Whose shift would be given: the first who has it, or the last who gave it away.
 * @param {RosterCell} cell
 */
export const toReplace = (cell) => cell.duties[0] ?? cell.given_away.at(-1) ?? null;

/**
 * @param {RosterWeek} week
 * @param {RosterCell} cell
 * @param {ShiftView} view
 */
export function showShiftForm(week, cell, view) {
  const form = one("form#shift-form");
  const replaced = toReplace(cell);
  const name = week.shifts[cell.shift]?.name ?? "";
  form.hidden = false;
  one("#side-empty").hidden = true;
  form.dataset.hole = String(cell.hole);
  fill(form, {
    title: `${longDay(cell.day)}, ${name}`,
    now: `${clockOf(cell.starts_local)}–${clockOf(cell.ends_local)}`,
    question: replaced ? t("Siapa menggantikan {name}?", { name: replaced.name }) : t("Siapa berjaga?"),
  });
  keyed(one("#side-duties"), cell.duties, {
    key: (duty) => duty.id,
    make: () => clone("side-duty"),
    update: (node, duty) => {
      node.dataset.duty = String(duty.id);
      fill(node, { name: duty.name, times: shiftWords(duty) });
      one("button", node).hidden = !week.may_edit || cell.over;
    },
  });
  const usable = week.may_edit && !cell.over;
  const free = view.candidates.filter((one) => !one.busy && one.contact_id !== replaced?.contact_id);
  one("#candidates-set").hidden = !usable;
  keyed(one("#candidates"), usable ? free : [], {
    key: (candidate) => candidate.contact_id,
    make: () => clone("candidate"),
    update: showCandidate,
  });
  if (usable && !free.length) fill(form, { question: t("Tidak ada orang lain yang bebas. Tambah orang di bawah.") });
  sayProblem("");
  showChoice(week, cell, view);
}

/**
 * @param {HTMLElement} node
 * @param {Candidate} candidate
 */
function showCandidate(node, candidate) {
  one("input", node).value = String(candidate.contact_id);
  const long = candidate.hours_in_a_row > LONG_H;
  node.dataset.long = String(long);
  const hours = String(candidate.hours_in_a_row).replace(".", ",");
  const state = candidate.proved ? "proved" : candidate.reachable ? "untested" : "none";
  node.dataset.reach = state;
  setIcon(one(".candidate-state svg", node), { proved: "check", untested: "circle-help", none: "unplug" }[state]);
  fill(node, {
    name: candidate.name,
    cost: long ? t("{hours} jam berturut-turut", { hours }) : t("{hours} jam, cukup istirahat", { hours }),
    state: { proved: t("teruji"), untested: t("tanpa uji"), none: t("tanpa kanal") }[state],
  });
}

/** Who was chosen among the candidates: an id, or null. */
export function chosenCandidate() {
  const input = all("input[name=candidate]", one("#candidates")).find(
    (radio) => radio instanceof HTMLInputElement && radio.checked,
  );
  return input instanceof HTMLInputElement ? Number(input.value) : null;
}

/** Which shift is given in return: an id, or null. */
export const chosenReturn = () => {
  const select = one("select#return-choice");
  return one("#return").hidden || !select.value ? null : Number(select.value);
};

/**
 * What the present choice means: a swap where the other has something to give, and who will be told.
 * @param {RosterWeek} week
 * @param {RosterCell} cell
 * @param {ShiftView} view
 */
export function showChoice(week, cell, view) {
  const form = one("form#shift-form");
  const replaced = toReplace(cell);
  const candidate = view.candidates.find((one) => one.contact_id === chosenCandidate());
  const gives = candidate?.to_give ?? [];
  one("#return").hidden = !candidate || !replaced || !gives.length;
  if (candidate && replaced && gives.length) {
    fill(form, {
      return: t("Tukar: {name} menggantikan {other} pada", { name: replaced.name, other: candidate.name }),
    });
    const select = one("select#return-choice");
    const kept = select.value;
    select.replaceChildren(
      new Option(t("tidak, hanya ganti"), ""),
      ...gives.map((duty) => new Option(shiftWords(duty), String(duty.id))),
    );
    if (gives.some((duty) => String(duty.id) === kept)) select.value = kept;
  }
  one("#told").hidden = !candidate;
  const save = one('button[type="submit"]', form);
  save.hidden = one("#candidates-set").hidden || !view.candidates.some((one) => !one.busy);
  save.toggleAttribute("disabled", !candidate);
  if (!candidate) {
    fill(save, { save: t("Simpan") });
    return;
  }
  const people = [candidate.contact_id, replaced?.contact_id].map((id) => week.contacts.find((one) => one.id === id));
  const told = people.filter((person) => person && reachOf(person) !== "none").map((person) => person?.name ?? "");
  const silent = people.filter((person) => person && reachOf(person) === "none").map((person) => person?.name ?? "");
  const and = ` ${t("dan")} `;
  const said = [
    told.length && t("{names} diberi tahu.", { names: told.join(and) }),
    candidate.reachable && t("{first} diminta menjawab SIAP sebelum giliran.", { first: candidate.name }),
    silent.length && t("{names} tanpa kanal: beri tahu lewat telepon.", { names: silent.join(and) }),
  ];
  fill(form, { told: said.filter(Boolean).join(" ") });
  fill(save, { save: told.length ? t("Simpan, beri tahu {names}", { names: told.join(and) }) : t("Simpan") });
}

/** @param {string} words */
export function sayProblem(words) {
  const line = one("#shift-problem");
  fill(line, { problem: words });
  line.hidden = !words;
}

export function hideShiftForm() {
  one("form#shift-form").hidden = true;
  setText(one("#side-duties"), "");
}
