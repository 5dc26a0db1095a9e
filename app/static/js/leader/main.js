// A leader's page: what reached the office, asked for again every few seconds; what is written waits on this telephone
// until it is sent, and what came too late is said.
import { ApiError, get, messageOf, WriteQueue } from "../core/api.js";
import { observeServerTime, serverNow } from "../core/clocks.js";
import { around, clone, data, keyed, one, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { KeptTexts } from "../core/kept-texts.js";
import { showLink, startClocks } from "../core/marks.js";
import { watchSession } from "../core/session.js";
import { keepTicking } from "../core/ticking.js";
import { dateLine, timeOfDay } from "../core/time.js";
import { drawCard, drawDetail, keyOf } from "./cases.js";
import { Follow } from "./follow.js";
import { ownInstruction } from "./words.js";

/**
 * @typedef {import("./words.js").Case} Case
 * @typedef {import("../payloads.d.ts").Instructed} Instructed
 */

const ASK_MS = 8000;
const STALE_MS = 20000;

let overview = data("leader");
let askedAt = performance.now();
let answeredAt = performance.now();
let asking = false;
let over = false;
/** @type {string | null} */
let chosen = null;

observeServerTime(overview.at);
const person = data("person");
const texts = new KeptTexts({ owner: person });
const noteNode = one("#notice");

/** @type {WriteQueue<Instructed>} */
const queue = new WriteQueue({
  owner: person,
  onChange: draw,
  onSent: (_entry, answer) => sent(answer),
  onRefused: (_entry, problem) => say(t("Tidak terkirim: {why}", { why: messageOf(problem) }), "red"),
});
const follow = new Follow({
  texts,
  policy: () => ({ choices: overview.due_choices, longestDelayS: overview.longest_delay_s }),
  send: async (found, asked) => {
    try {
      const answer = await queue.send(pathOf(found), asked, { group: found.ticket_number });
      if (answer) sent(answer);
      return null;
    } catch (problem) {
      if (problem instanceof ApiError) return problem.message;
      throw problem;
    }
  },
});

/** @param {Case} found @returns {`/api/v1/leader/${string}/instruct`} */
const pathOf = (found) => `/api/v1/leader/${found.ticket_number}/instruct`;

/** @param {Instructed} answer */
function sent(answer) {
  if (answer.late) say(t("Tugas ini sudah berakhir: kata Anda tercatat, tidak dijalankan."), "amber");
  else if (answer.changed) say(t("Tercatat. Instansi melihatnya sekarang."), "plain");
  refresh();
}

/**
 * @param {string} words
 * @param {"plain" | "amber" | "red"} look
 */
function say(words, look) {
  noteNode.dataset.look = look;
  setText(one("#notice-words"), words);
  noteNode.hidden = false;
}

async function refresh() {
  if (asking || over) return;
  asking = true;
  askedAt = performance.now();
  try {
    overview = await get("/api/v1/leader");
    answeredAt = performance.now();
    observeServerTime(overview.at);
    draw();
  } catch (problem) {
    if (!(problem instanceof Error)) throw problem;
  } finally {
    asking = false;
    drawLink();
  }
}

function drawLink() {
  const quiet = performance.now() - answeredAt;
  const state = quiet < STALE_MS ? "connected" : "disconnected";
  showLink(one('[data-part="link"]'), { state, since: answeredAt, missed: 0 });
}

function draw() {
  const of = (/** @type {Case["section"]} */ section) => overview.items.filter((item) => item.section === section);
  const [waiting, running, done] = [of("waiting"), of("running"), of("done")];
  const all = [...waiting, ...running, ...done];
  if (!all.some((item) => keyOf(item) === chosen)) chosen = all.length && follow.desk ? keyOf(all[0]) : null;
  setText(one("#office"), overview.offices.map((office) => office.name).join(", ") || one("#office").textContent || "");
  setText(one("#count"), String(waiting.length));
  one("#empty").hidden = waiting.length > 0 || !overview.offices.length;
  one("#no-office").hidden = overview.offices.length > 0;
  one("#waiting-section").hidden = !overview.offices.length;
  for (const [name, items] of /** @type {const} */ ([
    ["waiting", waiting],
    ["running", running],
    ["done", done],
  ])) {
    keyed(one(`#cases-${name}`), items, { key: keyOf, make: () => clone("case"), update });
    if (name !== "waiting") {
      one(`#${name}`).hidden = !items.length;
      setText(one(`#${name}-count`), String(items.length));
    }
  }
  for (const name of /** @type {const} */ (["reached", "answered", "done"]))
    setText(one(`#week-${name}`), String(overview.week[name]));
  drawChosen(all);
  one("#waiting").hidden = !queue?.waiting;
  setText(
    one("#waiting-words"),
    t("Belum terkirim: {n}. Tersimpan di sini, terkirim sendiri.", { n: queue?.waiting ?? 0 }),
  );
  document.title = waiting.length ? `(${waiting.length}) ${t("Sampai kepada Anda")}` : t("Sampai kepada Anda");
}

/**
 * @param {HTMLElement} card
 * @param {Case} found
 */
function update(card, found) {
  const isChosen = follow.desk && keyOf(found) === chosen;
  drawCard(card, found, { now: serverNow(), chosen: isChosen, waiting: queue.holds(pathOf(found)) });
}

/** @param {Case[]} items */
function drawChosen(items) {
  const found = items.find((item) => keyOf(item) === chosen) ?? null;
  const detail = one("#detail");
  detail.hidden = !found || !follow.desk;
  if (found) drawDetail(detail, found);
  if (follow.desk) follow.about(found);
}

/** @param {Event} event */
function pressed(event) {
  const card = around(event, "[data-key]");
  const found = overview.items.find((item) => keyOf(item) === card?.dataset.key);
  if (!found) return;
  if (around(event, '[data-action="follow"]')) follow.open(found);
  else if (around(event, '[data-action="answered"]')) answered(found);
  else if (around(event, '[data-action="choose"]')) {
    chosen = keyOf(found);
    if (!follow.desk) one("details", card ?? document.body).open = true;
    draw();
  }
}

/** @param {Case} found */
async function answered(found) {
  const own = ownInstruction(found);
  if (!own) return;
  try {
    const answer = await queue.send(`/api/v1/instructions/${own.id}/answer`, {}, { group: found.ticket_number });
    if (answer) sent(answer);
  } catch (problem) {
    say(messageOf(problem), "red");
  }
}

one(".leader-list").addEventListener("click", pressed);
one("#notice-close").addEventListener("click", () => {
  noteNode.hidden = true;
});
matchMedia("(min-width: 70rem)").addEventListener("change", draw);
texts.load().then(() => follow.restore());
draw();
drawLink();
startClocks((now) => setText(one("#now"), Number.isFinite(now) ? `${dateLine(now)} ${timeOfDay(now)}` : ""));
keepTicking(() => {
  if (performance.now() - askedAt > ASK_MS && !document.hidden) refresh();
});
document.addEventListener("visibilitychange", () => !document.hidden && refresh());
watchSession({
  person,
  onOver: () => {
    over = true;
    one("#signed-out").hidden = false;
  },
  onBack: () => {
    over = false;
    one("#signed-out").hidden = true;
    queue.flush();
    refresh();
  },
});
