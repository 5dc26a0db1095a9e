"""What a page would let us hear, and tabs that are not looked at: scripts that run before any of the page's own."""

from __future__ import annotations

#: Notes of the page, in window.notes, as the milliseconds at which each was started. Nothing else is changed.
EARS = """
window.notes = [];
window.contexts = [];
const Real = window.AudioContext;
window.AudioContext = class extends Real {
  constructor(...options) { super(...options); window.contexts.push(this); }
  createOscillator() { window.notes.push(performance.now()); return super.createOscillator(); }
};
"""

#: A browser that lets no page sound until a key or a tap: Chromium's own lock is off where it is driven by a test.
LOCKED = """
window.unlocked = false;
const unlock = () => (window.unlocked = true);
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, unlock, { capture: true });
const Locked = window.AudioContext;
window.AudioContext = class extends Locked {
  constructor(...options) { super(...options); if (!window.unlocked) super.suspend(); }
  get state() { return window.unlocked || super.state === "closed" ? super.state : "suspended"; }
  resume() { return window.unlocked ? super.resume() : new Promise(() => {}); }
};
"""

#: hide() makes this tab one that nobody looks at: no frames any more, and its timers come once a minute. Workers and
#: events are as always.
CURTAIN = """
window.real = { setTimeout: window.setTimeout, setInterval: window.setInterval, frame: window.requestAnimationFrame };
window.away = false;
Object.defineProperty(Document.prototype, "hidden", { get: () => window.away });
Object.defineProperty(Document.prototype, "visibilityState", { get: () => (window.away ? "hidden" : "visible") });
for (const name of ["setTimeout", "setInterval"])
  window[name] = (back, ms = 0, ...more) =>
    window.real[name].call(window, () => window.away || back(...more), window.away ? Math.max(ms, 60000) : ms);
window.requestAnimationFrame = (back) => window.real.frame.call(window, (at) => (window.away ? null : back(at)));
window.hide = () => { window.away = true; document.dispatchEvent(new Event("visibilitychange")); };
window.show = () => { window.away = false; document.dispatchEvent(new Event("visibilitychange")); };
"""
