// Names on the map: kecamatan when the whole city shows, kelurahan from nearby; a name that would touch another one or
// a pin is left out.
import { L, pixelsPerKilometre } from "./map-leaflet.js";

/**
 * @typedef {import("./map-leaflet.js").LeafletMap} LeafletMap
 * @typedef {import("./map-leaflet.js").Box} Box
 * @typedef {import("./map-geometry.js").LatLon} LatLon
 */

/** From this many pixels for a kilometre kelurahan names have room. */
const KELURAHAN_FROM_PX_PER_KM = 55;
const GAP_PX = 6;

/**
 * @param {LeafletMap} map
 * @param {object} what
 * @param {import("./map-boundaries.js").Kelurahan[]} what.places
 * @param {Map<string, LatLon>} what.centres of the kecamatan, by name
 * @param {number} what.belowPx how far under its point a kelurahan's name stands
 * @param {() => Box[]} what.busy what stays free
 */
export function addLabels(map, { places, centres, belowPx, busy }) {
  const pane = map.createPane("names");
  pane.classList.add("map-names");
  const names = [
    ...[...centres].map(([text, at]) => makeName(pane, text, at, "kecamatan")),
    ...places.map(({ name, lat, lon }) => makeName(pane, name, [lat, lon], "kelurahan")),
  ];

  /** @type {Box[]} */
  let shownBoxes = [];

  function arrange() {
    const taken = [...busy()];
    shownBoxes = [];
    const size = map.getSize();
    const wanted = pixelsPerKilometre(map) >= KELURAHAN_FROM_PX_PER_KM ? "kelurahan" : "kecamatan";
    for (const name of names) {
      const below = name.kind === "kelurahan" ? belowPx : 0;
      const at = map.latLngToContainerPoint(name.at).add([0, below]);
      const box = { x: at.x - name.width() / 2, y: at.y - name.height() / 2, w: name.width(), h: name.height() };
      const shown =
        name.kind === wanted &&
        box.x > 0 &&
        box.y > 0 &&
        box.x + box.w < size.x &&
        box.y + box.h < size.y &&
        !taken.some((other) => touches(box, other));
      name.element.hidden = !shown;
      if (!shown) continue;
      taken.push(box);
      shownBoxes.push(box);
      L.DomUtil.setPosition(name.element, map.latLngToLayerPoint(name.at).add([0, below]).round());
    }
  }

  return {
    arrange,
    /** What the names that show cover, in container pixels. */
    boxes: () => shownBoxes,
    /** The font has arrived or its size has changed: measure the names anew when they are next arranged. */
    forget() {
      for (const name of names) name.forget();
    },
  };
}

/**
 * @param {HTMLElement} pane
 * @param {string} text
 * @param {LatLon} at
 * @param {"kecamatan" | "kelurahan"} kind
 */
function makeName(pane, text, at, kind) {
  const element = document.createElement("span");
  element.className = `map-name map-name--${kind}`;
  element.textContent = text;
  pane.append(element);
  /** @type {{width: number, height: number} | null} */
  let size = null;
  const measure = () => {
    if (size === null) {
      const wasHidden = element.hidden;
      element.hidden = false;
      size = { width: element.offsetWidth, height: element.offsetHeight };
      element.hidden = wasHidden;
    }
    return size;
  };
  const forget = () => {
    size = null;
  };
  return { element, at, kind, forget, width: () => measure().width, height: () => measure().height };
}

/**
 * @param {Box} a
 * @param {Box} b
 */
function touches(a, b) {
  return a.x < b.x + b.w + GAP_PX && b.x < a.x + a.w + GAP_PX && a.y < b.y + b.h && b.y < a.y + a.h;
}
