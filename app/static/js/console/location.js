// Where the caller is: the one-time link ("Minta lokasi"), what became of it, and the positions that came, with age and
// accuracy. A position is offered, never taken: only a hand makes it the place of the incident.

import { get, post } from "../core/api.js";
import { secondsSince, serverNow } from "../core/clocks.js";
import { clone, fill, keyed, one, setAttribute } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { age, timeOfDay } from "../core/time.js";

const AGAIN_MS = 1000; // at most one read in this time, however often a telephone reports
const LISTED = 4;

export class Locations {
  /** work, store: the console's; toasts; onChange(); onRefused(problem); map: CallerMap. */
  constructor({ work, store, toasts, map, wards, onChange, onRefused }) {
    Object.assign(this, { work, store, toasts, map, wards, onChange, onRefused });
    this.card = document.getElementById("location");
    this.known = new Map(); // ticket number -> what the server told last
    this.links = new Map(); // ticket number -> the link that this page asked for; it is told once
    this.asked = { number: null, at: 0, timer: null };
    this.list = one('[data-part="reports"]', this.card);
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest('[data-action="use-location"]')?.closest("[data-key]");
      if (row) this.use(row.report);
    });
  }

  /** Journal entries of the live feed. */
  follow(events) {
    const { number } = this.work;
    const ours = events.some(
      (event) =>
        event.ticket_number === number && /^call\.(location|delivery)_|^ticket\.(closed|reopened)/.test(event.kind),
    );
    if (number && ours) this.load(number);
  }

  /** Read what is known of a ticket's callers; a crowd of reports makes one read a second. */
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
        console.warn("where the caller is could not be read:", problem.message);
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
    if (this.known.get(number)?.link && stateOf(this.known.get(number).link, serverNow()) === "sharing") {
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
      this.store.put(answer.ticket);
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
    const link = this.links.get(this.work.number);
    if (link)
      navigator.clipboard
        ?.writeText(link.text)
        .then(() =>
          this.toasts.show({ key: "copied", look: "done", title: t("Teks dengan tautan disalin."), seconds: 3 }),
        );
  }

  /** Make a position the place of the incident; the caller moving on does not move it. */
  use(report) {
    if (!this.work.mine || !this.work.allows("locate")) return;
    this.work.choices.choosePlace(this.#candidate(report));
  }

  #newest() {
    return this.known.get(this.work.number)?.reports.find((report) => report.source === "link") ?? null;
  }

  #candidate(report) {
    const ward = this.wards.get(report.kelurahan_code);
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

  /** Draw the card and the live pin of the open ticket; called every second. */
  render(ticket, now) {
    if (this.shown !== ticket.number) {
      this.shown = ticket.number;
      this.load(ticket.number);
    }
    const known = this.known.get(ticket.number);
    const link = known?.link ?? null;
    const told = this.links.get(ticket.number);
    const state = stateOf(link, now);
    const open = ["sent", "opened", "sharing"].includes(state);
    const usable = told && (link?.id === told.id ? open : !link || link.id < told.id); // what was read may be older
    fill(this.card, {
      state: stateWords(link, state, now) ?? t("Lokasi penelepon"),
      warning: state === "sharing" ? null : this.#warning(known, link),
      address: usable ? told.spoken.slice(0, told.spoken.lastIndexOf("/") + 1) : null,
      code: usable ? told.spoken.slice(told.spoken.lastIndexOf("/") + 1) : null,
      ask: link ? t("Tautan baru") : t("Minta lokasi"),
    });
    setAttribute(one('[data-field="state"]', this.card), "data-look", state === "sharing" ? "yours" : null);
    one('[data-part="address"]', this.card).hidden = !usable || state === "sharing";
    const ask = one('[data-action="ask-location"]', this.card);
    ask.hidden = !this.allowed || state === "sharing";
    ask.disabled = Boolean(this.busy);
    one('[data-action="end-location"]', this.card).hidden = !(this.allowed && open);
    this.#drawReports(known, now);
    this.#drawPin(known, state, now);
    const newest = this.#newest();
    const offered = newest && !newest.outside_city ? this.#candidate(newest) : null;
    if (offered?.key !== this.work.choices.live?.key) this.work.choices.offer(offered);
  }

  #warning(known, link) {
    if (!known || !this.allowed) return null;
    if (link?.delivery?.state === "failed" && link.ended_by === null && !["not_needed"].includes(link.delivery.problem))
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

  #drawReports(known, now) {
    const reports = (known?.reports ?? []).slice(0, LISTED);
    const usable = this.work.mine && this.work.allows("locate");
    keyed(this.list, reports, {
      key: (report) => `${report.source}-${report.id ?? report.call_id}`,
      make: () => clone("row-location"),
      update: (row, report) => {
        row.report = report;
        const seconds = secondsSince(report.measured_at, now);
        const stale = report.source === "link" && seconds > known.stale_s;
        const ward = this.wards.get(report.kelurahan_code);
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

  #drawPin(known, state, now) {
    const newest = this.#newest();
    const { map } = this.map;
    if (!map?.setLive) return;
    const seconds = newest ? secondsSince(newest.measured_at, now) : 0;
    const stale = newest && (state !== "sharing" || seconds > known.stale_s);
    const pin = newest && {
      lat: newest.lat,
      lon: newest.lon,
      accuracy_m: newest.accuracy_m,
      stale: Boolean(stale),
      label: `${age(seconds)}, ±${Math.round(newest.accuracy_m)} m`,
    };
    map.setLive(pin);
    const first = newest && this.focused !== this.work.number;
    if (first && !this.work.choices.place) map.focus(newest.lat, newest.lon);
    if (newest) this.focused = this.work.number;
  }

  /** No ticket is open: nobody's position shows. */
  hide() {
    this.shown = null;
    this.focused = null;
    this.map.map?.setLive?.(null);
  }
}

/** The state as time has moved it on since it was read. */
function stateOf(link, now) {
  if (!link) return null;
  if (link.state === "sharing" && now > Date.parse(link.live_until)) return "ended";
  if (["sent", "opened"].includes(link.state) && now > Date.parse(link.expires_at)) return "expired";
  return link.state;
}

function stateWords(link, state, now) {
  if (!link) return null;
  const minutes = (until) => Math.max(1, Math.ceil((Date.parse(until) - now) / 60000));
  if (state === "sharing") return t("Ponsel berbagi lokasi, sisa {n} mnt", { n: minutes(link.live_until) });
  if (state === "opened") return t("Dibuka, menunggu izin penelepon");
  if (state === "expired") return t("Tautan kedaluwarsa, tidak dipakai");
  if (state === "ended")
    return (
      { phone: t("Dihentikan penelepon"), operator: t("Dihentikan petugas") }[link.ended_by] ??
      t("Berbagi lokasi berakhir")
    );
  const sms = link.delivery?.state;
  if (sms === "accepted") return t("Terkirim lewat SMS, berlaku {n} mnt", { n: minutes(link.expires_at) });
  if (sms === "waiting")
    return link.delivery.attempts > 1 || link.delivery.problem
      ? t("SMS dicoba lagi ({n}×)", { n: link.delivery.attempts })
      : t("SMS sedang dikirim");
  return t("Tautan siap, berlaku {n} mnt", { n: minutes(link.expires_at) });
}
