// Says before a session goes idle that it will, and lets whoever is there stay. The server decides; this page only says
// how long nobody has touched it (window.siagaIdle, sent with every request), because pages ask by themselves too.
// A plain script without imports, so that it is there before any module asks for anything.
(() => {
  const TELL_EVERY_MS = 60_000;
  const LOOK_EVERY_MS = 15_000;
  const SHARED = "siaga.touched"; // all tabs of this browser are one session
  /** @param {string} id */
  const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const [warning, title, left] = [part("idle-warning"), part("idle-title"), part("idle-left")];
  const warnS = Number(warning.dataset.warnS);
  // Asked each time: a page outlives its session, and goes on under a new one with another token.
  const csrf = () =>
    /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="csrf-token"]'))?.content ?? "";
  let touchedAt = Date.now();
  let toldAt = Date.now();
  /** @type {number | null} */
  let endsAt = null; // performance.now() at which the session ends, as far as is known

  const shared = () => {
    try {
      return Math.min(Date.now(), Number(localStorage.getItem(SHARED)) || 0);
    } catch {
      return 0; // no storage: this tab alone counts
    }
  };
  const untouchedS = () => Math.max(0, Math.round((Date.now() - Math.max(touchedAt, shared())) / 1000));
  window.siagaIdle = untouchedS;

  /**
   * @param {string} path
   * @param {"GET" | "POST"} method
   */
  async function ask(path, method) {
    const answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": csrf(), "X-Siaga-Idle": String(untouchedS()) },
      signal: AbortSignal.timeout(8000),
    });
    if (answer.status === 401 || answer.redirected) {
      hide();
      endsAt = null;
      document.dispatchEvent(new CustomEvent("siaga:signed-out"));
      return;
    }
    if (!answer.ok) return;
    const { ends_in_s: seconds } = await answer.json();
    endsAt = seconds === null ? null : performance.now() + seconds * 1000;
    show();
  }
  /**
   * @param {string} path
   * @param {"GET" | "POST"} method
   */
  const quietly = (path, method) => ask(path, method).catch((problem) => console.warn("idle limit:", problem.message));

  /** @param {Event} event */
  function touch(event) {
    // its button answers
    if (["pointerdown", "touchstart"].includes(event.type) && warning.contains(/** @type {Node} */ (event.target)))
      return;
    touchedAt = Date.now();
    try {
      localStorage.setItem(SHARED, String(touchedAt));
    } catch {
      // this tab alone then
    }
    if (touchedAt - toldAt < TELL_EVERY_MS && warning.hidden) return;
    toldAt = touchedAt;
    hide();
    quietly("/account/active", "POST");
  }

  function hide() {
    warning.hidden = true;
    title.textContent = "";
  }

  function show() {
    const seconds = endsAt === null ? Infinity : Math.ceil((endsAt - performance.now()) / 1000);
    if (seconds > warnS) return hide();
    if (seconds <= 0) return quietly("/account/idle", "GET");
    const words = `${Math.floor(seconds / 60)}.${String(seconds % 60).padStart(2, "0")}`;
    if (left.textContent !== words) left.textContent = words;
    if (warning.hidden) {
      warning.hidden = false; // takes no focus: whoever comes back types on where they were
      title.textContent = title.dataset.words ?? ""; // now, so that it is read out
    }
  }

  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart", "input"]) {
    addEventListener(kind, touch, { capture: true, passive: true });
  }
  part("idle-stay").addEventListener("click", touch);
  setInterval(show, 1000);
  setInterval(() => document.hidden || quietly("/account/idle", "GET"), LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", () => document.hidden || quietly("/account/idle", "GET"));
  quietly("/account/idle", "GET");
})();
