// What is heard of the calls, and what the tab says of them: from the event itself, again from a worker's clock, so
// also in a hidden tab; and a page that cannot be heard says so.

import { serverNow } from "../core/clocks.js";
import { one, setAttribute } from "../core/dom.js";
import { ringsSince } from "../core/gate.js";
import { t } from "../core/i18n.js";
import { showBanner } from "./alerts.js";
import { inMyHandset, soundingCalls } from "./handset.js";

/** @type {Record<import("./loud.js").LoudKind, string>} */
const IN_TITLE = { nobody: t("Semua menolak"), unreached: t("Belum sampai"), late: t("Lewat batas") };
/** Only then is the note taken away: a click that makes the page audible must not find another button under it. */
const HIDE_MS = 700;

export class Ringer {
  /**
   * answerTargetS: within so many seconds a call is to be answered.
   * @param {object} parts the console's
   * @param {import("./store.js").Store} parts.store
   * @param {import("./sounds.js").Sounds} parts.sounds
   * @param {import("./watch.js").LateWatch} parts.late
   * @param {number} parts.answerTargetS
   */
  constructor({ store, sounds, late, answerTargetS }) {
    this.store = store;
    this.sounds = sounds;
    this.late = late;
    this.answerTargetS = answerTargetS;
    this.banner = one("#sound-banner");
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.hide = null;
  }

  /** Sound what is to be heard now, and say what rings. */
  look(now = serverNow()) {
    const calls = soundingCalls(this.store, now);
    const hurry = calls.some((call) => now - Date.parse(ringsSince(call)) >= this.answerTargetS * 1000);
    // While I talk the caller comes first.
    this.sounds.tick({ waiting: calls.length > 0 && !inMyHandset(this.store, now), hurry, late: this.late.unseen > 0 });
    const parts = [
      calls.length && `(${calls.length}) ${t("Berdering")}`,
      this.late.worst && `(${this.late.unseen}) ${IN_TITLE[this.late.worst]}`,
      "Siaga 112",
    ];
    const title = parts.filter(Boolean).join(" · ");
    if (document.title !== title) document.title = title;
    this.#sayWhetherHeard(calls.length + this.late.unseen > 0);
  }

  /** @param {boolean} rings */
  #sayWhetherHeard(rings) {
    if (this.sounds.audible) {
      if (!this.banner.hidden) this.hide ??= setTimeout(() => this.#hideNote(), HIDE_MS);
      return;
    }
    setAttribute(this.banner, "data-look", rings ? null : "amber");
    showBanner(
      this.banner,
      rings ? t("Ada yang berbunyi, tetapi halaman ini bisu.") : t("Halaman ini belum bisa berbunyi."),
      t("Tekan tombol apa saja, atau klik di sini."),
    );
  }

  #hideNote() {
    this.hide = null;
    if (this.sounds.audible) showBanner(this.banner, null);
  }
}
