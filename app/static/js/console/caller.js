// The right column: who calls (the number is read aloud, so it is the largest text there) and where.

import { fill, keyed, one, setAttribute, setText } from "../core/dom.js";
import { renderStanding } from "../core/gate-words.js";
import { CLASSIFICATIONS, DISPOSITIONS, shortName, t } from "../core/i18n.js";
import { numberWords, phoneNumber } from "../core/phone-numbers.js";
import { dateLine, timeOfDay } from "../core/time.js";
import { lastCall } from "./store.js";

/**
 * @typedef {import("../payloads.d.ts").CallerHistory} CallerHistory
 * @typedef {import("../payloads.d.ts").EarlierCall} EarlierCall
 * @typedef {import("../payloads.d.ts").KnownKelurahan} KnownKelurahan
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("../map/map.js").CityMap} CityMap
 * @typedef {import("./types.d.ts").ListedPlace} ListedPlace
 */

/**
 * Fill the caller card; history and callability: null while unknown; heard: what the demo's caller says ("" is silence),
 * null for a real one; notes: what is to be known of the call besides, in words.
 * @param {Ticket} ticket
 * @param {object} about
 * @param {CallerHistory | null} about.history
 * @param {string | null} about.heard
 * @param {import("../payloads.d.ts").Callability | null} about.callability
 * @param {string[]} about.notes
 */
export function renderCaller(ticket, { history, heard, callability, notes }) {
  const card = one("#caller");
  const call = lastCall(ticket);
  card.hidden = false;
  const nuisance = call?.nuisance;
  const location = call && (call.location ? null : t("lokasi ponsel tidak dikirim"));
  const kind = callability
    ? numberWords(callability, call?.carrier)
    : call?.number
      ? (call.carrier ?? t("operator tidak dikenal"))
      : t("mungkin tanpa kartu SIM");
  fill(card, {
    number: call ? phoneNumber(call.number) : t("Tanpa panggilan"),
    name: history?.name?.text ?? null,
    "name-source": history?.name ? nameSource(history.name) : null,
    facts: call ? [...notes, kind, location].filter(Boolean).join(" · ") : null,
    nuisance: nuisance ? t("{n} dari {limit}", { n: nuisance.count, limit: nuisance.limit }) : null,
    "nuisance-note":
      call && !call.number
        ? t("Tanpa riwayat, hitungan, atau blokir.")
        : history
          ? t("{n} panggilan sebelumnya, {genuine} sah", { n: history.calls, genuine: history.genuine })
          : null,
  });
  const name = one('[data-part="name"]', card);
  name.hidden = !history?.name;
  setAttribute(name, "title", history?.name?.text);
  const voice = one('[data-part="heard"]', card);
  voice.hidden = heard === null;
  fill(voice, { words: heard === null ? null : heard === "" ? t("(diam)") : `“${heard}”` });
  one('[data-action="copy-number"]', card).hidden = !call?.number;
  const line = one('[data-part="nuisance"]', card);
  line.hidden = !nuisance;
  if (nuisance) drawBoxes(one('[data-part="boxes"]', line), nuisance);
  renderStanding(one("#caller-standing"), call, history);
  drawEarlier(call?.number ? (history?.recent ?? []) : []);
}

/**
 * Where the name comes from: "dari laporan 3 Agu", or the telephone network with this call.
 * @param {import("../payloads.d.ts").CallerName} name
 */
function nameSource({ source, at }) {
  const report = () => t("dari laporan {date}", { date: dateLine(at).replace(/^\S+ /, "") });
  return `· ${source === "note" ? report() : t("dari jaringan telepon")}`;
}

/** @type {Record<string, string>} */
const STATES = {
  new: t("menunggu"),
  callback: t("menunggu"),
  claimed: t("dikerjakan"),
  dispatched: t("terkirim"),
  in_progress: t("ditangani"),
  verify: t("diperiksa"),
};

/**
 * Newest earlier calls of the number; each opens its ticket to look at.
 * @param {EarlierCall[]} recent
 */
function drawEarlier(recent) {
  keyed(one("#caller-calls"), recent, {
    key: (earlier) => `${earlier.ticket}-${earlier.at}`,
    make: () => {
      const row = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      const day = document.createElement("span");
      day.className = "day";
      const what = document.createElement("span");
      what.className = "what";
      const ending = document.createElement("span");
      ending.className = "caller-ending";
      what.append(document.createElement("b"), ending);
      button.append(day, what);
      row.append(button);
      return row;
    },
    update: (row, earlier) => {
      const button = one("button", row);
      const kind = earlier.type_name_id
        ? shortName({ name_id: earlier.type_name_id, name_en: earlier.type_name_en })
        : CLASSIFICATIONS[earlier.classification ?? ""];
      const words = kind ?? (earlier.state === "abandoned" ? t("tidak terjawab") : t("belum dipilah"));
      const closed = DISPOSITIONS[earlier.disposition ?? ""] ?? CLASSIFICATIONS[earlier.disposition ?? ""];
      const ending = [earlier.kelurahan, closed === words ? null : (closed ?? STATES[earlier.ticket_state])]
        .filter(Boolean)
        .join(" · ");
      button.dataset.openTicket = earlier.ticket;
      setText(one(".day", button), dateLine(earlier.at).replace(/^\S+ /, ""));
      setText(one(".what b", button), words);
      setText(one(".caller-ending", button), ending || timeOfDay(earlier.at));
      setAttribute(
        button,
        "title",
        [earlier.ticket, `${dateLine(earlier.at, { year: true })} ${timeOfDay(earlier.at)}`, words, ending]
          .filter(Boolean)
          .join(" · "),
      );
    },
  });
}

