// Row 3: who sits at the phones and since when, and how many tickets are open.
import { secondsSince } from "../core/clocks.js";
import { all, clone, fill, keyed, one, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { length } from "../core/time.js";

/**
 * @typedef {import("../payloads.d.ts").Operator} Operator
 * @typedef {{key: string, name: string, state: string, words: string, icon: string, since: string}} Tile
 */

/** @type {import("../payloads.d.ts").Priority[]} */
const PRIORITIES = ["P1", "P2", "P3", "P4"];
const TILES = 3;
const STATES = { ready: { word: t("Siap"), icon: "check" }, on_call: { word: t("Panggilan"), icon: "phone" } };

/**
 * @param {Operator[]} operators
 * @param {import("../payloads.d.ts").OpenTickets} open
 */
export function showPeople(operators, open) {
  keyed(one("#operators"), tilesFor(operators), {
    key: ({ key }) => key,
    make: () => clone("operator"),
    update(tile, { name, state, words, icon, since }) {
      tile.dataset.state = state;
      setIcon(one("svg.icon", tile), icon);
      fill(tile, { name, state: words });
      one('[data-part="since"]', tile).dataset.since = since;
    },
  });
  const parts = PRIORITIES.filter((priority) => open[priority]).map((priority) => `${priority} ${open[priority]}`);
  if (open.none) parts.push(t("tanpa P {n}", { n: open.none }));
  fill(one("#open"), { total: open.total, mix: parts.join(parts.length > 3 ? "  " : " · ") || t("tidak ada") });
}

/**
 * One for each; where there are too many, the last stands for the rest.
 * @param {Operator[]} operators
 * @returns {Tile[]}
 */
function tilesFor(operators) {
  if (operators.length === 0) {
    const name = t("Belum ada operator di meja");
    return [{ key: "rest", name, state: "nobody", words: t("Sif ini kosong"), icon: "triangle-alert", since: "" }];
  }
  if (operators.length <= TILES) return operators.map(tileOf);
  const rest = operators.slice(TILES - 1);
  const name = t("{n} operator lain", { n: rest.length });
  const restTile = { key: "rest", name, state: "rest", words: counted(rest), icon: "users", since: "" };
  return [...operators.slice(0, TILES - 1).map(tileOf), restTile];
}

/**
 * @param {Operator} operator
 * @returns {Tile}
 */
function tileOf({ id, name, seat, state, since }) {
  const { word, icon } = STATES[state];
  return { key: `${id} ${seat}`, name, state, words: word, icon, since };
}

/** @param {Operator[]} operators */
function counted(operators) {
  const talking = operators.filter(({ state }) => state === "on_call").length;
  return t("{ready} siap · {talking} panggilan", { ready: operators.length - talking, talking });
}

/** @param {number} now */
export function tickPeople(now) {
  for (const node of all('#operators [data-part="since"]')) {
    setText(node, node.dataset.since ? ` · ${length(Math.max(0, secondsSince(node.dataset.since, now)))}` : "");
  }
}
