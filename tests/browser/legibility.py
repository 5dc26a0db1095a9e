"""What a page hides from its reader: controls out of reach, words cut off, letters too small."""

from __future__ import annotations

from playwright.sync_api import Page

#: Controls that cannot be brought into view, or lie under something else; words that are cut without a sign; a page
#: that is wider than its window.
_OUT_OF_REACH = """() => {
  const found = [];
  const name = (node) => `${node.tagName.toLowerCase()}${node.id ? "#" + node.id : ""}.${[...node.classList].join(".")}`
    + ` "${(node.closest("label")?.textContent || node.textContent || node.getAttribute("aria-label") || "").trim().slice(0, 40)}"`;
  const shows = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !node.closest(".unseen, .skip");
  const root = document.scrollingElement;
  if (root.scrollWidth > innerWidth + 1) found.push(`the page is ${root.scrollWidth - innerWidth} px too wide`);
  for (const node of document.querySelectorAll("button, a[href], input, select, textarea, [role=option]")) {
    if (!shows(node) || node.disabled) continue;
    const whole = node.closest("label") ?? node;
    whole.scrollIntoView({ block: "nearest", inline: "nearest" });
    const box = whole.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if (box.left < -1 || box.right > innerWidth + 1) found.push(`beside the window: ${name(node)}`);
    else if (box.height < innerHeight && (box.top < -1 || box.bottom > innerHeight + 1)) found.push(`outside the window: ${name(node)}`);
    else {
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, innerHeight - box.top) / 2);
      const same = top && (top.closest(".toasts") || top.contains(node) || node.contains(top) || node.closest("label")?.contains(top));
      if (!same) found.push(`under ${top ? name(top) : "nothing"}: ${name(node)}`);
    }
  }
  for (const node of document.querySelectorAll("body *")) {
    if (!shows(node) || !node.matches(":not(textarea, select, script, template, .leaflet-container *)")) continue;
    const style = getComputedStyle(node);
    const hides = ["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis";
    const says = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (hides && says && node.scrollWidth > node.clientWidth + 1) found.push(`cut off: ${name(node)}`);
  }
  scrollTo(0, 0);
  return [...new Set(found)];
}"""

_SMALLER_THAN = """(px) => {
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || parent.closest("script, template, .unseen") || !parent.checkVisibility()) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (size < px) found.add(`${size} px: ${texts.currentNode.data.trim().slice(0, 40)}`);
  }
  return [...found];
}"""

_WORDS = """() => {
  const words = new Set([document.title]);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const shows = (node) => !node.closest("script, template, [hidden], [lang]:not(html)");
  while (texts.nextNode()) if (shows(texts.currentNode.parentElement)) words.add(texts.currentNode.data);
  for (const node of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    if (shows(node)) for (const name of ["aria-label", "title", "placeholder"]) words.add(node.getAttribute(name) ?? "");
  return [...words].map((text) => text.trim()).filter(Boolean);
}"""


def out_of_reach(page: Page) -> list[str]:
    """Controls nobody can get at, and words that are cut off, at the window's present size."""
    return list(page.evaluate(_OUT_OF_REACH))


def smaller_than(page: Page, px: float) -> list[str]:
    """Visible texts in smaller letters."""
    return list(page.evaluate(_SMALLER_THAN, px))


def words_on(page: Page) -> list[str]:
    """Everything the page says: texts, names, titles, placeholders; not what is marked as another language."""
    return list(page.evaluate(_WORDS))
