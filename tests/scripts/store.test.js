// What the console knows: events leave the same tickets as a new snapshot, and lists put first what cannot wait.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exceptions, Store, sortedLists } from "../../app/static/js/console/store.js";

const ME = { id: 1, name: "Dewi", role: "call_taker", seat: "1" };
const at = (seconds) => new Date(Date.UTC(2026, 10, 28, 2, 0, seconds)).toISOString();
const ms = (seconds) => Date.parse(at(seconds));
const call = (more) => ({ id: 1, state: "ringing", received_at: at(0), treatment: "normal", ...more });

function ticket(number, more = {}) {
  const empty = { state: "new", owner: null, calls: [], assignments: [], clocks: [], priority: null };
  return { number: `261128-${number}`, opened_at: at(0), ...empty, ...more };
}

const agency = (code, more) => ({ agency: code, state: "sent", sent_at: at(0), clock_started_at: at(0), ...more });
const store = (tickets, me = ME) => new Store({ me, newest: 1, tickets }, { stale_talk_s: 1200 });
const numbers = (tickets) => tickets.map(({ number }) => number.split("-")[1]);

test("applying events leaves the same tickets as taking a new snapshot", () => {
  const before = ticket("001", { calls: [call()] });
  const after = ticket("001", {
    state: "claimed",
    owner: ME,
    calls: [call({ state: "answered", answered_at: at(5) })],
  });
  const followed = store([before]);
  followed.apply([{ seq: 2, kind: "ticket.claimed", ticket: after }]);
  assert.deepEqual(followed.tickets, store([after]).tickets);
  assert.equal(followed.newest, 2);
});

test("a closed ticket leaves the lists and stays for the undo", () => {
  const known = store([ticket("001")]);
  known.put(ticket("001", { state: "closed" }));
  assert.equal(known.tickets.size, 0);
  assert.equal(known.get("261128-001").state, "closed");
});

test("the longest wait is first, and a call whose end was lost is last", () => {
  const lost = ticket("001", { calls: [call({ doubtful_at: at(20) })] });
  const longest = ticket("002", { calls: [call({ received_at: at(10) })] });
  const newest = ticket("003", { calls: [call({ received_at: at(25) })] });
  assert.deepEqual(numbers(sortedLists(store([newest, lost, longest]), ms(30)).ringing), ["002", "003", "001"]);
});

test("a clock that ran out comes before every priority", () => {
  const late = ticket("001", { state: "dispatched", priority: "P4", clocks: [{ started_at: at(0), due_at: at(30) }] });
  const gravest = ticket("002", { state: "dispatched", priority: "P1" });
  assert.deepEqual(numbers(sortedLists(store([gravest, late]), ms(31)).tickets), ["001", "002"]);
});

test("an agency that has not accepted in time is the first exception, before one that declined", () => {
  const owner = { id: 2 };
  const declined = ticket("001", {
    state: "dispatched",
    owner,
    assignments: [agency("PLN", { state: "declined", declined_at: at(9) }), agency("DLH")],
  });
  const silent = ticket("002", { state: "dispatched", owner, assignments: [agency("DAMKAR", { due_at: at(30) })] });
  const found = exceptions(store([declined, silent]), ms(31));
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ["late", "declined"],
  );
});

test("a declined agency that was sent the ticket again, or replaced, is no exception", () => {
  const replaced = ticket("001", {
    state: "dispatched",
    owner: { id: 2 },
    assignments: [agency("PLN", { state: "declined", declined_at: at(9) }), agency("BPBD", { sent_at: at(12) })],
  });
  assert.deepEqual(exceptions(store([replaced]), ms(31)), []);
});

test("only a supervisor is asked about a call that may have ended", () => {
  const lost = ticket("001", { calls: [call({ doubtful_at: at(20) })] });
  assert.deepEqual(exceptions(store([lost]), ms(30)), []);
  const [asked] = exceptions(store([lost], { ...ME, role: "supervisor" }), ms(30));
  assert.equal(asked.kind, "uncertain");
});
