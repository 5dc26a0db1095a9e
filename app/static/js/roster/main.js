// People and duty: the agencies, an agency's week, the ladder of the chosen shift, a shift's or a person's panel. Others
// edit at the same time: every change says on which version it builds, and whoever was first counts.

import { ApiError, get, post } from "../core/api.js";
import { everySecond, observeServerTime } from "../core/clocks.js";
import { all, around, clone, data, fill, keyed, one, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { connectLive } from "../core/live.js";
import { watchSession } from "../core/session.js";
import { keepTicking } from "../core/ticking.js";
import { timeOfDay } from "../core/time.js";
import { moveInAgencies, showAgencies } from "./agencies.js";
import { say, showLadder } from "./ladder.js";
import {
  addChannelRow,
  channelsMeant,
  hidePerson,
  roleWords,
  sayPersonProblem,
  showPerson,
  whoIsMeant,
} from "./person.js";
import {
  chosenCandidate,
  chosenReturn,
  hideShiftForm,
  sayProblem,
  showChoice,
  showShiftForm,
  toReplace,
} from "./side.js";
import { moveInWeek, showWeek } from "./week.js";
import { daysLater, holeWords, PROBLEMS, REACH_ICONS, REACH_WORDS, reachOf } from "./words.js";

/** @typedef {import("../payloads.d.ts").RosterWeek} RosterWeek */
/** @typedef {import("../payloads.d.ts").ShiftView} ShiftView */
/** @typedef {import("../payloads.d.ts").RosterDone} RosterDone */
/** @typedef {import("../payloads.d.ts").Hole} Hole */

const AT_LEAST_EVERY_MS = 30000; // an agency's page hears nothing of rosters by the feed
const TOAST_MS = 6000;

let rosters = data("rosters").items;
/** @type {RosterWeek | null} */
let week = null;
/** @type {ShiftView | null} */
let view = null;
const address = new URLSearchParams(location.search);
let agency = address.get("agency") ?? rosters[0]?.code ?? "";
/** @type {string | null} */
let day = address.get("day");
/** @type {string | null} */
let area = null;
/** @type {string | null} */
let chosen = null; // a cell's starts_local
/** @type {number | "new" | null} */
let person = null;
let fetchedAt = performance.now();
let asked = 0; // of several questions only the newest's answer is shown

const cellOf = () => week?.cells.find((cell) => cell.starts_local === chosen) ?? null;

/** @param {unknown} refused */
const wordsOf = (refused) =>
  refused instanceof ApiError ? refused.message : t("Tidak tersambung, belum tersimpan. Coba lagi.");

async function fetchAll() {
  asked += 1;
  const mine = asked;
  fetchedAt = performance.now();
  try {
    const query = new URLSearchParams();
    if (day) query.set("day", day);
    if (area) query.set("area", area);
    const [list, shown] = await Promise.all([
      get("/api/v1/rosters"),
      get(`/api/v1/rosters/${encodeURIComponent(agency)}?${query}`),
    ]);
    if (mine !== asked) return;
    rosters = list.items;
    week = shown;
    observeServerTime(shown.at);
    if (!cellOf()) chosen = null;
    view = await fetchShift();
    if (mine !== asked) return;
    one("#stale").hidden = true;
    draw();
  } catch (problem) {
    console.warn("the roster could not be fetched:", String(problem));
    sayStale();
  }
}

/** @returns {Promise<ShiftView | null>} */
async function fetchShift() {
  const cell = cellOf();
  if (!cell || !week) return null;
  const query = new URLSearchParams({
    starts_local: cell.starts_local,
    ends_local: cell.ends_local,
    priority: one("select#priority").value,
  });
  if (week.area) query.set("area", week.area);
  return get(`/api/v1/rosters/${encodeURIComponent(agency)}/shift?${query}`);
}

function draw() {
  showAgencies(rosters, agency);
  if (!week) return;
  showWeek(week, chosen);
  const cell = cellOf();
  showLadder(view, cell ? (week.shifts[cell.shift]?.name ?? "") : "");
  if (cell && view) showShiftForm(week, cell, view);
  else hideShiftForm();
  drawPerson();
  drawHoles(week.holes);
  drawPeople();
  drawCheckIn();
  one("#side-empty").hidden = Boolean((cell && view) || person !== null);
  for (const action of ["copy-week", "new-contact"]) one(`button[data-action="${action}"]`).hidden = !week.may_edit;
  one("a#file-out").href = `/roster/duties.csv?agency=${encodeURIComponent(agency)}`;
  one("#file").hidden = !week.may_edit;
}

function drawPerson() {
  const contact = week?.contacts.find((one) => one.id === person) ?? null;
  if (!week || person === null || (person !== "new" && !contact)) {
    person = null;
    hidePerson();
    return;
  }
  showPerson(contact, agency, week.may_edit);
}

/** @param {Hole[]} holes */
function drawHoles(holes) {
  setText(one("#agency-holes-count"), holes.length ? String(holes.length) : "");
  one("#holes-empty").hidden = holes.length > 0;
  keyed(one("#holes"), holes, {
    key: (hole) => [hole.kind, hole.contact_id, hole.area, hole.role, hole.starts_at].join(),
    make: () => clone("hole-row"),
    update: (row, hole) => {
      row.dataset.deep = String(hole.deep);
      setIcon(one("svg", row), hole.deep ? "unplug" : "circle-help");
      fill(row, holeWords(hole));
      const button = one("button", row);
      button.hidden = !week?.may_edit;
      button.dataset.contact = String(hole.contact_id ?? "");
      button.dataset.at = hole.kind === "shift" ? hole.starts_at : "";
      button.dataset.role = hole.role;
    },
  });
}

function drawPeople() {
  const contacts = week?.contacts ?? [];
  setText(one("#people-count"), contacts.length ? String(contacts.length) : "");
  one("#people-empty").hidden =
    contacts.some((contact) => contact.role === "duty") || !week?.cells.some((cell) => cell.hole);
  keyed(one("#people"), contacts, {
    key: (contact) => contact.id,
    make: () => clone("person-row"),
    update: (row, contact) => {
      const reach = reachOf(contact);
      row.dataset.reach = reach;
      const button = one("button", row);
      button.dataset.contact = String(contact.id);
      button.setAttribute("aria-pressed", String(contact.id === person));
      setIcon(one("svg", row), REACH_ICONS[reach]);
      fill(row, { name: contact.name, role: roleWords(contact), state: REACH_WORDS[reach] });
    },
  });
}

/** The shift that runs or begins soon, and whose person has not said SIAP. */
function drawCheckIn() {
  const box = one("#checkin");
  const waiting = week?.now.find((duty) => !duty.checked_in_at);
  box.hidden = !waiting || !week?.may_edit;
  if (!waiting) return;
  box.dataset.contact = String(waiting.contact_id);
  fill(box, { who: waiting.name, words: t("belum siap. Sampai SIAP, piket sebelumnya juga diberi tahu.") });
}

function sayStale() {
  const at = week ? timeOfDay(week.at, { seconds: true }) : "––.––.––";
  const words = t("Data di bawah adalah keadaan pukul {time}.", { time: at });
  setText(one("#stale-words"), signedOut ? `${t("Sesi Anda berakhir.")} ${words}` : words);
  one("#stale").hidden = false;
}

let toastOff = 0;

/** @param {string} words */
function toast(words) {
  const node = one("#toast");
  fill(node, { toast: words });
  node.hidden = false;
  say(words);
  clearTimeout(toastOff);
  toastOff = setTimeout(() => {
    node.hidden = true;
  }, TOAST_MS);
}

/**
 * Do something, say what came of it, and show how things stand now.
 * @param {() => Promise<RosterDone>} act
 * @param {(done: RosterDone) => string} said
 * @param {(words: string) => void} problem where a refusal is said
 */
async function run(act, said, problem) {
  problem("");
  try {
    const done = await act();
    const deep = done.holes.filter((hole) => hole.deep).length;
    const holes = deep ? ` ${t("Masih berlubang: {n}.", { n: deep })}` : "";
    toast(said(done) + holes);
    await fetchAll();
    return done;
  } catch (refused) {
    problem(wordsOf(refused));
    if (refused instanceof ApiError && refused.code === "roster_changed") {
      toast(refused.message);
      await fetchAll();
      problem(refused.message);
    }
    return null;
  }
}

/** @param {string} code */
function chooseAgency(code) {
  if (code === agency && week) return;
  agency = code;
  area = null;
  chosen = null;
  person = null;
  week = null;
  fetchAll();
}

/** @param {string} starts */
async function chooseCell(starts) {
  chosen = starts;
  const duty = cellOf()?.duties[0];
  person = duty ? duty.contact_id : null;
  await fetchAll();
  if (matchMedia("(max-width: 60rem)").matches) one("#side").scrollIntoView({ block: "start" });
}

/** @param {number | "new"} whom */
function choosePerson(whom) {
  person = whom;
  draw();
  one("#person-box").scrollIntoView({ block: "nearest" });
  if (whom === "new") one("form#person-form input[name=name]").focus();
}

async function saveShift() {
  const cell = cellOf();
  const contactId = chosenCandidate();
  if (!cell || !week || contactId === null) return;
  const { version } = week;
  const replaced = toReplace(cell);
  await run(
    () =>
      replaced
        ? post(`/api/v1/duties/${replaced.id}/swap`, {
            contact_id: contactId,
            return_duty_id: chosenReturn(),
            version,
          })
        : post("/api/v1/duties", {
            contact_id: contactId,
            starts_local: cell.starts_local,
            ends_local: cell.ends_local,
            version,
          }),
    () => t("Giliran tersimpan."),
    sayProblem,
  );
}

async function savePerson() {
  const who = whoIsMeant();
  if (!who.name) {
    sayPersonProblem(t("Tulis nama lebih dulu."));
    one("form#person-form input[name=name]").focus();
    return;
  }
  const channels = channelsMeant();
  const box = one("#person-box");
  const done = await run(
    async () => {
      const made =
        person === "new"
          ? await post("/api/v1/contacts", { agency, ...who })
          : await post(`/api/v1/contacts/${person}/change`, who);
      if (made.contact_id !== null) person = made.contact_id;
      box.dataset.contact = String(person);
      return post(`/api/v1/contacts/${person}/channels`, { channels });
    },
    () => t("{name} tersimpan. Kanal yang baru perlu diuji.", { name: who.name }),
    sayPersonProblem,
  );
  if (done) one("details#person-edit").open = false;
}

/** @param {HTMLElement} button */
function mend(button) {
  const { contact, at, role } = button.dataset;
  if (contact) {
    choosePerson(Number(contact));
    one("details#person-edit").open = true;
    return;
  }
  const cell = at
    ? week?.cells.find((one) => one.hole && Date.parse(one.ends_at) > Date.parse(at) && !one.over)
    : undefined;
  if (cell) chooseCell(cell.starts_local);
  else {
    choosePerson("new");
    one("form#person-form select[name=role]").value = role ?? "duty";
  }
}

/** @type {Record<string, (button: HTMLElement) => unknown>} */
const ACTIONS = {
  "week-before": () => moveWeek(-7),
  "week-after": () => moveWeek(7),
  "copy-week": () =>
    run(
      () => post("/api/v1/rosters/copy-week", { agency, day: week?.monday ?? "", version: week?.version }),
      (done) => t("Disalin: {n} giliran.", { n: done.added ?? 0 }),
      toast,
    ),
  print: () => window.print(),
  "new-contact": () => choosePerson("new"),
  "check-in": () =>
    run(
      () => post(`/api/v1/contacts/${one("#checkin").dataset.contact}/check-in`),
      () => t("SIAP tercatat."),
      toast,
    ),
  mend,
  "remove-duty": (button) =>
    run(
      () =>
        post(`/api/v1/duties/${button.closest("[data-duty]")?.getAttribute("data-duty")}/remove`, {
          version: week?.version,
        }),
      () => t("Giliran dikosongkan; orangnya diberi tahu."),
      sayProblem,
    ),
  "remove-contact": () =>
    run(
      () => post(`/api/v1/contacts/${person}/remove`),
      () => t("Orang dihapus; giliran berikutnya kosong."),
      sayPersonProblem,
    ),
  "add-channel": () => one("input[name=address]", addChannelRow()).focus(),
  "raise-channel": (button) => {
    const row = button.closest("li");
    const before = row?.previousElementSibling;
    if (row && before) before.before(row);
    button.focus();
  },
  "drop-channel": (button) => button.closest("li")?.remove(),
  test: (button) =>
    run(
      () => post(`/api/v1/contact-channels/${button.closest("[data-channel]")?.getAttribute("data-channel")}/test`),
      () => t("Uji dikirim. Penerima membalas dengan kodenya."),
      sayPersonProblem,
    ),
};

/** @param {number} days */
function moveWeek(days) {
  if (!week) return;
  day = daysLater(week.monday, days);
  chosen = null;
  fetchAll();
}

/** @param {File} file */
async function importFile(file) {
  const problems = one("#file-problems");
  problems.replaceChildren();
  const text = await file.text();
  try {
    const done = await post("/api/v1/rosters/import", { text });
    toast(t("Baru: {added} giliran, sudah ada: {left}.", { added: done.added ?? 0, left: done.left_out ?? 0 }));
    await fetchAll();
  } catch (refused) {
    const details = refused instanceof ApiError ? refused.details : {};
    const found = Array.isArray(details.problems) ? details.problems : [];
    const lines = [
      wordsOf(refused),
      ...found.map(
        (one) => `${t("Baris {row}", { row: one.row })}, ${one.field}: ${PROBLEMS[one.problem] ?? one.problem}`,
      ),
    ];
    problems.replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }),
    );
  }
}

