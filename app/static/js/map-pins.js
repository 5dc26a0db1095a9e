// Pins of open tickets: the disc's shape says the priority, its ring the clock; pins on one spot stand side by side.
import { icon, setText } from "./dom.js";
import { L } from "./map-leaflet.js";

const URGENCY = { late: 0, near: 1 };
/** Part of a disc's width from its spot to its outermost ring. */
const REACH = 0.75;
/** Where the number of a pin without an icon stands, in disc widths from its spot. */
const NUMBER_LEFT = 1.3;
const PRIORITIES = ["P1", "P2", "P3", "P4"];

/** onMoved() runs after pins came, went or moved on the screen. */
export function addPins(map, onMoved) {
  let reach = 0;
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

  /** Most urgent first: they keep their place, the others make room or, in a crowd, shrink to a dot on their spot. */
  function arrange() {
    const ordered = [...pins.values()].sort((a, b) => rank(a.pin) - rank(b.pin));
    const size = ordered.length ? ordered[0].parts.disc.offsetWidth : 0;
    const taken = [];
    ordered.forEach(({ pin, marker, parts }, index) => {
      const at = map.latLngToLayerPoint([pin.lat, pin.lon]);
      const number = pin.label && !pin.icon ? L.point(-size * NUMBER_LEFT, 0) : null;
      const spot = freeSpot(at, taken, size * ((pin.icon ? 1.4 : 1) + (pin.alert ? 0.3 : 0)), number);
      parts.root.classList.toggle("map-pin--small", spot === null && !pin.alert);
      marker.setLatLng(map.layerPointToLatLng(spot ?? at));
      marker.setZIndexOffset((ordered.length - index) * 100);
      if (spot) taken.push(...claimed(spot, number));
    });
    reach = size * REACH;
    onMoved();
  }

  map.on("zoomend resize", arrange);
  return {
    set,
    /** How far a pin reaches beyond its spot, in pixels; the map keeps so much room around the city. */
    reach: () => reach,
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

/** Where to look for room beside a spot, in sixths of a turn from below: numbers stand at the left, so right and left come last. */
const AROUND = [0, 3, 1, 5, 2, 4, 4.5, 1.5];

const claimed = (spot, number) => (number ? [spot, spot.add(number)] : [spot]);

/** The point itself or one beside it that keeps `gap` from those taken, its number too; null in a crowd. */
export function freeSpot(point, taken, gap, number = null) {
  const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) >= gap;
  const free = (spot) => claimed(spot, number).every((own) => taken.every((other) => apart(own, other)));
  const around = AROUND.map((sixths) => {
    const angle = (sixths * Math.PI) / 3;
    return L.point(point.x + Math.sin(angle) * gap * 1.01, point.y + Math.cos(angle) * gap * 1.01);
  });
  return [point, ...around].find(free) ?? null;
}
