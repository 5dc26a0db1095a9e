// The ground below our own layers, where one is configured: a tile source, or a PMTiles file that we serve. What that
// needs is loaded only then.
import { L } from "./map-leaflet.js";

/** PMTiles, version 3: types of tiles. */
const VECTOR = 1;
const IMAGES = { 2: "image/png", 3: "image/jpeg", 4: "image/webp", 5: "image/avif" };

/** `<body data-tiles-url data-pmtiles>`; says "absent", "shown" (one has come) or "failed". Returns {restyle()}. */
export function addTiles(map, onState) {
  const { tilesUrl, pmtiles } = document.body.dataset;
  if (pmtiles) return addPmtiles(map, pmtiles, onState);
  if (!tilesUrl) onState("absent");
  else watched(L.tileLayer(tilesUrl, { attribution: "", maxZoom: 19 }), onState).addTo(map);
  return { restyle() {} };
}

function watched(layer, onState) {
  layer.on("tileerror", () => onState("failed"));
  layer.on("tileload", () => onState("shown"));
  return layer;
}

function addPmtiles(map, url, onState) {
  let restyle = () => {};
  open(map, url, onState).then(
    (again) => {
      restyle = again;
    },
    (problem) => {
      console.warn("the PMTiles file cannot be shown:", problem.message);
      onState("failed");
    },
  );
  return { restyle: () => restyle() };
}

async function open(map, url, onState) {
  await script("../vendor/protomaps/protomaps-leaflet.js");
  const archive = new globalThis.protomapsL.PmtilesSource(url, false).p;
  const header = await archive.getHeader();
  let layer = null;
  const draw = () => {
    layer?.remove();
    layer = watched(
      header.tileType === VECTOR ? vectorLayer(archive, header) : rasterLayer(archive, header),
      onState,
    ).addTo(map);
  };
  draw();
  return header.tileType === VECTOR ? draw : () => {};
}

function vectorLayer(archive, { maxZoom }) {
  const flavor = document.documentElement.dataset.theme === "light" ? "light" : "dark";
  return globalThis.protomapsL.leafletLayer({
    url: archive,
    flavor,
    lang: "id",
    maxDataZoom: maxZoom,
    attribution: "",
  });
}

function rasterLayer(archive, { tileType, minZoom, maxZoom }) {
  const RasterLayer = L.GridLayer.extend({
    createTile({ z, x, y }, done) {
      const image = document.createElement("img");
      image.alt = "";
      archive.getZxy(z, x, y).then(
        (tile) => {
          if (!tile) return done(null, image); // the file has none here
          image.src = URL.createObjectURL(new Blob([tile.data], { type: IMAGES[tileType] }));
          image.addEventListener("load", () => done(null, image));
          image.addEventListener("error", () => done(new Error("no image"), image));
          return undefined;
        },
        (problem) => done(problem, image),
      );
      return image;
    },
  });
  const layer = new RasterLayer({ minNativeZoom: minZoom, maxNativeZoom: maxZoom, maxZoom: 19 });
  layer.on("tileunload", ({ tile }) => URL.revokeObjectURL(tile.src));
  return layer;
}

/** A library that sets a global, which a module cannot import. */
function script(path) {
  const element = document.createElement("script");
  element.src = new URL(path, import.meta.url).href;
  const loaded = new Promise((done, failed) => {
    element.addEventListener("load", done);
    element.addEventListener("error", () => failed(new Error(`${path} cannot be loaded`)));
  });
  document.head.append(element);
  return loaded;
}
