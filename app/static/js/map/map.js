// The city map: our own boundaries on a canvas, pins of tickets, one candidate place; works without tiles and without a
// network.
import { get } from "../core/api.js";
import { frameOnce, icon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { drawBoundaries } from "./map-boundaries.js";
import { addCallerLocation, makeCandidate } from "./map-candidate.js";
import { addLabels } from "./map-labels.js";
import { addLandmarkNames, addLandmarks } from "./map-landmarks.js";
import { L, loadMap, readColours } from "./map-leaflet.js";
import { makeLive } from "./map-live.js";
import { addMenu } from "./map-menu.js";
import { addPins } from "./map-pins.js";
import { addTiles } from "./map-tiles.js";

/**
 * @typedef {import("./map-leaflet.js").LeafletMap} LeafletMap
 * @typedef {import("./map-candidate.js").OnPick} OnPick
 * @typedef {import("./map-candidate.js").Candidate} Candidate
 * @typedef {import("../types.d.ts").CityView} CityView
 * @typedef {ReturnType<typeof addLandmarks>} Landmarks
 * @typedef {Awaited<ReturnType<typeof createMap>>} CityMap
 */

/** Panes from the ground up; Leaflet's own tile pane lies below at 200. */
const PANES = { land: 300, rings: 420, names: 430, pins: 600 };
/** Half the width that focus() shows: the 500 m ring and some room. */
const FOCUS_M = 750;
/** Where kelurahan are only points: so far that some of their names show. */
const FOCUS_ON_POINTS_M = 1200;
/** Around the city when all of it shows. */
const ROOM_PX = 12;
/** A kelurahan that is only a point has its name under the point. */
const BELOW_POINT_PX = 12;
/** @type {import("../payloads.d.ts").Points} */
const NO_BOUNDARIES = { points: [] };

/**
 * A map in this element. `bbox`: what shows where no boundaries are known. `interactive`: a hand may move it, and choose
 * a point, which onPick is told. `actions`: what the menu of a point offers. Rejects where Leaflet does not come.
 * @param {HTMLElement} element
 * @param {object} options
 * @param {"/api/v1/boundaries"} options.boundariesUrl
 * @param {"/api/v1/places/landmarks"} [options.landmarksUrl] none are shown without it
 * @param {CityView["centre"]} options.centre
 * @param {CityView["bbox"]} [options.bbox]
 * @param {boolean} [options.interactive]
 * @param {OnPick | null} [options.onPick]
 * @param {import("./map-menu.js").PointAction[] | null} [options.actions]
 */
export async function createMap(
  element,
  { boundariesUrl, landmarksUrl, centre, bbox, interactive = false, onPick = null, actions = null },
) {
  await loadMap();
  const map = makeLeaflet(element, centre, interactive);
  /** @type {{touched: boolean, focus: import("./map-geometry.js").LatLon | null}} */
  const view = { touched: false, focus: null };
  const small = { boundaries: "", tiles: "" };
  const print = addSmallPrint(map);
  const say = () => print.say([small.boundaries, small.tiles]);

  /** @type {import("../payloads.d.ts").Boundaries} */
  let data = NO_BOUNDARIES;
  try {
    data = await get(boundariesUrl);
  } catch (problem) {
    console.warn("the map has no boundaries:", String(problem));
    small.boundaries = t("Batas wilayah gagal dimuat.");
  }
  const boundaries = drawBoundaries(map, data, readColours(element));
  if (data !== NO_BOUNDARIES) {
    small.boundaries = boundaries.approximate
      ? t("Perkiraan, tanpa batas wilayah.")
      : boundaries.attribution &&
        // on a wall or a phone one line
        (interactive ? t("Batas: {source}.", { source: boundaries.attribution }) : `© ${boundaries.attribution}`);
  }
  const tiles = addTiles(map, (state) => {
    if (state === "shown") boundaries.overTiles();
    small.tiles = {
      absent: interactive ? t("Tanpa ubin peta.") : "",
      shown: document.body.dataset.tilesAttribution ?? "",
      failed: t("Ubin peta gagal dimuat."),
    }[state];
    say();
  });

  // Names are arranged once before the next frame: they keep clear of pins that the browser has laid out by then.
  const arrangeNames = frameOnce(() => {
    labels.arrange();
    names?.arrange();
  });
  map.on("zoomend moveend resize viewreset", arrangeNames);
  const pins = addPins(map, arrangeNames);
  const candidate = makeCandidate(map, readColours(element), interactive ? onPick : null);
  const live = makeLive(map);
  const labels = addLabels(map, {
    places: boundaries.places,
    centres: boundaries.centres,
    belowPx: boundaries.approximate ? BELOW_POINT_PX : 0,
    busy: () => [...pins.boxes(), ...candidate.boxes()],
  });
  const caller = addCallerLocation(map, readColours(element));
  const landmarks = landmarksUrl ? addLandmarks(map, landmarksUrl, readColours(element), arrangeNames) : null;
  const names =
    landmarks &&
    addLandmarkNames(map, landmarks.names, () => [...pins.boxes(), ...candidate.boxes(), ...labels.boxes()]);
  landmarks?.load();

  function show() {
    const room = ROOM_PX + pins.reach();
    if (view.focus)
      map.fitBounds(L.latLng(view.focus).toBounds(2 * (boundaries.approximate ? FOCUS_ON_POINTS_M : FOCUS_M)), {
        animate: false,
      });
    else if (bbox && !boundaries.bounds)
      map.fitBounds(
        [
          [bbox.south, bbox.west],
          [bbox.north, bbox.east],
        ],
        { animate: false },
      );
    else if (boundaries.bounds)
      map.fitBounds(boundaries.bounds, {
        animate: false,
        paddingTopLeft: [room, room],
        paddingBottomRight: [room, room + print.room()],
      });
    view.touched = false;
    arrangeNames();
  }

  const fit = () => {
    view.focus = null;
    show();
  };
  if (interactive) {
    addButtons(map, fit, landmarks);
    if (actions) addMenu(map, { actions, pinAt: candidate.at });
    for (const kind of ["pointerdown", "wheel", "keydown"])
      element.addEventListener(
        kind,
        () => {
          view.touched = true;
        },
        { passive: true },
      );
    if (onPick) allowPicking(map, element, onPick);
  }
  new ResizeObserver(() => {
    map.invalidateSize({ pan: false });
    if (!view.touched) show();
  }).observe(element);

  const repaint = () => {
    const colours = readColours(element);
    boundaries.restyle(colours);
    candidate.restyle(colours);
    caller.restyle(colours);
    landmarks?.restyle(colours);
    tiles.restyle();
    pins.restyle();
  };
  document.addEventListener("siaga:theme", repaint);
  document.fonts?.ready.then(() => {
    labels.forget();
    arrangeNames();
  });
  show();

  return {
    fit,
    /** @param {import("./map-pins.js").MapPin[]} list */
    setPins(list) {
      const before = pins.reach();
      pins.set(list);
      if (pins.reach() !== before && !view.touched) show();
    },
    setLive: live.set,
    /**
     * The place that is being chosen; movable when interactive.
     * @param {Candidate | null} place
     */
    setCandidate(place) {
      candidate.set(place);
      boundaries.choose(place);
      arrangeNames();
    },
    /** Where the caller's telephone says it is. */
    setCaller: caller.set,
    /** Ask for them anew. */
    freshLandmarks: () => landmarks?.load(),
    /**
     * @param {number} lat
     * @param {number} lon
     */
    focus(lat, lon) {
      view.focus = [lat, lon];
      show();
    },
  };
}

/**
 * @param {HTMLElement} element
 * @param {CityView["centre"]} centre
 * @param {boolean} interactive
 */
function makeLeaflet(element, centre, interactive) {
  element.classList.add("map");
  const map = L.map(element, {
    preferCanvas: true,
    attributionControl: false,
    zoomControl: false,
    zoomSnap: 0,
    zoomDelta: 0.75,
    minZoom: 9,
    maxZoom: 19,
    // Nothing on the map moves by itself: the pictures of UI.md need no motion to be understood.
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    inertia: false,
    dragging: interactive,
    touchZoom: interactive,
    scrollWheelZoom: interactive,
    doubleClickZoom: interactive,
    boxZoom: interactive,
    keyboard: interactive,
    center: centre,
    zoom: 12,
  });
  for (const [name, level] of Object.entries(PANES)) map.createPane(name).style.zIndex = String(level);
  return map;
}

/**
 * A click chooses a place; with the keyboard Enter chooses the middle of the map, which the arrow keys move.
 * @param {LeafletMap} map
 * @param {HTMLElement} element
 * @param {OnPick} onPick
 */
function allowPicking(map, element, onPick) {
  map.on("click", ({ latlng }) => onPick(latlng.lat, latlng.lng));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== element) return;
    event.preventDefault();
    event.stopPropagation();
    const { lat, lng } = map.getCenter();
    onPick(lat, lng);
  });
}

