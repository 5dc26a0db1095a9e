// Plain geometry on GeoJSON coordinates [lon, lat] for the boundary layer; knows nothing of Leaflet.

/**
 * @typedef {import("../payloads.d.ts").KelurahanFeature} Feature
 * @typedef {[lon: number, lat: number]} Position
 * @typedef {[lat: number, lon: number]} LatLon as Leaflet has it
 * @typedef {ReturnType<typeof indexFeatures>} FeatureIndex
 */

/** Sampling distance beside an edge, in degrees of latitude (about 45 m): wider than the slivers that a
 *  simplified boundary layer leaves between neighbours, narrower than any kelurahan. */
const BESIDE_DEG = 0.0004;

/**
 * Every outer ring of a feature, longest ring first.
 * @param {Feature} feature
 */
export function outerRings({ geometry }) {
  const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
  return polygons.map((polygon) => polygon[0]).sort((a, b) => b.length - a.length);
}

/** @param {Position[]} ring */
function boundsOfRing(ring) {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of ring) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  return { west, south, east, north };
}

/**
 * Whether a ring goes around the point.
 * @param {Position[]} ring
 * @param {number} lon
 * @param {number} lat
 */
export function insideRing(ring, lon, lat) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [x1, y1] = ring[i];
    const [x2, y2] = ring[j];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

/**
 * An index over features that answers which feature covers a point.
 * @param {Feature[]} features
 */
export function indexFeatures(features) {
  const parts = features.flatMap((feature) =>
    outerRings(feature).map((ring) => ({ feature, ring, box: boundsOfRing(ring) })),
  );
  return {
    parts,
    /**
     * The feature that covers the point, or null.
     * @param {number} lat
     * @param {number} lon
     */
    at(lat, lon) {
      const hit = parts.find(
        ({ ring, box }) =>
          lon >= box.west && lon <= box.east && lat >= box.south && lat <= box.north && insideRing(ring, lon, lat),
      );
      return hit ? hit.feature : null;
    },
  };
}

/**
 * [[south, west], [north, east]] of each feature's largest part, so that an islet far out does not shrink the city.
 * @param {Feature[]} features
 * @returns {[LatLon, LatLon]}
 */
export function mainlandBounds(features) {
  const boxes = features.map((feature) => boundsOfRing(outerRings(feature)[0]));
  return [
    [Math.min(...boxes.map((box) => box.south)), Math.min(...boxes.map((box) => box.west))],
    [Math.max(...boxes.map((box) => box.north)), Math.max(...boxes.map((box) => box.east))],
  ];
}

/**
 * Lines along which one kecamatan ends: the other side is another kecamatan, or no kelurahan at all.
 * @param {FeatureIndex} index
 */
export function kecamatanLines(index) {
  /** @type {LatLon[][]} */
  const lines = [];
  for (const { feature, ring } of index.parts) {
    /** @type {LatLon[]} */
    let line = [];
    for (let i = 1; i < ring.length; i += 1) {
      const [from, to] = [ring[i - 1], ring[i]];
      if (endsKecamatan(index, feature, from, to)) {
        if (line.length === 0) line.push([from[1], from[0]]);
        line.push([to[1], to[0]]);
      } else if (line.length > 0) {
        lines.push(line);
        line = [];
      }
    }
    if (line.length > 0) lines.push(line);
  }
  return lines;
}

/**
 * @param {FeatureIndex} index
 * @param {Feature} feature
 * @param {Position} from
 * @param {Position} to
 */
function endsKecamatan(index, feature, from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (length === 0) return false;
  const [lon, lat] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const [offX, offY] = [(-dy / length) * BESIDE_DEG, (dx / length) * BESIDE_DEG];
  const sides = [index.at(lat + offY, lon + offX), index.at(lat - offY, lon - offX)];
  const other = sides.find((side) => side !== feature) ?? null;
  return other === null ? sides.includes(null) : other.properties.kecamatan !== feature.properties.kecamatan;
}

/**
 * Mean of the kelurahan points of each kecamatan, where its name is written.
 * @param {{kecamatan: string, lat: number, lon: number}[]} places
 * @returns {Map<string, LatLon>} by the kecamatan's name
 */
export function kecamatanCentres(places) {
  const sums = new Map();
  for (const { kecamatan, lat, lon } of places) {
    const sum = sums.get(kecamatan) ?? { lat: 0, lon: 0, n: 0 };
    sums.set(kecamatan, { lat: sum.lat + lat, lon: sum.lon + lon, n: sum.n + 1 });
  }
  return new Map([...sums].map(([name, { lat, lon, n }]) => [name, [lat / n, lon / n]]));
}
