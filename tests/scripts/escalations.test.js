// The lines under the board's map: who is told next, how far a ladder has climbed, what stands still.
import assert from "node:assert/strict";
import { test } from "node:test";
import { escalationLine } from "../../app/static/js/board/escalations.js";

const LATE = {
  ticket: "261128-043",
  agency: "DLH",
  priority: "P2",
  clock: "acknowledge",
  due_at: "2026-11-28T02:00:00.000Z",
  rung: 3,
  rungs: 6,
  next_who: "supervisor",
  next_at: "2026-11-28T02:05:00.000Z",
  then_who: "leader:SETDA",
  paused_until: null,
  held: false,
};

test("a line names who is next and when, and how far it has climbed", () => {
  const { what, under, rungs, clock } = escalationLine(LATE);
  assert.deepEqual([what, under, rungs], ["→ Supervisor", "DLH · tingkat 3 dari 6", [3, 6]]);
  assert.equal(clock.due, LATE.next_at);
});

test("with nobody left to tell it counts from the end of its own clock", () => {
  const end = escalationLine({ ...LATE, rung: 6, next_who: null, next_at: null, then_who: null });
  assert.equal(end.what, "DLH: semua sudah tahu");
  assert.equal(end.clock.due, LATE.due_at);
});

test("what is paused or held does not tick", () => {
  const paused = escalationLine({ ...LATE, paused_until: "2026-11-28T03:00:00.000Z" });
  assert.deepEqual([paused.under, paused.clock.kind, paused.icon], ["DLH · dijeda", "fixed", "pause"]);
  assert.equal(escalationLine({ ...LATE, held: true }).clock.words, "ditahan");
});
