// The ladder of a shift, step by step: after how long, who, by what; a step that reaches nobody is hatched.

import { clone, fill, keyed, one, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { length, timeOfDay } from "../core/time.js";
import { addressWords, CHANNELS, longDay, REACH_WORDS, ROLES, reachOf } from "./words.js";

/** @typedef {import("../payloads.d.ts").ShiftView} ShiftView */
/** @typedef {import("../payloads.d.ts").Step} Step */
/** @typedef {import("../payloads.d.ts").StepPerson} StepPerson */

/**
 * @param {ShiftView | null} view
 * @param {string} name the shift's
 */
export function showLadder(view, name) {
  const head = one("#ladder-title");
  fill(head, {
    title: view ? t("Tangga {day}, {shift}", { day: longDay(view.starts_local), shift: name }) : t("Tangga"),
    when: view
      ? t("bila tugas {priority} dikirim pukul {time}", { priority: view.priority, time: timeOfDay(view.at) })
      : "",
  });
  one("#steps-empty").hidden = view !== null;
  keyed(one("#steps"), view?.steps ?? [], {
    key: (step) => step.rung,
    make: () => clone("step"),
    update: showStep,
  });
}

/**
 * @param {HTMLElement} node
 * @param {Step} step
 */
function showStep(node, step) {
  const roles = step.roles.map((role) =>
    role === "leader" && step.office_name ? step.office_name : (ROLES[role] ?? role),
  );
  node.dataset.hole = String(step.hole);
  setIcon(one(".step-sign svg", node), step.hole ? "unplug" : "check");
  const present = step.people.filter((person) => person.present);
  const before = step.people.filter((person) => !person.present);
  const said = present.map(personWords);
  const names = before.map((person) => person.name).join(", ");
  if (names && present.length) said.push(t("sampai SIAP juga {names}", { names }));
  const reach = step.hole ? "none" : testState(present);
  node.dataset.reach = reach;
  fill(node, {
    after: length(step.after_s),
    who: capital(roles.join(` ${t("dan")} `)) + (step.hole && !present.length ? `: ${t("kosong")}` : ""),
    people: said.join(" · "),
    state: step.hole ? holeState(step, names) : REACH_WORDS[reach],
  });
}

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @param {StepPerson} person */
function personWords(person) {
  const ways = person.channels.map((channel) =>
    channel.address ? `${CHANNELS[channel.channel]} ${addressWords(channel)}` : (CHANNELS[channel.channel] ?? ""),
  );
  if (person.browsers) ways.unshift(t("browser"));
  return `${person.name}${ways.length ? `: ${ways.join(" → ")}` : ` (${t("tanpa kanal")})`}`;
}

/**
 * @param {Step} step
 * @param {string} before the shift before, which is told where it is nobody's
 */
function holeState(step, before) {
  if (before) return t("piket sebelumnya tetap diberi tahu: {names}", { names: before });
  if (step.roles.includes("supervisor")) return t("hanya di layar yang terbuka");
  return t("langsung ke tingkat berikutnya");
}

/**
 * @param {StepPerson[]} people
 * @returns {"proved" | "untested"}
 */
function testState(people) {
  const reaches = people.map(reachOf);
  return reaches.includes("proved") ? "proved" : "untested";
}

/** @param {string} words */
export const say = (words) => setText(one("#said"), words);
