// Row 3: who sits at the phones and since when, and how many tickets are open.
import { secondsSince } from "../core/clocks.js";
import { all, clone, fill, keyed, one, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { length } from "../core/time.js";

const TILES = 3;
const STATES = { ready: { word: t("Siap"), icon: "check" }, on_call: { word: t("Panggilan"), icon: "phone" } };
const REST = { id: "rest", name: null, state: "ready" };

/** operators: [{id, name, seat, state, since}]; open: {total, P1..P4, none} */
export function showPeople(operators, open) {
  const folds = operators.length > TILES;
  const rest = operators.slice(TILES - 1);
  const shown =
    operators.length === 0
      ? [{ ...REST, name: t("Belum ada operator di meja"), state: "nobody" }]
      : folds
        ? [
            ...operators.slice(0, TILES - 1),
            { ...REST, name: t("{n} operator lain", { n: rest.length }), state: "rest" },
          ]
        : operators;
  keyed(one("#operators"), shown, {
    key: ({ id, seat }) => `${id} ${seat ?? ""}`,
    make: () => clone("operator"),
    update(tile, { name, state, since }) {
      tile.dataset.state = state;
      setIcon(one(".icon", tile), STATES[state]?.icon ?? (state === "rest" ? "users" : "triangle-alert"));
      fill(tile, { name, state: STATES[state]?.word ?? (state === "rest" ? counted(rest) : t("Sif ini kosong")) });
      one('[data-part="since"]', tile).dataset.since = since ?? "";
    },
  });
  const parts = ["P1", "P2", "P3", "P4"]
    .filter((priority) => open[priority])
    .map((priority) => `${priority} ${open[priority]}`);
  if (open.none) parts.push(t("tanpa P {n}", { n: open.none }));
  fill(one("#open"), { total: open.total, mix: parts.join(parts.length > 3 ? "  " : " · ") || t("tidak ada") });
}

function counted(operators) {
  const talking = operators.filter(({ state }) => state === "on_call").length;
  return t("{ready} siap · {talking} panggilan", { ready: operators.length - talking, talking });
}

export function tickPeople(now) {
  for (const node of all('#operators [data-part="since"]')) {
    setText(node, node.dataset.since ? ` · ${length(Math.max(0, secondsSince(node.dataset.since, now)))}` : "");
  }
}
