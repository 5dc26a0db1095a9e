// Whether this page can be heard, and the notes it plays. A browser may refuse sound until the first touch or key,
// takes it away for a telephone call or a locked screen, and a context may stop for good: every touch and key tries
// again, and the page is told whenever it becomes audible or mute, so that it can say so.
const GESTURES = ["pointerdown", "pointerup", "touchend", "keydown", "click"];
const STUCK_MS = 2500; // "running" for so long without moving: nothing is heard
const ANEW_MS = 10000; // a stuck context is replaced this often at most

export class Speaker {
  /**
   * onChange(audible) whenever that changes, and once at the beginning.
   * @param {{onChange?: (audible: boolean) => void}} [options]
   */
  constructor({ onChange = (_audible) => {} } = {}) {
    this.onChange = onChange;
    /** @type {boolean | null} what the page was told last */
    this.told = null;
    this.moved = { time: -1, at: 0 };
    this.begunAt = -Infinity;
    this.stuck = false;
    /** @type {number | null} */
    this.lookedAt = null;
    /** @type {AudioContext | null} */
    this.context = null;
    for (const kind of GESTURES) document.addEventListener(kind, () => this.unlock(), { capture: true, passive: true });
    document.addEventListener("visibilitychange", () => !document.hidden && this.unlock());
    addEventListener("pageshow", () => this.unlock());
    this.#begin(); // whoever came here from another page of ours may be heard without a touch
  }

  get audible() {
    return this.context?.state === "running" && !this.stuck;
  }

  /** Try to be heard; does nothing where the page is. */
  unlock() {
    if (!this.context || this.context.state === "closed" || (this.stuck && performance.now() - this.begunAt > ANEW_MS))
      this.#begin();
    // "interrupted" is a telephone call on some phones; it is left like "suspended".
    if (this.context && this.context.state !== "running") this.context.resume().catch(() => {});
  }

  /** Look whether the sound really runs; called about once a second. */
  look() {
    const now = performance.now();
    const time = this.context?.currentTime ?? 0;
    const slept = now - (this.lookedAt ?? now) > STUCK_MS;
    this.lookedAt = now;
    if (slept || time !== this.moved.time) this.moved = { time, at: now };
    const stuck = this.context?.state === "running" && now - this.moved.at > STUCK_MS;
    if (stuck && !this.stuck) console.warn("the sound stands still");
    this.stuck = stuck;
    if (stuck) this.unlock();
    this.#tell();
  }

  /**
   * notes: [[pitch in Hz, seconds after now, seconds long]]. Says whether it was heard.
   * @param {[pitch: number, after: number, lasting: number][]} notes
   * @param {{level?: number, type?: OscillatorType}} [how]
   */
  play(notes, { level = 0.35, type = "sine" } = {}) {
    const { context } = this;
    if (!context || !this.audible) {
      this.unlock();
      return false;
    }
    for (const [pitch, after, lasting] of notes) {
      const start = context.currentTime + after;
      const note = context.createOscillator();
      const gain = context.createGain();
      note.type = type;
      note.frequency.value = pitch;
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(level, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, start + lasting);
      note.connect(gain).connect(context.destination);
      note.start(start);
      note.stop(start + lasting + 0.05);
    }
    return true;
  }

  #begin() {
    this.begunAt = performance.now();
    this.stuck = false;
    this.moved = { time: -1, at: this.begunAt };
    this.context?.close().catch(() => {});
    try {
      this.context = new AudioContext();
      this.context.addEventListener("statechange", () => this.#tell());
    } catch (problem) {
      this.context = null;
      console.warn("this browser plays no sound:", String(problem));
    }
  }

  #tell() {
    if (this.audible === this.told) return;
    this.told = this.audible;
    this.onChange(this.told);
  }
}
