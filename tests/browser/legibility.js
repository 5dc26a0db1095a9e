({
  /** Controls that cannot be brought into view or lie under something; words cut without a sign; a page that is too wide. */
  outOfReach() {
    const found = new Set();
    const name = (node) => {
      const says = node.closest("label")?.textContent || node.textContent || node.getAttribute("aria-label") || "";
      return `${node.tagName.toLowerCase()}${node.id && "#"}${node.id}.${[...node.classList].join(".")} "${says.trim().slice(0, 40)}"`;
    };
    const shows = (node) =>
      node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      !node.closest(".unseen, .skip") &&
      getComputedStyle(node).clipPath !== "inset(50%)"; // said to those who hear the page, and not drawn
    const { scrollWidth } = document.scrollingElement;
    if (scrollWidth > innerWidth + 1) found.add(`the page is ${scrollWidth - innerWidth} px too wide`);

    for (const node of document.querySelectorAll("button, a[href], input, select, textarea, [role=option]")) {
      if (!shows(node) || node.disabled) continue;
      const whole = node.closest("label") ?? node;
      whole.scrollIntoView({ block: "nearest", inline: "nearest" });
      const { left, right, top, bottom, width, height } = whole.getBoundingClientRect();
      if (!width || !height) continue;
      if (left < -1 || right > innerWidth + 1) found.add(`beside the window: ${name(node)}`);
      else if (height < innerHeight && (top < -1 || bottom > innerHeight + 1))
        found.add(`outside the window: ${name(node)}`);
      else {
        const hit = document.elementFromPoint(left + width / 2, top + Math.min(height, innerHeight - top) / 2);
        // A toast covers what is under it for some seconds, and goes.
        const reached = hit && (hit.closest(".toasts") || hit.contains(node) || whole.contains(hit));
        if (!reached) found.add(`under ${hit ? name(hit) : "nothing"}: ${name(node)}`);
      }
    }

    const texts = document.querySelectorAll("body :not(textarea, select, script, template, .leaflet-container *)");
    for (const node of texts) {
      if (!shows(node)) continue;
      const style = getComputedStyle(node);
      const hides = ["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis";
      const says = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
      const forReaders = node.clientWidth <= 1; // one pixel: what only a screen reader is told
      if (hides && !forReaders && says && node.scrollWidth > node.clientWidth + 1) found.add(`cut off: ${name(node)}`);
    }
    scrollTo(0, 0);
    return [...found];
  },

  /** Visible texts in letters smaller than so many px. */
  smallerThan(px) {
    const found = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.data.trim();
      const parent = texts.currentNode.parentElement;
      if (!text || parent.closest("script, template, .unseen") || !parent.checkVisibility()) continue;
      const size = parseFloat(getComputedStyle(parent).fontSize);
      if (size < px) found.add(`${size} px: ${text.slice(0, 40)}`);
    }
    return [...found];
  },

  /** Everything the page says: texts, names, titles, placeholders; not what is marked as another language. */
  words() {
    const words = new Set([document.title]);
    const shows = (node) => !node.closest("script, template, [hidden], [lang]:not(html)");
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) if (shows(texts.currentNode.parentElement)) words.add(texts.currentNode.data);
    const named = ["aria-label", "title", "placeholder"];
    for (const node of document.querySelectorAll(named.map((name) => `[${name}]`).join()))
      if (shows(node)) for (const name of named) words.add(node.getAttribute(name) ?? "");
    return [...words].map((text) => text.trim()).filter(Boolean);
  },
});
