// The keyboard: a search box over a list that is chosen from with the arrow keys, and the keys of the console
// (keymap.js). Keys that browsers and screen readers need are left alone.
import { all, around, clone, fill, keyed, one, setAttribute } from "../core/dom.js";
import { showPriority } from "../core/marks.js";
import { nuisanceOf } from "./nuisance.js";

/**
 * @template [I=PickerItem]
 * @typedef {(text: string, signal: AbortSignal) => Promise<I[]>} FindMore further items, from the server
 */
/**
 * @typedef {object} PickerItem
 * @property {string} id
 * @property {string | null} title
 * @property {string} [under]
 * @property {string | null} [cap]
 * @property {import("../payloads.d.ts").Priority | null} [priority]
 * @property {string} [words] further ones to search in
 */

const SHOWN = 60;
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
/** @param {string} text */
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

/** @template {PickerItem} I */
export class Picker {
  /**
   * items(): what to search in; more: further ones from the server, each asked when the one before is shown; onLeave():
   * Esc or a click outside (pickers inside a card only).
   * @param {string} id
   * @param {object} options
   * @param {() => I[]} options.items
   * @param {FindMore<I>[]} [options.more]
   * @param {(item: I) => void} options.onPick
   * @param {(() => void) | null} [options.onLeave]
   */
  constructor(id, { items, more = [], onPick, onLeave = null }) {
    this.items = items;
    this.more = more;
    this.onPick = onPick;
    this.onLeave = onLeave;
    this.box = one(`#${id}`);
    /** @type {I[]} as many as the list shows */
    this.shown = [];
    this.chosen = 0;
    /** @type {I[]} of `items`, those that the typed words find */
    this.found = [];
    /** @type {I[]} what `more` has found besides */
    this.extra = [];
    /** @type {WeakMap<I, string>} what is searched in, folded */
    this.folded = new WeakMap();
    /** @type {AbortController | null} */
    this.stop = null;
    this.input = one("input", this.box);
    this.list = one("ul", this.box);
    this.input.addEventListener("input", () => this.#search());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => this.#pick(around(event, "[data-key]")?.dataset.key));
    if (onLeave) {
      document.addEventListener("pointerdown", ({ target }) => {
        const inside = target instanceof Node && this.box.parentElement?.contains(target);
        if (!this.box.hidden && !inside) this.close();
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
    this.found = this.items().filter((item) => {
      const folded = this.#foldedOf(item);
      return parts.every((part) => folded.includes(part));
    });
    this.extra = [];
    this.#draw(this.found);
    if (this.more.length) this.#askMore();
  }

  /** @param {I} item */
  #foldedOf(item) {
    const known = this.folded.get(item);
    if (known !== undefined) return known;
    const folded = fold(`${item.title} ${item.under ?? ""} ${item.words ?? ""}`);
    this.folded.set(item, folded);
    return folded;
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
      for (const more of this.more) {
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
      if (!stop.signal.aborted) console.warn("the list is all there is:", String(problem));
    }
  }

  /** @param {I[]} items */
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

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = STEPS[event.key];
    if (step) {
      this.chosen = Math.min(this.shown.length - 1, Math.max(0, this.chosen + step));
      this.#mark();
    } else if (event.key === "Enter") this.#pick(this.shown[this.chosen]?.id);
    else if (event.key === "Escape" && this.onLeave) this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string | undefined} id */
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
/**
 * @param {Event} event
 * @param {string} selector
 */
const on = ({ target }, selector) => target instanceof Element && target.matches(selector);
/** @param {Event} event */
const inText = (event) => on(event, "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select");
/** @param {Event} event */
const inList = (event) => around(event, '[role="listbox"], [role="radiogroup"]') !== null;
/** @param {Event} event */
const inChoices = (event) => around(event, '[role="listbox"], #priority') !== null;
/** @param {Event} event */
const onControl = (event) => on(event, "button, a[href], input, [role=option], .map, .map *");

/**
 * @typedef {() => unknown} Act
 * @typedef {object} Hands what keys do; keys: the KeyMap, the others are functions of the console
 * @property {import("./keymap.js").KeyMap} keys
 * @property {import("./entry.js").Entry} entry
 * @property {() => boolean} working is a ticket open?
 * @property {Act} takeSelected
 * @property {Act} takeLongest
 * @property {Act} focusRinging
 * @property {(place: number) => unknown} need
 * @property {Act} send
 * @property {Act} join
 * @property {Act} undo
 * @property {() => boolean} canUndo
 * @property {Act} goOn
 * @property {() => boolean} mayGoOn
 * @property {(kind: import("./types.d.ts").Nuisance) => unknown} classify
 * @property {() => boolean} taking
 * @property {(key: string) => unknown} typeEarly
 * @property {Act} search
 * @property {Act} palette
 * @property {Act} help
 * @property {() => boolean} card says whether there is one
 * @property {Act} location
 */

/**
 * Let the keys do what they are for.
 * @param {Hands} does
 */
export function listen(does) {
  /** @typedef {(event: KeyboardEvent) => unknown} Plain false: the key is the browser's */
  /** @type {Record<string, Plain>} */
  const idle = {
    ArrowDown: (event) => !inList(event) && !inText(event) && does.focusRinging(),
    ArrowUp: (event) => !inList(event) && !inText(event) && does.focusRinging(),
  };
  /** @type {Record<string, Plain>} */
  const work = {
    // After a nuisance key Enter goes on to the next call; on a line that is only empty it does nothing.
    Enter: (event) => (event.target === does.entry.field || !onControl(event)) && does.mayGoOn() && does.goOn(),
    Escape: () => does.entry.focus(),
  };
  /** @type {Record<string, (event: KeyboardEvent) => Act | null>} */
  const commands = {
    commands: () => does.palette,
    search: (event) => (event.key.length > 1 || event.ctrlKey || !inText(event) ? does.search : null),
    "take-longest": () => does.takeLongest,
    send: () => (does.working() ? does.send : null),
    undo: () => (does.canUndo() ? does.undo : null),
    join: () => (does.working() ? does.join : null),
    location: () => (does.working() ? does.location : null),
    take: (event) => (!does.working() && !onControl(event) ? does.takeSelected : null),
  };

  // A button that was clicked would keep the focus, and the next Enter would press it again instead of taking the call.
  document.addEventListener("mousedown", (event) => {
    if (around(event, ".top button, .needs button, .work-actions button, .work-send button")) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) return;
    const { key } = event;
    const command = does.keys.commandOf(event);
    if (command === "help" || (key === "?" && !inText(event))) return done(event, dialogOpen() ? null : does.help);
    if (dialogOpen()) return command === "commands" ? done(event) : undefined;
    const nuisance = nuisanceOf(command);
    if (nuisance) return done(event, () => does.classify(nuisance));
    const act = command && commands[command]?.(event);
    if (act) return done(event, act);
    if (event.ctrlKey) return undefined;
    if (key === "Tab" && event.shiftKey && event.target === does.entry.field && does.working())
      return does.card() ? done(event) : undefined;
    const plain = (does.working() ? work : idle)[key];
    if (plain) {
      if (!event.repeat && plain(event) !== false) event.preventDefault();
      return undefined;
    }
    if (inText(event)) return undefined;
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
      (!inList(event) || (inChoices(event) && !/[0-9]/.test(key)))
    )
      return done(event, () => does.entry.type(key));
    return undefined;
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {Act | null} [act]
 */
function done(event, act) {
  event.preventDefault();
  if (!event.repeat) act?.();
}
