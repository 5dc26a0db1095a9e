// What was pushed, as a notification: for the service worker. Whatever came is shown, also what cannot be read.

const UNREADABLE = "Siaga 112: ada kabar untuk Anda";
const OPEN_WORDS = "Ketuk untuk membuka.";
const VIBRATION_MS = [400, 150, 400, 150, 600];
const ICON = "/static/icons/siaga-192.png";
const BADGE = "/static/icons/siaga-badge.png";
const RECEIPT = /^\/hooks\/push\/[A-Za-z0-9._~-]{1,200}$/;

/**
 * @typedef {object} Shown
 * @property {string} title
 * @property {NotificationOptions & {body: string, tag: string, renotify: boolean, vibrate: number[] | undefined,
 *   data: {page: string, link?: string, receipt?: string}}} options
 */

/**
 * The notification for a message: its text as it came, or the one that the browser has read already.
 * @param {string | undefined} text
 * @param {Notification} [read]
 * @returns {Shown}
 */
export function readPush(text, read) {
  const told = parsed(text);
  const said = isObject(told.notification) ? told.notification : {};
  const page = ownPath(told.page) ?? ownPath(said.navigate) ?? "/";
  const link = ownPath(said.navigate);
  const receipt = typeof told.receipt === "string" && RECEIPT.test(told.receipt) ? told.receipt : undefined;
  return {
    title: words(said.title) || words(read?.title) || UNREADABLE,
    options: {
      body: words(said.body) || words(read?.body) || OPEN_WORDS,
      tag: words(said.tag) || words(read?.tag) || "siaga",
      lang: "id",
      icon: ICON,
      badge: BADGE,
      renotify: true,
      requireInteraction: said.requireInteraction === true,
      vibrate: VIBRATION_MS,
      data: { page, ...(link ? { link } : {}), ...(receipt ? { receipt } : {}) },
    },
  };
}

/**
 * Whether an open page of ours at this address is the one to bring to the front for `page`: the same kind of page.
 * @param {string} address
 * @param {string} page
 */
export function calledBy(address, page) {
  const kind = (/** @type {string} */ path) => path.split("/")[1];
  const wanted = kind(page);
  return wanted
    ? kind(new URL(address).pathname) === wanted
    : /^\/(agency|leader|board)\b/.test(new URL(address).pathname);
}

/**
 * A message's assignment, by its tag: what is accepted needs no notification any more.
 * @param {string} tag
 */
export const assignmentOf = (tag) => Number(/^n(\d+)-/.exec(tag)?.[1] ?? 0);

/** @param {string | undefined} text */
function parsed(text) {
  try {
    const told = JSON.parse(text ?? "");
    return isObject(told) ? told : {};
  } catch {
    return {};
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {unknown} value */
const words = (value) => (typeof value === "string" ? value.trim() : "");

/**
 * A page of ours, by its path alone: a message leads nowhere else, whatever address the centre is reached by.
 * @param {unknown} address
 */
function ownPath(address) {
  if (typeof address !== "string" || !address) return undefined;
  try {
    const { protocol, pathname, search } = new URL(address, "https://own.invalid");
    return /^https?:$/.test(protocol) && !pathname.startsWith("//") ? pathname + search : undefined;
  } catch {
    return undefined;
  }
}
