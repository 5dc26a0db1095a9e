// The map's colours, read from the stylesheet's custom properties because a canvas cannot use them by name.

const PROPERTIES = {
  land: "--map-fill",
  landChosen: "--map-chosen",
  kelurahanLine: "--map-line",
  kecamatanLine: "--map-border",
  label: "--map-label",
  ring: "--t2",
  accuracy: "--blue-edge",
};

/** {land, landChosen, kelurahanLine, kecamatanLine, label, ring, accuracy} as they stand now for this element. */
export function readColours(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(Object.entries(PROPERTIES).map(([name, property]) => [name, style.getPropertyValue(property).trim()]));
}
