// The centre's own landmarks: naming a point of the map, and the list of them, from which a supervisor or its author
// retires one.
import { get, post } from "../core/api.js";
import { clone, fill, keyed, one } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { dateLine } from "../core/time.js";
import { decimal } from "../map/map-menu.js";

const OTHER_NAMES = 10;
const AGAIN_MS = 5000;

/** Returns {add(lat, lon), list()}; onChange(): the landmarks have changed; onShow(lat, lon): show one on the map. */
export function setUpLandmarks({ toasts, onChange, onShow }) {
  const form = document.getElementById("landmark");
  const list = document.getElementById("landmarks");
  let point = null;

  async function add(lat, lon) {
    point = { lat, lon };
    one("form", form).reset();
    say(form, null);
    fill(form, { point: decimal(lat, lon), computed: t("Otomatis") });
    form.showModal();
    one('[name="name"]', form).focus();
    try {
      const where = await get(`/api/v1/places/at?lat=${lat}&lon=${lon}`);
      if (point?.lat !== lat || point.lon !== lon) return;
      if (where.kelurahan_code) fill(form, { computed: t("Otomatis: {kelurahan}, Kec. {kecamatan}", where) });
      else say(form, t("Titik ini di luar kota, jadi tidak dapat menjadi patokan."));
    } catch {
      // The server computes it again when the landmark is saved.
    }
  }

  one("form", form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = one('[type="submit"]', form);
    const values = new FormData(one("form", form));
    const others = values
      .get("others")
      .split(/[,;\n]/)
      .map((name) => name.trim())
      .filter(Boolean);
    if (others.length > OTHER_NAMES) return say(form, t("Nama lain paling banyak {n}.", { n: OTHER_NAMES }));
    button.disabled = true;
    try {
      await post("/api/v1/landmarks", {
        name: values.get("name").trim(),
        ...point,
        other_names: others,
        kelurahan_code: values.get("kelurahan") || null,
      });
      form.close();
      toasts.show({
        key: "landmark",
        look: "done",
        title: t("Patokan ditambahkan: {name}", { name: values.get("name").trim() }),
        more: t("Langsung ditemukan di semua meja."),
        seconds: 6,
      });
      onChange();
    } catch (problem) {
      say(
        form,
        problem.message && problem.status
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
    let items = [];
    try {
      ({ items } = await get("/api/v1/landmarks"));
    } catch (problem) {
      say(list, problem.status ? problem.message : t("Server tidak terjangkau. Daftar ini tidak dapat dimuat."));
    }
    one(".list-empty", list).hidden = items.length > 0;
    keyed(one("ul", list), items, {
      key: (item) => item.id,
      make: () => clone("row-landmark"),
      update: (row, item) => {
        row.item = item;
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
    const row = event.target.closest("[data-key]");
    const press = event.target.closest("[data-part]")?.dataset.part;
    if (press === "show") {
      list.close();
      onShow(row.item.lat, row.item.lon);
    }
    if (press !== "retire") return;
    const words = one('[data-part="retire"] .button-words', row);
    if (!(performance.now() - (row.asked ?? -Infinity) < AGAIN_MS)) {
      row.asked = performance.now();
      words.textContent = t("Tekan lagi untuk menghapus");
      setTimeout(() => {
        words.textContent = t("Hapus");
      }, AGAIN_MS);
      return;
    }
    try {
      await post(`/api/v1/landmarks/${row.item.id}/retire`);
      onChange();
      await draw();
      one(".dialog-title .icon-button", list).focus();
    } catch (problem) {
      say(list, problem.status ? problem.message : t("Server tidak terjangkau. Patokan belum dihapus; coba lagi."));
    }
  });

  return { add, list: showList };
}

function say(dialog, words) {
  const line = one(".dialog-problem", dialog);
  line.hidden = !words;
  line.textContent = words ?? "";
}