/**
 * @param {Element} room
 * @param {import("../payloads.d.ts").Nuisance} nuisance
 */
function drawBoxes(room, { count, limit }) {
  if (room.children.length !== limit)
    room.replaceChildren(...Array.from({ length: limit }, () => document.createElement("i")));
  for (const [place, box] of [...room.children].entries()) box.toggleAttribute("data-full", place < count);
}

/**
 * Where a ticket is on the map: its own point, or the kelurahan's.
 * @param {import("../payloads.d.ts").Place | null} place
 */
function pointOf(place) {
  if (!place) return null;
  return pointAt(place.lat, place.lon) ?? pointAt(place.kelurahan_lat, place.kelurahan_lon);
}

/**
 * @param {number | null} lat
 * @param {number | null} lon
 */
const pointAt = (lat, lon) => (lat === null || lon === null ? null : { lat, lon });

/** The map of the console: every open ticket, and the place that is being chosen. */
export class CallerMap {
  /**
   * @param {Promise<CityMap>} map
   * @param {Map<string, KnownKelurahan>} wards by their codes
   */
  constructor(map, wards) {
    this.wards = wards;
    this.title = one("#map-title");
    /** @type {CityMap | null} */
    this.map = null;
    this.failed = false;
    /** @type {Record<string, string>} what the map shows of each kind, as JSON */
    this.shown = {};
    /** @type {(() => void) | null} */
    this.again = null;
    map.then(
      (ready) => {
        this.map = ready;
        this.shown = {};
        this.again?.();
      },
      (problem) => {
        console.error("no map:", problem);
        this.failed = true;
        setText(this.title, t("Peta tidak dapat dimuat. Semua yang lain tetap jalan."));
      },
    );
  }

  /**
   * tickets: the open ones; place: what is chosen and location: where the caller's telephone is, when a ticket is open.
   * @param {object} what
   * @param {Ticket[]} what.tickets
   * @param {(ticket: Ticket) => "late" | "near" | null} what.alertOf
   * @param {string | null} what.current
   * @param {(ListedPlace & {icon: string | null}) | null} what.place
   * @param {import("../payloads.d.ts").CallLocation | null} what.location
   * @param {boolean} what.working
   */
  show({ tickets, alertOf, current, place, location, working }) {
    if (this.failed) return;
    setText(this.title, working ? this.#placeName(place) : t("Semua tiket terbuka {n}", { n: tickets.length }));
    this.again = () => this.show({ tickets, alertOf, current, place, location, working });
    if (!this.map) return;
    /** @type {import("../map/map-pins.js").MapPin[]} */
    const pins = [];
    for (const ticket of tickets) {
      const point = pointOf(ticket.place);
      if (point && ticket.number !== current)
        pins.push({
          id: ticket.number,
          label: ticket.joined?.length ? `${ticket.short} +${ticket.joined.length}` : ticket.short,
          priority: ticket.priority,
          icon: ticket.type?.icon ?? null,
          lat: point.lat,
          lon: point.lon,
          alert: alertOf(ticket),
        });
    }
    if (this.#changed("pins", pins)) this.map.setPins(pins);
    if (this.#changed("caller", location)) this.map.setCaller(location);
    const candidate = working ? this.#candidate(place) : null;
    const chosen = this.#changed("candidate", candidate);
    if (chosen) this.map.setCandidate(candidate);
    // Another ticket, or none: whatever the map was moved to meanwhile, such as a caller's telephone, is over too.
    const turned = this.#changed("ticket", working ? current : null);
    if (!chosen && !turned) return;
    if (candidate) this.map.focus(candidate.lat, candidate.lon);
    else this.map.fit();
  }

  /**
   * Show a point, whatever ticket is open.
   * @param {number} lat
   * @param {number} lon
   */
  look(lat, lon) {
    this.map?.focus(lat, lon);
  }

  freshLandmarks() {
    this.map?.freshLandmarks();
  }

  /** @param {(ListedPlace & {icon: string | null}) | null} place */
  #candidate(place) {
    if (!place) return null;
    const exact = place.kind === "kelurahan" ? null : pointAt(place.lat, place.lon);
    const point = exact ?? this.wards.get(place.kelurahan_code ?? "");
    if (!point) return null;
    return {
      lat: point.lat,
      lon: point.lon,
      accuracy_m: exact ? (place.accuracy_m ?? null) : null,
      label: place.name,
      icon: place.icon,
      rings: exact !== null,
    };
  }

  /** @param {ListedPlace | null} place */
  #placeName(place) {
    if (!place) return t("Lokasi belum ada");
    const ward = this.wards.get(place.kelurahan_code ?? "");
    return ward ? `${ward.name}, ${ward.kecamatan}` : place.name;
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  #changed(name, value) {
    const text = JSON.stringify(value);
    if (this.shown[name] === text) return false;
    this.shown[name] = text;
    return true;
  }
}
