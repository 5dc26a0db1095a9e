// The place that is being chosen: a blue drop, its accuracy, and rings of 250 and 500 m around it.
import { icon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { boxOn, elementOf, L, spotOf } from "./map-leaflet.js";

/**
 * @typedef {import("./map-leaflet.js").LeafletMap} LeafletMap
 * @typedef {import("./map-leaflet.js").Colours} Colours
 */
/**
 * @typedef {object} Candidate
 * @property {number} lat
 * @property {number} lon
 * @property {number | null} [accuracy_m]
 * @property {string} [label]
 * @property {string | null} [icon]
 * @property {boolean} [rings] of 250 and 500 m; there unless false
 */
/**
 * A point was chosen, or (`moved`) the pin was dragged or pushed there.
 * @callback OnPick
 * @param {number} lat
 * @param {number} lon
 * @param {boolean} [moved]
 * @returns {void}
 */

const RINGS_M = [250, 500];
/** A key moves the pin by so many pixels; with Shift by one. */
const STEP_PX = 8;
/** The place counts as chosen after this pause of the arrow keys, or with Enter. */
const PAUSE_MS = 500;
/** Kept free under the drop, where its tip and its spot are. */
const TIP_PX = 14;
/** @type {number | null} */
const NO_TIMER = null;
/** A ring smaller than this on the screen has no room for its name. */
const RING_NAME_PX = 40;
/** @type {Record<string, [x: number, y: number]>} */
const MOVES = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * onPick(lat, lon, true) when a person has moved the pin; without it the pin stands still.
 * @param {LeafletMap} map
 * @param {Colours} colours
 * @param {OnPick | null} onPick
 */
export function makeCandidate(map, colours, onPick) {
  let palette = colours;
  /** @typedef {ReturnType<typeof build>} Layers */
  /** @type {Layers | null} */
  let layers = null; // while a candidate is shown

  /** @param {Candidate | null} candidate */
  function set(candidate) {
    const keepFocus = layers?.element.contains(document.activeElement) ?? false;
    // A hand on the pin wins: what the server says of the place waits until the hand has let go.
    if (layers && candidate && (layers.held || layers.timer !== null)) return;
    if (layers && candidate) move(layers, candidate);
    else {
      remove();
      if (candidate) layers = build(candidate);
    }
    if (keepFocus && layers) layers.element.focus({ preventScroll: true });
  }

  function remove() {
    if (!layers) return;
    clearTimeout(layers.timer ?? undefined);
    layers.group.remove();
    layers = null;
  }

  /** @param {Candidate} candidate */
  function build(candidate) {
    const group = L.layerGroup().addTo(map);
    const still = { interactive: false, pane: "rings" };
    const accuracy = L.circle([candidate.lat, candidate.lon], { ...still, radius: 1, weight: 1 }).addTo(group);
    const rings = RINGS_M.map((radius) => ({
      circle: L.circle([candidate.lat, candidate.lon], {
        ...still,
        radius,
        weight: 1.25,
        dashArray: "3 4",
        fill: false,
      }).addTo(group),
      name: L.marker([candidate.lat, candidate.lon], {
        ...still,
        pane: "pins",
        icon: spotOf(ringName(radius)),
        keyboard: false,
      }).addTo(group),
      radius,
    }));
    const drop = dropElement();
    const marker = L.marker([candidate.lat, candidate.lon], {
      icon: spotOf(drop),
      interactive: Boolean(onPick),
      draggable: Boolean(onPick),
      keyboard: Boolean(onPick),
      autoPanOnFocus: false,
      zIndexOffset: 100000,
      pane: "pins",
    }).addTo(group);
    const element = elementOf(marker);
    const made = { group, accuracy, rings, marker, drop, element, timer: NO_TIMER, held: false, withRings: true };
    marker.on("move", () => follow(made));
    if (onPick) listen(made, onPick);
    move(made, candidate);
    return made;
  }

  /**
   * Rings, their names and the accuracy go where the pin goes, also while it is dragged.
   * @param {Layers} shown
   */
  function follow({ marker, accuracy, rings, withRings }) {
    const at = marker.getLatLng();
    accuracy.setLatLng(at);
    for (const { circle, name, radius } of rings) {
      const edge = northEast(at.lat, at.lng, radius);
      circle.setLatLng(at);
      name.setLatLng(edge);
      const farPx = map.latLngToLayerPoint(at).distanceTo(map.latLngToLayerPoint(edge));
      elementOf(name).hidden = !withRings || farPx < RING_NAME_PX;
    }
  }

  /**
   * @param {Layers} shown
   * @param {Candidate} candidate
   */
  function move(shown, { lat, lon, accuracy_m: accuracyM, label, icon: sign, rings: withRings = true }) {
    shown.marker.setLatLng([lat, lon]);
    shown.accuracy.setRadius(accuracyM ?? 0).setStyle({
      stroke: Boolean(accuracyM),
      fill: Boolean(accuracyM),
      color: palette.accuracy,
      fillColor: palette.accuracy,
      fillOpacity: 0.12,
    });
    for (const { circle } of shown.rings) circle.setStyle({ stroke: withRings, color: palette.ring });
    shown.withRings = withRings;
    follow(shown);
    const shownSign = sign ?? "map-pin";
    if (shown.drop.dataset.sign !== shownSign) {
      shown.drop.dataset.sign = shownSign;
      shown.drop.querySelector(".icon")?.remove();
      shown.drop.append(icon(shownSign));
    }
    if (onPick)
      shown.element.setAttribute(
        "aria-label",
        `${label ?? t("Lokasi kejadian")}. ${t("Geser pin dengan tombol panah, Enter untuk memakai.")}`,
      );
    else shown.element.setAttribute("aria-hidden", "true");
  }

  /**
   * @param {Layers} current
   * @param {OnPick} picked
   */
  function listen(current, picked) {
    const { marker, element } = current;
    const pick = () => {
      clearTimeout(current.timer ?? undefined);
      current.timer = null;
      const { lat, lng } = marker.getLatLng();
      picked(lat, lng, true);
    };
    marker.on("dragstart", () => {
      current.held = true;
    });
    marker.on("dragend", () => {
      current.held = false;
      pick();
    });
    element.addEventListener("keydown", (event) => {
      const step = MOVES[event.key];
      if (!step && event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation(); // Leaflet would pan the map with the same keys
      if (!step) return pick();
      const by = event.shiftKey ? 1 : STEP_PX;
      const point = map.latLngToContainerPoint(marker.getLatLng()).add([step[0] * by, step[1] * by]);
      marker.setLatLng(map.containerPointToLatLng(point));
      map.panInside(marker.getLatLng(), { padding: [40, 40], animate: false });
      clearTimeout(current.timer ?? undefined);
      current.timer = setTimeout(pick, PAUSE_MS);
    });
  }

  map.on("zoomend", () => {
    if (layers) follow(layers);
  });
  return {
    set,
    /** {lat, lon} of the pin, null while there is none. */
    at() {
      if (!layers) return null;
      const { lat, lng } = layers.marker.getLatLng();
      return { lat, lon: lng };
    },
    /** What the pin covers, as a list of one or none. */
    boxes() {
      if (!layers) return [];
      const drop = boxOn(map, layers.drop);
      return [{ ...drop, h: drop.h + TIP_PX }];
    },
    /** @param {Colours} next */
    restyle(next) {
      palette = next;
      if (!layers) return;
      layers.accuracy.setStyle({ color: palette.accuracy, fillColor: palette.accuracy });
      for (const { circle } of layers.rings) circle.setStyle({ color: palette.ring });
    },
  };
}

function dropElement() {
  const drop = document.createElement("span");
  drop.className = "map-drop";
  return drop;
}

/** @param {number} radius */
function ringName(radius) {
  const name = document.createElement("span");
  name.className = "map-ring-name";
  setText(name, `${radius} m`);
  return name;
}

/**
 * The point on a ring's upper right, where its name stands.
 * @param {number} lat
 * @param {number} lon
 * @param {number} radius
 * @returns {import("./map-geometry.js").LatLon}
 */
function northEast(lat, lon, radius) {
  const metres = radius * Math.SQRT1_2;
  return [lat + metres / 111320, lon + metres / (111320 * Math.cos((lat * Math.PI) / 180))];
}

const CROSS_PX = 7;

/**
 * Where the caller's telephone says it is: a dashed circle as wide as it is uncertain, a cross in its middle.
 * @param {LeafletMap} map
 * @param {Colours} colours
 */
export function addCallerLocation(map, colours) {
  let palette = colours;
  /** @type {ReturnType<typeof build> | null} */
  let layers = null;

  const style = () => ({ interactive: false, pane: "rings", color: palette.accuracy, weight: 1.5 });

  function remove() {
    layers?.group.remove();
    layers = null;
  }

  /** @param {import("leaflet").LatLng} at */
  function build(at) {
    const group = L.layerGroup().addTo(map);
    const circle = L.circle(at, {
      ...style(),
      radius: 1,
      dashArray: "6 5",
      fillColor: palette.accuracy,
      fillOpacity: 0.08,
    }).addTo(group);
    const mark = document.createElement("span");
    mark.className = "map-caller";
    mark.style.setProperty("--cross", `${CROSS_PX}px`);
    const cross = L.marker(at, { interactive: false, keyboard: false, pane: "rings", icon: spotOf(mark) }).addTo(group);
    return { group, circle, cross };
  }

  return {
    /** @param {import("../payloads.d.ts").CallLocation | null} location */
    set(location) {
      if (!location) {
        remove();
        return;
      }
      const at = L.latLng(location.lat, location.lon);
      layers ??= build(at);
      layers.circle.setLatLng(at).setRadius(Math.max(1, location.uncertainty_m ?? 0));
      layers.cross.setLatLng(at);
    },
    /** @param {Colours} next */
    restyle(next) {
      palette = next;
      layers?.circle.setStyle({ ...style(), fillColor: palette.accuracy });
    },
  };
}
