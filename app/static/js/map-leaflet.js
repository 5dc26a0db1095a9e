// Leaflet as a module (its published build only sets a global), and the map's stylesheets, so that no page forgets them.
import "../vendor/leaflet/leaflet.js";

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
