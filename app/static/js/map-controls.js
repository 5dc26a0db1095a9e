// The map's buttons (nearer, farther, whole city) and its line of small print.
import { icon, setText } from "./dom.js";
import { L } from "./map-leaflet.js";
import { t } from "./words.js";

export function addButtons(map, fit) {
  const bar = document.createElement("div");
  bar.className = "map-buttons";
  bar.append(
    button("plus", t("Perbesar peta"), () => map.zoomIn(1)),
    button("minus", t("Perkecil peta"), () => map.zoomOut(1)),
    button("crosshair", t("Seluruh kota"), fit),
  );
  L.DomEvent.disableClickPropagation(bar);
  map.getContainer().append(bar);
}

function button(sign, label, press) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "map-button";
  element.title = label;
  element.setAttribute("aria-label", label);
  element.append(icon(sign));
  element.addEventListener("click", press);
  return element;
}

/** One line at the foot of the map: {say(parts), room()}; empty parts are left out. */
export function addSmallPrint(map) {
  const line = document.createElement("p");
  line.className = "map-print";
  map.getContainer().append(line);
  return {
    say(parts) {
      const text = parts.filter(Boolean).join(" ");
      line.hidden = text === "";
      setText(line, text);
    },
    /** The height that the line takes from the map; none when it stands in a corner. */
    room: () => (line.offsetWidth > map.getSize().x / 2 ? line.offsetHeight : 0),
  };
}

/** The optional tiles of `<body data-tiles-url data-tiles-attribution>`; says "absent", "shown" (one has come) or "failed". */
export function addTiles(map, onState) {
  const { tilesUrl } = document.body.dataset;
  if (!tilesUrl) return onState("absent");
  const tiles = L.tileLayer(tilesUrl, { attribution: "", maxZoom: 19 });
  tiles.on("tileerror", () => onState("failed"));
  tiles.on("tileload", () => onState("shown"));
  return tiles.addTo(map);
}
