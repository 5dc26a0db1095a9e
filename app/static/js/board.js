// The supervisor's board. Events only say that something changed: the figures are fetched again, once a second at most,
// and every five seconds in any case; the clocks tick from the server's time in between.
import { get } from "./api.js";
import { data } from "./dom.js";
import { connectLive } from "./live.js";
import { startClocks } from "./marks.js";
import { observeServerTime } from "./time.js";
import { showAgencies } from "./board-agencies.js";
import { makeCityMap } from "./board-city.js";
import { showFigures, tickFigures } from "./board-figures.js";
import { makeLink, showTop } from "./board-link.js";
import { showPeople, tickPeople } from "./board-people.js";
import { showUnaccepted } from "./board-unaccepted.js";

const AT_MOST_EVERY_MS = 1000;
const AT_LEAST_EVERY_MS = 5000;

const snapshot = data("snapshot");
const { policy, shifts } = data("catalogue");
const link = makeLink();
const city = makeCityMap(data("city"));
let stats = snapshot.stats;
let newest = snapshot.newest;
let fetchedAt = performance.now();
let fetching = false;
let wanted = null; // the timer of a fetch that is due

function draw() {
  showFigures(stats, policy);
  showAgencies(stats.agencies);
  showUnaccepted(stats.unacknowledged);
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
    console.warn("the board's figures could not be fetched:", problem.message);
  }
  fetching = false;
}

function refreshSoon() {
  wanted ??= setTimeout(
    () => {
      wanted = null;
      refresh();
    },
    Math.max(0, AT_MOST_EVERY_MS - (performance.now() - fetchedAt)),
  );
}

connectLive({
  after: newest,
  deliver: refreshSoon,
  takeSnapshot: async () => {
    await refresh();
    return newest;
  },
  onStatus: (status) => {
    link.note(status);
    if (status.state === "connected") refreshSoon();
  },
  onHeartbeat: (beat) => {
    newest = Math.max(newest, beat.newest);
  },
});

observeServerTime(snapshot.server_time);
draw();
startClocks((now) => {
  showTop(now, shifts, stats);
  link.tick(now, stats.at);
  tickFigures(now, stats, policy);
  tickPeople(now);
  city.tick(now, stats.pins);
  showAgencies(stats.agencies);
  if (performance.now() - fetchedAt >= AT_LEAST_EVERY_MS) refresh();
});
