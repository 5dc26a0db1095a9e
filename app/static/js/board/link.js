// The top line: shift, how old the figures are, the clock; and, when they cannot be trusted, a red line nobody
// overlooks.
import { one, setIcon, setText } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { age, length, timeOfDay } from "../core/time.js";

/** @typedef {import("../types.d.ts").LinkStatus} LinkStatus */

/** Figures older than this are no longer called current, whatever the socket says: three fetches are missing. */
const STALE_S = 16;
const ICONS = {
  connected: "wifi",
  reconnecting: "refresh-cw",
  catching_up: "refresh-cw",
  disconnected: "wifi-off",
  stale: "wifi-off",
  connecting: "wifi",
};

export function makeLink() {
  /** @type {LinkStatus} */
  let status = { state: "connecting", since: performance.now(), missed: 0 };
  let signedOut = false;
  return {
    /**
     * Is the session over, so that this page gets no figures until somebody signs in?
     * @param {boolean} over
     */
    session(over) {
      signedOut = over;
      one("#cut-sign-in").hidden = !over;
    },
    /** @param {LinkStatus} next */
    note(next) {
      status = next;
    },
    /**
     * @param {number} now
     * @param {string} at when the figures on the board were true
     */
    tick(now, at) {
      const oldS = (now - Date.parse(at)) / 1000;
      const cut = signedOut || status.state === "disconnected";
      const stale = !cut && oldS > STALE_S;
      const look = cut ? "disconnected" : stale ? "stale" : status.state;
      const sign = one("#link");
      sign.dataset.look = look;
      setIcon(sign.firstElementChild, ICONS[look]);
      setText(
        one("#link-words"),
        look === "reconnecting" ? t("Menyambung kembali") : t("Data {age} lalu", { age: age(oldS) }),
      );
      document.body.dataset.stale = cut || stale ? "1" : "";
      one("#cut").hidden = !(cut || stale);
      if (!cut && !stale) return;
      setText(
        one("#cut-title"),
        signedOut
          ? t("Sesi berakhir")
          : cut
            ? t("Terputus {time}", { time: length((performance.now() - status.since) / 1000) })
            : t("Data basi"),
      );
      setText(
        one("#cut-more"),
        t("Angka di bawah adalah keadaan pukul {time}. Telepon tetap berdering.", {
          time: timeOfDay(at, { seconds: true }),
        }),
      );
    },
  };
}

/**
 * @param {number} now
 * @param {import("../payloads.d.ts").KnownShift[]} shifts
 * @param {import("../payloads.d.ts").Board} stats
 */
export function showTop(now, shifts, stats) {
  setText(one("#clock"), timeOfDay(now, { seconds: true }));
  const shift = shifts.find((candidate) => covers(candidate, timeOfDay(now).replace(".", ":")));
  const hours = t("angka {n} jam", { n: stats.answered.window_h });
  const until = shift
    ? t("Sif {name} sampai {time}", { name: named(shift).toLowerCase(), time: shift.ends.replace(":", ".") })
    : null;
  setText(one("#shift"), [until, hours].filter(Boolean).join(" · "));
}

/**
 * @param {{starts: string, ends: string}} shift
 * @param {string} time
 */
function covers({ starts, ends }, time) {
  return starts < ends ? starts <= time && time < ends : time >= starts || time < ends;
}
