// Where the words that were understood are underlined.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inUtf16 } from "../../app/static/js/console/entry.js";

test("the server counts an emoji as one character, the browser as two units", () => {
  const [span] = inUtf16([{ start: 2, end: 5, kind: "place" }], "🔥 api");
  assert.deepEqual(span, { start: 3, end: 6, kind: "place" });
});

test("where spans overlap, danger wins over place and place over type, whichever comes first", () => {
  const words = "pasar lama";
  const spans = [
    { start: 0, end: 10, kind: "place" },
    { start: 0, end: 5, kind: "type" },
    { start: 6, end: 10, kind: "danger" },
  ];
  const parts = [
    { start: 0, end: 6, kind: "place" },
    { start: 6, end: 10, kind: "danger" },
  ];
  assert.deepEqual(inUtf16(spans, words), parts);
  assert.deepEqual(inUtf16(spans.reverse(), words), parts);
});
