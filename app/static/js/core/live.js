// The live feed: the line over which the journal's events come (sequence.js puts them in order), and how it stands. A
// socket that says "open" but brings no heartbeat counts as cut.
import { io } from "socket.io-client";
import { workIn } from "./api.js";
import { observeServerTime } from "./clocks.js";
import { Sequence } from "./sequence.js";
import { keepTicking, after as later } from "./ticking.js";

/** @typedef {import("../payloads.d.ts").Event} Event */
/** @typedef {import("../types.d.ts").LinkStatus} LinkStatus */

const SLOW_MS = 4500; // two heartbeats (2 s each) are missing
const LOST_MS = 6000; // three are missing
const BLINK_MS = 1000; // shorter than this nobody needs to know
const CUT_MS = 5000; // reconnecting for so long is disconnected
const ACK_MS = 5000;
const SIGN_IN_NEEDED = "sign_in_needed";
// between attempts to connect, and somewhat spread: all screens try at once
const RETRY_MS = [300, 600, 1200, 2400, 3000];
const ATTEMPT_MS = 8000; // an attempt that has come to nothing by then is given up

/**
 * connectLive({after, epoch, pageOf, deliver, takeSnapshot, onStatus, onHeartbeat, onRestored}) -> {status(), retry(),
 * wake()}
 * after, epoch: the snapshot's `newest` and `epoch`. pageOf: id of the person whose page this is; the feed is refused to anybody else.
 * deliver(events): new events, in order. takeSnapshot(): async, applies a fresh snapshot and resolves to its `newest`
 * (a page that keeps no events may resolve to nothing). onStatus({state, since, missed}): state is "connecting" (the
 * first second), "connected", "reconnecting", "disconnected" or "catching_up" (missed = how many); since = milliseconds
 * of performance.now(). onHeartbeat({newest, server_time, alarms}). retry(): somebody has signed in, or looks at the
 * page: connect now. wake(): this machine slept, the socket is dead. onRestored(): the database was brought back from a
 * backup, and the page shows it as it is now.
 * @template {Event} [E=Event]
 * @param {object} options
 * @param {number} options.after
 * @param {string | null} options.epoch
 * @param {number | null} [options.pageOf]
 * @param {(events: E[]) => void} options.deliver
 * @param {() => Promise<number | null | undefined | void>} options.takeSnapshot
 * @param {(status: LinkStatus) => void} [options.onStatus]
 * @param {(beat: import("../payloads.d.ts").Heartbeat) => void} [options.onHeartbeat]
 * @param {() => void} [options.onRestored]
 */
export function connectLive({
  after,
  epoch,
  pageOf = null,
  deliver,
  takeSnapshot,
  onStatus = () => {},
  onHeartbeat = () => {},
  onRestored = () => {},
}) {
  workIn(epoch);
  // Connecting again is this module's: the library's timers stand still in a hidden tab.
  const socket = io({
    transports: ["websocket"],
    reconnection: false,
    timeout: 4000,
    auth: pageOf === null ? {} : { page_of: pageOf },
  });
  let heardAt = performance.now();
  /** @type {number | null} */
  let downSince = performance.now();
  let trying = true; // an attempt to connect is under way
  let triedAt = performance.now();
  let tryAt = 0;
  let tries = 0;
  let signedOut = false; // refused for want of a sign-in: retry() is called when there is one
  /** @type {LinkStatus} */
  let status = { state: "connecting", since: downSince, missed: 0 };

  const sequence = new Sequence({
    after,
    epoch,
    deliver,
    takeSnapshot,
    later,
    onChange: judge,
    onRestored(present) {
      workIn(present);
      onRestored();
    },
    async resume(since, seenIn) {
      const answer = await socket.timeout(ACK_MS).emitWithAck("resume", { after: since, epoch: seenIn });
      if (answer.error) throw new Error(answer.error.code);
      return answer;
    },
  });

  /**
   * @param {LinkStatus["state"]} state
   * @param {number} since
   */
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
      if (sequence.catching) setStatus("catching_up", heardAt, sequence.missed);
      else setStatus("connected", status.state === "connected" ? status.since : now);
      return;
    }
    downSince ??= socket.connected ? heardAt : now;
    if (now - downSince < BLINK_MS) return;
    const cut = socket.connected ? silent >= LOST_MS : now - downSince >= CUT_MS;
    setStatus(cut ? "disconnected" : "reconnecting", downSince);
    if (socket.connected && cut) socket.disconnect(); // the open socket is dead; a new one may not be
  }

  function notConnected() {
    trying = false;
    const wait = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];
    tryAt = performance.now() + wait * (0.75 + Math.random() / 2);
    tries += 1;
    judge();
  }

  function keepConnected() {
    const now = performance.now();
    if (trying && now - triedAt > ATTEMPT_MS) {
      socket.disconnect();
      notConnected();
    }
    if (!socket.connected && !trying && !signedOut && now >= tryAt) {
      trying = true;
      triedAt = now;
      socket.connect();
    }
    judge();
  }

  socket.on("connect", () => {
    trying = signedOut = false;
    tries = 0;
    heardAt = performance.now();
    // The first connection needs it too: events may have come between the snapshot and now.
    sequence.catchUp();
  });
  // A session that is over is refused at the next attempt; a server that made room for itself is not.
  socket.on("disconnect", notConnected);
  socket.on("connect_error", (problem) => {
    if (problem.message === SIGN_IN_NEEDED) {
      signedOut = true;
      document.dispatchEvent(new CustomEvent("siaga:signed-out", { detail: problem.message }));
    }
    notConnected();
  });
  socket.on("journal", (/** @type {E} */ event) => {
    heardAt = performance.now();
    sequence.receive(event);
  });
  socket.on("heartbeat", (/** @type {import("../payloads.d.ts").Heartbeat} */ beat) => {
    heardAt = performance.now();
    observeServerTime(beat.server_time);
    onHeartbeat(beat);
    sequence.hear(beat.newest, () => socket.connected, beat.epoch);
    judge();
  });
  keepTicking(keepConnected);

  const now = () => {
    signedOut = false;
    tryAt = 0;
    tries = 0;
    keepConnected();
  };
  return {
    status: () => status,
    retry: now,
    wake: () => {
      if (signedOut) return;
      socket.disconnect();
      now();
    },
  };
}
