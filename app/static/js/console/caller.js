// The right column: who calls (the number is read aloud, so it is the largest text there) and where.

import { fill, keyed, one, setAttribute, setText } from "../core/dom.js";
import { renderStanding } from "../core/gate-words.js";
import { CLASSIFICATIONS, DISPOSITIONS, shortName, t } from "../core/i18n.js";
import { numberWords, phoneNumber } from "../core/phone-numbers.js";
import { dateLine, timeOfDay } from "../core/time.js";
import { lastCall } from "./store.js";

/**
 * Fill the caller card; history: {calls, genuine, recent, name, notes} or null while unknown; heard: what the demo's
 * caller says ("" is silence), null for a real one; callability: {kind, can_call, area_code} or null while unknown;
 * notes: what is to be known of the call besides, in words.
 */
export function renderCaller(ticket, history, heard, callability = null, notes = []) {
  const card = document.getElementById("caller");
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
  renderStanding(document.getElementById("caller-standing"), call, history);
  drawEarlier(call?.number ? (history?.recent ?? []) : []);
}

/** Where the name comes from: "dari laporan 3 Agu", or the telephone network with this call. */
function nameSource({ source, at }) {
  const report = () => t("dari laporan {date}", { date: dateLine(at).replace(/^\S+ /, "") });
  return `· ${source === "note" ? report() : t("dari jaringan telepon")}`;
}

const STATES = {
  new: t("menunggu"),
  callback: t("menunggu"),
  claimed: t("dikerjakan"),
  dispatched: t("terkirim"),
  in_progress: t("ditangani"),
  verify: t("diperiksa"),
};

/** Newest earlier calls of the number; each opens its ticket to look at. */
function drawEarlier(recent) {
  keyed(document.getElementById("caller-calls"), recent, {
    key: (earlier) => `${earlier.ticket}-${earlier.at}`,
    make: () => {
      const row = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      const what = document.createElement("span");
      what.className = "what";
      const ending = document.createElement("span");
      ending.className = "caller-ending";
      what.append(document.createElement("b"), ending);
      button.append(document.createElement("span"), what);
      row.append(button);
      return row;
    },
    update: (row, earlier) => {
      const [button] = row.children;
      const [day, what] = button.children;
      const kind = earlier.type_name_id
        ? shortName({ name_id: earlier.type_name_id, name_en: earlier.type_name_en })
        : CLASSIFICATIONS[earlier.classification];
      const words = kind ?? (earlier.state === "abandoned" ? t("tidak terjawab") : t("belum dipilah"));
      const closed = DISPOSITIONS[earlier.disposition] ?? CLASSIFICATIONS[earlier.disposition];
      const ending = [earlier.kelurahan, closed === words ? null : (closed ?? STATES[earlier.ticket_state])]
        .filter(Boolean)
        .join(" · ");
      button.dataset.openTicket = earlier.ticket;
      setText(day, dateLine(earlier.at).replace(/^\S+ /, ""));
      setText(what.firstElementChild, words);
      setText(what.lastElementChild, ending || timeOfDay(earlier.at));
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

function drawBoxes(room, { count, limit }) {
  if (room.children.length !== limit)
    room.replaceChildren(...Array.from({ length: limit }, () => document.createElement("i")));
  for (const [place, box] of [...room.children].entries()) box.toggleAttribute("data-full", place < count);
}

/** Where a ticket is on the map: its own point, or the kelurahan's. */
function pointOf(place) {
  if (!place) return null;
  if (place.lat !== null && place.lat !== undefined) return { lat: place.lat, lon: place.lon, exact: true };
  return place.kelurahan_lat ? { lat: place.kelurahan_lat, lon: place.kelurahan_lon, exact: false } : null;
}

/** The map of the console: every open ticket, and the place that is being chosen. */
export class CallerMap {
  /** map: a promise of createMap(...); wards: code -> {name, kecamatan, lat, lon}. */
  constructor(map, wards) {
    this.wards = wards;
    this.title = document.getElementById("map-title");
    this.shown = {};
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

  /** tickets: the open ones; alertOf(ticket) -> "late" | "near" | null; place: what is chosen and location: where the
   *  caller's telephone is, when a ticket is open. */
  show({ tickets, alertOf, current, place, location, working }) {
    if (this.failed) return;
    setText(this.title, working ? this.#placeName(place) : t("Semua tiket terbuka {n}", { n: tickets.length }));
    this.again = () => this.show({ tickets, alertOf, current, place, location, working });
    if (!this.map) return;
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
    if (this.#changed("caller", location ?? null)) this.map.setCaller(location ?? null);
    const candidate = working ? this.#candidate(place) : null;
    const chosen = this.#changed("candidate", candidate);
    if (chosen) this.map.setCandidate(candidate);
    // Another ticket, or none: whatever the map was moved to meanwhile, such as a caller's telephone, is over too.
    const turned = this.#changed("ticket", working ? current : null);
    if (!chosen && !turned) return;
    if (candidate) this.map.focus(candidate.lat, candidate.lon);
    else this.map.fit();
  }

  /** Show a point, whatever ticket is open. */
  look(lat, lon) {
    this.map?.focus(lat, lon);
  }

  freshLandmarks() {
    this.map?.freshLandmarks();
  }

  #candidate(place) {
    if (!place) return null;
    const ward = this.wards.get(place.kelurahan_code);
    const exact = place.kind !== "kelurahan" && place.lat !== null && place.lat !== undefined;
    if (!exact && !ward) return null;
    const { lat, lon } = exact ? place : ward;
    return {
      lat,
      lon,
      accuracy_m: exact ? place.accuracy_m : null,
      label: place.name,
      icon: place.icon ?? null,
      rings: exact,
    };
  }

  #placeName(place) {
    if (!place) return t("Lokasi belum ada");
    const ward = this.wards.get(place.kelurahan_code);
    return ward ? `${ward.name}, ${ward.kecamatan}` : place.name;
  }

  #changed(name, value) {
    const text = JSON.stringify(value);
    if (this.shown[name] === text) return false;
    this.shown[name] = text;
    return true;
  }
}
