// A worker that only says "now": the timers of a hidden page run once a minute, those of its workers as always.
setInterval(() => postMessage(null), 500);
