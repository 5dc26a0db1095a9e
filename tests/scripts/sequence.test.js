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
