// The boundary layer: kelurahan and kecamatan outlines, or, without a boundary file, one point for each kelurahan.
import { indexFeatures, insideRing, kecamatanCentres, kecamatanLines, mainlandBounds } from "./map-geometry.js";
import { L } from "./map-leaflet.js";

/** Radius of a kelurahan's point, in pixels. */
const POINT_RADIUS_PX = 3;
const CHOSEN_OVER_TILES = 0.35;
const CHOSEN_AREA = 0.5;
const AREA_LINE = 0.6;

/**
 * data: the answer of GET /api/v1/boundaries. Returns {places, centres, bounds, approximate, attribution,
 * restyle(colours), overTiles(), choose(lat, lon)}.
 */
export function drawBoundaries(map, data, colours) {
  return data.points ? drawPoints(map, data.points, colours) : drawPolygons(map, data, colours);
}

function drawPolygons(map, { features, attribution }, colours) {
  const index = indexFeatures(features);
  let chosen = null;
  let palette = colours;
  let ground = 1; // how much the fill covers what lies below
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
    attribution: attribution ?? "",
    restyle(next) {
      palette = next;
      land.setStyle(styleOf);
      outline.setStyle({ color: palette.kecamatanLine });
    },
    /** Tiles show through: only the lines and the chosen kelurahan remain. */
    overTiles() {
      if (ground === 0) return;
      ground = 0;
      land.setStyle(styleOf);
    },
    /** Fills the kelurahan that covers the point; none for null. */
    choose(lat, lon) {
      const next = lat === null ? null : index.at(lat, lon);
      if (next === chosen) return;
      chosen = next;
      land.setStyle(styleOf);
    },
  };
}

/** Without polygons: each kelurahan's point, and dashed around it what is nearer to it than to any other. */
function drawPoints(map, points, colours) {
  let palette = colours;
  let chosen = null;
  const areas = points.map(({ area }) => area ?? []);
  const styleOf = (place) => ({
    color: palette.kecamatanLine,
    opacity: AREA_LINE,
    fillColor: palette.landChosen,
    fill: place === chosen,
    fillOpacity: CHOSEN_AREA,
  });
  const rings = areas.map((ring, place) =>
    L.polygon(
      ring.map(([lon, lat]) => [lat, lon]),
      { weight: 1, dashArray: "2 4", interactive: false, pane: "land", ...styleOf(place) },
    ).addTo(map),
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
  const bounds = L.latLngBounds(
    points.flatMap(({ lat, lon, area }) => [[lat, lon], ...(area ?? []).map(([east, north]) => [north, east])]),
  );
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
    /** Fills the area that the point lies in, faintly: it is only likely. */
    choose(lat, lon) {
      const next = lat === null ? -1 : areas.findIndex((ring) => ring.length > 0 && insideRing(ring, lon, lat));
      const before = chosen;
      chosen = next < 0 ? null : next;
      for (const place of new Set([before, chosen])) if (place !== null) rings[place].setStyle(styleOf(place));
    },
  };
}
