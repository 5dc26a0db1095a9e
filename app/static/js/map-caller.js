// Where the caller's telephone says it is: a dashed circle as wide as it is uncertain, a cross in its middle.
import { L } from "./map-leaflet.js";

const CROSS_PX = 7;

/** Returns {set({lat, lon, uncertainty_m}|null), restyle(colours)}. */
export function addCallerLocation(map, colours) {
  let palette = colours;
  let layers = null;

  const style = () => ({ interactive: false, pane: "rings", color: palette.accuracy, weight: 1.5 });

  function remove() {
    layers?.group.remove();
    layers = null;
  }

  return {
    set(location) {
      if (!location) return remove();
      const at = [location.lat, location.lon];
      if (!layers) {
        const group = L.layerGroup().addTo(map);
        const circle = L.circle(at, { ...style(), radius: 1, dashArray: "6 5", fillColor: palette.accuracy, fillOpacity: 0.08 }).addTo(group);
        const mark = document.createElement("span");
        mark.className = "map-caller";
        mark.style.setProperty("--cross", `${CROSS_PX}px`);
        const cross = L.marker(at, { interactive: false, keyboard: false, pane: "rings", icon: L.divIcon({ className: "map-spot", html: mark, iconSize: null }) }).addTo(group);
        layers = { group, circle, cross };
      }
      layers.circle.setLatLng(at).setRadius(Math.max(1, location.uncertainty_m ?? 0));
      layers.cross.setLatLng(at);
      return undefined;
    },
    restyle(next) {
      palette = next;
      layers?.circle.setStyle({ ...style(), fillColor: palette.accuracy });
    },
  };
}
