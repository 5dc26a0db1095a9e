// What reaches the operator without being looked for: toasts, banners, the two live regions.
import { clone, fill, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";

const SHOWN = 3;
/**
 * @typedef {"plain" | "done" | "amber" | "red"} ToastLook
 * @typedef {string | symbol} ToastKey there is one toast of each
 * @typedef {{words: string, cap?: string, act: () => unknown}} ToastButton
 * @typedef {object} ToastOptions
 * @property {ToastKey} [key]
 * @property {ToastLook} [look]
 * @property {string} title
 * @property {string} [more]
 * @property {number} [seconds]
 * @property {ToastButton | null} [button]
 * @typedef {object} Toast
 * @property {ToastKey} key
 * @property {HTMLElement} node
 * @property {number} rank
 * @property {number} until
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

/** @type {Record<ToastLook, string>} */
const ICONS = { plain: "info", done: "check", amber: "triangle-alert", red: "octagon-alert" };

/** At most three toasts, then "+4 lewat"; a red one stays until somebody acts, the others go after their time. */
export class Toasts {
  /** @param {HTMLElement} room */
  constructor(room) {
    this.room = room;
    /** @type {Toast[]} */
    this.list = [];
    this.more = document.createElement("p");
    this.more.className = "pill";
    this.more.hidden = true;
    room.append(this.more);
  }

  /**
   * Show a toast in the place of the one with the same key; returns a function that takes it away.
   * @param {ToastOptions} toast
   */
  show({ key = Symbol("toast"), look = "plain", title, more = "", seconds = 10, button = null }) {
    this.dismiss(key);
    const node = clone("toast");
    setAttribute(node, "data-look", look === "done" ? "plain" : look);
    setIcon(node.firstElementChild, ICONS[look]);
    fill(node, { title, more, left: null, button: button?.words, cap: button?.cap });
    const control = one('[data-part="toast-button"]', node);
    control.hidden = !button;
    control.addEventListener("click", () => {
      this.dismiss(key);
      button?.act();
    });
    /** @type {Toast} */
    const toast = {
      key,
      node,
      rank: look === "red" ? 1 : look === "done" && !button ? 0 : 2,
      until: look === "red" ? Infinity : performance.now() + seconds * 1000,
    };
    this.list.push(toast);
    if (toast.until < Infinity) toast.timer = setTimeout(() => this.dismiss(key), seconds * 1000);
    this.#draw();
    (look === "red" ? sayNow : sayPolitely)(`${title} ${more}`);
    return () => this.dismiss(key);
  }

  /** @param {ToastKey} key */
  dismiss(key) {
    const toast = this.list.find((other) => other.key === key);
    if (!toast) return;
    clearTimeout(toast.timer);
    toast.node.remove();
    this.list = this.list.filter((other) => other !== toast);
    this.#draw();
  }

  /**
   * Take away those whose key begins like this and is not among `keys`.
   * @param {string} beginning
   * @param {Set<string>} keys
   */
  keepOnly(beginning, keys) {
    for (const { key } of [...this.list])
      if (typeof key === "string" && key.startsWith(beginning) && !keys.has(key)) this.dismiss(key);
  }

  /** @param {ToastKey} key */
  has(key) {
    return this.list.some((toast) => toast.key === key);
  }

  #draw() {
    // What answers a hand (amber, an undo) comes before what is late (red), and that before what only tells.
    const shown = [...this.list]
      .reverse()
      .sort((a, b) => b.rank - a.rank)
      .slice(0, SHOWN);
    for (const toast of this.list) {
      if (!shown.includes(toast)) toast.node.remove();
      else if (!toast.node.isConnected) this.room.append(toast.node);
    }
    const left = Math.max(0, this.list.length - SHOWN);
    this.more.hidden = left === 0;
    setText(this.more, t("+{n} lewat", { n: left }));
  }
}

/**
 * Show or hide a banner; title null hides it.
 * @param {HTMLElement} banner
 * @param {string | null} title
 * @param {string} [more]
 */
export function showBanner(banner, title, more = "") {
  if (title && banner.hidden) sayNow(`${title} ${more}`);
  banner.hidden = !title;
  if (title) fill(banner, { title, more });
}

/**
 * @param {string} id
 * @returns {(words: string) => void}
 */
const say = (id) => (words) => {
  const region = one(`#${id}`);
  // The same words twice would not be read again.
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = words.trim();
  });
};
export const sayPolitely = say("say-polite");
const sayNow = say("say-now");
