// What a place candidate says of itself: where it lies, how it was found, how far outside the city it is, and what of
// it goes to the ticket. Two candidates never read alike: names that repeat show their kecamatan, and rows are not cut.
import { t } from "../core/i18n.js";

/** @typedef {import("./types.d.ts").ListedPlace} ListedPlace */

/** @type {Record<string, string>} */
const RELATIONS = {
  depan: t("depan"),
  samping: t("samping"),
  sebelah: t("sebelah"),
  belakang: t("belakang"),
  dekat: t("dekat"),
  seberang: t("seberang"),
  bawah: t("bawah"),
  dalam: t("dalam"),
  sebelum: t("sebelum"),
  sesudah: t("sesudah"),
  arah: t("arah"),
  timur: t("sebelah timur"),
  barat: t("sebelah barat"),
  selatan: t("sebelah selatan"),
};
/** @type {Partial<Record<ListedPlace["kind"], string>>} */
const KINDS = { landmark: t("patokan"), street: t("jalan"), junction: t("persimpangan"), km_post: t("patok km") };
/** @type {Record<string, string>} the city pack's own need no word */
const SOURCES = { osm: "OpenStreetMap", own: t("patokan sendiri"), geocoder: t("geocoder kota") };
const NAMELESS = ["kelurahan", "pin", "sip", "link"]; // what they are called is not the name of a place
const POINTS = ["point", "km_post", "pin", "sip", "link"]; // the server finds the kelurahan of these by their point

/** @param {string | null | undefined} relation */
const relationWords = (relation) => (relation ? (RELATIONS[relation] ?? relation) : null);

/**
 * Outside the city nothing is sent: another place or a kelurahan must be chosen.
 * @param {Pick<ListedPlace, "outside_km">} place
 */
export const isOutside = (place) => place.outside_km !== null && place.outside_km !== undefined;

/**
 * A place can be sent when its kelurahan is known, or a point from which the server finds it.
 * @param {ListedPlace} place
 */
export const hasPlace = (place) =>
  !isOutside(place) && Boolean(place.saved || place.kelurahan_code || (place.lat !== null && place.lat !== undefined));

/**
 * What follows the name: where it is seen from the place, the second place, RT and RW.
 * @param {ListedPlace} place
 */
export function placeRest(place) {
  const beside = place.beside ? [relationWords(place.beside_relation), place.beside].filter(Boolean).join(" ") : null;
  const rest = [relationWords(place.relation), beside, place.detail].filter(Boolean);
  return rest.length ? `, ${rest.join(", ")}` : null;
}

/** @param {number} km */
const kilometres = (km) =>
  km >= 10 ? Math.round(km) : String(km).replace(".", document.documentElement.lang === "id" ? "," : ".");

/**
 * "di luar kota, ±18 km" beside the name.
 * @param {ListedPlace} place
 */
export const outsidePill = ({ outside_km: km }) =>
  km === null || km === undefined ? null : t("di luar kota, ±{km} km", { km: kilometres(km) });

/**
 * How the candidate came to be in the list.
 * @param {ListedPlace} place
 */
export function howFound({ kind, found, read, byHand, saved, kecamatan, moved, source }) {
  if (saved) return t("tersimpan di tiket");
  if (kind === "pin") return moved ? t("titik digeser") : t("titik di peta");
  if (kind === "sip" || kind === "link") return t("dikirim ponsel");
  if (byHand && !found) return t("dipilih dengan tangan");
  /** @type {Partial<Record<NonNullable<ListedPlace["found"]>, string | null>>} */
  const hows = {
    spelling: t("ejaan mirip “{words}”", { words: read }),
    unfinished: t("baru diketik “{words}”", { words: read }),
    kecamatan: t("salah satu di Kec. {name}", { name: kecamatan }),
    pair: t("dua tempat terbaca"),
    coordinates: t("koordinat"),
    map_link: t("dari tautan peta"),
    plus_code: "Plus Code",
    name: byHand ? t("dipilih dengan tangan") : null,
  };
  return [KINDS[kind], source && SOURCES[source], found && hows[found]].filter(Boolean).join(" · ") || null;
}

/**
 * The second line of a candidate, and whether it is a warning. `twin`: another kelurahan has the same name; `doubt`:
 * which of the two is meant is not sure.
 * @param {ListedPlace} place
 * @param {{twin?: boolean, doubt?: boolean}} [names]
 */
export function placeUnder(place, { twin = false, doubt = false } = {}) {
  if (isOutside(place)) {
    const near = t("paling dekat Kel. {name}, Kec. {kecamatan}", {
      name: place.near_kelurahan,
      kecamatan: place.near_kecamatan,
    });
    return { words: [near, howFound(place)].filter(Boolean).join(" · "), warns: true };
  }
  if (!hasPlace(place))
    return {
      words: [t("Kelurahan belum diketahui: cari, atau klik peta"), howFound(place)].filter(Boolean).join(" · "),
      warns: true,
    };
  const parts = [
    place.kind === "sip" && place.text,
    place.kelurahan && (place.name !== place.kelurahan || twin) && t("Kel. {name}", { name: place.kelurahan }),
    place.kecamatan && t("Kec. {name}", { name: place.kecamatan }),
    place.neighbour && t("dekat batas Kel. {name}", { name: place.neighbour }),
  ];
  const area = doubt ? t("dua kelurahan bernama sama, periksa kecamatan") : parts.filter(Boolean).join(", ");
  return { words: [area, howFound(place)].filter(Boolean).join(" · "), warns: doubt };
}

/**
 * How sure a point is: ±30 m, ±1,2 km.
 * @param {ListedPlace} place
 */
export function placeAccuracy({ accuracy_m: metres, kind, outside_km: outside }) {
  if (!metres || kind === "kelurahan" || (outside !== null && outside !== undefined)) return null;
  return metres >= 1000 ? `±${kilometres(Math.round(metres / 100) / 10)} km` : `±${Math.round(metres)} m`;
}

/**
 * What is said when a ticket cannot be sent for want of a place: [title, what to do].
 * @param {ListedPlace | null} place
 * @returns {[title: string, more: string]}
 */
export const missingPlace = (place) =>
  place && isOutside(place)
    ? [t("Belum terkirim: lokasinya di luar kota."), t("Pilih kelurahan bila tetap ditangani dari sini.")]
    : [t("Belum terkirim: pilih lokasi."), t("Kelurahan saja cukup.")];

/**
 * What the locate command takes for a chosen place.
 * @param {ListedPlace} place
 * @returns {import("../payloads.d.ts").Locate}
 */
export function locateBody(place) {
  const point = place.lat !== null && place.lat !== undefined && place.kind !== "kelurahan";
  const own = NAMELESS.includes(place.kind) ? null : place.name;
  const beside = place.beside ? [place.beside_relation, place.beside].filter(Boolean).join(" ") : null;
  const text = [place.text ?? own, place.relation, beside, place.detail].filter(Boolean).join(", ");
  return {
    kelurahan_code: POINTS.includes(place.kind) ? null : place.kelurahan_code,
    text: text.slice(0, 300) || null,
    lat: point ? place.lat : null,
    lon: point ? place.lon : null,
    accuracy_m: point ? (place.accuracy_m ?? null) : null,
    source: place.kind,
  };
}
