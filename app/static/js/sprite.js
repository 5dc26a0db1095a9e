// Keeps the icons inside the page. A browser may ask again for an external sprite whenever another icon of it is shown,
// so the very icon that says "no connection" would stay empty while there is none.
import { all, one } from "./dom.js";

/** Resolves when every icon of the page and of its templates refers to the page's own copy. */
export async function keepIcons() {
  const [address] = one("svg.icon use").getAttribute("href").split("#");
  if (!address) return;
  const answer = await fetch(address);
  if (!answer.ok) return;
  const sprite = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  sprite.setAttribute("hidden", "");
  document.body.prepend(document.importNode(sprite, true));
  for (const root of [document, ...all("template").map((template) => template.content)]) {
    for (const use of all("svg.icon use", root)) use.setAttribute("href", `#${use.getAttribute("href").split("#")[1]}`);
  }
}
