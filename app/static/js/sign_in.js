// The sign-in page: show the password, warn of Caps Lock, draw the city. All of it works without this script as well.
import { all, data, one } from "./dom.js";

const password = document.getElementById("password");
const show = document.getElementById("show-password");
const capsLock = document.getElementById("caps-lock");

show.hidden = false;
show.addEventListener("click", () => {
  const open = password.type === "password";
  password.type = open ? "text" : "password";
  show.setAttribute("aria-pressed", String(open));
  const words = one("span", show);
  words.textContent = open ? words.dataset.on : words.dataset.off;
  password.focus();
});

for (const field of all("input")) {
  field.addEventListener("keyup", (event) => {
    if (event.getModifierState) capsLock.hidden = !event.getModifierState("CapsLock");
  });
}

// The seat of this PC seldom changes: offer the last one.
const seat = document.getElementById("seat");
if (seat) {
  try {
    const last = localStorage.getItem("siaga.seat");
    if (!seat.value && last && [...seat.options].some((option) => option.value === last)) seat.value = last;
    seat.form.addEventListener("submit", () => localStorage.setItem("siaga.seat", seat.value));
  } catch {
    // Storage is off in this browser: the seat is chosen by hand each time.
  }
}

/** Rings of a GeoJSON geometry as SVG path data; x grows with longitude, y against latitude. */
function pathData(geometry, project) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  return polygons.flat().map((ring) => `M${ring.map(([lon, lat]) => project(lon, lat).map((n) => n.toFixed(1)).join(" ")).join("L")}Z`).join("");
}

async function drawCity() {
  const { bbox } = data("city");
  const answer = await fetch("/api/v1/boundaries");
  if (!answer.ok || !bbox) return;
  const layer = await answer.json();
  const { south, west, north, east } = bbox;
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const project = (lon, lat) => [(lon - west) * squeeze * 10000, (north - lat) * 10000];
  const make = (name, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const [width, height] = project(east, south);
  const svg = make("svg", { viewBox: `${-width * 0.08} ${-height * 0.08} ${width * 1.16} ${height * 1.16}` });
  for (const feature of layer.features ?? []) svg.append(make("path", { d: pathData(feature.geometry, project) }));
  for (const point of layer.points ?? []) {
    const [cx, cy] = project(point.lon, point.lat);
    svg.append(make("circle", { cx, cy, r: width / 160 }));
  }
  document.getElementById("city-map").append(svg);
}

drawCity().catch((problem) => console.warn("the city is not drawn:", problem.message));