document.addEventListener("click", (event) => {
  const agencyLine = around(event, "button[data-agency]");
  if (agencyLine) return chooseAgency(agencyLine.dataset.agency ?? "");
  const shift = around(event, "#week button");
  if (shift instanceof HTMLElement) return void chooseCell(shift.dataset.starts ?? "");
  const duty = around(event, "button.duty");
  if (duty) return choosePerson(Number(duty.dataset.contact));
  const button = around(event, "button[data-action]");
  if (button) ACTIONS[button.dataset.action ?? ""]?.(button);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method === "post") return;
  event.preventDefault();
  if (form.id === "shift-form") saveShift();
  else if (form.id === "person-form") savePerson();
  else if (form.classList.contains("channel-code")) {
    const id = form.closest("[data-channel]")?.getAttribute("data-channel");
    const code = one("input[name=code]", form).value.trim();
    run(
      () => post(`/api/v1/contact-channels/${id}/prove`, { code }),
      (done) => (done.changed ? t("Kanal teruji.") : t("Kode itu tidak cocok.")),
      sayPersonProblem,
    );
  }
});
document.addEventListener("change", (event) => {
  const cell = cellOf();
  if (around(event, "#shift-form") && week && cell && view) {
    showChoice(week, cell, view);
    if (around(event, "#candidates")) {
      person = chosenCandidate() ?? person;
      drawPerson();
    }
  }
  const choice = around(event, "select");
  if (choice?.id === "agency-choice") chooseAgency(choice.value);
  if (choice?.id === "office-choice") {
    area = choice.value;
    chosen = null;
    fetchAll();
  }
  if (choice?.id === "priority") fetchAll();
  const file = around(event, "input#file-input");
  if (file?.files?.[0]) {
    importFile(file.files[0]);
    file.value = "";
  }
});
one("#agencies").addEventListener("keydown", moveInAgencies);
one("#week").addEventListener("keydown", moveInWeek);

