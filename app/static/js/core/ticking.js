// Time that goes on in a hidden tab, where a page's own timers come once a minute, and the moment when a machine that
// slept wakes up. One worker keeps the time for the whole page.
const SLEPT_MS = 15000;

/** @type {(() => void)[]} */
const backs = [];
/** @type {(() => void)[]} */
const wakes = [];
/** @type {[at: number, back: () => void][]} */
const waiting = [];
let at = 0; // Date.now() of the last tick; 0 before the first

/**
 * Call back() twice a second; onWake() when this machine had slept in between.
 * @param {() => void} back
 * @param {(() => void) | null} [onWake]
 */
export function keepTicking(back, onWake = null) {
  backs.push(back);
  if (onWake) wakes.push(onWake);
  start();
}

/**
 * Call back() once, this many milliseconds from now, to half a second.
 * @param {number} ms
 * @param {() => void} back
 */
export function after(ms, back) {
  waiting.push([performance.now() + ms, back]);
  start();
}

function tick() {
  const slept = Date.now() - at > SLEPT_MS;
  at = Date.now();
  if (slept) for (const back of wakes) back();
  const due = waiting.filter(([when]) => when <= performance.now());
  for (const one of due) waiting.splice(waiting.indexOf(one), 1);
  for (const [, back] of due) back();
  for (const back of backs) back();
}

function start() {
  if (at) return;
  at = Date.now();
  stayAwake();
  const slowly = () => setInterval(tick, 500);
  try {
    const worker = new Worker(new URL("../js/core/ticker.js", import.meta.url));
    worker.addEventListener("message", tick);
    worker.addEventListener("error", slowly);
  } catch {
    slowly(); // no workers here: a hidden page is late, but not silent
  }
}

/** Browsers freeze hidden pages to save power, but none that holds a lock. */
function stayAwake() {
  navigator.locks?.request(`siaga.awake.${Math.random()}`, () => new Promise(() => {}));
}
