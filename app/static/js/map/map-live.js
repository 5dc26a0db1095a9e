// Where a caller's telephone says it is now: a ringed dot, its circle of uncertainty, its age. It moves by itself and
// cannot be taken for the chosen place, which is a drop.
import { icon, setText } from "../core/dom.js";
import { L, readColours } from "./map-leaflet.js";

/** set({lat, lon, accuracy_m, stale, label} | null) */
export function makeLive(map) {
  let layers = null;

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
    const spot = L.divIcon({ className: "map-spot", html: dot, iconSize: null });
    const marker = L.marker([lat, lon], {
      icon: spot,
      interactive: false,
      keyboard: false,
      pane: "pins",
      zIndexOffset: 90000,
    }).addTo(map);
    marker.getElement().setAttribute("aria-hidden", "true"); // the caller's card says the same in words
    return { dot, label, circle, marker };
  }

  return {
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
