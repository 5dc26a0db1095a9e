// Who would be told: asked once for what is seen, after the last change, and given up when nobody looks any more.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Previews } from "../../app/static/js/console/previews.js";

const FIRE = { priority: "P1", kelurahan: "36.73.01.1007" };

function previews({ answer = async ({ agencies }) => agencies.map((agency) => ({ agency })) } = {}) {
  const clock = { ms: 0 };
  const asked = [];
  let drawn = 0;
  const made = new Previews({
    ask: (question, signal) => {
      asked.push({ question, signal });
      return answer(question, signal);
    },
    onChange: () => {
      drawn += 1;
    },
    now: () => clock.ms,
  });
  return { made, asked, clock, drawn: () => drawn };
}
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

test("while things change nothing is asked; afterwards once, and not again while the answer is good", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { made, asked, clock, drawn } = previews();
  made.want(["DAMKAR"], FIRE);
  mock.timers.tick(200);
  made.want(["DAMKAR", "PLN"], FIRE);
  made.want(["DAMKAR", "PLN"], FIRE);
  mock.timers.tick(250);
  await settle();
  assert.deepEqual(
    asked.map(({ question }) => question.agencies),
    [["DAMKAR", "PLN"]],
  );
  assert.equal(made.get("PLN", FIRE).agency, "PLN");
  assert.equal(made.get("PLN", { ...FIRE, priority: "P2" }), null);
  assert.equal(drawn(), 1);
  made.want(["DAMKAR", "PLN"], FIRE);
  mock.timers.tick(1000);
  assert.equal(asked.length, 1);
  clock.ms = 61_000;
  made.want(["DAMKAR"], FIRE);
  mock.timers.tick(250);
  assert.equal(asked.length, 2);
  mock.timers.reset();
});

test("an answer to what is seen no more is not waited for", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { made, asked } = previews({ answer: () => new Promise(() => {}) });
  made.want(["DAMKAR"], FIRE);
  mock.timers.tick(250);
  made.want(["PLN"], FIRE);
  assert.equal(asked[0].signal.aborted, true);
  made.stop();
  mock.timers.tick(250);
  assert.equal(asked.length, 1);
  mock.timers.reset();
});

test("what could not be read is said, and asked again a little later", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { made, asked, clock } = previews({ answer: () => Promise.reject(new Error("no")) });
  const warn = mock.method(console, "warn", () => {});
  made.want(["DAMKAR"], FIRE);
  mock.timers.tick(250);
  await settle();
  assert.equal(made.get("DAMKAR", FIRE), "failed");
  made.want(["DAMKAR"], FIRE);
  mock.timers.tick(250);
  assert.equal(asked.length, 1);
  clock.ms = 15_001;
  made.want(["DAMKAR"], FIRE);
  mock.timers.tick(250);
  assert.equal(asked.length, 2);
  warn.mock.restore();
  mock.timers.reset();
});
