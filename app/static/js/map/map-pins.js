// Pins of open tickets: the disc's shape says the priority, its ring the clock; pins on one spot stand side by side.
import { icon, setText } from "../core/dom.js";
import { boxOn, L, readColours, spotOf } from "./map-leaflet.js";

/**
 * @typedef {import("./map-leaflet.js").LeafletMap} LeafletMap
 * @typedef {import("leaflet").Point} Point
 */
/**
 * An open ticket on the map. With an icon the disc carries it and the letter stands beside.
 * @typedef {object} MapPin
 * @property {string} id
 * @property {string | null} label
 * @property {string | null} priority
 * @property {string | null} icon
 * @property {number} lat
 * @property {number} lon
 * @property {"late" | "near" | null} alert
 */
/** @typedef {ReturnType<typeof makePin>} ShownPin */

const URGENCY = { late: 0, near: 1 };
/** Part of a disc's width from its spot to its outermost ring. */
const REACH = 0.75;
/**
 * Where a number stands, in disc widths from the spot: beside a pin that carries its letter, below one that carries an
 * icon.
 */
const NUMBER_LEFT = 1.3;
const NUMBER_BELOW = 1.1;
/**
 * Rings of spots tried around a taken one: how far out, in gaps, and how many.
 * @type {[far: number, count: number][]}
 */
const AROUND = [
  [1.02, 6],
  [2.04, 12],
];
/** @type {string | null} */
const NO_SIGN = null;
const PRIORITIES = ["P1", "P2", "P3", "P4"];

/**
 * onMoved() runs after pins came, went or moved on the screen.
 * @param {LeafletMap} map
 * @param {() => void} onMoved
 */
export function addPins(map, onMoved) {
  const leads = L.layerGroup().addTo(map); // from a pin that made room to its true place
  let reach = 0;
  let size = 0; // a disc's width; asking for it makes the browser lay the page out, so it is asked once
  /** @type {Map<string, ShownPin>} by id */
  const pins = new Map();

  /**
   * @param {import("leaflet").LatLngExpression} from
   * @param {import("leaflet").LatLngExpression} to
   */
  const lead = (from, to) =>
    L.polyline([from, to], {
      color: readColours(map.getContainer()).label,
      weight: 1.5,
      interactive: false,
      pane: "rings",
    });

  /** @param {MapPin[]} list */
  function set(list) {
    const kept = new Set(list.map(({ id }) => id));
    for (const [id, { marker }] of pins) {
      if (!kept.has(id)) {
        marker.remove();
        pins.delete(id);
      }
    }
    for (const pin of list) {
      const shown = pins.get(pin.id) ?? makePin(map, pin);
      pins.set(pin.id, shown);
      shown.pin = pin;
      dress(shown, pin);
    }
    arrange();
  }

  /** Most urgent first: they keep their place, the others make room or, in a crowd, shrink to a dot on their spot. */
  function arrange() {
    const ordered = [...pins.values()].sort((a, b) => rank(a.pin) - rank(b.pin));
    size ||= ordered[0]?.parts.disc.offsetWidth ?? 0;
    /** @type {Point[]} */
    const taken = [];
    leads.clearLayers();
    ordered.forEach(({ pin, marker, parts }, index) => {
      const at = map.latLngToLayerPoint([pin.lat, pin.lon]);
      const number = pin.label ? (pin.icon ? L.point(0, size * NUMBER_BELOW) : L.point(-size * NUMBER_LEFT, 0)) : null;
      // A calm pin does not go far to keep its letter; one that needs somebody does, to keep its number.
      const rings = pin.alert ? AROUND : AROUND.slice(0, 1);
      const spot = freeSpot(at, taken, size * ((pin.icon ? 1.4 : 1) + (pin.alert ? 0.3 : 0)), { number, rings });
      parts.root.classList.toggle("map-pin--small", spot === null && !pin.alert);
      parts.root.classList.toggle("map-pin--silent", spot === null);
      marker.setLatLng(map.layerPointToLatLng(spot ?? at));
      marker.setZIndexOffset((ordered.length - index) * 100);
      if (spot) taken.push(...claimed(spot, number));
      if (spot && spot !== at) leads.addLayer(lead([pin.lat, pin.lon], marker.getLatLng()));
    });
    reach = ordered.length ? size * REACH : 0;
    onMoved();
  }

  map.on("zoomend", arrange);
  map.on("resize", () => {
    size = 0;
    arrange();
  });
  return {
    set,
    restyle: arrange,
    /** How far a pin reaches beyond its spot, in pixels; the map keeps so much room around the city. */
    reach: () => reach,
    /** What the pins cover. */
    boxes() {
      return [...pins.values()].map(({ parts }) => boxOn(map, parts.root));
    },
  };
}

/** @param {MapPin} pin */
function rank({ alert, priority }) {
  return (alert ? URGENCY[alert] : 2) * 10 + (PRIORITIES.indexOf(priority ?? "") + 1 || 9);
}

/**
 * @param {LeafletMap} map
 * @param {MapPin} pin
 */
function makePin(map, pin) {
  const parts = {
    root: part("map-pin"),
    disc: part("map-pin-disc"),
    letter: part("map-pin-letter"),
    number: part("map-pin-number"),
  };
  parts.disc.append(parts.letter);
  parts.root.append(parts.disc, parts.number);
  const marker = L.marker([pin.lat, pin.lon], {
    icon: spotOf(parts.root),
    interactive: false,
    keyboard: false,
    pane: "pins",
  }).addTo(map);
  return { pin, marker, parts, sign: NO_SIGN };
}

/**
 * @param {ShownPin} shown
 * @param {MapPin} pin
 */
function dress(shown, { priority, icon: sign, label, alert }) {
  const { root, disc, letter, number } = shown.parts;
  const level = priority && PRIORITIES.includes(priority) ? priority : null;
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

/** @param {string} className */
function part(className) {
  const element = document.createElement("span");
  element.className = className;
  return element;
}

/**
 * @param {Point} spot
 * @param {Point | null} number
 */
const claimed = (spot, number) => (number ? [spot, spot.add(number)] : [spot]);

/**
 * The point itself or one beside it that keeps `gap` from those taken, its number too; null in a crowd.
 * @param {Point} point
 * @param {Point[]} taken
 * @param {number} gap
 * @param {{number: Point | null, rings: [far: number, count: number][]}} how
 */
function freeSpot(point, taken, gap, { number, rings }) {
  /**
   * @param {Point} a
   * @param {Point} b
   */
  const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) >= gap;
  /** @param {Point} spot */
  const free = (spot) => claimed(spot, number).every((own) => taken.every((other) => apart(own, other)));
  const around = rings.flatMap(([far, count]) =>
    Array.from({ length: count }, (_, index) => {
      const angle = (index / count) * 2 * Math.PI + (number?.x ? Math.PI / 2 : 0);
      return point.add(L.point(Math.cos(angle), Math.sin(angle)).multiplyBy(far * gap));
    }),
  );
  return [point, ...around].find(free) ?? null;
}
