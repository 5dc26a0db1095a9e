// Leaflet as a module (its published build only sets a global), the map's stylesheets, so that no page forgets them,
// and the colours in these.
import "../../vendor/leaflet/leaflet.js";

export const L = globalThis.L;

const STYLES = ["../vendor/leaflet/leaflet.css", "../css/map.css"];

/** Resolves when the stylesheets apply; sizes on the map are wrong before. */
export function mapStyles() {
  // In front of the page's own sheets, which may size and place their map.
  const first = document.head.querySelector("link[rel=stylesheet]");
  return Promise.all(STYLES.map((path) => styled(new URL(path, import.meta.url).href, first)));
}

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

/** Read from custom properties, because a canvas cannot use them by name. */
const COLOURS = {
  land: "--map-fill",
  landChosen: "--map-chosen",
  kelurahanLine: "--map-line",
  kecamatanLine: "--map-border",
  label: "--map-label",
  ring: "--t2",
  accuracy: "--blue-edge",
};

/** {land, landChosen, kelurahanLine, kecamatanLine, label, ring, accuracy} as they stand now for this element. */
export function readColours(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    Object.entries(COLOURS).map(([name, property]) => [name, style.getPropertyValue(property).trim()]),
  );
}
