// The page behind a location link: asks, watches the position, posts each fix. Alone and small: no module, no library.
// The link becomes this telephone's only when a position has been found: whoever refuses here can open it elsewhere.
(() => {
  "use strict";
  const GAP_MS = 3000; // between two posts; the server keeps at most one in 2 s
  const QUIET_MS = 12000; // a telephone that lies still is asked again after this
  const ASK_MS = 8000; // with nothing to send, it asks whether anybody still wants it: the ticket may be closed
  const POST_MS = 10000;
  const LONGEST_WAIT_MS = 15000;
  const ROUGH_M = 200;
  const OVER = ["expired", "used", "ended", "unknown", "too_many"];

  /** @typedef {{why?: string, left_s?: number, sequence?: number, stored?: boolean}} Told by the server */

  /** @param {string} id */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  /** @type {Record<string, string>} */
  const words = JSON.parse(byId("words").textContent || "");
  const base = `/l/${document.body.dataset.token}`;
  const [status, help, left] = ["status", "help", "left"].map(byId);
  const [share, stop] = /** @type {HTMLButtonElement[]} */ (["share", "stop"].map(byId));
  const inApp = /FBAN|FBAV|Instagram|Line\/|WhatsApp|Telegram|MicroMessenger|; wv\)/.test(navigator.userAgent);

  /** @type {number | null} */
  let watch = null; // of the browser, while it looks for us
  /** @type {{lat: number, lon: number, accuracy_m: number, measured: number, sequence: number} | null} */
  let newest = null; // the newest fix, until it was accepted; older ones are not worth a slow network's time
  let lastFixAt = 0;
  /** @type {{at: number, accuracy: number} | null} */
  let sent = null; // of what the server has
  let bound = false; // the link is this telephone's
  /** @type {number | null} */
  let ends = null; // performance.now() when sharing ends by itself
  let sequence = 0;
  let busy = false;
  let failures = 0;
  let nextPost = 0;
  let lastPost = 0;
  let over = false;
  /** @type {WakeLockSentinel | null} */
  let awake = null;

  /**
   * @param {string} text
   * @param {string} [look]
   */
  const say = (text, look) => {
    status.hidden = !text;
    if (status.textContent !== text) status.textContent = text;
    status.dataset.look = look || "";
  };
  /** @param {string} text */
  const advise = (text) => {
    help.hidden = !text;
    help.textContent = text;
  };
  /**
   * @param {string} text
   * @param {Record<string, number>} values
   */
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => String(values[name]));
  /** @param {"ask" | "seeking" | "live" | "over"} state */
  const show = (state) => {
    document.body.dataset.state = state;
    /** @type {NodeListOf<HTMLElement>} */
    const parts = document.querySelectorAll("[data-for]");
    for (const part of parts) part.hidden = part.dataset.for !== state;
    const title = state === "live" ? words.title_live : state === "over" && words.title_over;
    if (title) byId("title").textContent = title;
    share.hidden = state !== "ask";
    stop.hidden = left.hidden = state !== "live";
  };

  /**
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<Told & {ok: boolean, status: number}>}
   */
  async function post(path, body) {
    lastPost = performance.now();
    const give = new AbortController();
    const timer = setTimeout(() => give.abort(), POST_MS);
    try {
      const answer = await fetch(base + path, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body || {}),
        signal: give.signal,
      });
      /** @type {Told} */
      const told = await answer.json().catch(() => ({}));
      if (told.why && OVER.includes(told.why)) finish(words[told.why]);
      return { ok: answer.ok, status: answer.status, ...told };
    } catch {
      return { ok: false, status: 0 }; // no network, or too slow
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {Told} told */
  function learn({ left_s: leftS, sequence: known }) {
    if (typeof leftS === "number") ends = performance.now() + leftS * 1000;
    if (known && known > sequence) sequence = known;
  }

  /** @param {string} text */
  function finish(text) {
    over = true;
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    if (awake) awake.release().catch(() => {});
    show("over");
    advise("");
    say(text);
  }

  // -- looking for the position ---------------------------------------------------------------------------------------

  function begin() {
    if (!window.isSecureContext || !navigator.geolocation) return fail(words.no_gps);
    show("seeking");
    advise(inApp ? words.in_app : "");
    say(words.asking);
    stopWatching();
    watch = navigator.geolocation.watchPosition(found, missed, {
      enableHighAccuracy: true,
      maximumAge: 0,
      timeout: 30000,
    });
    return undefined;
  }

  function stopWatching() {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = null;
  }

  /** @param {GeolocationPosition} position */
  function found({ coords, timestamp }) {
    if (over) return;
    lastFixAt = performance.now();
    sequence += 1;
    newest = {
      lat: coords.latitude,
      lon: coords.longitude,
      accuracy_m: coords.accuracy,
      measured: timestamp,
      sequence,
    };
    if (!bound && !sent) say(words.sending);
    advise(coords.accuracy > ROUGH_M ? words.rough : "");
    pump();
  }

  /** @param {GeolocationPositionError} problem */
  function missed(problem) {
    if (over) return;
    if (problem.code === problem.PERMISSION_DENIED) return fail(words.denied);
    // Until the first fix it is said at once; later the age of what was sent says enough.
    if (!sent) {
      say(words.searching);
      advise(words.no_fix);
    }
    return undefined;
  }

  /** @param {string} text */
  function fail(text) {
    stopWatching();
    show("ask");
    share.textContent = words.again;
    say("");
    advise(inApp ? `${text} ${words.in_app}` : text);
  }

  // -- sending it -----------------------------------------------------------------------------------------------------

  async function pump() {
    const now = performance.now();
    if (busy || over || stop.disabled || !newest || now < nextPost) return;
    busy = true;
    try {
      if (!bound && !(await bind())) return;
      const fix = newest;
      const age = Math.min(86400, Math.max(0, (Date.now() - fix.measured) / 1000));
      const answer = await post("/fix", {
        lat: fix.lat,
        lon: fix.lon,
        accuracy_m: fix.accuracy_m,
        age_s: age,
        sequence: fix.sequence,
      });
      if (over) return;
      if (answer.ok) {
        learn(answer);
        failures = 0;
        if (answer.stored) {
          sent = { at: performance.now() - age * 1000, accuracy: fix.accuracy_m };
          if (newest === fix) newest = null;
        }
      } else if (answer.status === 400) {
        newest = newest === fix ? null : newest; // not a position that anybody can use; the next one may be
      } else failures += 1;
    } finally {
      busy = false;
      nextPost = performance.now() + (failures ? Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures) : GAP_MS);
      tick();
    }
  }

  async function bind() {
    const answer = await post("/consent");
    if (!answer.ok) {
      failures += 1;
      return false;
    }
    failures = 0;
    learn(answer);
    bound = true;
    show("live");
    if (navigator.wakeLock)
      navigator.wakeLock.request("screen").then(
        (lock) => (awake = lock),
        () => {},
      );
    return true;
  }

  function tick() {
    if (over) return;
    const now = performance.now();
    if (ends !== null) {
      if (now >= ends) return finish(words.ended);
      left.textContent = fill(words.left, { n: Math.ceil((ends - now) / 60000) });
    }
    if (failures) say(words.waiting);
    else if (sent) {
      const seconds = Math.max(0, Math.round((now - sent.at) / 1000));
      const minutes = seconds >= 60;
      say(
        fill(minutes ? words.sent_minutes : words.sent, {
          m: Math.round(sent.accuracy),
          s: seconds,
          n: Math.floor(seconds / 60),
        }),
        "sent",
      );
    }
  }

  setInterval(() => {
    tick();
    pump();
    if (bound && !over && !busy && performance.now() - lastPost > ASK_MS)
      post("/opened").then((answer) => answer.ok && learn(answer));
    if (bound && !over && performance.now() - lastFixAt > QUIET_MS) {
      lastFixAt = performance.now();
      navigator.geolocation.getCurrentPosition(found, () => {}, {
        enableHighAccuracy: true,
        maximumAge: 0,
        timeout: 10000,
      });
    }
  }, 1000);
  window.addEventListener("online", () => {
    nextPost = 0;
    pump();
  });
  share.disabled = false; // until here a tap would have done nothing
  share.addEventListener("click", begin);
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    stopWatching();
    newest = null;
    bound = false; // nothing more is sent, whether the server hears of it now or lets the link end by its time
    await post("/end");
    if (!over) finish(words.stopped);
  });

  if (!window.isSecureContext || !navigator.geolocation) advise(words.no_gps);
  else if (inApp) advise(words.in_app);
  post("/opened").then((answer) => {
    if (!answer.ok || typeof answer.left_s !== "number") return;
    // The page was loaded again on the telephone that shares already.
    learn(answer);
    bound = true;
    begin();
    show("live");
  });
})();
