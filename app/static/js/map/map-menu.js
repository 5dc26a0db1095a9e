// The menu of a point on the map: its coordinates to copy, and what can be made of it. Right-click opens it at the
// mouse; the menu key, Shift+F10 or M open it at the pin or, without one, at the middle of the map.
import { all, icon, one, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { L } from "./map-leaflet.js";

/**
 * What can be made of a point.
 * @typedef {object} PointAction
 * @property {string} words
 * @property {string} icon
 * @property {() => boolean} enabled
 * @property {(lat: number, lon: number) => void} act
 */

const EDGE_PX = 6;

/**
 * pinAt(): where the pin is, null without one.
 * @param {import("./map-leaflet.js").LeafletMap} map
 * @param {{actions: PointAction[], pinAt: () => {lat: number, lon: number} | null}} what
 */
export function addMenu(map, { actions, pinAt }) {
  const element = map.getContainer();
  const box = document.createElement("div");
  box.className = "map-menu";
  box.setAttribute("role", "menu");
  box.setAttribute("aria-label", t("Titik ini"));
  box.hidden = true;
  element.append(box);
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  /** @type {HTMLElement | null} */
  let back = null; // where the focus was
  let byKeyboard = false;

  /**
   * @param {number} lat
   * @param {number} lon
   */
  function openAt(lat, lon) {
    const point = map.latLngToContainerPoint([lat, lon]);
    const here = document.activeElement;
    back = here instanceof HTMLElement && element.contains(here) ? here : element;
    const copies = [decimal(lat, lon), degrees(lat, lon)].map((text) =>
      item(text, "copy", (row) => copy(text, row), t("Salin {text}", { text })),
    );
    const rest = actions
      .filter((action) => action.enabled())
      .map(({ words, icon: sign, act }) =>
        item(words, sign, () => {
          close();
          act(lat, lon);
        }),
      );
    box.replaceChildren(...copies, ...rest);
    box.hidden = false;
    const size = map.getSize();
    /**
     * @param {number} at
     * @param {number} length
     * @param {number} room
     */
    const keepIn = (at, length, room) => Math.max(EDGE_PX, Math.min(at, room - length - EDGE_PX));
    L.DomUtil.setPosition(
      box,
      L.point(keepIn(point.x, box.offsetWidth, size.x), keepIn(point.y, box.offsetHeight, size.y)),
    );
    copies[0].focus({ preventScroll: true });
  }

  function close({ refocus = true } = {}) {
    if (box.hidden) return;
    box.hidden = true;
    if (refocus) (back?.isConnected ? back : element).focus({ preventScroll: true });
  }

  /**
   * @param {string} text
   * @param {HTMLElement} row
   */
  async function copy(text, row) {
    const done = await copyText(text, box);
    setText(one("span", row), done ? t("Disalin: {text}", { text }) : t("Tidak dapat disalin: {text}", { text }));
    row.focus({ preventScroll: true });
  }

  function openByKeyboard() {
    const { lat, lng } = map.getCenter();
    const at = pinAt() ?? { lat, lon: lng };
    map.panInside([at.lat, at.lon], { padding: [40, 40], animate: false });
    openAt(at.lat, at.lon);
  }

  element.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (box.contains(target)) return menuKey(event);
    const asks =
      event.key === "ContextMenu" ||
      (event.key === "F10" && event.shiftKey) ||
      (event.key.toLowerCase() === "m" && !event.ctrlKey && !event.altKey && !event.metaKey);
    if (!asks || target.closest("button")) return;
    event.preventDefault();
    event.stopPropagation();
    byKeyboard = true;
    openByKeyboard();
  });
  element.addEventListener("keyup", () => {
    // The browser's own event of the menu key has come by now.
    setTimeout(() => {
      byKeyboard = false;
    }, 0);
  });
  element.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    if (byKeyboard || isInside(event)) return;
    const { lat, lng } = map.mouseEventToLatLng(event);
    openAt(lat, lng);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!isInside(event)) close({ refocus: false });
  });
  map.on("movestart zoomstart", () => close({ refocus: false }));

  /** @param {Event} event */
  const isInside = ({ target }) => target instanceof Node && box.contains(target);

  /** @param {KeyboardEvent} event */
  function menuKey(event) {
    event.stopPropagation(); // the console's keys mean something else
    const rows = all("button", box);
    const here = rows.findIndex((row) => row.matches(":focus"));
    /** @type {Record<string, number>} */
    const places = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 };
    const to = places[event.key];
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (to !== undefined) rows[(to + rows.length) % rows.length].focus();
    else return;
    event.preventDefault();
  }

  return { openAt, close };
}

/**
 * @param {string} words
 * @param {string} sign
 * @param {(row: HTMLElement) => void} act
 * @param {string | null} [label]
 */
function item(words, sign, act, label = null) {
  const row = document.createElement("button");
  row.type = "button";
  row.className = "map-menu-item";
  row.setAttribute("role", "menuitem");
  if (label) row.setAttribute("aria-label", label);
  const text = document.createElement("span");
  text.setAttribute("aria-live", "polite");
  setText(text, words);
  row.append(icon(sign), text);
  row.addEventListener("click", () => {
    if (label) row.removeAttribute("aria-label"); // from now on the words say what happened
    act(row);
  });
  return row;
}

/**
 * "-6.125925, 106.163150": a metre is the sixth place's tenfold.
 * @param {number} lat
 * @param {number} lon
 */
export const decimal = (lat, lon) => `${lat.toFixed(6)}, ${lon.toFixed(6)}`;

/**
 * "6°07'33.3\" LS, 106°09'47.3\" BT", as Indonesian charts have it.
 * @param {number} lat
 * @param {number} lon
 */
export const degrees = (lat, lon) =>
  `${sexagesimal(lat)} ${lat < 0 ? "LS" : "LU"}, ${sexagesimal(lon)} ${lon < 0 ? "BB" : "BT"}`;

/** @param {number} value */
function sexagesimal(value) {
  const tenths = Math.round(Math.abs(value) * 36000); // of a second: rounding first never makes 60.0"
  const [whole, minutes, seconds] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
  return `${whole}°${String(minutes).padStart(2, "0")}'${seconds.toFixed(1).padStart(4, "0")}"`;
}

/**
 * Copies, also where the browser keeps its clipboard from pages without TLS (a console in a local network). Resolves to
 * whether it was copied; `inside`: an element that may hold a text field for a moment.
 * @param {string} text
 */
export async function copyText(text, inside = document.body) {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused by the browser: the older way may still be open.
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  inside.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
