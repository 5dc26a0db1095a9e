// Where the caller is: the one-time link ("Minta lokasi"), what became of it, and the positions that came, with age and
// accuracy. A position is offered, never taken: only a hand makes it the place of the incident.

import { get, post } from "../core/api.js";
import { secondsSince, serverNow } from "../core/clocks.js";
import { around, clone, fill, keyed, one, setAttribute } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { age, timeOfDay } from "../core/time.js";

/**
 * @typedef {import("../payloads.d.ts").LocationLink} LocationLink
 * @typedef {import("../payloads.d.ts").LocationReport} LocationReport
 * @typedef {import("../payloads.d.ts").Locations} Known what the server knows of where a ticket's callers are
 * @typedef {import("../payloads.d.ts").NewLink} NewLink
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {LocationLink["state"] | null} LinkState
 * @typedef {import("./types.d.ts").ListedPlace} ListedPlace
 */

const AGAIN_MS = 1000; // at most one read in this time, however often a telephone reports
const LISTED = 4;

export class Locations {
  /**
   * @param {object} parts the console's
   * @param {import("./work.js").Work} parts.work
   * @param {import("./store.js").Store} parts.store
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {import("./caller.js").CallerMap} parts.map
   * @param {Map<string, import("../payloads.d.ts").KnownKelurahan>} parts.wards
   * @param {() => void} parts.onChange
   * @param {(problem: unknown) => void} parts.onRefused
   */
  constructor({ work, store, toasts, map, wards, onChange, onRefused }) {
    this.work = work;
    this.store = store;
    this.toasts = toasts;
    this.map = map;
    this.wards = wards;
    this.onChange = onChange;
    this.onRefused = onRefused;
    this.busy = false;
    this.card = one("#location");
    /** @type {Map<string, Known>} ticket number -> what the server told last */
    this.known = new Map();
    /** @type {Map<string, NewLink>} ticket number -> the link that this page asked for; it is told once */
    this.links = new Map();
    /** @type {{number: string | null, at: number, timer: ReturnType<typeof setTimeout> | undefined}} of the last reading */
    this.asked = { number: null, at: 0, timer: undefined };
    /** @type {string | null} the ticket that is drawn */
    this.shown = null;
    /** @type {string | null} the ticket whose telephone the map has turned to */
    this.focused = null;
    this.list = one('[data-part="reports"]', this.card);
    this.list.addEventListener("click", (event) => {
      const key = around(event, '[data-action="use-location"]') && around(event, "[data-key]")?.dataset.key;
      const report = this.#reports().find((one) => keyOf(one) === key);
      if (report) this.use(report);
    });
  }

  /**
   * Journal entries of the live feed.
   * @param {import("../types.d.ts").CentreEvent[]} events
   */
  follow(events) {
    const { number } = this.work;
    const ours = events.some(
      (event) =>
        event.ticket_number === number && /^call\.(location|delivery)_|^ticket\.(closed|reopened)/.test(event.kind),
    );
    if (number && ours) this.load(number);
  }

  /**
   * Read what is known of a ticket's callers; a crowd of reports makes one read a second.
   * @param {string} number
   */
  load(number) {
    const { asked } = this;
    clearTimeout(asked.timer);
    const wait = asked.number === number ? Math.max(0, asked.at + AGAIN_MS - performance.now()) : 0;
    asked.number = number;
    asked.timer = setTimeout(async () => {
      asked.at = performance.now();
      try {
        this.known.set(number, await get(`/api/v1/tickets/${number}/locations`));
        this.onChange();
      } catch (problem) {
        console.warn("where the caller is could not be read:", String(problem));
      }
    }, wait);
  }

  get allowed() {
    return this.work.allows("request-location");
  }

  /** Ask the caller's telephone where it is: make a link, send it where that can be done, show it in any case. */
  async ask() {
    const { number } = this.work;
    if (!number || !this.allowed || this.busy) return;
    if (stateOf(this.known.get(number)?.link ?? null, serverNow()) === "sharing") {
      // A new link would end this one: only by hand.
      this.toasts.show({
        key: "location",
        look: "plain",
        title: t("Ponsel sudah berbagi lokasi. Hentikan dulu untuk membuat tautan baru."),
        seconds: 5,
      });
      return;
    }
    this.busy = true;
    this.onChange();
    try {
      const answer = await post(`/api/v1/tickets/${number}/request-location`, {});
      if (answer.ticket) this.store.put(answer.ticket);
      this.links.set(number, answer.link);
      if (answer.link.queued)
        this.toasts.show({
          key: "location",
          look: "done",
          title: t("SMS dengan tautan lokasi sedang dikirim."),
          seconds: 5,
        });
      this.load(number);
    } catch (problem) {
      this.onRefused(problem);
    } finally {
      this.busy = false;
      this.onChange();
    }
  }

