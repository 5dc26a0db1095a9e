// A new task is heard, felt and seen: three notes twice, a vibration, the title of the tab; again every half minute
// until it is accepted, on whichever of our pages this phone is. Where the page is mute (before the first tap, after a
// telephone call or a locked screen) it says so.
import { one } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { Speaker } from "../core/speaker.js";

const AGAIN_MS = 30000; // while a task waits to be accepted
const HIDE_MS = 700; // a tap that makes the page audible must not find another button under it
const NOTE_S = 0.22;
/** @type {[pitch: number, after: number, lasting: number][]} */
const NOTES = [659, 784, 988, 659, 784, 988].map((pitch, place) => [
  pitch,
  place * NOTE_S + (place > 2 ? NOTE_S : 0),
  NOTE_S * 1.4,
]);
const VIBRATION_MS = [400, 150, 400, 150, 600];
const KEY = "siaga.rung"; // in this tab: when it last rang, so that going from page to page is no new alarm

export class Alert {
  /**
   * waiting(): ids of the assignments that are not accepted; title(): the page's own.
   * @param {{waiting: () => number[], title: () => string}} options
   */
  constructor({ waiting, title }) {
    this.waiting = waiting;
    this.title = title;
    /** @type {Set<number> | null} what waited when it was last looked at */
    this.known = null;
    this.rungAt = rungBefore();
    this.hiding = 0;
    this.mute = one("#mute");
    this.speaker = new Speaker({ onChange: (audible) => this.#heard(audible) });
  }

  /** Look at what waits now: called after every change, and from a clock that goes on in a hidden tab. */
  look() {
    const ids = this.waiting();
    const { known } = this;
    const arrived = known !== null && ids.some((id) => !known.has(id));
    this.known = new Set(ids);
    const title = ids.length ? `(${ids.length}) ${t("Tugas baru")} · ${this.title()}` : this.title();
    if (document.title !== title) document.title = title;
    if (arrived || (ids.length && Date.now() - this.rungAt >= AGAIN_MS)) this.#ring(arrived);
  }

  /** @param {boolean} arrived */
  #ring(arrived) {
    if (arrived || this.speaker.audible) navigator.vibrate?.(VIBRATION_MS);
    // What could not be heard rings as soon as the page may sound.
    if (!this.speaker.play(NOTES, { type: "triangle", level: 0.6 })) return;
    this.rungAt = Date.now();
    remember(this.rungAt);
  }

  /** @param {boolean} audible */
  #heard(audible) {
    clearTimeout(this.hiding);
    const hide = () => {
      this.mute.hidden = true;
    };
    if (audible) this.hiding = setTimeout(hide, HIDE_MS);
    else this.mute.hidden = false;
    if (audible && this.known) this.look();
  }
}

function rungBefore() {
  try {
    return Number(sessionStorage.getItem(KEY) ?? 0);
  } catch {
    return 0;
  }
}

/** @param {number} at */
function remember(at) {
  try {
    sessionStorage.setItem(KEY, String(at));
  } catch {
    // Storage is off: the next page rings at once.
  }
}
