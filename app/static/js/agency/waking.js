// How it stands with waking this telephone while the page is closed, decided from plain facts; no page, no browser.

/**
 * What the browser and the centre say.
 * @typedef {object} Facts
 * @property {string} key the centre's public key; empty where push is not set up
 * @property {boolean} secure the page came over https (or from this machine)
 * @property {boolean} able the browser has service workers, push and notifications
 * @property {boolean} apple an iPhone or iPad
 * @property {boolean} installed opened from the home screen
 * @property {NotificationPermission} permission
 * @property {boolean} wanted somebody has tapped "wake this phone" here
 * @property {"on" | "broken" | "unsure" | null} known what came of telling the centre; null: not told yet
 * @property {boolean} busy
 */
/** @typedef {"unconfigured"|"insecure"|"install"|"unable"|"denied"|"busy"|"on"|"broken"|"unsure"|"off"} Standing */

/**
 * @param {Facts} facts
 * @returns {Standing}
 */
export function standing({ key, secure, able, apple, installed, permission, wanted, known, busy }) {
  if (!key) return "unconfigured";
  if (!secure) return "insecure";
  if (!able) return apple && !installed ? "install" : "unable";
  if (permission === "denied") return "denied";
  if (busy) return "busy";
  if (!wanted) return "off";
  if (permission !== "granted") return "broken";
  return known ?? "busy";
}

/**
 * The bytes of a key that is written as base64url.
 * @param {string} text
 */
export const keyBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

/**
 * Whether a subscription was made with this key; with another one nothing that we send is taken.
 * @param {ArrayBuffer | null | undefined} made
 * @param {Uint8Array} key
 */
export function isOfKey(made, key) {
  if (!made) return true; // the browser does not say
  const bytes = new Uint8Array(made);
  return bytes.length === key.length && bytes.every((byte, place) => byte === key[place]);
}