/**
 * The map's buttons: landmarks on and off, nearer, farther, whole city.
 * @param {LeafletMap} map
 * @param {() => void} fit
 * @param {Landmarks | null} landmarks
 */
function addButtons(map, fit, landmarks) {
  const bar = document.createElement("div");
  bar.className = "map-buttons";
  bar.append(
    button("plus", t("Perbesar peta"), () => map.zoomIn(1)),
    button("minus", t("Perkecil peta"), () => map.zoomOut(1)),
    button("crosshair", t("Seluruh kota"), fit),
  );
  if (landmarks) {
    const toggle = button("landmark", t("Patokan di peta"), () => {
      landmarks.toggle();
      toggle.setAttribute("aria-pressed", String(landmarks.on()));
    });
    toggle.setAttribute("aria-pressed", String(landmarks.on()));
    bar.prepend(toggle);
  }
  L.DomEvent.disableClickPropagation(bar);
  map.getContainer().append(bar);
}

/**
 * @param {string} sign
 * @param {string} label
 * @param {() => void} press
 */
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

/**
 * One line at the foot of the map.
 * @param {LeafletMap} map
 */
function addSmallPrint(map) {
  const line = document.createElement("p");
  line.className = "map-print";
  map.getContainer().append(line);
  return {
    /** @param {string[]} parts those that are empty are left out */
    say(parts) {
      const text = parts.filter(Boolean).join(" ");
      line.hidden = text === "";
      setText(line, text);
    },
    /** The height that the line takes from the map; none when it stands in a corner. */
    room: () => (line.offsetWidth > map.getSize().x / 2 ? line.offsetHeight : 0),
  };
}
