// The place that is being chosen: a blue drop, its accuracy, and rings of 250 and 500 m around it.
import { icon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { L } from "./map-leaflet.js";
import { boxOn } from "./map-pins.js";

const RINGS_M = [250, 500];
/** A key moves the pin by so many pixels; with Shift by one. */
const STEP_PX = 8;
/** The place counts as chosen after this pause of the arrow keys, or with Enter. */
const PAUSE_MS = 500;
/** Kept free under the drop, where its tip and its spot are. */
const TIP_PX = 14;
/** A ring smaller than this on the screen has no room for its name. */
const RING_NAME_PX = 40;
const MOVES = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** onPick(lat, lon, true) when a person has moved the pin; without it the pin stands still. */
export function makeCandidate(map, colours, onPick) {
  let palette = colours;
  let layers = null; // while a candidate is shown

  function set(candidate) {
    const keepFocus = layers?.element.contains(document.activeElement) ?? false;
    // A hand on the pin wins: what the server says of the place waits until the hand has let go.
    if (layers && candidate && (layers.held || layers.timer !== null)) return;
    if (layers && candidate) move(candidate);
    else {
      remove();
      if (candidate) layers = build(candidate);
    }
    if (keepFocus && layers) layers.element.focus({ preventScroll: true });
  }

  function remove() {
    if (!layers) return;
    clearTimeout(layers.timer);
    layers.group.remove();
    layers = null;
  }

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
        icon: L.divIcon({ className: "map-spot", html: ringName(radius), iconSize: null }),
        keyboard: false,
      }).addTo(group),
      radius,
    }));
    const drop = dropElement(candidate);
    const marker = L.marker([candidate.lat, candidate.lon], {
      icon: L.divIcon({ className: "map-spot", html: drop, iconSize: null }),
      interactive: Boolean(onPick),
      draggable: Boolean(onPick),
      keyboard: Boolean(onPick),
      autoPanOnFocus: false,
      zIndexOffset: 100000,
      pane: "pins",
    }).addTo(group);
    layers = { group, accuracy, rings, marker, drop, element: marker.getElement(), timer: null, held: false };
    marker.on("move", follow);
    if (onPick) listen(layers);
    move(candidate);
    return layers;
  }

  /** Rings, their names and the accuracy go where the pin goes, also while it is dragged. */
  function follow() {
    if (!layers) return;
    const at = layers.marker.getLatLng();
    layers.accuracy.setLatLng(at);
    for (const { circle, name, radius } of layers.rings) {
      const edge = northEast(at.lat, at.lng, radius);
      circle.setLatLng(at);
      name.setLatLng(edge);
      const farPx = map.latLngToLayerPoint(at).distanceTo(map.latLngToLayerPoint(edge));
      name.getElement().hidden = !layers.withRings || farPx < RING_NAME_PX;
    }
  }

  function move({ lat, lon, accuracy_m: accuracyM, label, icon: sign, rings: withRings = true }) {
    layers.marker.setLatLng([lat, lon]);
    layers.accuracy.setRadius(accuracyM ?? 0).setStyle({
      stroke: Boolean(accuracyM),
      fill: Boolean(accuracyM),
      color: palette.accuracy,
      fillColor: palette.accuracy,
      fillOpacity: 0.12,
    });
    for (const { circle } of layers.rings) circle.setStyle({ stroke: withRings, color: palette.ring });
    layers.withRings = withRings;
    follow();
    const shownSign = sign ?? "map-pin";
    if (layers.drop.dataset.sign !== shownSign) {
      layers.drop.dataset.sign = shownSign;
      layers.drop.querySelector(".icon")?.remove();
      layers.drop.append(icon(shownSign));
    }
    if (onPick)
      layers.element.setAttribute(
        "aria-label",
        `${label ?? t("Lokasi kejadian")}. ${t("Geser pin dengan tombol panah, Enter untuk memakai.")}`,
      );
    else layers.element.setAttribute("aria-hidden", "true");
  }

  function listen(current) {
    const { marker, element } = current;
    const pick = () => {
      clearTimeout(current.timer);
      current.timer = null;
      const { lat, lng } = marker.getLatLng();
      onPick(lat, lng, true);
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
      clearTimeout(current.timer);
      current.timer = setTimeout(pick, PAUSE_MS);
    });
  }

  map.on("zoomend", follow);
  return {
    set,
    /** {lat, lon} of the pin, null while there is none. */
    at() {
      if (!layers) return null;
      const { lat, lng } = layers.marker.getLatLng();
      return { lat, lon: lng };
    },
    /** The box {x, y, w, h} of the pin in container pixels, as a list of one or none. */
    boxes() {
      if (!layers) return [];
      const drop = boxOn(map, layers.drop);
      return [{ ...drop, h: drop.h + TIP_PX }];
    },
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

function ringName(radius) {
  const name = document.createElement("span");
  name.className = "map-ring-name";
  setText(name, `${radius} m`);
  return name;
}

/** The point on a ring's upper right, where its name stands. */
function northEast(lat, lon, radius) {
  const metres = radius * Math.SQRT1_2;
  return [lat + metres / 111320, lon + metres / (111320 * Math.cos((lat * Math.PI) / 180))];
}

const CROSS_PX = 7;

/**
 * Where the caller's telephone says it is: a dashed circle as wide as it is uncertain, a cross in its middle. Returns
 * {set({lat, lon, uncertainty_m}|null), restyle(colours)}.
 */
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
        const cross = L.marker(at, {
          interactive: false,
          keyboard: false,
          pane: "rings",
          icon: L.divIcon({ className: "map-spot", html: mark, iconSize: null }),
        }).addTo(group);
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
