// What is loud about a ticket: nobody goes, nobody has heard of it, its clock is over; one thing for each agency.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isHeardAlways, loudOf } from "../../app/static/js/console/loud.js";
import { exceptions, Store } from "../../app/static/js/console/store.js";

const ME = { id: 1, name: "Dewi", role: "call_taker", seat: "1" };
const at = (seconds) => new Date(Date.UTC(2026, 10, 28, 2, 0, seconds)).toISOString();
const ms = (seconds) => Date.parse(at(seconds));
const told = (level) => ({
  level,
  at: at(5),
  channel: null,
  people: [{ notice_id: 1, name: null, role: "duty", level, at: at(5), channel: null, uncertain: false }],
});
const agency = (code, more) => ({
  id: code.length,
  agency: code,
  state: "sent",
  sent_at: at(0),
  acknowledged_at: null,
  declined_at: null,
  clock_started_at: at(0),
  due_at: at(60),
  ladder: null,
  reach: told("read"),
  ...more,
});
const declined = (code) => agency(code, { state: "declined", declined_at: at(20), due_at: null });
const ticket = (...assignments) => ({
  number: "261128-001",
  state: "dispatched",
  owner: null,
  opened_at: at(0),
  calls: [],
  clocks: [],
  priority: "P3",
  assignments,
});
const kinds = (one, now = 10) => loudOf(one, ms(now)).map(({ kind, assignments }) => [kind, assignments.length]);

test("when all have declined, nobody goes, and that is the one thing that is said", () => {
  const one = { ...ticket(declined("PLN"), declined("BPBD")), state: "claimed", owner: { id: 1 } };
  assert.deepEqual(kinds(one), [["nobody", 2]]);
  const store = new Store({ me: ME, newest: 1, tickets: [one] });
  assert.deepEqual(
    exceptions(store, ms(30)).map(({ kind }) => kind),
    ["nobody"],
  );
});

test("whom no message reaches is loud before any clock is over, and not twice afterwards", () => {
  const one = ticket(agency("PLN", { reach: told("failed") }), agency("DAMKAR"));
  assert.deepEqual(kinds(one), [["unreached", 1]]);
  assert.deepEqual(kinds(one, 61), [
    ["unreached", 1],
    ["late", 1],
  ]);
});

test("one that declined while others go is no alarm", () => {
  assert.deepEqual(kinds(ticket(declined("PLN"), agency("DAMKAR"))), []);
});

test("a closed ticket is silent", () => {
  assert.deepEqual(kinds({ ...ticket(declined("PLN")), state: "closed" }), []);
});

test("what is late is heard whatever its priority once everybody above was told", () => {
  const rungs = [{ who: "duty", due_at: at(0), fired_at: at(0) }];
  const [late] = loudOf(ticket(agency("PLN", { ladder: { rung: 1, next_at: null, paused: null, rungs } })), ms(61));
  const [waiting] = loudOf(ticket(agency("PLN")), ms(61));
  assert.deepEqual([isHeardAlways(late, ms(61)), isHeardAlways(waiting, ms(61))], [true, false]);
});
