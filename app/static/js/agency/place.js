// Where it is: a small map that does not catch the finger that scrolls, and the way to the phone's own map.
import { one, setAttribute } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { createMap } from "../map/map.js";

/**
 * @typedef {import("../payloads.d.ts").AgencyTicket} AgencyTicket
 * @typedef {import("../map/map.js").CityMap} CityMap
 */

/**
 * How exact the place is, in words; null where a point was chosen exactly.
 * @param {NonNullable<AgencyTicket["place"]>} place
 */
export function precision(place) {
  if (place.lat === null) return t("titik kelurahan, lokasi persis belum ada");
  if (place.accuracy_m) return t("kira-kira ±{n} m", { n: Math.round(place.accuracy_m) });
  return null;
}

/**
 * Opens in whatever map the phone has: Android knows geo:, an iPhone its own scheme, a computer only the web.
 * @param {number} lat
 * @param {number} lon
 */
function mapLink(lat, lon) {
  const at = `${lat.toFixed(6)},${lon.toFixed(6)}`;
  if (/iPhone|iPad|iPod/.test(navigator.userAgent)) return `maps:?q=${at}`;
  if (/Android/.test(navigator.userAgent)) return `geo:${at}?q=${at}`;
  return `https://www.openstreetmap.org/?mlat=${lat.toFixed(6)}&mlon=${lon.toFixed(6)}#map=17/${at.replace(",", "/")}`;
}

/**
 * Returns what shows the place of a ticket.
 * @param {import("../types.d.ts").CityView} city
 */
export function placeOnMap(city) {
  /** @type {string | null} */
  let shown = null;
  /** @type {Promise<CityMap> | null} */
  let map = null; // once there is a place
  return (/** @type {AgencyTicket} */ ticket) => {
    const { place, type } = ticket;
    const lat = place?.lat ?? place?.kelurahan_lat ?? null;
    const lon = place?.lon ?? place?.kelurahan_lon ?? null;
    one("#map-box").hidden = lat === null;
    const key = JSON.stringify([lat, lon, place?.accuracy_m, type?.icon]);
    if (lat === null || lon === null || key === shown) return;
    shown = key;
    setAttribute(one("#open-map"), "href", mapLink(lat, lon));
    map ??= createMap(one("#map"), {
      boundariesUrl: "/api/v1/boundaries",
      centre: city.centre,
      bbox: city.bbox,
      interactive: false,
    });
    map.then(
      (drawn) => {
        drawn.setCandidate({
          lat,
          lon,
          accuracy_m: place?.lat === null ? null : place?.accuracy_m,
          icon: type?.icon,
          rings: false,
        });
        drawn.focus(lat, lon);
      },
      (problem) => {
        console.warn("the map cannot be shown:", String(problem));
        // The way to the phone's own map stays; the next change of the place tries again.
        map = null;
      },
    );
  };
}
