// Landmarks on the map: small squares on the canvas, with names from nearby; the centre's own are filled. A button turns them off.
import { get } from "./api.js";
import { L } from "./map-leaflet.js";

/** From this many pixels for a kilometre squares show, and from so many their names. */
const SQUARES_FROM_PX_PER_KM = 30;
const NAMES_FROM_PX_PER_KM = 100;
const HALF_PX = 3.5;
const NAME_RIGHT_PX = 7;
const KEPT = "siaga.map.landmarks";

/** A square on the canvas; Leaflet itself draws circles only. */
const Square = L.CircleMarker.extend({
  _updatePath() {
    const { _ctx: context } = this._renderer;
    if (!this._renderer._drawing || this._empty()) return;
    const { x, y } = this._point;
    context.beginPath();
    context.rect(x - HALF_PX, y - HALF_PX, 2 * HALF_PX, 2 * HALF_PX);
    this._renderer._fillStroke(context, this);
  },
});

/** url: GET /api/v1/places/landmarks. Returns {load(), toggle(), on(), names(): [{text, at}] of those whose name has room, restyle(colours)}. */
export function addLandmarks(map, url, colours, onChange) {
  const group = L.layerGroup();
  let palette = colours;
  let items = [];
  let wanted = readChoice();
  let loading = null;

  const style = (own) => ({ radius: HALF_PX, weight: 1.5, color: palette.label, fill: true, fillOpacity: 1, fillColor: own ? palette.label : palette.land, interactive: false, pane: "rings" });

  function draw() {
    group.clearLayers();
    for (const { lat, lon, source } of items) group.addLayer(new Square([lat, lon], style(source === "own")));
    show();
  }

  function show() {
    const visible = wanted && pixelsPerKilometre(map) >= SQUARES_FROM_PX_PER_KM;
    if (visible !== map.hasLayer(group)) visible ? group.addTo(map) : group.remove();
    onChange();
  }

  async function load() {
    // Asked for anew while an answer is on its way: the later one counts.
    const mine = (loading = Symbol("landmarks"));
    try {
      const answer = await get(url);
      if (loading !== mine) return;
      items = answer.items;
      draw();
    } catch (problem) {
      console.warn("the map has no landmarks:", problem.message);
    }
  }

  map.on("zoomend resize", show);
  return {
    load,
    on: () => wanted,
    toggle() {
      wanted = !wanted;
      keepChoice(wanted);
      show();
    },
    /** Names that have room, as the labels take them. */
    names: () => (wanted && pixelsPerKilometre(map) >= NAMES_FROM_PX_PER_KM ? items.map(({ name, lat, lon }) => ({ text: name, at: [lat, lon], rightPx: NAME_RIGHT_PX })) : []),
    restyle(next) {
      palette = next;
      draw();
    },
  };
}

function pixelsPerKilometre(map) {
  const centre = map.getCenter();
  return map.latLngToContainerPoint(centre).distanceTo(map.latLngToContainerPoint(L.latLng(centre.lat + 0.01, centre.lng))) / 1.113;
}

function readChoice() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

function keepChoice(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // A browser without storage asks again next time.
  }
}