  async end() {
    const { number } = this.work;
    if (!number || !this.allowed) return;
    try {
      await post(`/api/v1/tickets/${number}/end-location`, {});
      this.links.delete(number);
      this.load(number);
    } catch (problem) {
      this.onRefused(problem);
    }
  }

  copy() {
    const link = this.links.get(this.work.number ?? "");
    if (link)
      navigator.clipboard
        ?.writeText(link.text)
        .then(() =>
          this.toasts.show({ key: "copied", look: "done", title: t("Teks dengan tautan disalin."), seconds: 3 }),
        );
  }

  /**
   * Make a position the place of the incident; the caller moving on does not move it.
   * @param {LocationReport} report
   */
  use(report) {
    if (!this.work.mine || !this.work.allows("locate")) return;
    this.work.choices.choosePlace(this.#candidate(report));
  }

  #newest() {
    return this.known.get(this.work.number ?? "")?.reports.find((report) => report.source === "link") ?? null;
  }

  /** The reports that are listed. */
  #reports() {
    return (this.known.get(this.work.number ?? "")?.reports ?? []).slice(0, LISTED);
  }

  /**
   * @param {LocationReport} report
   * @returns {ListedPlace}
   */
  #candidate(report) {
    const ward = this.wards.get(report.kelurahan_code ?? "");
    return {
      key: report.source === "link" ? `link-${report.id}` : "sip",
      kind: report.source,
      name:
        report.source === "link"
          ? t("Lokasi ponsel {time}", { time: timeOfDay(report.measured_at, { seconds: true }) })
          : t("Lokasi dari ponsel"),
      text: null,
      kelurahan_code: report.kelurahan_code,
      kelurahan: ward?.name ?? null,
      kecamatan: ward?.kecamatan ?? null,
      lat: report.lat,
      lon: report.lon,
      accuracy_m: report.accuracy_m,
      relation: null,
    };
  }

  /**
   * Draw the card and the live pin of the open ticket; called every second.
   * @param {Ticket} ticket
   * @param {number} now
   */
  render(ticket, now) {
    if (this.shown !== ticket.number) {
      this.shown = ticket.number;
      this.load(ticket.number);
    }
    const known = this.known.get(ticket.number);
    const link = known?.link ?? null;
    const told = this.links.get(ticket.number);
    const state = stateOf(link, now);
    const open = state === "sent" || state === "opened" || state === "sharing";
    // What was read may be older than what was told.
    const spoken = told && (link?.id === told.id ? open : !link || link.id < told.id) ? told.spoken : null;
    const beforeCode = spoken ? spoken.lastIndexOf("/") + 1 : 0;
    fill(this.card, {
      state: stateWords(link, state, now) ?? t("Lokasi penelepon"),
      warning: state === "sharing" ? null : this.#warning(known, link),
      address: spoken?.slice(0, beforeCode),
      code: spoken?.slice(beforeCode),
      ask: link ? t("Tautan baru") : t("Minta lokasi"),
    });
    setAttribute(one('[data-field="state"]', this.card), "data-look", state === "sharing" ? "yours" : null);
    one('[data-part="address"]', this.card).hidden = !spoken || state === "sharing";
    const ask = one('button[data-action="ask-location"]', this.card);
    ask.hidden = !this.allowed || state === "sharing";
    ask.disabled = this.busy;
    one('[data-action="end-location"]', this.card).hidden = !(this.allowed && open);
    this.#drawReports(known, now);
    this.#drawPin(known, state, now);
    const newest = this.#newest();
    const offered = newest && !newest.outside_city ? this.#candidate(newest) : null;
    if (offered?.key !== this.work.choices.live?.key) this.work.choices.offer(offered);
  }

  /**
   * @param {Known | undefined} known
   * @param {LocationLink | null} link
   */
  #warning(known, link) {
    if (!known || !this.allowed) return null;
    if (link?.delivery?.state === "failed" && link.ended_by === null && link.delivery.problem !== "not_needed")
      return t("SMS gagal terkirim: bacakan atau salin tautan.");
    if (known.address_problem === "not_https")
      return t(
        "Alamat publik bukan https: ponsel tidak akan memberi lokasi. Beri tahu administrator (SIAGA_PUBLIC_URL).",
      );
    if (known.address_problem === "not_set")
      return t("Alamat publik belum diatur (SIAGA_PUBLIC_URL): tautan hanya jalan di jaringan ini dan tidak dikirim.");
    if (known.sms_problem === "withheld") return t("Nomor tidak dikirim, SMS tidak bisa: bacakan tautan.");
    if (known.sms_problem) return t("Nomor ini tidak bisa menerima SMS (bukan seluler): bacakan tautan.");
    if (!known.sms_configured) return t("SMS belum diatur: bacakan atau salin tautan.");
    return null;
  }

  /**
   * @param {Known | undefined} known
   * @param {number} now
   */
  #drawReports(known, now) {
    const usable = this.work.mine && this.work.allows("locate");
    keyed(this.list, this.#reports(), {
      key: keyOf,
      make: () => clone("row-location"),
      update: (row, report) => {
        const seconds = secondsSince(report.measured_at, now);
        const stale = report.source === "link" && seconds > (known?.stale_s ?? Infinity);
        const ward = this.wards.get(report.kelurahan_code ?? "");
        const where = report.outside_city ? t("di luar kota") : ward ? t("Kel. {name}", { name: ward.name }) : "";
        fill(row, {
          age:
            t("{age} lalu", { age: age(seconds) }) +
            (report.accuracy_m === null ? "" : `, ±${Math.round(report.accuracy_m)} m`),
          where: [report.source === "sip" ? t("Dari telepon") : t("Dari tautan"), where, stale && t("basi")]
            .filter(Boolean)
            .join(" · "),
        });
        setAttribute(row, "data-look", report.outside_city || stale ? "amber" : null);
        one('[data-action="use-location"]', row).hidden = !usable || report.outside_city;
      },
    });
  }

  /**
   * @param {Known | undefined} known
   * @param {LinkState} state
   * @param {number} now
   */
  #drawPin(known, state, now) {
    const newest = this.#newest();
    const { map } = this.map;
    if (!map) return;
    if (!newest) {
      map.setLive(null);
      return;
    }
    const { lat, lon, accuracy_m } = newest;
    const seconds = secondsSince(newest.measured_at, now);
    const stale = state !== "sharing" || seconds > (known?.stale_s ?? Infinity);
    const label = accuracy_m === null ? age(seconds) : `${age(seconds)}, ±${Math.round(accuracy_m)} m`;
    map.setLive({ lat, lon, accuracy_m: accuracy_m ?? 0, stale, label });
    if (this.focused !== this.work.number && !this.work.choices.place) map.focus(lat, lon);
    this.focused = this.work.number;
  }

  /** No ticket is open: nobody's position shows. */
  hide() {
    this.shown = null;
    this.focused = null;
    this.map.map?.setLive(null);
  }
}

