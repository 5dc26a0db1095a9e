// Commands: one at a time, what waits for the server, what is said of a refusal; and undoing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Commands } from "../../app/static/js/console/commands.js";
import { Undo } from "../../app/static/js/console/undo.js";
import { ApiError, Unreachable } from "../../app/static/js/core/api.js";

const ANSWER = { changed: true, seq: 7, ticket: { number: "261128-001" } };

/** Commands whose queue answers with what `send` returns; `said` are the keys of what the toasts say. */
function commands(send) {
  const put = [];
  const said = [];
  const sent = [];
  const queue = {
    send: async (path, body) => {
      sent.push([path, body]);
      return send(path);
    },
    holds: () => false,
  };
  const toasts = { show: ({ key }) => said.push(key), dismiss: (key) => said.push(`-${key}`) };
  const store = { put: (ticket) => put.push(ticket) };
  return { given: new Commands({ store, queue, toasts, onChange: () => {} }), toasts, put, said, sent };
}

test("while one is on its way no other is given", async () => {
  let answer;
  const { given, sent } = commands(() => new Promise((resolve) => (answer = resolve)));
  const first = given.give("/api/v1/tickets/1/release", {});
  assert.equal(await given.give("/api/v1/tickets/2/release", {}), false);
  answer(ANSWER);
  assert.equal(await first, true);
  assert.equal(sent.length, 1);
  assert.equal(given.busy, false);
});

test("an answer is kept, and what waits for the server is said", async () => {
  const arrived = commands(() => ANSWER);
  await arrived.given.give("/api/v1/tickets/1/release", {});
  assert.deepEqual([arrived.put, arrived.said], [[ANSWER.ticket], []]);
  const waits = commands(() => null);
  assert.equal(await waits.given.give("/api/v1/tickets/1/release", {}), true);
  assert.deepEqual([waits.put, waits.said], [[], ["queued"]]);
});

test("a refusal is said and not thrown; a mistake of ours is thrown", async () => {
  for (const problem of [new ApiError(409), new Unreachable()]) {
    const { given, said } = commands(() => Promise.reject(problem));
    assert.equal(await given.give("/api/v1/tickets/1/release", {}), false);
    assert.deepEqual(said, ["refused"]);
  }
  const { given } = commands(() => Promise.reject(new TypeError("ours")));
  await assert.rejects(given.give("/api/v1/tickets/1/release", {}), TypeError);
  assert.equal(given.busy, false);
});

test("answers of the question card go out in their order, whatever the first becomes", async () => {
  const { given, sent } = commands((path) => (path.includes("/1/") ? Promise.reject(new ApiError(500)) : ANSWER));
  given.answer("1", { card: "c", question: "q", value: "yes" });
  await given.answer("2", { card: "c", question: "q", value: "no" });
  assert.deepEqual(
    sent.map(([path]) => path),
    ["/api/v1/tickets/1/answer", "/api/v1/tickets/2/answer"],
  );
});

test("what was done last can be undone for its time, by its own command", async () => {
  const { given, toasts, sent } = commands(() => ANSWER);
  const opened = [];
  const undo = new Undo({ seconds: 10, commands: given, toasts, onOpened: (number) => opened.push(number) });
  undo.offer({ number: "1", what: "prank", command: "reopen" });
  undo.offer({ number: "2", what: "attach", command: "detach" });
  assert.deepEqual([undo.of("1"), undo.of("2").what], [null, "attach"]);
  await undo.run();
  assert.deepEqual([sent, opened], [[["/api/v1/tickets/2/detach", {}]], ["2"]]);
  assert.equal(undo.possible, false);
});

test("after its time nothing is undone", async () => {
  const { given, toasts, sent } = commands(() => ANSWER);
  const undo = new Undo({ seconds: 10, commands: given, toasts, onOpened: () => {} });
  undo.offer({ number: "1", what: "ghost", command: "reopen", from: performance.now() - 10_001 });
  await undo.run();
  assert.deepEqual(sent, []);
  undo.expire();
  assert.equal(undo.of("1"), null);
});
