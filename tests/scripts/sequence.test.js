// Events of the live feed: in order, none twice, none missing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Sequence } from "../../app/static/js/core/sequence.js";

const event = (seq, prev = seq - 1) => ({ seq, prev });

/** A sequence that stands at `after`; `journal` is what the server has, `later` collects what is put off. */
function feed({ after = 10, journal = [], snapshotAt = null } = {}) {
  const seen = [];
  const put = [];
  const asked = [];
  const sequence = new Sequence({
    after,
    deliver: (events) => seen.push(...events.map(({ seq }) => seq)),
    async resume(since) {
      asked.push(since);
      if (snapshotAt !== null) return { reset: true, items: [], newest: snapshotAt };
      return { items: journal.filter(({ seq }) => seq > since), newest: journal.at(-1)?.seq ?? since };
    },
    takeSnapshot: async () => snapshotAt,
    later: (_ms, back) => put.push(back),
  });
  return { sequence, seen, put, asked };
}

test("events that follow each other are delivered as they come", () => {
  const { sequence, seen, asked } = feed();
  sequence.receive(event(11));
  sequence.receive(event(13, 11)); // 12 is not for this audience
  assert.deepEqual(seen, [11, 13]);
  assert.deepEqual(asked, []);
});

test("an event that comes twice is delivered once", () => {
  const { sequence, seen } = feed();
  sequence.receive(event(11));
  sequence.receive(event(11));
  assert.deepEqual(seen, [11]);
});

test("what is missing is fetched and delivered before what came after it", async () => {
  const { sequence, seen, asked } = feed({ journal: [event(11), event(12), event(13)] });
  sequence.receive(event(13));
  assert.deepEqual(seen, []);
  await new Promise(setImmediate);
  assert.deepEqual(asked, [10]);
  assert.deepEqual(seen, [11, 12, 13]);
  assert.equal(sequence.catching, false);
});

test("events that come while it catches up wait their turn", async () => {
  const { sequence, seen } = feed({ journal: [event(11), event(12)] });
  const caughtUp = sequence.catchUp();
  sequence.receive(event(13));
  assert.deepEqual(seen, []);
  await caughtUp;
  assert.deepEqual(seen, [11, 12, 13]);
});

test("a heartbeat that stays ahead has the missing ones fetched, one that is caught up with does not", async () => {
  const { sequence, seen, put, asked } = feed({ journal: [event(11)] });
  sequence.hear(11, () => true);
  assert.equal(sequence.missed, 1);
  await put[0]();
  assert.deepEqual(seen, [11]);
  await put[0]();
  assert.deepEqual(asked, [10]);
});

test("a server that was restored counts on from an older number", async () => {
  const { sequence, seen } = feed({ after: 500, snapshotAt: 40 });
  await sequence.catchUp();
  assert.equal(sequence.last, 40);
  sequence.receive(event(41));
  assert.deepEqual(seen, [41]);
});

test("a fetch that fails loses nothing: the gap is asked for again", async (context) => {
  context.mock.method(console, "warn", () => {});
  const { sequence, seen, put } = feed({ journal: [event(11), event(12)] });
  const answer = sequence.resume;
  sequence.resume = () => Promise.reject(new Error("no answer"));
  await sequence.catchUp([event(12)]);
  assert.deepEqual(seen, []);
  sequence.resume = answer;
  await put[0]();
  assert.deepEqual(seen, [11, 12]);
});

/** A sequence in epoch "a"; `server` is the database as it is now. */
function inEpochs(server) {
  const seen = [];
  const restored = [];
  const sequence = new Sequence({
    after: 100,
    epoch: "a",
    deliver: (events) => seen.push(...events.map(({ seq }) => seq)),
    async resume(since, epoch) {
      const reset = since > server.newest || (epoch !== null && epoch !== server.epoch);
      return { items: [], newest: server.newest, reset, epoch: server.epoch };
    },
    takeSnapshot: async () => server.newest,
    later: () => {},
    onRestored: (epoch) => restored.push(epoch),
  });
  return { sequence, seen, restored };
}

test("a heartbeat of another epoch has the page start afresh once, also where the numbers have gone on past its own", async () => {
  const { sequence, seen, restored } = inEpochs({ epoch: "b", newest: 140 });
  sequence.hear(140, () => true, "b");
  sequence.receive(event(101)); // still of the other past
  await new Promise(setImmediate);
  assert.deepEqual([sequence.last, sequence.epoch, restored], [140, "b", ["b"]]);
  sequence.hear(140, () => true, "b");
  await new Promise(setImmediate);
  sequence.receive(event(141));
  assert.deepEqual([seen, restored.length], [[141], 1]);
});

test("what was held of the other past does not push the number beyond the restored journal's", async () => {
  const { sequence, seen } = inEpochs({ epoch: "b", newest: 40 });
  const caughtUp = sequence.catchUp([event(105)]);
  await caughtUp;
  assert.equal(sequence.last, 40);
  sequence.receive(event(41));
  assert.deepEqual(seen, [41]);
});

test("an epoch that was not known is taken as it comes, and a long replay in the same one is no restore", async () => {
  const { sequence, restored } = inEpochs({ epoch: "a", newest: 100 });
  sequence.epoch = null;
  sequence.hear(100, () => true, "a");
  assert.equal(sequence.epoch, "a");
  sequence.resume = async () => ({ items: [], newest: 9000, reset: true, epoch: "a" });
  await sequence.catchUp();
  assert.deepEqual(restored, []);
});
