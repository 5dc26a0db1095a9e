// The boundary layer: kelurahan and kecamatan outlines, or, without a boundary file, one point for each kelurahan.
import { indexFeatures, insideRing, kecamatanCentres, kecamatanLines, mainlandBounds } from "./map-geometry.js";
import { L } from "./map-leaflet.js";

/**
 * @typedef {import("./map-leaflet.js").LeafletMap} LeafletMap
 * @typedef {import("./map-leaflet.js").Colours} Colours
 * @typedef {import("./map-geometry.js").LatLon} LatLon
 * @typedef {import("../payloads.d.ts").Boundaries} Boundaries
 * @typedef {import("../payloads.d.ts").FeatureCollection} FeatureCollection
 * @typedef {import("../payloads.d.ts").KelurahanPoint} KelurahanPoint
 * @typedef {{name: string, kecamatan: string, lat: number, lon: number}} Kelurahan
 */
/**
 * The layer on the map; `approximate` where it has no polygons.
 * @typedef {object} BoundaryLayer
 * @property {Kelurahan[]} places
 * @property {Map<string, LatLon>} centres where the names of the kecamatan are written
 * @property {[LatLon, LatLon] | null} bounds south-west and north-east
 * @property {boolean} approximate
 * @property {string} attribution
 * @property {(colours: Colours) => void} restyle
 * @property {() => void} overTiles Tiles show through: only the lines and the chosen kelurahan remain.
 * @property {(place: {lat: number, lon: number} | null) => void} choose Fills the kelurahan that covers the point.
 */

/** Radius of a kelurahan's point, in pixels. */
const POINT_RADIUS_PX = 3;
const CHOSEN_OVER_TILES = 0.35;
const CHOSEN_AREA = 0.5;
const AREA_LINE = 0.6;

/**
 * @param {LeafletMap} map
 * @param {Boundaries} data
 * @param {Colours} colours
 */
export function drawBoundaries(map, data, colours) {
  return "points" in data ? drawPoints(map, data.points, colours) : drawPolygons(map, data, colours);
}

/**
 * @param {LeafletMap} map
 * @param {FeatureCollection} data
 * @param {Colours} colours
 * @returns {BoundaryLayer}
 */
function drawPolygons(map, { features, attribution }, colours) {
  const index = indexFeatures(features);
  /** @type {import("./map-geometry.js").Feature | null} */
  let chosen = null;
  let palette = colours;
  let ground = 1; // how much the fill covers what lies below
  /** @param {import("geojson").Feature} [feature] */
  const styleOf = (feature) => ({
    stroke: true,
    weight: 1,
    color: palette.kelurahanLine,
    fill: true,
    fillOpacity: feature === chosen ? Math.max(ground, CHOSEN_OVER_TILES) : ground,
    fillColor: feature === chosen ? palette.landChosen : palette.land,
  });
  const land = L.geoJSON(features, { style: styleOf, interactive: false, pane: "land" }).addTo(map);
  const outline = L.polyline(kecamatanLines(index), {
    weight: 1.5,
    color: palette.kecamatanLine,
    interactive: false,
    pane: "land",
  }).addTo(map);
  const places = features.map((feature) => {
    const [lon, lat] = feature.properties.label;
    return { ...feature.properties, lat, lon };
  });
  return {
    places,
    centres: kecamatanCentres(places),
    bounds: mainlandBounds(features),
    approximate: false,
    attribution,
    restyle(next) {
      palette = next;
      land.setStyle(styleOf);
      outline.setStyle({ color: palette.kecamatanLine });
    },
    overTiles() {
      if (ground === 0) return;
      ground = 0;
      land.setStyle(styleOf);
    },
    choose(place) {
      const next = place && index.at(place.lat, place.lon);
      if (next === chosen) return;
      chosen = next;
      land.setStyle(styleOf);
    },
  };
}

/**
 * Without polygons: each kelurahan's point, and dashed around it what is nearer to it than to any other. The area that a
 * chosen point lies in is filled faintly: it is only likely.
 * @param {LeafletMap} map
 * @param {KelurahanPoint[]} points
 * @param {Colours} colours
 * @returns {BoundaryLayer}
 */
function drawPoints(map, points, colours) {
  let palette = colours;
  /** @type {number | null} */
  let chosen = null;
  const areas = points.map(({ area }) => area);
  /** @param {number} place */
  const styleOf = (place) => ({
    color: palette.kecamatanLine,
    opacity: AREA_LINE,
    fillColor: palette.landChosen,
    fill: place === chosen,
    fillOpacity: CHOSEN_AREA,
  });
  const rings = areas.map((ring, place) =>
    L.polygon(ring.map(latLon), {
      weight: 1,
      dashArray: "2 4",
      interactive: false,
      pane: "land",
      ...styleOf(place),
    }).addTo(map),
  );
  const dots = points.map(({ lat, lon }) =>
    L.circleMarker([lat, lon], {
      radius: POINT_RADIUS_PX,
      stroke: false,
      fill: true,
      fillOpacity: 1,
      fillColor: palette.label,
      interactive: false,
      pane: "land",
    }).addTo(map),
  );
  const bounds = L.latLngBounds(points.flatMap(({ lat, lon, area }) => [latLon([lon, lat]), ...area.map(latLon)]));
  return {
    places: points,
    centres: kecamatanCentres(points),
    bounds: bounds.isValid()
      ? [
          [bounds.getSouth(), bounds.getWest()],
          [bounds.getNorth(), bounds.getEast()],
        ]
      : null,
    approximate: true,
    attribution: "",
    restyle(next) {
      palette = next;
      for (const [place, ring] of rings.entries()) ring.setStyle(styleOf(place));
      for (const dot of dots) dot.setStyle({ fillColor: palette.label });
    },
    overTiles() {},
    choose(point) {
      const next = point ? areas.findIndex((ring) => ring.length > 0 && insideRing(ring, point.lon, point.lat)) : -1;
      const before = chosen;
      chosen = next < 0 ? null : next;
      for (const place of new Set([before, chosen])) if (place !== null) rings[place].setStyle(styleOf(place));
    },
  };
}

/**
 * @param {import("./map-geometry.js").Position} position
 * @returns {LatLon}
 */
const latLon = ([lon, lat]) => [lat, lon];
