// The pickers inside the cards: type, place (kelurahan from the page itself, other places from the server), agency.
import { get } from "../core/api.js";
import { named, t } from "../core/i18n.js";
import { geocoded } from "./geocoder.js";
import { Picker } from "./keys.js";
import { outsidePill, placeRest, placeUnder } from "./place-words.js";

/**
 * @typedef {import("./types.d.ts").ListedPlace} ListedPlace
 * @typedef {import("./keys.js").PickerItem & {place: ListedPlace}} PlaceItem
 */

/**
 * Set up all three.
 * @param {import("./work.js").Work} work
 * @param {import("../payloads.d.ts").Catalogue} catalogue
 */
export function setUpCardPickers(work, catalogue) {
  const back = () => work.entry.focus();
  const types = catalogue.types.map((type) => ({
    id: type.code,
    title: named(type),
    under: type.category,
    priority: type.priority,
    words: `${type.name_id} ${type.name_en}`,
  }));
  const wards = catalogue.kelurahan.map(wardItem);
  const agencies = catalogue.agencies.map((agency) => ({
    id: agency.code,
    title: agency.code,
    under: agency.name,
    words: agency.short_name,
  }));
  return {
    type: new Picker("type-picker", {
      items: () => types,
      onPick: (item) => {
        work.choices.chooseType(item.id);
        back();
      },
      onLeave: back,
    }),
    place: new Picker("place-picker", {
      items: () => wards,
      more: [
        async (text, signal) => {
          const { items } = await get(`/api/v1/places?q=${encodeURIComponent(text)}`, { signal });
          return items.filter((place) => place.kind !== "kelurahan").map(placeItem);
        },
        async (text, signal) => (await geocoded(text, { signal })).map(placeItem),
      ],
      onPick: (item) => {
        work.choices.choosePlace(item.place);
        back();
      },
      onLeave: back,
    }),
    agency: new Picker("agency-picker", {
      items: () => agencies,
      onPick: (item) => {
        work.agencies.add(item.id);
        back();
      },
      onLeave: back,
    }),
  };
}

/**
 * @param {import("../payloads.d.ts").KnownKelurahan} ward
 * @returns {PlaceItem}
 */
const wardItem = (ward) => ({
  id: `kelurahan-${ward.code}`,
  title: t("Kel. {name}", { name: ward.name }),
  under: t("Kec. {name}", { name: ward.kecamatan }),
  place: {
    key: `kelurahan-${ward.code}`,
    kind: "kelurahan",
    name: ward.name,
    kelurahan_code: ward.code,
    kelurahan: ward.name,
    kecamatan: ward.kecamatan,
    lat: null,
    lon: null,
  },
});

/**
 * A place of the search, as a picker's row.
 * @param {ListedPlace} place
 * @returns {PlaceItem}
 */
const placeItem = (place) => ({
  id: place.key,
  title: `${place.name}${placeRest(place) ?? ""}`,
  under: [outsidePill(place), placeUnder(place).words].filter(Boolean).join(" · "),
  place,
});