/** @param {LocationReport} report */
const keyOf = (report) => `${report.source}-${report.id ?? report.call_id}`;

/**
 * The state as time has moved it on since it was read.
 * @param {LocationLink | null} link
 * @param {number} now
 * @returns {LinkState}
 */
function stateOf(link, now) {
  if (!link) return null;
  if (link.state === "sharing" && now > Date.parse(link.live_until ?? "")) return "ended";
  if (["sent", "opened"].includes(link.state) && now > Date.parse(link.expires_at)) return "expired";
  return link.state;
}

/**
 * @param {LocationLink | null} link
 * @param {LinkState} state
 * @param {number} now
 */
function stateWords(link, state, now) {
  if (!link) return null;
  /** @param {string | null} until */
  const minutes = (until) => Math.max(1, Math.ceil((Date.parse(until ?? "") - now) / 60000));
  if (state === "sharing") return t("Ponsel berbagi lokasi, sisa {n} mnt", { n: minutes(link.live_until) });
  if (state === "opened") return t("Dibuka, menunggu izin penelepon");
  if (state === "expired") return t("Tautan kedaluwarsa, tidak dipakai");
  if (state === "ended" && link.ended_by === "phone") return t("Dihentikan penelepon");
  if (state === "ended" && link.ended_by === "operator") return t("Dihentikan petugas");
  if (state === "ended") return t("Berbagi lokasi berakhir");
  const sms = link.delivery;
  if (sms?.state === "accepted") return t("Terkirim lewat SMS, berlaku {n} mnt", { n: minutes(link.expires_at) });
  if (sms?.state === "waiting")
    return sms.attempts > 1 || sms.problem ? t("SMS dicoba lagi ({n}×)", { n: sms.attempts }) : t("SMS sedang dikirim");
  return t("Tautan siap, berlaku {n} mnt", { n: minutes(link.expires_at) });
}
