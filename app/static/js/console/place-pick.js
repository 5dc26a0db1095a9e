// A point of the map becomes the place of the open ticket: at once as a point, and with its kelurahan when the server
// has said.
import { get } from "../core/api.js";
import { t } from "../core/i18n.js";

/**
 * moved: the pin was dragged or pushed, so that the place before was nearly right and keeps its name.
 * @param {object} parts the console's
 * @param {import("./work.js").Work} parts.work
 * @param {import("./alerts.js").Toasts} parts.toasts
 * @param {import("../types.d.ts").CityView} parts.city
 * @param {number} lat
 * @param {number} lon
 * @param {boolean} moved
 */
export async function pickPoint({ work, toasts, city }, lat, lon, moved) {
  if (!work.mine || !work.allows("locate")) return;
  const before = work.choices.place;
  const text =
    before && !["kelurahan", "sip", "link"].includes(before.kind)
      ? (before.text ?? (before.kind === "pin" ? null : before.name))
      : null;
  const key = `pin-${lat}-${lon}`;
  /** @type {import("./types.d.ts").ListedPlace} */
  const point = {
    key,
    kind: "pin",
    moved,
    name: text ?? (moved ? t("Titik digeser") : t("Titik di peta")),
    text,
    kelurahan_code: null,
    kelurahan: null,
    kecamatan: null,
    lat,
    lon,
    accuracy_m: null,
    relation: null,
  };
  work.choices.choosePlace(point);
  let where;
  try {
    where = await get(`/api/v1/places/at?lat=${lat}&lon=${lon}`);
  } catch {
    return; // The server finds the kelurahan when the point is sent; nothing is lost.
  }
  // Meanwhile another place or another ticket may have been chosen.
  if (work.choices.place?.key !== key) return;
  const { kelurahan_code, kelurahan, kecamatan } = where;
  if (kelurahan_code) work.choices.choosePlace({ ...point, kelurahan_code, kelurahan, kecamatan });
  else
    toasts.show({
      key: "outside",
      look: "amber",
      title: t("Titik itu di luar {city}.", { city: city.name }),
      more: t("Geser pin, atau pilih kelurahan."),
    });
}
