// The console's three sounds: two soft notes for ringing, three rising ones for a late acknowledgement, two falling
// ones for a lost link; and how often each comes again.
import { Speaker } from "../core/speaker.js";

/** @typedef {"ringing" | "late" | "lost"} SoundName */

/** @type {Record<SoundName, [pitch: number, after: number, lasting: number][]>} */
const NOTES = {
  ringing: [
    [587, 0, 0.16],
    [784, 0.2, 0.22],
  ],
  late: [
    [523, 0, 0.14],
    [659, 0.17, 0.14],
    [784, 0.34, 0.24],
  ],
  lost: [
    [659, 0, 0.2],
    [440, 0.24, 0.3],
  ],
};
const AGAIN_S = { ringing: 2.9, hurry: 1.4, late: 30 };
const SOFTEST = 0.1; // never silent: a missed ring is a missed call

export class Sounds {
  /** @param {{onChange: (audible: boolean) => void}} options see Speaker */
  constructor({ onChange }) {
    this.speaker = new Speaker({ onChange });
    this.volume = Math.max(SOFTEST, Number(read("siaga.volume") ?? 0.6));
    this.last = { ringing: -Infinity, late: -Infinity };
  }

  get audible() {
    return this.speaker.audible;
  }

  unlock() {
    this.speaker.unlock();
  }

  /** @param {number} volume */
  setVolume(volume) {
    this.volume = Math.max(SOFTEST, volume);
    try {
      localStorage.setItem("siaga.volume", String(this.volume));
    } catch {
      // Kept for this page only.
    }
  }

  /** @param {SoundName} name */
  play(name) {
    return this.speaker.play(NOTES[name], { level: 0.35 * this.volume });
  }

  /**
   * Called often, and with every event; waiting: a call rings for us; hurry: it has rung past the target; late: P1 or
   * P2 is not accepted.
   * @param {{waiting: boolean, hurry: boolean, late: boolean}} heard
   */
  tick({ waiting, hurry, late }) {
    const now = performance.now() / 1000;
    // What could not be heard is not done: it sounds as soon as the page may.
    if (waiting && now - this.last.ringing >= (hurry ? AGAIN_S.hurry : AGAIN_S.ringing) && this.play("ringing"))
      this.last.ringing = now;
    if (late && now - this.last.late >= AGAIN_S.late && this.play("late")) this.last.late = now;
    if (!waiting) this.last.ringing = -Infinity; // the next call is heard at once
    if (!late) this.last.late = -Infinity;
  }
}

/** @param {string} key */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
