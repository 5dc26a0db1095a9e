// The sign-in page: show the password, warn of Caps Lock, draw the city. All of it works without this script as well.
import { get } from "../core/api.js";
import { all, data, find, one } from "../core/dom.js";
import { keepRecords } from "../core/kept-records.js";
import { indexFeatures, kecamatanCentres, kecamatanLines, outerRings } from "../map/map-geometry.js";

/** @typedef {import("../map/map-geometry.js").Position} Position */

const password = one("input#password");
const show = one("button#show-password");
const capsLock = one("#caps-lock");

show.hidden = false;
show.addEventListener("click", () => {
  const open = password.type === "password";
  password.type = open ? "text" : "password";
  show.setAttribute("aria-pressed", String(open));
  const words = one("span", show);
  words.textContent = (open ? words.dataset.on : words.dataset.off) ?? "";
  password.focus();
});

for (const field of all("input")) {
  field.addEventListener("keyup", (event) => {
    if (event.getModifierState) capsLock.hidden = !event.getModifierState("CapsLock");
  });
}

// The seat of this PC seldom changes: offer the last one.
const seat = find("select#seat");
if (seat) {
  try {
    const last = localStorage.getItem("siaga.seat");
    if (!seat.value && last && [...seat.options].some((option) => option.value === last)) seat.value = last;
    seat.form?.addEventListener("submit", () => localStorage.setItem("siaga.seat", seat.value));
  } catch {
    // Storage is off in this browser: the seat is chosen by hand each time.
  }
}

/** Whatever way somebody was signed out here: of what was typed, the browser keeps only what the server has not. */
async function eraseSavedDrafts() {
  const kept = keepRecords("siaga-drafts", "siaga.draft.");
  for (const record of await kept.all()) if (!("dirty" in record && record.dirty)) kept.erase(record.key);
  await kept.idle();
}

eraseSavedDrafts().catch((problem) => console.warn("what was typed is still in this browser:", String(problem)));

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {Element} parent
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function draw(parent, name, attributes, text = "") {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.textContent = text;
  parent.append(node);
  return node;
}

/** The city as the console's map shows it, without a map: kelurahan, kecamatan and their names. */
async function drawCity() {
  const layer = await get("/api/v1/boundaries");
  const { south, west, north, east } = data("city").bbox;
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  /**
   * @param {number} lon
   * @param {number} lat
   */
  const project = (lon, lat) => [(lon - west) * squeeze * 10000, (north - lat) * 10000].map((n) => n.toFixed(1));
  /** @param {Position[]} points */
  const line = (points) => `M${points.map(([lon, lat]) => project(lon, lat).join(" ")).join("L")}`;
  const [width, height] = project(east, south);
  const svg = draw(one("#city-map"), "svg", { viewBox: `0 0 ${width} ${height}` });
  if ("features" in layer) {
    for (const feature of layer.features)
      draw(svg, "path", {
        d: outerRings(feature)
          .map((ring) => `${line(ring)}Z`)
          .join(""),
      });
    const borders = kecamatanLines(indexFeatures(layer.features)).map((points) =>
      line(points.map(([lat, lon]) => [lon, lat])),
    );
    draw(svg, "path", { d: borders.join(""), class: "edge" });
    one("#city-source").textContent = `· ${layer.attribution}`;
  } else
    for (const { lat, lon } of layer.points) {
      const [cx, cy] = project(lon, lat);
      draw(svg, "circle", { cx, cy, r: Number(width) / 160 });
    }
  const places =
    "points" in layer
      ? layer.points
      : layer.features.map(({ properties }) => ({
          ...properties,
          lon: properties.label[0],
          lat: properties.label[1],
        }));
  for (const [name, [lat, lon]] of kecamatanCentres(places)) {
    const [x, y] = project(lon, lat);
    draw(svg, "text", { x, y, "font-size": Number(width) / 44 }, name.toUpperCase());
  }
}

drawCity().catch((problem) => console.warn("the city is not drawn:", String(problem)));
