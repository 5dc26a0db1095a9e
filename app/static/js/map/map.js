// The city map: our own boundaries on a canvas, pins of tickets, one candidate place; works without tiles and without a
// network.
//
//  const map = await createMap(element, {boundariesUrl, landmarksUrl, centre: [lat, lon],
//    bbox: {south, west, north, east}, interactive, onPick(lat, lon, moved), actions});
//  onPick: a point was chosen, or (moved) the pin was dragged or pushed there
//  actions: what the menu of a point offers, see map-menu.js
//  map.setPins([{id, label, priority: "P1"|null, icon|null, lat, lon, alert: "late"|"near"|null}])
//    with an icon the disc carries it and the letter stands beside
//  map.setCandidate({lat, lon, accuracy_m, label, icon, rings}|null)
//    rings (250 and 500 m) unless false; movable when interactive
//  map.setCaller({lat, lon, uncertainty_m}|null): where the caller's telephone says it is
//  map.freshLandmarks(): ask for them anew
//  map.focus(lat, lon), map.fit(), map.setTheme("dark"|"light")
import { get } from "../core/api.js";
import { frameOnce, icon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { drawBoundaries } from "./map-boundaries.js";
import { addCallerLocation, makeCandidate } from "./map-candidate.js";
import { addLabels } from "./map-labels.js";
import { addLandmarkNames, addLandmarks } from "./map-landmarks.js";
import { L, mapStyles, readColours } from "./map-leaflet.js";
import { makeLive } from "./map-live.js";
import { addMenu } from "./map-menu.js";
import { addPins } from "./map-pins.js";
import { addTiles } from "./map-tiles.js";

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
const NO_BOUNDARIES = { points: [] };

export async function createMap(
  element,
  { boundariesUrl, landmarksUrl = null, centre, bbox, interactive = false, onPick, actions = null } = {},
) {
  await mapStyles();
  const map = makeLeaflet(element, centre, interactive);
  const view = { touched: false, focus: null };
  const small = { boundaries: "", tiles: "" };
  const print = addSmallPrint(map);
  const say = () => print.say([small.boundaries, small.tiles]);

  let data = NO_BOUNDARIES;
  try {
    data = await get(boundariesUrl);
  } catch (problem) {
    console.warn("the map has no boundaries:", problem.message);
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
  const names =
    landmarksUrl &&
    addLandmarkNames(
      map,
      () => landmarks?.names() ?? [],
      () => [...pins.boxes(), ...candidate.boxes(), ...labels.boxes()],
    );
  const landmarks = landmarksUrl && addLandmarks(map, landmarksUrl, readColours(element), arrangeNames);
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
    setPins(list) {
      const before = pins.reach();
      pins.set(list);
      if (pins.reach() !== before && !view.touched) show();
    },
    setTheme: repaint,
    setLive: (pin) => live.set(pin),
    setCandidate(place) {
      candidate.set(place);
      boundaries.choose(place?.lat ?? null, place?.lon ?? null);
      arrangeNames();
    },
    setCaller: caller.set,
    freshLandmarks: () => landmarks?.load(),
    focus(lat, lon) {
      view.focus = [lat, lon];
      show();
    },
  };
}

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

/** A click chooses a place; with the keyboard Enter chooses the middle of the map, which the arrow keys move. */
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

/** The map's buttons: landmarks on and off, nearer, farther, whole city. */
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
      toggle.setAttribute("aria-pressed", landmarks.on());
    });
    toggle.setAttribute("aria-pressed", landmarks.on());
    bar.prepend(toggle);
  }
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
function addSmallPrint(map) {
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
