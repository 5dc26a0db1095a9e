// The list of agencies, those with holes first; on a telephone a choice.

import { all, clone, fill, find, keyed, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { holeSign } from "./words.js";

/** @typedef {import("../payloads.d.ts").RosterOfAgency} RosterOfAgency */

/**
 * @param {RosterOfAgency[]} items
 * @param {string | null} chosen
 */
export function showAgencies(items, chosen) {
  setText(one("#agencies-count"), String(items.length));
  const deep = items.filter((item) => item.first?.deep).length;
  const count = one("#holes-count");
  count.hidden = !deep;
  setText(count, t("{n} berlubang", { n: deep }));
  keyed(one("#agencies"), items, {
    key: (item) => item.code,
    make: () => clone("agency-row"),
    update: (row, item) => {
      const button = one("button", row);
      button.dataset.agency = item.code;
      setAttribute(button, "aria-current", item.code === chosen ? "true" : null);
      const { first } = item;
      row.dataset.look = first ? (first.deep ? "hole" : "warning") : "whole";
      setIcon(one(".agency-line-state svg", row), first ? (first.deep ? "unplug" : "circle-help") : "check");
      fill(row, { name: item.short_name, full: item.name, state: first ? holeSign(first) : t("lengkap") });
    },
  });
  const choice = one("select#agency-choice");
  const options = items.map((item) => {
    const option = new Option(`${item.short_name}${item.first ? ` · ${holeSign(item.first)}` : ""}`, item.code);
    option.selected = item.code === chosen;
    return option;
  });
  choice.replaceChildren(...options);
  one(".roster-agencies").dataset.single = String(items.length <= 1);
}

/**
 * Up and down go through the list, as in every list.
 * @param {KeyboardEvent} event
 */
export function moveInAgencies(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  const buttons = all("#agencies button");
  const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  if (!step || at < 0) return;
  event.preventDefault();
  (buttons[at + step] ?? find("#agencies button:focus"))?.focus();
}
