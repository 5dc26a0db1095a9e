// Fill what the server rendered. A row that a script makes is a clone of a <template>; text goes into [data-field]
// nodes as text, never as markup, so a caller named <script> is only a name.

/**
 * @template {string} S
 * @typedef {import("../types.d.ts").Found<S>} Found by a selector; name its tag for more than an HTMLElement
 */
/** @typedef {import("../types.d.ts").PageData} PageData */

/**
 * The first match, where there may be none.
 * @template {string} S
 * @param {S} selector
 * @param {ParentNode} [root]
 * @returns {Found<S> | null}
 */
export const find = (selector, root = document) => root.querySelector(selector);

/**
 * The first match. Pages and scripts are made for each other: what is asked for is there, or this throws.
 * @template {string} S
 * @param {S} selector
 * @param {ParentNode} [root]
 */
export function one(selector, root = document) {
  const found = find(selector, root);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/**
 * All matches, in the page's order.
 * @template {string} S
 * @param {S} selector
 * @param {ParentNode} [root]
 */
export const all = (selector, root = document) => /** @type {Found<S>[]} */ ([...root.querySelectorAll(selector)]);

/**
 * The nearest element that matches, from where an event happened outwards; null where there is none.
 * @template {string} S
 * @param {Event} event
 * @param {S} selector
 * @returns {Found<S> | null}
 */
export const around = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

/**
 * The JSON of a data block in the page; throws where the page has none.
 * @template {keyof PageData} K
 * @param {K} id
 * @returns {PageData[K]}
 */
export const data = (id) => JSON.parse(one(`script#${id}`).textContent ?? "");

/**
 * A copy of the first element in <template id=...>.
 * @param {string} templateId
 */
export function clone(templateId) {
  const inside = one(`template#${templateId}`).content.firstElementChild;
  if (!(inside instanceof HTMLElement)) throw new Error(`the template ${templateId} is empty`);
  return document.importNode(inside, true);
}

/**
 * Set texts of [data-field=name] nodes; null or undefined hides the node. Unchanged text is left alone.
 * @template {Element} N
 * @param {N} node
 * @param {Record<string, unknown>} fields
 */
export function fill(node, fields) {
  for (const [name, value] of Object.entries(fields)) {
    for (const field of all(`[data-field="${name}"]`, node)) {
      const absent = value === null || value === undefined || value === "";
      if (field.hidden !== absent) field.hidden = absent;
      if (!absent) setText(field, String(value));
    }
  }
  return node;
}

/**
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @param {Element} node
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value
 */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/**
 * Show another icon of the sprite in an <svg class="icon">.
 * @param {Element | null} svg
 * @param {string} name
 */
export function setIcon(svg, name) {
  const use = svg?.firstElementChild;
  if (use) setAttribute(use, "href", `#icon-${name}`);
}

/**
 * A new icon, for places that have no template.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.importNode(one("svg.icon"), true);
  svg.setAttribute("class", "icon");
  setIcon(svg, name);
  return svg;
}

/**
 * Make the children of `list` show `items` in order, one child for each key, moving and changing as little as possible.
 * make(item) -> node; update(node, item) is called for every item. Children without a key stay where they are, in
 * front.
 * @template T
 * @template {HTMLElement} [N=HTMLElement]
 * @param {Element} list
 * @param {T[]} items
 * @param {object} how
 * @param {(item: T) => string | number} how.key
 * @param {(item: T) => N} how.make
 * @param {(node: N, item: T) => unknown} how.update
 */
export function keyed(list, items, { key, make, update }) {
  const made = /** @type {N[]} */ (all(":scope > [data-key]", list));
  const old = new Map(made.map((node) => [node.dataset.key ?? "", node]));
  /** @type {Element | null} */
  let after = null;
  for (const item of items) {
    const id = String(key(item));
    let node = old.get(id);
    if (node) old.delete(id);
    else {
      node = make(item);
      node.dataset.key = id;
    }
    update(node, item);
    /** @type {Element | null} */
    const place = after ? after.nextElementSibling : list.querySelector(":scope > [data-key]");
    if (place !== node) {
      if (after) after.after(node);
      else if (place) place.before(node);
      else list.append(node);
    }
    after = node;
  }
  for (const node of old.values()) node.remove();
}

/**
 * Run `draw` once before the next frame however often it is asked for; also when the tab is hidden.
 * @param {() => void} draw
 */
export function frameOnce(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    const run = () => {
      asked = false;
      draw();
    };
    if (document.hidden) setTimeout(run, 100);
    else requestAnimationFrame(run);
  };
}
