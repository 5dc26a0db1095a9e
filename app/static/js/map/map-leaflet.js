// Leaflet, which is fetched when the first map is made (its published build only sets a global), the map's stylesheets,
// so that no page forgets them, and what several parts of the map need of both.

/** @typedef {import("leaflet").Map} LeafletMap */
/**
 * A rectangle in pixels of the map's container.
 * @typedef {{x: number, y: number, w: number, h: number}} Box
 */
/** @typedef {ReturnType<typeof readColours>} Colours */

/**
 * Leaflet, once `loadMap` has resolved.
 * @type {typeof import("leaflet")}
 */
export let L;

const STYLES = ["../vendor/leaflet/leaflet.css", "../css/map.css"];

/** Resolves when Leaflet is there and the stylesheets apply: sizes on the map are wrong before. */
export async function loadMap() {
  // In front of the page's own sheets, which may size and place their map.
  const first = document.head.querySelector("link[rel=stylesheet]");
  const sheets = STYLES.map((path) => styled(new URL(path, import.meta.url).href, first));
  await Promise.all([import("leaflet"), ...sheets]);
  L = globalThis.L;
}

/**
 * @param {string} href
 * @param {Element | null} before
 */
function styled(href, before) {
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return null;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  const settled = new Promise((done) => {
    link.addEventListener("load", done);
    link.addEventListener("error", done);
  });
  document.head.insertBefore(link, before);
  return settled;
}

/**
 * The map's colours as they stand now for this element, read from custom properties: a canvas cannot use them by name.
 * @param {Element} element
 */
export function readColours(element) {
  const style = getComputedStyle(element);
  /** @param {string} property */
  const read = (property) => style.getPropertyValue(property).trim();
  return {
    land: read("--map-fill"),
    landChosen: read("--map-chosen"),
    kelurahanLine: read("--map-line"),
    kecamatanLine: read("--map-border"),
    label: read("--map-label"),
    ring: read("--t2"),
    accuracy: read("--blue-edge"),
  };
}

/**
 * An element of ours as a marker's icon, which only says where it stands: its size is the stylesheet's.
 * @param {HTMLElement} html
 */
export const spotOf = (html) => L.divIcon({ className: "map-spot", html, iconSize: undefined });

/**
 * The element of a marker that is on a map.
 * @param {import("leaflet").Marker} marker
 */
export function elementOf(marker) {
  const element = marker.getElement();
  if (!element) throw new Error("the marker is on no map");
  return element;
}

/**
 * Where an element lies on the map.
 * @param {LeafletMap} map
 * @param {Element} element
 * @returns {Box}
 */
export function boxOn(map, element) {
  const origin = map.getContainer().getBoundingClientRect();
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left - origin.left, y: top - origin.top, w: width, h: height };
}

/**
 * How near the map is looked at.
 * @param {LeafletMap} map
 */
export function pixelsPerKilometre(map) {
  const centre = map.getCenter();
  const north = L.latLng(centre.lat + 0.01, centre.lng);
  return map.latLngToContainerPoint(centre).distanceTo(map.latLngToContainerPoint(north)) / 1.113;
}
