// Fill what the server rendered. A row that a script makes is a clone of a <template>; text goes into [data-field]
// nodes as text, never as markup, so a caller named <script> is only a name.

/**
 * The first match. Pages and scripts are made for each other: what is asked for is there, but where the caller looks.
 * @param {string} selector
 * @param {ParentNode} [root]
 */
export const one = (selector, root = document) => /** @type {HTMLElement} */ (root.querySelector(selector));

/**
 * All matches, in the page's order.
 * @param {string} selector
 * @param {ParentNode} [root]
 */
export const all = (selector, root = document) => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);

/**
 * The JSON of a data block in the page.
 * @param {string} id
 */
export function data(id) {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent ?? "null") : null;
}

/**
 * A copy of the first element in <template id=...>.
 * @param {string} templateId
 */
export function clone(templateId) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(templateId));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
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
  const svg = /** @type {Element} */ (one("svg.icon").cloneNode(true));
  svg.setAttribute("class", "icon");
  setIcon(svg, name);
  return svg;
}

/**
 * Make the children of `list` show `items` in order, one child for each key, moving and changing as little as possible.
 * make(item) -> node; update(node, item) is called for every item. Children without a key stay where they are, in
 * front.
 * @template T
 * @param {Element} list
 * @param {T[]} items
 * @param {object} how
 * @param {(item: T) => string | number} how.key
 * @param {(item: T) => HTMLElement} how.make
 * @param {(node: HTMLElement, item: T) => unknown} how.update
 */
export function keyed(list, items, { key, make, update }) {
  const old = new Map(all(":scope > [data-key]", list).map((node) => [node.dataset.key ?? "", node]));
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
