// The names beside landmarks: only those that fit between what is there already; elements are reused, not made anew.
import { setText } from "./dom.js";
import { L } from "./map-leaflet.js";

const GAP_PX = 4;
const MOST = 60; // names to place at a time

/** names(): [{text, at, rightPx}]; busy(): boxes {x, y, w, h} that stay free. Returns {arrange()}. */
export function addLandmarkNames(map, names, busy) {
  const pane = map.createPane("landmark-names");
  pane.classList.add("map-names", "map-landmark-names");
  pane.style.zIndex = "431";
  const spare = []; // elements, used from the front

  function arrange() {
    const size = map.getSize();
    const near = names()
      .map((name) => ({ ...name, point: map.latLngToContainerPoint(name.at) }))
      .filter(({ point }) => point.x > 0 && point.y > 0 && point.x < size.x && point.y < size.y)
      .slice(0, MOST);
    const taken = near.length ? [...busy()] : [];
    near.forEach(({ text, at, rightPx, point }, place) => {
      const element = (spare[place] ??= makeName(pane));
      setText(element, text);
      element.hidden = false;
      const { offsetWidth: w, offsetHeight: h } = element;
      // To the right of its square; where that is taken or ends the map, to the left.
      const box = [rightPx, -rightPx - w].map((beside) => ({ beside, x: point.x + beside, y: point.y - h / 2, w, h })).find((tried) => tried.x > 0 && tried.x + w < size.x && !taken.some((other) => touches(tried, other)));
      element.hidden = !box;
      if (!box) return;
      taken.push(box);
      L.DomUtil.setPosition(element, map.latLngToLayerPoint(at).add([box.beside, 0]).round());
    });
    for (const element of spare.slice(near.length)) element.hidden = true;
  }

  map.on("zoomend moveend resize viewreset", arrange);
  return { arrange };
}

function makeName(pane) {
  const element = document.createElement("span");
  element.className = "map-name map-name--landmark";
  pane.append(element);
  return element;
}

const touches = (a, b) => a.x < b.x + b.w + GAP_PX && b.x < a.x + a.w + GAP_PX && a.y < b.y + b.h && b.y < a.y + a.h;
