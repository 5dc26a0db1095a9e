// Which call is next, and taking it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Waiting } from "../../app/static/js/console/waiting.js";

const RANG_AT = "2026-11-28T02:00:00Z";
const call = (more) => ({ id: 1, state: "ringing", received_at: RANG_AT, doubtful_at: null, ...more });
const ticket = (number, more = {}) => ({ number, state: "new", owner: null, calls: [call()], ...more });
const TALKING = ticket("003", {
  state: "claimed",
  owner: { id: 1 },
  calls: [call({ state: "answered", answered_at: RANG_AT, answered_by: { id: 1 } })],
});

/** Ringing calls, and who is in my handset; `taken` is what was asked for. */
function waiting(ringing, others = []) {
  const known = new Map([...ringing, ...others].map((one) => [one.number, one]));
  const taken = [];
  const shown = new Set();
  const toasts = {
    has: (key) => shown.has(key),
    dismiss: (key) => shown.delete(key),
    show: ({ key }) => shown.add(key),
  };
  const store = { tickets: known, closed: new Map(), policy: {}, me: { id: 1 } };
  const taking = { take: (number, how = {}) => taken.push([number, how.sure ?? false]) };
  return { calls: new Waiting({ store, taking, toasts, ringing }), taken };
}

test("the longest wait is next, unless the hand has chosen another", () => {
  const { calls } = waiting([ticket("001"), ticket("002")]);
  assert.deepEqual([calls.next.number, calls.nextIsLongest], ["001", true]);
  calls.select("002");
  assert.deepEqual([calls.next.number, calls.nextIsLongest], ["002", false]);
  calls.update([ticket("001")]);
  assert.equal(calls.next.number, "001");
});

test("a call that somebody has taken is not next", () => {
  const { calls, taken } = waiting([ticket("001", { owner: { id: 2 } })]);
  assert.equal(calls.next, null);
  calls.takeNext();
  assert.deepEqual(taken, []);
});

test("a call that has just slid in is not meant by a key", () => {
  const { calls } = waiting([]);
  calls.update([ticket("001")]);
  assert.equal(calls.steady, false);
});

test("with somebody in my handset a second press says that this call is over", () => {
  const { calls, taken } = waiting([ticket("001")], [TALKING]);
  calls.takeLongest();
  assert.deepEqual(taken, []);
  calls.takeLongest();
  assert.deepEqual(taken, [["001", true]]);
});
