// What is typed is kept in the browser at once and on the server a moment later.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Drafts } from "../../app/static/js/console/drafts.js";

const NUMBER = "261128-001";
let kept;
let sent;
let answer;

/** As much of a browser as drafts touch: storage, the network, and timers that go on when a test says so. */
beforeEach(() => {
  kept = new Map();
  sent = [];
  answer = () => Response.json({ version: sent.length });
  globalThis.localStorage = {
    setItem: (key, value) => kept.set(key, JSON.parse(value)),
    removeItem: (key) => kept.delete(key),
  };
  globalThis.window = {};
  globalThis.document = { querySelector: () => null };
  globalThis.addEventListener = () => {};
  globalThis.fetch = async (path, { body }) => {
    sent.push({ path, ...JSON.parse(body) });
    return answer();
  };
});

function drafts(context) {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  return new Drafts({ owner: 7 });
}

test("what is typed is in the browser at once and reaches the server after a pause, as one row", async (context) => {
  const mine = drafts(context);
  mine.put(NUMBER, { words: "kebakaran", choices: {} });
  mine.put(NUMBER, { words: "kebakaran pasar", choices: {} });
  assert.equal([...kept.values()][0].words, "kebakaran pasar");
  assert.deepEqual(sent, []);
  context.mock.timers.tick(600);
  await mine.flush();
  assert.deepEqual(sent, [
    { path: `/api/v1/tickets/${NUMBER}/draft`, words: "kebakaran pasar", choices: {}, version: 0 },
  ]);
  assert.equal(mine.get(NUMBER).dirty, false);
});

test("what the server could not take stays, and is sent again", async (context) => {
  const mine = drafts(context);
  answer = () => Promise.reject(new TypeError("no network"));
  mine.put(NUMBER, { words: "kebakaran", choices: {} });
  await mine.flush();
  assert.equal(mine.get(NUMBER).dirty, true);
  answer = () => Response.json({ version: 1 });
  await mine.flush();
  assert.equal(mine.get(NUMBER).dirty, false);
});

test("what was typed here wins over what the server has, until it has arrived there", async (context) => {
  const mine = drafts(context);
  mine.put(NUMBER, { words: "di sini", choices: {} });
  const there = { words: "di server", choices: {}, version: 9, saved_at: "2026-11-28T02:00:00Z" };
  assert.equal(mine.meet(NUMBER, there).words, "di sini");
  await mine.flush();
  assert.equal(mine.meet(NUMBER, there).words, "di server");
});

test("a ticket that has the words leaves nothing in the browser", async (context) => {
  const mine = drafts(context);
  mine.put(NUMBER, { words: "kebakaran", choices: {} });
  await mine.flush();
  mine.forget(NUMBER);
  await mine.saving;
  assert.equal(kept.size, 0);
  assert.equal(sent.at(-1).words, "");
});
