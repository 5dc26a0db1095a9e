// The live feed: every journal event in order, none twice, none missing.
// The server numbers events; each carries `prev`, the number before it in this audience. When `prev` is newer than the
// last one seen, or a heartbeat stays ahead of us for a second, the missing ones are fetched with `resume`; when they are
// too far back, the page takes a new snapshot. A socket that says "open" but brings no heartbeat counts as cut.
import { io } from "../vendor/socket.io/socket.io.esm.min.js";
import { observeServerTime } from "./time.js";

const GRACE_MS = 1000; // an event may be on its way when the heartbeat names it
const SLOW_MS = 4500; // two heartbeats (2 s each) are missing
const LOST_MS = 6000; // three are missing
const BLINK_MS = 1000; // shorter than this nobody needs to know
const CUT_MS = 5000; // reconnecting for so long is disconnected
const ACK_MS = 5000;

/**
 * connectLive({after, deliver, takeSnapshot, onStatus, onHeartbeat}) -> {status(), retry()}
 * after: the snapshot's `newest`. deliver(events): new events, in order. takeSnapshot(): async, applies a fresh snapshot
 * and resolves to its `newest`. onStatus({state, since, missed}): state is "connecting" (the first second), "connected",
 * "reconnecting", "disconnected" or "catching_up" (missed = how many); since = milliseconds of performance.now(). onHeartbeat({newest, server_time, alarms}).
 */
export function connectLive({ after, deliver, takeSnapshot, onStatus = () => {}, onHeartbeat = () => {} }) {
  const socket = io({ transports: ["websocket"], reconnectionDelay: 300, reconnectionDelayMax: 3000, timeout: 4000 });
  let last = after;
  let catching = false; // while true, live events wait in `held`
  let held = [];
  let newestHeard = after;
  let heardAt = performance.now();
  let downSince = performance.now();
  let retriedAt = 0;
  let status = { state: "connecting", since: downSince, missed: 0 };

  function setStatus(state, since, missed = 0) {
    if (status.state === state && status.missed === missed && status.since === since) return;
    status = { state, since, missed };
    onStatus(status);
  }

  /** What the sign in the top bar says; pure in (now, what was heard). */
  function judge() {
    const now = performance.now();
    const silent = now - heardAt;
    if (socket.connected && silent < SLOW_MS) {
      downSince = null;
      if (catching) setStatus("catching_up", heardAt, Math.max(1, newestHeard - last));
      else setStatus("connected", status.state === "connected" ? status.since : now);
      return;
    }
    downSince ??= socket.connected ? heardAt : now;
    if (now - downSince < BLINK_MS) return;
    const cut = socket.connected ? silent >= LOST_MS : now - downSince >= CUT_MS;
    setStatus(cut ? "disconnected" : "reconnecting", downSince);
    if (socket.connected && cut && now - retriedAt > LOST_MS) {
      retriedAt = now;
      socket.disconnect().connect(); // the open socket is dead; a new one may not be
    }
  }

  function accept(events) {
    const fresh = events.filter((event) => event.seq > last);
    if (!fresh.length) return;
    last = fresh[fresh.length - 1].seq;
    deliver(fresh);
  }

  function receive(event) {
    newestHeard = Math.max(newestHeard, event.seq);
    if (catching) held.push(event);
    else if (event.prev > last) catchUp([event]);
    else accept([event]);
  }

  async function catchUp(waiting = []) {
    held.push(...waiting);
    if (catching) return;
    catching = true;
    judge();
    try {
      const answer = await socket.timeout(ACK_MS).emitWithAck("resume", { after: last });
      if (answer.error) throw new Error(answer.error.code);
      if (answer.reset) last = Math.max(last, await takeSnapshot());
      else {
        accept(answer.items);
        last = Math.max(last, answer.newest);
      }
      newestHeard = Math.max(newestHeard, last);
    } catch (problem) {
      console.warn("catching up failed, will try again:", problem.message);
    }
    catching = false;
    const events = held.sort((a, b) => a.seq - b.seq);
    held = [];
    const gap = events.find((event) => event.seq > last);
    if (gap && gap.prev > last) setTimeout(() => catchUp(events), GRACE_MS);
    else accept(events);
    judge();
  }

  socket.on("connect", () => {
    heardAt = performance.now();
    // The first connection needs it too: events may have come between the snapshot and now.
    catchUp();
  });
  socket.on("disconnect", async (reason) => {
    judge();
    if (reason !== "io server disconnect") return;
    // The server ended it: a session that is over (asking says so to the page), or a server that makes room for itself.
    try {
      last = Math.max(last, await takeSnapshot());
      socket.connect();
    } catch (problem) {
      console.warn("not connected again:", problem.message);
    }
  });
  socket.on("connect_error", (problem) => {
    // A refusal by the server itself is not retried by the library; a session that ended is the page's to tell.
    if (!socket.active) document.dispatchEvent(new CustomEvent("siaga:signed-out", { detail: problem.message }));
    judge();
  });
  socket.on("journal", (event) => {
    heardAt = performance.now();
    receive(event);
  });
  socket.on("heartbeat", (beat) => {
    heardAt = performance.now();
    observeServerTime(beat.server_time);
    onHeartbeat(beat);
    newestHeard = Math.max(newestHeard, beat.newest);
    const seen = beat.newest;
    if (seen > last) setTimeout(() => socket.connected && seen > last && catchUp(), GRACE_MS);
    judge();
  });
  setInterval(judge, 500);

  return { status: () => status, retry: () => socket.connected || socket.connect() };
}
