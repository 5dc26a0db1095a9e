// Whether this phone reaches the centre, said in one place: the sign at the top, the amber strip, and what still waits.
import { one, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { showLink } from "../core/marks.js";
import { timeOfDay } from "../core/time.js";
import { stepOf } from "./steps.js";

const sign = one('[data-part="link"]');
const strip = one("#signal");

export class Signal {
  /**
   * onChange() when the phone is cut off or back again.
   * @param {() => void} onChange
   */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {import("../types.d.ts").LinkStatus} */
    this.status = { state: "connecting", since: performance.now(), missed: 0 };
    this.failed = false; // the last attempt to send got no answer
    window.addEventListener("offline", () => this.note({}));
    window.addEventListener("online", () => this.note({}));
  }

  /** True while nothing can be sent from here. */
  get offline() {
    return (
      !navigator.onLine || this.status.state === "disconnected" || (this.failed && this.status.state !== "connected")
    );
  }

  /**
   * status: from live.js; failed: an attempt just got no answer.
   * @param {{status?: import("../types.d.ts").LinkStatus, failed?: boolean}} news
   */
  note({ status = this.status, failed = this.failed }) {
    const was = this.offline;
    if (status.state === "connected" && this.status.state !== "connected") failed = false;
    this.status = status;
    this.failed = failed;
    this.showSign();
    if (this.offline !== was) this.onChange();
  }

  showSign() {
    if (this.offline) {
      showLink(sign, { state: "disconnected", since: this.status.since, missed: 0 });
      setText(one('[data-part="link-words"]', sign), t("Luring"));
    } else showLink(sign, this.status);
  }

  /**
   * waiting: [{command, occurred_at}] of what the page shows; others: how many steps of other tasks wait.
   * @param {object} shown
   * @param {import("../types.d.ts").WaitingStep[]} shown.waiting
   * @param {number} shown.others
   * @param {boolean} shown.acceptOpen
   * @param {string} shown.updatedAt
   */
  showStrip({ waiting, others, acceptOpen, updatedAt }) {
    const parts = [];
    for (const { command, occurred_at: at } of waiting) {
      const step = `“${stepOf(command)?.button} ${timeOfDay(at)}”`;
      parts.push(
        this.offline
          ? t("Tidak ada sinyal. {step} tersimpan di ponsel dan terkirim sendiri nanti.", { step })
          : t("{step} sedang dikirim.", { step }),
      );
    }
    if (others) parts.push(t("{n} langkah tugas lain tersimpan di ponsel dan terkirim sendiri nanti.", { n: others }));
    if (this.offline && acceptOpen) parts.push(t("Tidak ada sinyal. Terima tugas lewat telepon: hubungi 112."));
    else if (this.offline && !parts.length)
      parts.push(t("Tidak ada sinyal. Yang tampil adalah keadaan pukul {time}.", { time: timeOfDay(updatedAt) }));
    strip.hidden = parts.length === 0;
    setText(one("#signal-words"), parts.join(" "));
  }
}

const notice = one("#notice");
one("#notice-close").addEventListener("click", () => {
  notice.hidden = true;
});

/**
 * One message that stays until it is closed or replaced; look: "plain" or "amber".
 * @param {string} words
 * @param {"plain" | "amber"} [look]
 */
export function say(words, look = "plain") {
  notice.dataset.look = look;
  setText(one("#notice-words"), words);
  notice.hidden = false;
}
