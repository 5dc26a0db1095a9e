// Landmarks on the map: small squares on the canvas, with names from nearby; the centre's own are filled. A button
// turns them off.
import { get } from "../core/api.js";
import { setText } from "../core/dom.js";
import { L, pixelsPerKilometre } from "./map-leaflet.js";

/**
 * @typedef {import("./map-leaflet.js").LeafletMap} LeafletMap
 * @typedef {import("./map-leaflet.js").Box} Box
 * @typedef {import("./map-leaflet.js").Colours} Colours
 * @typedef {import("./map-geometry.js").LatLon} LatLon
 * @typedef {{text: string, at: LatLon, rightPx: number}} Name
 */

/** From this many pixels for a kilometre squares show, and from so many their names. */
const SQUARES_FROM_PX_PER_KM = 30;
const NAMES_FROM_PX_PER_KM = 100;
const HALF_PX = 3.5;
const NAME_RIGHT_PX = 7;
const KEPT = "siaga.map.landmarks";

/**
 * What Leaflet's types do not tell of a path on its canvas.
 * @typedef {object} CanvasPath
 * @property {{_ctx: CanvasRenderingContext2D, _drawing: boolean, _fillStroke: FillStroke}} _renderer
 * @property {import("leaflet").Point} _point
 * @property {() => boolean} _empty
 */
/** @typedef {(context: CanvasRenderingContext2D, path: CanvasPath) => void} FillStroke */

/**
 * Squares on the canvas; Leaflet itself draws circles only.
 * @returns {typeof import("leaflet").CircleMarker}
 */
const squares = () =>
  L.CircleMarker.extend({
    /** @this {CanvasPath} */
    _updatePath() {
      const { _ctx: context } = this._renderer;
      if (!this._renderer._drawing || this._empty()) return;
      const { x, y } = this._point;
      context.beginPath();
      context.rect(x - HALF_PX, y - HALF_PX, 2 * HALF_PX, 2 * HALF_PX);
      this._renderer._fillStroke(context, this);
    },
  });

/**
 * @param {LeafletMap} map
 * @param {"/api/v1/places/landmarks"} url
 * @param {Colours} colours
 * @param {() => void} onChange
 */
export function addLandmarks(map, url, colours, onChange) {
  const group = L.layerGroup();
  const Square = squares();
  let palette = colours;
  /** @type {import("../payloads.d.ts").MapLandmark[]} */
  let items = [];
  let wanted = readChoice();
  /** @type {symbol | null} */
  let loading = null;

  /** @param {boolean} own */
  const style = (own) => ({
    radius: HALF_PX,
    weight: 1.5,
    color: palette.label,
    fill: true,
    fillOpacity: 1,
    fillColor: own ? palette.label : palette.land,
    interactive: false,
    pane: "rings",
  });

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
    const mine = Symbol("landmarks");
    loading = mine;
    try {
      const answer = await get(url);
      if (loading !== mine) return;
      items = answer.items;
      draw();
    } catch (problem) {
      console.warn("the map has no landmarks:", String(problem));
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
    /**
     * Those whose name has room.
     * @returns {Name[]}
     */
    names: () =>
      wanted && pixelsPerKilometre(map) >= NAMES_FROM_PX_PER_KM
        ? items.map(({ name, lat, lon }) => ({ text: name, at: [lat, lon], rightPx: NAME_RIGHT_PX }))
        : [],
    /** @param {Colours} next */
    restyle(next) {
      palette = next;
      draw();
    },
  };
}

function readChoice() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

/** @param {boolean} on */
function keepChoice(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // A browser without storage asks again next time.
  }
}

// The names beside the squares: only those that fit between what is there already; elements are reused, not made anew.

const GAP_PX = 4;
const MOST = 60; // names to place at a time

/**
 * @param {LeafletMap} map
 * @param {() => Name[]} names
 * @param {() => Box[]} busy what stays free
 */
export function addLandmarkNames(map, names, busy) {
  const pane = map.createPane("landmark-names");
  pane.classList.add("map-names", "map-landmark-names");
  pane.style.zIndex = "431";
  /** @type {HTMLElement[]} */
  const spare = []; // elements, used from the front

  function arrange() {
    const size = map.getSize();
    const near = names()
      .map((name) => ({ ...name, point: map.latLngToContainerPoint(name.at) }))
      .filter(({ point }) => point.x > 0 && point.y > 0 && point.x < size.x && point.y < size.y)
      .slice(0, MOST);
    const taken = near.length ? [...busy()] : [];
    near.forEach(({ text }, place) => {
      spare[place] ??= makeName(pane);
      const element = spare[place];
      setText(element, text);
      element.hidden = false;
    });
    // Measured all together: between two changes each look would make the browser lay the page out again.
    const sizes = near.map((_, place) => ({ w: spare[place].offsetWidth, h: spare[place].offsetHeight }));
    near.forEach(({ at, rightPx, point }, place) => {
      const element = spare[place];
      const { w, h } = sizes[place];
      // To the right of its square; where that is taken or ends the map, to the left.
      const box = [rightPx, -rightPx - w]
        .map((beside) => ({ beside, x: point.x + beside, y: point.y - h / 2, w, h }))
        .find((tried) => tried.x > 0 && tried.x + w < size.x && !taken.some((other) => touches(tried, other)));
      element.hidden = !box;
      if (!box) return;
      taken.push(box);
      L.DomUtil.setPosition(element, map.latLngToLayerPoint(at).add([box.beside, 0]).round());
    });
    for (const element of spare.slice(near.length)) element.hidden = true;
  }

  return { arrange };
}

/** @param {HTMLElement} pane */
function makeName(pane) {
  const element = document.createElement("span");
  element.className = "map-name map-name--landmark";
  pane.append(element);
  return element;
}

/**
 * @param {Box} a
 * @param {Box} b
 */
const touches = (a, b) => a.x < b.x + b.w + GAP_PX && b.x < a.x + a.w + GAP_PX && a.y < b.y + b.h && b.y < a.y + a.h;
