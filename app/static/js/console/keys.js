// The keyboard: a search box over a list that is chosen from with the arrow keys, and the keys of the console
// (keymap.js). Keys that browsers and screen readers need are left alone.
import { all, clone, fill, keyed, one, setAttribute } from "../core/dom.js";
import { showPriority } from "../core/marks.js";

const SHOWN = 60;
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

export class Picker {
  /**
   * items(): [{id, title, under, cap, priority, words}] to search in; more(text, signal): async, further ones from the
   * server (or several, each asked when the one before is shown); onPick(item); onLeave(): Esc or a click outside
   * (pickers inside a card only).
   */
  constructor(id, { items, more = null, onPick, onLeave = null }) {
    Object.assign(this, {
      box: document.getElementById(id),
      items,
      more,
      onPick,
      onLeave,
      shown: [],
      chosen: 0,
      extra: [],
    });
    this.input = one("input", this.box);
    this.list = one("ul", this.box);
    this.input.addEventListener("input", () => this.#search());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => this.#pick(event.target.closest("[data-key]")?.dataset.key));
    if (onLeave) {
      document.addEventListener("pointerdown", (event) => {
        if (!this.box.hidden && !this.box.parentElement.contains(event.target)) this.close();
      });
    }
  }

  open() {
    this.box.hidden = false;
    this.input.value = "";
    this.extra = [];
    this.#draw(this.items());
    this.input.focus();
  }

  close() {
    if (this.box.hidden) return;
    this.box.hidden = true;
    this.stop?.abort();
    this.onLeave?.();
  }

  #search() {
    const parts = fold(this.input.value).split(/\s+/).filter(Boolean);
    const match = (item) => {
      item.folded ??= fold(`${item.title} ${item.under ?? ""} ${item.words ?? ""}`);
      return parts.every((part) => item.folded.includes(part));
    };
    this.found = this.items().filter(match);
    this.extra = [];
    this.#draw(this.found);
    if (this.more) this.#askMore();
  }

  async #askMore() {
    this.stop?.abort();
    const stop = new AbortController();
    this.stop = stop;
    const text = this.input.value.trim();
    if (text.length < 3) return;
    try {
      await new Promise((done) => setTimeout(done, 200));
      if (stop.signal.aborted) return;
      for (const more of [this.more].flat()) {
        const extra = await more(text, stop.signal);
        if (stop.signal.aborted) return;
        const known = new Set([...this.found, ...this.extra].map((item) => item.id));
        this.extra.push(...extra.filter((item) => !known.has(item.id)));
        const { chosen } = this;
        this.#draw([...this.found, ...this.extra]);
        // What was chosen among those already shown stays chosen.
        this.chosen = chosen;
        this.#mark();
      }
    } catch (problem) {
      if (problem.name !== "AbortError") console.warn("the list is all there is:", problem.message);
    }
  }

  #draw(items) {
    this.shown = items.slice(0, SHOWN);
    this.chosen = 0;
    one(".picker-empty", this.box).hidden = this.shown.length > 0;
    keyed(this.list, this.shown, {
      key: (item) => item.id,
      make: () => clone("row-picker"),
      update: (node, item) => {
        node.id = `${this.box.id}-${CSS.escape(item.id)}`;
        fill(node, { title: item.title, under: item.under, cap: item.cap });
        showPriority(one('[data-part="priority"]', node), item.priority ?? null);
      },
    });
    this.#mark();
  }

  #mark() {
    all("[data-key]", this.list).forEach((node, place) => {
      setAttribute(node, "aria-selected", place === this.chosen);
      if (place !== this.chosen) return;
      this.input.setAttribute("aria-activedescendant", node.id);
      node.scrollIntoView({ block: "nearest" });
    });
    if (!this.shown.length) this.input.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.chosen = Math.min(this.shown.length - 1, Math.max(0, this.chosen + step));
      this.#mark();
    } else if (event.key === "Enter") this.#pick(this.shown[this.chosen]?.id);
    else if (event.key === "Escape" && this.onLeave) this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #pick(id) {
    const item = this.shown.find((one) => one.id === id);
    if (!item) return;
    if (this.onLeave) {
      this.box.hidden = true;
      this.stop?.abort();
    }
    this.onPick(item);
  }
}

const dialogOpen = () => document.querySelector("dialog[open]") !== null;
const isText = (node) =>
  node.matches?.("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select");
const inList = (node) => node.closest?.('[role="listbox"], [role="radiogroup"]') !== null;
const inChoices = (node) => node.closest?.('[role="listbox"], #priority') !== null;
const onControl = (node) => node.matches?.("button, a[href], input, [role=option], .map, .map *");

const NUISANCE = new Set(["prank", "ghost", "information", "wrong_number", "dropped"]);

/**
 * listen({keys, working, takeSelected, takeLongest, focusRinging, need, send, join, undo, goOn, classify, taking,
 * typeEarly, entry, card, search, palette, help, location, canUndo, mayGoOn}): keys is the KeyMap, the others are
 * functions of the console.
 */
export function listen(does) {
  const idle = {
    ArrowDown: (event) => !inList(event.target) && !isText(event.target) && does.focusRinging(),
    ArrowUp: (event) => !inList(event.target) && !isText(event.target) && does.focusRinging(),
  };
  const work = {
    // After a nuisance key Enter goes on to the next call; on a line that is only empty it does nothing.
    Enter: (event) => (event.target === does.entry.field || !onControl(event.target)) && does.mayGoOn() && does.goOn(),
    Escape: () => does.entry.focus(),
  };
  const commands = {
    commands: () => does.palette,
    search: (event) => (event.key.length > 1 || event.ctrlKey || !isText(event.target) ? does.search : null),
    "take-longest": () => does.takeLongest,
    send: () => (does.working() ? does.send : null),
    undo: () => (does.canUndo() ? does.undo : null),
    join: () => (does.working() ? does.join : null),
    location: () => (does.working() ? does.location : null),
    take: (event) => (!does.working() && !onControl(event.target) ? does.takeSelected : null),
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) return;
    const { key } = event;
    const command = does.keys.commandOf(event);
    if (command === "help" || (key === "?" && !isText(event.target)))
      return done(event, dialogOpen() ? null : does.help);
    if (dialogOpen()) return command === "commands" ? done(event) : undefined;
    if (NUISANCE.has(command)) return done(event, () => does.classify(command));
    const act = commands[command]?.(event);
    if (act) return done(event, act);
    if (event.ctrlKey) return undefined;
    if (key === "Tab" && event.shiftKey && event.target === does.entry.field && does.working())
      return does.card() ? done(event) : undefined;
    const plain = (does.working() ? work : idle)[key];
    if (plain) {
      if (!event.repeat && plain(event) !== false) event.preventDefault();
      return undefined;
    }
    if (isText(event.target)) return undefined;
    if (!does.working() && does.taking() && (key.length === 1 || key === "Backspace"))
      return done(event, () => does.typeEarly(key));
    if (!does.working() && /^[1-9]$/.test(key)) return done(event, () => does.need(Number(key) - 1));
    // What is typed goes to the entry line; a list that has the focus keeps digits and the space bar to itself, and the
    // card its letters. Sending an unclear report puts the focus into a list: what the caller says next must not be
    // lost.
    if (
      does.working() &&
      key.length === 1 &&
      key !== " " &&
      (!inList(event.target) || (inChoices(event.target) && !/[0-9]/.test(key)))
    )
      return done(event, () => does.entry.type(key));
    return undefined;
  });
}

function done(event, act) {
  event.preventDefault();
  if (!event.repeat) act?.();
}
