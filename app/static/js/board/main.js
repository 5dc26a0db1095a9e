// The supervisor's board. Events only say that something changed: the figures are fetched again, once a second at most,
// and every five seconds in any case; the clocks tick from the server's time in between.

import { alarmWords } from "../core/alarm-words.js";
import { get } from "../core/api.js";
import { observeServerTime } from "../core/clocks.js";
import { data, fill, find, one } from "../core/dom.js";
import { connectLive } from "../core/live.js";
import { startClocks } from "../core/marks.js";
import { watchSession } from "../core/session.js";
import { keepTicking } from "../core/ticking.js";
import { showAgencies } from "./agencies.js";
import { showUncertain } from "./calls.js";
import { makeCityMap } from "./city.js";
import { showAudit, showEscalations } from "./escalations.js";
import { showFigures, tickFigures } from "./figures.js";
import { makeLink, showTop } from "./link.js";
import { showPeople, tickPeople } from "./people.js";

const AT_MOST_EVERY_MS = 1000;
const AT_LEAST_EVERY_MS = 5000;

const snapshot = /** @type {import("../payloads.d.ts").WallSnapshot} */ (data("snapshot"));
const { policy, shifts } = data("catalogue");
const link = makeLink();
const city = makeCityMap(data("city"));
let stats = snapshot.stats;
let fetchedAt = performance.now();
let fetching = false;
/** @type {string | null} */
let checkedAt = null; // when the auditor last looked, as the heartbeat says
let wanted = false; // a fetch is due

/** @param {import("../payloads.d.ts").Alarm[]} alarms */
function showAlarm(alarms) {
  const words = alarmWords(alarms);
  const strip = one("#alarm");
  strip.hidden = !words;
  if (!words) return;
  strip.dataset.look = words.look;
  fill(strip, { title: words.title, more: words.more });
  const decide = find("#alarm-held");
  if (decide) decide.hidden = alarms.every(({ code }) => code !== "held_after_restore");
}

function draw() {
  showFigures(stats, policy);
  showAgencies(stats.agencies);
  showEscalations(stats.stranded, stats.escalations, stats.escalations_total);
  showUncertain(stats.uncertain_calls, snapshot.me.role === "supervisor");
  showPeople(stats.operators, stats.open);
  city.show(stats.pins);
}

async function refresh() {
  if (fetching) return;
  fetching = true;
  fetchedAt = performance.now();
  try {
    stats = await get("/api/v1/board");
    observeServerTime(stats.at);
    draw();
  } catch (problem) {
    console.warn("the board's figures could not be fetched:", String(problem));
  }
  fetching = false;
}

function refreshSoon() {
  if (wanted) return;
  wanted = true;
  setTimeout(
    () => {
      wanted = false;
      refresh();
    },
    Math.max(0, AT_MOST_EVERY_MS - (performance.now() - fetchedAt)),
  );
}

const live = connectLive({
  after: snapshot.newest,
  epoch: snapshot.epoch,
  pageOf: snapshot.me.id,
  deliver: refreshSoon,
  takeSnapshot: refresh,
  onStatus: (status) => {
    link.note(status);
    if (status.state === "connected") refreshSoon();
  },
  onHeartbeat: ({ alarms, deadlines_checked_at: at }) => {
    checkedAt = at;
    showAlarm(alarms);
  },
});
watchSession({
  person: snapshot.me.id,
  onOver: () => link.session(true),
  onBack: () => {
    link.session(false);
    live.retry();
    refresh();
  },
});
// A wall that was dark for the night shows the morning's figures as soon as it is lit.
keepTicking(
  () => {},
  () => live.wake(),
);

observeServerTime(snapshot.server_time);
draw();
startClocks((now) => {
  showTop(now, shifts, stats);
  link.tick(now, stats.at);
  tickFigures(now, stats, policy);
  tickPeople(now);
  showAudit(checkedAt, Date.parse(snapshot.server_time), policy, now);
  city.tick(now, stats.pins);
  showAgencies(stats.agencies);
  if (performance.now() - fetchedAt >= AT_LEAST_EVERY_MS) refresh();
});
