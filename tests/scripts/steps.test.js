// The four steps of an assignment on an agency's phone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isNew, isOver, progress, stateAfter } from "../../app/static/js/agency/steps.js";

const ticket = (assignment, state = "dispatched") => ({ state, assignment });
const looks = ({ boxes }) => boxes.map(({ look }) => look);

test("a new task has its first step before it", () => {
  const task = ticket({ state: "sent" });
  assert.equal(isNew(task), true);
  assert.deepEqual(looks(progress(task, [])), ["current", "later", "later", "later"]);
  assert.equal(progress(task, []).next.command, "acknowledge");
});

test("a step that waits on the phone counts, and the next one is offered", () => {
  const task = ticket({ state: "acknowledged", acknowledged_at: "2026-11-28T02:00:00Z" });
  const shown = progress(task, [{ command: "en-route", occurred_at: "2026-11-28T02:03:00Z" }]);
  assert.deepEqual(looks(shown), ["done", "waiting", "current", "later"]);
  assert.equal(shown.boxes[1].at, "2026-11-28T02:03:00Z");
  assert.equal(shown.state, "en_route");
});

test("steps that were left out count as done when a later one is reported", () => {
  const task = ticket({ state: "on_scene", on_scene_at: "2026-11-28T02:09:00Z" });
  assert.deepEqual(looks(progress(task, [])), ["done", "done", "done", "current"]);
});

test("nothing is offered any more on a task that is over", () => {
  for (const over of [
    ticket({ state: "cleared" }),
    ticket({ state: "declined" }),
    ticket({ state: "sent" }, "closed"),
  ]) {
    assert.equal(isOver(over), true);
    assert.equal(progress(over, []).next, null);
  }
});

test("each command leads to its state", () => {
  assert.deepEqual(["acknowledge", "en-route", "on-scene", "clear", "decline"].map(stateAfter), [
    "acknowledged",
    "en_route",
    "on_scene",
    "cleared",
    "declined",
  ]);
});
