// Names on the map: kecamatan when the whole city shows, kelurahan from nearby; a name that would touch another one or
// a pin is left out.
import { L } from "./map-leaflet.js";

/** From this many pixels for a kilometre kelurahan names have room. */
const KELURAHAN_FROM_PX_PER_KM = 55;
const GAP_PX = 6;

/**
 * places: [{name, kecamatan, lat, lon}]; centres: Map kecamatan -> [lat, lon]; belowPx: how far under its point a
 * kelurahan's name stands; busy(): boxes {x, y, w, h} in container pixels that stay free.
 */
export function addLabels(map, { places, centres, belowPx, busy }) {
  const pane = map.createPane("names");
  pane.classList.add("map-names");
  const names = [
    ...[...centres].map(([text, at]) => makeName(pane, text, at, "kecamatan")),
    ...places.map(({ name, lat, lon }) => makeName(pane, name, [lat, lon], "kelurahan")),
  ];

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

function makeName(pane, text, at, kind) {
  const element = document.createElement("span");
  element.className = `map-name map-name--${kind}`;
  element.textContent = text;
  pane.append(element);
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

function pixelsPerKilometre(map) {
  const centre = map.getCenter();
  const north = L.latLng(centre.lat + 0.01, centre.lng);
  return map.latLngToContainerPoint(centre).distanceTo(map.latLngToContainerPoint(north)) / 1.113;
}

function touches(a, b) {
  return a.x < b.x + b.w + GAP_PX && b.x < a.x + a.w + GAP_PX && a.y < b.y + b.h && b.y < a.y + a.h;
}
