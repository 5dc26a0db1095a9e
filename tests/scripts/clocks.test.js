// The server's clock, and how a clock of a ticket or an assignment stands by it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assignmentUrgency, clockLook, observeServerTime, serverNow } from "../../app/static/js/core/clocks.js";

const at = (seconds) => new Date(Date.UTC(2026, 10, 28, 2, 0, seconds)).toISOString();
const ms = (seconds) => Date.parse(at(seconds));

test("a clock is near in its last third, a minute at most", () => {
  assert.equal(clockLook(at(0), at(90), ms(59)), "running");
  assert.equal(clockLook(at(0), at(90), ms(60)), "near");
  assert.equal(clockLook(at(0), at(600), ms(539)), "running");
  assert.equal(clockLook(at(0), at(600), ms(540)), "near");
  assert.equal(clockLook(at(0), at(90), ms(90)), "late");
});

test("nobody is told late before the server's clock is known", () => {
  assert.equal(Number.isNaN(serverNow()), true);
  assert.equal(clockLook(at(0), at(90)), "unknown");
});

test("an agency that declined is as urgent as one that is late, one that was called off is not", () => {
  const assignment = { state: "sent", clock_started_at: at(0), due_at: at(90) };
  assert.equal(assignmentUrgency(assignment, ms(91)), "late");
  assert.equal(assignmentUrgency(assignment, ms(1)), "plain");
  assert.equal(assignmentUrgency({ ...assignment, state: "declined" }, ms(1)), "late");
  assert.equal(assignmentUrgency({ ...assignment, state: "cancelled" }, ms(91)), "off");
  assert.equal(assignmentUrgency({ ...assignment, due_at: null }, ms(91)), "plain");
});

test("of messages that came late the one that came soonest tells the time", (context) => {
  let now = 1000;
  context.mock.method(performance, "now", () => now);
  observeServerTime(at(10));
  now = 4000;
  observeServerTime(at(11)); // sent at 11 s, came two seconds late
  assert.equal(serverNow(), ms(13));
});
