// How far the news of a task has come, who is told next, what a hand could do, and which agency comes first.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  actOf,
  allDeclined,
  clockOf,
  isExhausted,
  isUnreached,
  keepOrder,
  nextRungs,
  pauseOf,
  reachedOf,
  worstFirst,
} from "../../app/static/js/console/follow-facts.js";

const SILENT = new Set(["sms", "telegram"]);
const at = (seconds) => new Date(Date.UTC(2026, 10, 28, 2, 0, seconds)).toISOString();
const ms = (seconds) => Date.parse(at(seconds));
const rung = (who, due, more = {}) => ({ who, after_s: due, due_at: at(due), fired_at: null, hole: false, ...more });

function ladder(fired = 0, more = {}) {
  const rungs = [rung("duty", 0), rung("duty+chief", 60), rung("head", 180)];
  const told = rungs.map((one, place) => (place < fired ? { ...one, fired_at: one.due_at } : one));
  return { rung: fired, next_at: rungs[fired]?.due_at ?? null, held: false, paused: null, rungs: told, ...more };
}
const person = (level, more = {}) => ({
  name: "Yuni",
  role: "duty",
  level,
  at: at(9),
  channel: "whatsapp",
  uncertain: false,
  ...more,
});
function sent(people = [], more = {}) {
  const reach = people.length ? { level: people[0].level, at: at(9), channel: null, people } : null;
  const empty = { acknowledged_at: null, declined_at: null, cancelled_at: null, ladder: ladder(1), reach };
  return {
    id: 1,
    agency: "DAMKAR",
    state: "sent",
    sent_at: at(0),
    clock_started_at: at(0),
    due_at: at(60),
    ...empty,
    ...more,
  };
}
const ticket = (...assignments) => ({ state: "dispatched", assignments });

test("each level fills one square more, and only an answer fills the fifth", () => {
  const squares = (level) => reachedOf(sent([person(level)]), SILENT).squares;
  const levels = ["queued", "accepted", "delivered", "read", "opened", "answered"];
  assert.deepEqual(levels.map(squares), [0, 1, 2, 3, 4, 5]);
  const accepted = sent([person("delivered")], { state: "acknowledged", acknowledged_at: at(20) });
  assert.deepEqual([reachedOf(accepted, SILENT).squares, reachedOf(accepted, SILENT).at], [5, at(20)]);
});

test("a channel that tells nothing is never taken for one that has arrived", () => {
  assert.equal(reachedOf(sent([person("accepted", { channel: "sms" })]), SILENT).kind, "unknown");
  assert.equal(reachedOf(sent([person("accepted")]), SILENT).kind, "level");
});

test("whoever stands above the agencies does not count as the agency", () => {
  const sekda = person("read", { role: "leader" });
  assert.equal(reachedOf(sent([sekda], { ladder: ladder(3) }), SILENT).kind, "hole");
  assert.equal(reachedOf(sent([sekda, person("accepted")]), SILENT).squares, 1);
});

test("before the first rung nobody is missing yet", () => {
  assert.equal(reachedOf(sent([], { ladder: ladder(0) }), SILENT).kind, "waiting");
  assert.equal(isUnreached(sent([], { ladder: ladder(0) })), false);
});

test("what may have gone out twice says so until somebody answers", () => {
  const twice = [person("accepted", { uncertain: true })];
  assert.equal(reachedOf(sent(twice), SILENT).twice, true);
  assert.equal(reachedOf(sent(twice, { state: "acknowledged", acknowledged_at: at(9) }), SILENT).twice, false);
});

test("the button is for the next thing a hand could do", () => {
  const act = (assignment) => actOf(ticket(assignment), assignment);
  assert.equal(act(sent([person("failed")])), "call");
  assert.equal(act(sent([person("read")])), "acknowledge");
  assert.equal(act(sent([], { state: "en_route", acknowledged_at: at(3) })), "on-scene");
  assert.equal(act(sent([], { state: "declined", declined_at: at(5) })), "hand-over");
  assert.equal(act(sent([], { state: "cleared", acknowledged_at: at(3) })), null);
  const failed = sent([person("failed")]);
  assert.equal(actOf({ ...ticket(failed), state: "closed" }, failed), null);
});

test("a declined task is done with once somebody else was sent", () => {
  const declined = sent([], { state: "declined", declined_at: at(5) });
  assert.equal(actOf(ticket(declined, sent([person("read")], { id: 2, sent_at: at(9) })), declined), null);
});

test("nobody goes when all have declined or were called off", () => {
  const declined = sent([], { state: "declined" });
  assert.equal(allDeclined(ticket(declined, sent([], { state: "cancelled" }))), true);
  assert.equal(allDeclined(ticket(declined, sent([], { state: "cleared" }))), false);
  assert.equal(allDeclined(ticket(sent([], { state: "cancelled" }))), false);
});

test("two rungs are named, the first with the time that holds now", () => {
  const delayed = sent([], { ladder: ladder(1, { next_at: at(90) }) });
  assert.deepEqual(nextRungs(delayed), [
    { who: "duty+chief", at: at(90) },
    { who: "head", at: at(180) },
  ]);
  assert.deepEqual(nextRungs(sent([], { ladder: ladder(3) })), []);
});

test("a paused clock stands until its pause is over", () => {
  const paused = sent([], { ladder: ladder(1, { paused: { reason: "x", since: at(30), until: at(90), by_id: 1 } }) });
  assert.deepEqual([clockOf(paused, ms(80)), clockOf(paused, ms(95))], ["paused", "late"]);
  assert.equal(pauseOf(paused, ms(95)), null);
});

test("a ladder is at its end when its clock is over and everybody was told", () => {
  const end = sent([person("read")], { ladder: ladder(3) });
  assert.deepEqual([isExhausted(end, ms(61)), isExhausted(end, ms(10))], [true, false]);
  assert.equal(isExhausted(sent([person("read")]), ms(61)), false);
});

test("whom nobody has reached is first, what is in good hands is last", () => {
  const one = (id, people, more) => sent(people, { id, ...more });
  const accepted = one(1, [], { state: "en_route", acknowledged_at: at(9), due_at: at(900) });
  const waiting = one(2, [person("read")]);
  const unreached = one(3, [person("failed")]);
  const late = one(4, [person("read")], { due_at: at(5) });
  const declined = one(5, [], { state: "declined", declined_at: at(50) });
  const order = worstFirst(ticket(accepted, waiting, declined, late, unreached), ms(10));
  assert.deepEqual(
    order.map(({ id }) => id),
    [3, 4, 5, 2, 1],
  );
  assert.deepEqual(
    keepOrder(order, [1, 2]).map(({ id }) => id),
    [1, 2, 3, 4, 5],
  );
});
