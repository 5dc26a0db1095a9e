// Where a caller's telephone says it is now: a ringed dot, its circle of uncertainty, its age. It moves by itself and
// cannot be taken for the chosen place, which is a drop.
import { icon, setText } from "../core/dom.js";
import { elementOf, L, readColours, spotOf } from "./map-leaflet.js";

/** @typedef {{lat: number, lon: number, accuracy_m: number, stale: boolean, label: string}} LivePin */

/** @param {import("./map-leaflet.js").LeafletMap} map */
export function makeLive(map) {
  /** @type {ReturnType<typeof build> | null} */
  let layers = null;

  /** @param {LivePin} pin */
  function build({ lat, lon }) {
    const dot = document.createElement("span");
    dot.className = "map-live";
    const label = document.createElement("span");
    label.className = "map-live-age";
    dot.append(icon("user"), label);
    const circle = L.circle([lat, lon], {
      interactive: false,
      pane: "rings",
      radius: 1,
      weight: 1.5,
      dashArray: "2 4",
    }).addTo(map);
    const marker = L.marker([lat, lon], {
      icon: spotOf(dot),
      interactive: false,
      keyboard: false,
      pane: "pins",
      zIndexOffset: 90000,
    }).addTo(map);
    elementOf(marker).setAttribute("aria-hidden", "true"); // the caller's card says the same in words
    return { dot, label, circle, marker };
  }

  return {
    /** @param {LivePin | null} pin */
    set(pin) {
      if (!pin) {
        layers?.circle.remove();
        layers?.marker.remove();
        layers = null;
        return;
      }
      layers ??= build(pin);
      const at = L.latLng(pin.lat, pin.lon);
      if (!layers.marker.getLatLng().equals(at)) layers.marker.setLatLng(at);
      const { accuracy: colour } = readColours(map.getContainer());
      layers.circle
        .setLatLng(at)
        .setRadius(pin.accuracy_m)
        .setStyle({ color: colour, fillColor: colour, fillOpacity: pin.stale ? 0.04 : 0.14 });
      layers.dot.classList.toggle("map-live--stale", pin.stale);
      setText(layers.label, pin.label);
    },
  };
}
