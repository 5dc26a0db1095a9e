// What an agency reads of a task that is late: who above it was told, and who is told next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { toldOfLateTask } from "../../app/static/js/agency/told.js";

const at = (minutes) => new Date(Date.UTC(2026, 10, 28, 2, minutes)).toISOString();
const NOW = Date.parse(at(3));
const rung = (who, due, fired) => ({ who, due_at: at(due), fired_at: fired ? at(due) : null, hole: false });

function ladder(told, more = {}) {
  const rungs = ["duty", "duty+chief", "head", "supervisor"].map((who, place) => rung(who, place, place < told));
  const next = rungs[told];
  return {
    rungs,
    rung: told,
    next_at: next?.due_at ?? null,
    next_who: next?.who ?? null,
    paused: null,
    held: false,
    ...more,
  };
}
const words = (told, more) => toldOfLateTask({ ladder: ladder(told, more) }, NOW);

test("nothing is said while only the first were told", () => {
  assert.equal(words(1), null);
  assert.equal(toldOfLateTask({ ladder: null }, NOW), null);
});

test("who was told is followed by who is told next, and when", () => {
  assert.equal(words(2), "Sudah diberi tahu: piket, kepala regu 09.01. Berikutnya: kepala dinas 09.02");
});

test("nobody is next at the end of the ladder, while it is held, or while the clock is paused", () => {
  const ends = "Sudah diberi tahu: piket, kepala regu 09.01";
  assert.equal(words(2, { held: true }), ends);
  assert.equal(words(2, { paused: { until: at(9) } }), ends);
  assert.match(words(4), /supervisor 09\.03$/);
});
