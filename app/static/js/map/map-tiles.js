// The ground below our own layers, where one is configured: a tile source, or a PMTiles file that we serve. What that
// needs is loaded only then.
import { L } from "./map-leaflet.js";

/**
 * @typedef {import("./map-leaflet.js").LeafletMap} LeafletMap
 * @typedef {import("leaflet").GridLayer} GridLayer
 * @typedef {"absent" | "shown" | "failed"} TilesState
 * @typedef {(state: TilesState) => void} OnState
 * @typedef {InstanceType<typeof import("protomaps-leaflet").PmtilesSource>["p"]} Archive
 * @typedef {Awaited<ReturnType<Archive["getHeader"]>>} Header
 */

/** PMTiles, version 3: types of tiles. */
const VECTOR = 1;
/** @type {Record<number, string>} */
const IMAGES = { 2: "image/png", 3: "image/jpeg", 4: "image/webp", 5: "image/avif" };

/**
 * `<body data-tiles-url data-pmtiles>`; says "absent", "shown" (one has come) or "failed".
 * @param {LeafletMap} map
 * @param {OnState} onState
 */
export function addTiles(map, onState) {
  const { tilesUrl, pmtiles } = document.body.dataset;
  if (pmtiles) return addPmtiles(map, pmtiles, onState);
  if (!tilesUrl) onState("absent");
  else watched(L.tileLayer(tilesUrl, { attribution: "", maxZoom: 19 }), onState).addTo(map);
  return { restyle() {} };
}

/**
 * @template {GridLayer} T
 * @param {T} layer
 * @param {OnState} onState
 */
function watched(layer, onState) {
  layer.on("tileerror", () => onState("failed"));
  layer.on("tileload", () => onState("shown"));
  return layer;
}

/**
 * @param {LeafletMap} map
 * @param {string} url
 * @param {OnState} onState
 */
function addPmtiles(map, url, onState) {
  let restyle = () => {};
  open(map, url, onState).then(
    (again) => {
      restyle = again;
    },
    (problem) => {
      console.warn("the PMTiles file cannot be shown:", String(problem));
      onState("failed");
    },
  );
  return { restyle: () => restyle() };
}

/**
 * @param {LeafletMap} map
 * @param {string} url
 * @param {OnState} onState
 */
async function open(map, url, onState) {
  await script("../vendor/protomaps/protomaps-leaflet.js");
  const archive = new globalThis.protomapsL.PmtilesSource(url, false).p;
  const header = await archive.getHeader();
  /** @type {GridLayer | null} */
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

/**
 * @param {Archive} archive
 * @param {Header} header
 */
function vectorLayer(archive, { maxZoom }) {
  const flavor = document.documentElement.dataset.theme === "light" ? "light" : "dark";
  const options = { url: archive, flavor, lang: "id", maxDataZoom: maxZoom, attribution: "" };
  return globalThis.protomapsL.leafletLayer(options);
}

/**
 * @param {Archive} archive
 * @param {Header} header
 * @returns {GridLayer}
 */
function rasterLayer(archive, { tileType, minZoom, maxZoom }) {
  /** @type {new (options: import("leaflet").GridLayerOptions) => GridLayer} */
  const RasterLayer = L.GridLayer.extend({
    /**
     * @param {import("leaflet").Coords} coords
     * @param {import("leaflet").DoneCallback} done
     */
    createTile({ z, x, y }, done) {
      const image = document.createElement("img");
      image.alt = "";
      archive.getZxy(z, x, y).then(
        (tile) => {
          if (!tile) return done(undefined, image); // the file has none here
          image.src = URL.createObjectURL(new Blob([tile.data], { type: IMAGES[tileType] }));
          image.addEventListener("load", () => done(undefined, image));
          image.addEventListener("error", () => done(new Error("no image"), image));
          return undefined;
        },
        (problem) => done(problem, image),
      );
      return image;
    },
  });
  const layer = new RasterLayer({ minNativeZoom: minZoom, maxNativeZoom: maxZoom, maxZoom: 19 });
  layer.on("tileunload", (/** @type {import("leaflet").TileEvent} */ { tile }) => URL.revokeObjectURL(tile.src));
  return layer;
}

/**
 * A library that sets a global, which a module cannot import.
 * @param {string} path
 */
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
