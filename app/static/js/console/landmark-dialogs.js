// The centre's own landmarks: naming a point of the map, and the list of them, from which a supervisor or its author
// retires one.
import { ApiError, get, post } from "../core/api.js";
import { around, clone, fill, keyed, one } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { dateLine } from "../core/time.js";
import { decimal } from "../map/map-menu.js";

/** @typedef {import("../payloads.d.ts").OwnLandmark} OwnLandmark */

const OTHER_NAMES = 10;
const AGAIN_MS = 5000;

/**
 * Returns {add(lat, lon), list()}; onChange(): the landmarks have changed; onShow(lat, lon): show one on the map.
 * @param {object} parts
 * @param {import("./alerts.js").Toasts} parts.toasts
 * @param {() => void} parts.onChange
 * @param {(lat: number, lon: number) => void} parts.onShow
 */
export function setUpLandmarks({ toasts, onChange, onShow }) {
  const form = one("dialog#landmark");
  const list = one("dialog#landmarks");
  /** @type {{lat: number, lon: number} | null} */
  let point = null;
  /** @type {OwnLandmark[]} */
  let listed = [];
  /** @type {Map<number, number>} when a landmark was asked to be retired, by its id */
  const asked = new Map();

  /**
   * @param {number} lat
   * @param {number} lon
   */
  async function add(lat, lon) {
    point = { lat, lon };
    one("form", form).reset();
    say(form, null);
    fill(form, { point: decimal(lat, lon), computed: t("Otomatis") });
    form.showModal();
    one('input[name="name"]', form).focus();
    try {
      const where = await get(`/api/v1/places/at?lat=${lat}&lon=${lon}`);
      if (point?.lat !== lat || point.lon !== lon) return;
      if (where.kelurahan_code)
        fill(form, {
          computed: t("Otomatis: {kelurahan}, Kec. {kecamatan}", {
            kelurahan: where.kelurahan,
            kecamatan: where.kecamatan,
          }),
        });
      else say(form, t("Titik ini di luar kota, jadi tidak dapat menjadi patokan."));
    } catch {
      // The server computes it again when the landmark is saved.
    }
  }

  one("form", form).addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!point) return undefined;
    const button = one('button[type="submit"]', form);
    const name = one('input[name="name"]', form).value.trim();
    const others = one('input[name="others"]', form)
      .value.split(/[,;\n]/)
      .map((name) => name.trim())
      .filter(Boolean);
    if (others.length > OTHER_NAMES) return say(form, t("Nama lain paling banyak {n}.", { n: OTHER_NAMES }));
    button.disabled = true;
    try {
      await post("/api/v1/landmarks", {
        name,
        ...point,
        other_names: others,
        kelurahan_code: one('select[name="kelurahan"]', form).value || null,
      });
      form.close();
      toasts.show({
        key: "landmark",
        look: "done",
        title: t("Patokan ditambahkan: {name}", { name }),
        more: t("Langsung ditemukan di semua meja."),
        seconds: 6,
      });
      onChange();
    } catch (problem) {
      say(
        form,
        problem instanceof ApiError
          ? problem.message
          : t("Server tidak terjangkau. Patokan belum tersimpan; coba lagi."),
      );
    } finally {
      button.disabled = false;
    }
    return undefined;
  });

  async function showList() {
    say(list, null);
    if (!list.open) list.showModal();
    await draw();
  }

  async function draw() {
    listed = [];
    try {
      listed = (await get("/api/v1/landmarks")).items;
    } catch (problem) {
      say(
        list,
        problem instanceof ApiError ? problem.message : t("Server tidak terjangkau. Daftar ini tidak dapat dimuat."),
      );
    }
    one(".list-empty", list).hidden = listed.length > 0;
    keyed(one("ul", list), listed, {
      key: (item) => item.id,
      make: () => clone("row-landmark"),
      update: (row, item) => {
        const area = [
          item.kelurahan && t("Kel. {name}", { name: item.kelurahan }),
          item.kecamatan && t("Kec. {name}", { name: item.kecamatan }),
        ]
          .filter(Boolean)
          .join(", ");
        fill(row, {
          name: item.name,
          others: item.other_names.join(", "),
          where: area,
          who: [item.added_by, dateLine(item.added_at)].filter(Boolean).join(" · "),
        });
        one('[data-part="retire"]', row).hidden = !item.may_retire;
      },
    });
  }

  one("ul", list).addEventListener("click", async (event) => {
    const row = around(event, "[data-key]");
    const press = around(event, "[data-part]")?.dataset.part;
    const item = listed.find((one) => String(one.id) === row?.dataset.key);
    if (!row || !item) return;
    if (press === "show") {
      list.close();
      onShow(item.lat, item.lon);
    }
    if (press !== "retire") return;
    const words = one('[data-part="retire"] .button-words', row);
    if (performance.now() - (asked.get(item.id) ?? -Infinity) >= AGAIN_MS) {
      asked.set(item.id, performance.now());
      words.textContent = t("Tekan lagi untuk menghapus");
      setTimeout(() => {
        words.textContent = t("Hapus");
      }, AGAIN_MS);
      return;
    }
    try {
      await post(`/api/v1/landmarks/${item.id}/retire`);
      onChange();
      await draw();
      one(".dialog-title .icon-button", list).focus();
    } catch (problem) {
      say(
        list,
        problem instanceof ApiError ? problem.message : t("Server tidak terjangkau. Patokan belum dihapus; coba lagi."),
      );
    }
  });

  return { add, list: showList };
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {string | null} words
 */
function say(dialog, words) {
  const line = one(".dialog-problem", dialog);
  line.hidden = !words;
  line.textContent = words ?? "";
}
