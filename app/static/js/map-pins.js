// Pins of open tickets: the disc's shape says the priority, its ring the clock; pins on one spot stand side by side.
import { icon, setText } from "./dom.js";
import { L } from "./map-leaflet.js";

const URGENCY = { late: 0, near: 1 };
const PRIORITIES = ["P1", "P2", "P3", "P4"];

/** onMoved() runs after pins came, went or moved on the screen. */
export function addPins(map, onMoved) {
  const pins = new Map(); // id -> {pin, marker, parts}

  function set(list) {
    const kept = new Set(list.map(({ id }) => String(id)));
    for (const [id, { marker }] of pins) {
      if (!kept.has(id)) {
        marker.remove();
        pins.delete(id);
      }
    }
    for (const pin of list) {
      const id = String(pin.id);
      if (!pins.has(id)) pins.set(id, makePin(map, pin));
      const shown = pins.get(id);
      shown.pin = pin;
      dress(shown, pin);
    }
    arrange();
  }

  /** Most urgent first: they keep their place, the others make room. */
  function arrange() {
    const ordered = [...pins.values()].sort((a, b) => rank(a.pin) - rank(b.pin));
    const gap = ordered.length ? ordered[0].parts.disc.offsetWidth * (ordered.some(({ pin }) => pin.icon) ? 1.5 : 1.1) : 0;
    const wanted = ordered.map(({ pin }) => map.latLngToLayerPoint([pin.lat, pin.lon]));
    spread(wanted, gap).forEach((point, index) => {
      const { marker } = ordered[index];
      marker.setLatLng(map.layerPointToLatLng(point));
      marker.setZIndexOffset((ordered.length - index) * 100);
    });
    onMoved();
  }

  map.on("zoomend resize", arrange);
  return {
    set,
    /** Boxes {x, y, w, h} that the pins cover, in container pixels. */
    boxes() {
      return [...pins.values()].map(({ parts }) => boxOn(map, parts.root));
    },
  };
}

function rank({ alert, priority }) {
  return (URGENCY[alert] ?? 2) * 10 + (PRIORITIES.indexOf(priority) + 1 || 9);
}

function makePin(map, pin) {
  const parts = { root: part("map-pin"), disc: part("map-pin-disc"), letter: part("map-pin-letter"), number: part("map-pin-number") };
  parts.disc.append(parts.letter);
  parts.root.append(parts.disc, parts.number);
  const marker = L.marker([pin.lat, pin.lon], {
    icon: L.divIcon({ html: parts.root, className: "map-spot", iconSize: null }),
    interactive: false,
    keyboard: false,
    pane: "pins",
  }).addTo(map);
  return { pin, marker, parts, sign: null };
}

function dress(shown, { priority, icon: sign, label, alert }) {
  const { root, disc, letter, number } = shown.parts;
  const level = PRIORITIES.includes(priority) ? priority : null;
  root.className = `map-pin map-pin--${level ? level.toLowerCase() : "none"}`;
  if (alert) root.classList.add(`map-pin--${alert}`);
  root.classList.toggle("map-pin--signed", Boolean(sign));
  setText(letter, level ?? "?");
  setText(number, label ?? "");
  number.hidden = !label;
  if (shown.sign === (sign ?? null)) return;
  shown.sign = sign ?? null;
  disc.querySelector("svg")?.remove();
  if (sign) disc.prepend(icon(sign));
}

/** {x, y, w, h} of an element in container pixels. */
export function boxOn(map, element) {
  const origin = map.getContainer().getBoundingClientRect();
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left - origin.left, y: top - origin.top, w: width, h: height };
}

function part(className) {
  const element = document.createElement("span");
  element.className = className;
  return element;
}

/** Points so that no two stand nearer than `gap`: each keeps its place or takes the next free one around it. */
export function spread(points, gap) {
  const placed = [];
  for (const point of points) placed.push(freePlace(point, placed, gap));
  return placed;
}

function freePlace(point, placed, gap) {
  const free = (spot) => placed.every((other) => Math.hypot(other.x - spot.x, other.y - spot.y) >= gap * 0.95);
  if (free(point)) return point;
  for (let ring = 1; ring < 12; ring += 1) {
    for (let step = 0; step < ring * 6; step += 1) {
      const angle = (step / (ring * 6)) * 2 * Math.PI;
      const spot = L.point(point.x + Math.cos(angle) * gap * ring, point.y + Math.sin(angle) * gap * ring);
      if (free(spot)) return spot;
    }
  }
  return point;
}