/** @type {Record<string, [string, string]>} */
const SIGNS = { connected: ["wifi", t("Terhubung")], disconnected: ["wifi-off", t("Tidak tersambung")] };
let signedOut = false;
const live = connectLive({
  after: data("newest"),
  epoch: data("epoch"),
  pageOf: data("person"),
  deliver: (events) => {
    if (events.some((event) => event.kind.startsWith("duty.") || event.kind.startsWith("contact."))) fetchAll();
  },
  takeSnapshot: fetchAll,
  onRestored: () => say(t("Data server dipulihkan ke keadaan sebelumnya.")),
  onStatus: ({ state }) => {
    const sign = one(".link-sign");
    const [name, words] = SIGNS[state] ?? ["refresh-cw", t("Menyambung kembali")];
    sign.dataset.look = state;
    setIcon(one("svg", sign), name);
    setText(one('[data-part="link-words"]', sign), words);
    if (state === "connected" && !one("#stale").hidden) fetchAll();
  },
});
watchSession({
  person: data("person"),
  onOver: () => {
    signedOut = true;
    sayStale();
  },
  onBack: () => {
    signedOut = false;
    live.retry();
    fetchAll();
  },
});
keepTicking(
  () => {},
  () => live.wake(),
);
everySecond((now) => {
  setText(one("#clock"), timeOfDay(now, { seconds: true }));
  if (performance.now() - fetchedAt >= AT_LEAST_EVERY_MS && !all("input:focus, textarea:focus").length) fetchAll();
});
fetchAll();
