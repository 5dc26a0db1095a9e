// The page behind a task's link: says that it is open before somebody, counts down, follows, and says when a button did
// not get through. All of it works without this script. Alone and small: no module, no library.
(() => {
  const ASK_MS = 10000;
  const POST_MS = 12000;
  const NEAR_S = 15;
  const base = `/t/${document.body.dataset.token}`;
  const began = performance.now();

  /** @param {string} id */
  const byId = (id) => document.getElementById(id);

  // -- the countdown: from what the server says is left, never from the telephone's clock -------------------------------

  const due = byId("due");
  const leftS = Number(due ? due.dataset.left : Number.NaN);
  const wasLate = leftS < 0;

  /** @param {number} seconds */
  const length = (seconds) => {
    const whole = Math.abs(Math.trunc(seconds));
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
    const rest = String(whole % 60).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  };

  const tick = () => {
    if (!due) return;
    const left = leftS - (performance.now() - began) / 1000;
    const shown = byId("left");
    if (shown) shown.textContent = left < 0 ? `+${length(left)}` : length(left);
    if (left < 0 && !wasLate) follow();
    else if (left >= 0 && left <= NEAR_S) due.dataset.look = "near";
    const rest = byId("rest");
    if (rest && leftS > 0) rest.setAttribute("width", `${Math.max(0, (Number(share) * left) / leftS)}%`);
  };
  const share = Number.parseFloat((byId("rest") || document.body).getAttribute("width") || "0");
  tick();
  setInterval(tick, 1000);

  // -- following: when something else has changed, the page is loaded again, unless somebody writes in it --------------

  const writing = () => [...document.querySelectorAll("textarea")].some((area) => area.value.trim() !== "");
  let asked = performance.now();

  async function follow() {
    if (document.hidden || performance.now() - asked < 2000) return;
    asked = performance.now();
    try {
      const answer = await fetch(`${base}/mark`, { credentials: "same-origin" });
      const { mark } = await answer.json();
      if (answer.ok && mark !== document.body.dataset.mark && !writing()) location.replace(base + language());
    } catch {
      // No signal: asked again soon.
    }
  }
  const language = () => {
    const chosen = new URLSearchParams(location.search).get("lang");
    return chosen === "id" || chosen === "en" ? `?lang=${chosen}` : "";
  };
  setInterval(follow, ASK_MS);
  document.addEventListener("visibilitychange", follow);

  if (document.body.dataset.standing === "ask" || document.body.dataset.standing === "told")
    fetch(`${base}/opened`, { method: "POST", credentials: "same-origin", keepalive: true }).catch(() => {});

  // -- buttons: sent from here, so that a weak signal is told at once instead of by the browser's own page ---------------

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    /** @type {HTMLButtonElement | null} */
    const button = form.querySelector("button");
    const failed = byId("failed");
    if (!button || button.disabled) return;
    button.disabled = true;
    if (failed) failed.hidden = true;
    const give = new AbortController();
    const timer = setTimeout(() => give.abort(), POST_MS);
    try {
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) body.append(name, String(value));
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        credentials: "same-origin",
        signal: give.signal,
      });
      if (!answer.ok && answer.status >= 500) throw new Error(String(answer.status));
      location.replace(answer.url.startsWith(location.origin) ? answer.url : base);
    } catch {
      button.disabled = false;
      if (failed) failed.hidden = false;
      const call = byId("call");
      if (call) call.className = "next";
      if (call) call.focus();
    } finally {
      clearTimeout(timer);
    }
  }
  for (const form of document.querySelectorAll("form")) form.addEventListener("submit", send);
})();
