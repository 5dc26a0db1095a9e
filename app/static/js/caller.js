// The right column: who calls (the number is read aloud, so it is the largest text there) and where.
import { fill, keyed, one, setText } from "./dom.js";
import { lastCall } from "./store.js";
import { dateLine, timeOfDay } from "./time.js";
import { CLASSIFICATIONS, phoneNumber, shortName, t } from "./words.js";

/**
 * Fill the caller card; history: {calls, genuine, recent} or null while unknown; heard: what the demo's caller says ("" is
 * silence), null for a real one.
 */
export function renderCaller(ticket, history, heard) {
  const card = document.getElementById("caller");
  const call = lastCall(ticket);
  card.hidden = false;
  const location = call?.location;
  const where = location ? t("lokasi ponsel ±{m} m", { m: Math.round(location.uncertainty_m ?? 0) }) : t("lokasi ponsel tidak dikirim");
  const nuisance = call?.nuisance;
  fill(card, {
    number: call ? phoneNumber(call.number) : t("Tanpa panggilan"),
    facts: call ? [call.number ? (call.carrier ?? t("operator tidak dikenal")) : t("mungkin tanpa kartu SIM"), where].join(" · ") : null,
    nuisance: nuisance ? t("{n} dari {limit}", { n: nuisance.count, limit: nuisance.limit }) : null,
    "nuisance-note": call && !call.number ? t("Tanpa riwayat, hitungan, atau blokir.") : history ? t("{n} panggilan sebelumnya, {genuine} sah", { n: history.calls, genuine: history.genuine }) : null,
  });
  const voice = one('[data-part="heard"]', card);
  voice.hidden = heard === null;
  fill(voice, { words: heard === null ? null : heard === "" ? t("(diam)") : `“${heard}”` });
  one('[data-action="copy-number"]', card).hidden = !call?.number;
  const line = one('[data-part="nuisance"]', card);
  line.hidden = !nuisance;
  if (nuisance) drawBoxes(one('[data-part="boxes"]', line), nuisance);
  const list = document.getElementById("caller-calls");
  keyed(list, call?.number ? (history?.recent ?? []) : [], {
    key: (earlier) => earlier.ticket,
    make: () => {
      const row = document.createElement("li");
      row.append(document.createElement("span"), document.createElement("b"), document.createElement("span"));
      return row;
    },
    update: (row, earlier) => {
      const [day, what, when] = row.children;
      setText(day, dateLine(earlier.at));
      const kind = earlier.type_name_id ? shortName({ name_id: earlier.type_name_id, name_en: earlier.type_name_en }) : CLASSIFICATIONS[earlier.classification];
      setText(what, kind ?? (earlier.state === "abandoned" ? t("tidak terjawab") : t("belum dipilah")));
      setText(when, timeOfDay(earlier.at));
    },
  });
}

function drawBoxes(room, { count, limit }) {
  if (room.children.length !== limit) room.replaceChildren(...Array.from({ length: limit }, () => document.createElement("i")));
  [...room.children].forEach((box, place) => box.toggleAttribute("data-full", place < count));
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

  /** tickets: the open ones; alertOf(ticket) -> "late" | "near" | null; place: what is chosen, when a ticket is open. */
  show({ tickets, alertOf, current, place, working }) {
    if (this.failed) return;
    setText(this.title, working ? this.#placeName(place) : t("Semua tiket terbuka {n}", { n: tickets.length }));
    this.again = () => this.show({ tickets, alertOf, current, place, working });
    if (!this.map) return;
    const pins = [];
    for (const ticket of tickets) {
      const point = pointOf(ticket.place);
      if (point && ticket.number !== current) pins.push({ id: ticket.number, label: ticket.joined?.length ? `${ticket.short} +${ticket.joined.length}` : ticket.short, priority: ticket.priority, icon: ticket.type?.icon ?? null, lat: point.lat, lon: point.lon, alert: alertOf(ticket) });
    }
    if (this.#changed("pins", pins)) this.map.setPins(pins);
    const candidate = working ? this.#candidate(place) : null;
    if (!this.#changed("candidate", candidate)) return;
    this.map.setCandidate(candidate);
    if (candidate) this.map.focus(candidate.lat, candidate.lon);
    else this.map.fit();
  }

  #candidate(place) {
    if (!place) return null;
    const ward = this.wards.get(place.kelurahan_code);
    const exact = place.kind !== "kelurahan" && place.lat !== null && place.lat !== undefined;
    if (!exact && !ward) return null;
    const { lat, lon } = exact ? place : ward;
    return { lat, lon, accuracy_m: exact ? place.accuracy_m : null, label: place.name, icon: place.icon ?? null, rings: exact };
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
