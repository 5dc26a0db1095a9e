// How a pressed key is written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingOf } from "../../app/static/js/console/keymap.js";

const pressed = (key, more = {}) => bindingOf({ key, ctrlKey: false, shiftKey: false, ...more });

test("keys are written with what is held down beside them", () => {
  assert.equal(pressed("F2"), "F2");
  assert.equal(pressed("Enter", { shiftKey: true }), "Shift+Enter");
  assert.equal(pressed("F2", { ctrlKey: true, shiftKey: true }), "Ctrl+Shift+F2");
});

test("letters are the same in both cases, and a sign that Shift makes is its own name", () => {
  assert.equal(pressed("k", { ctrlKey: true }), "Ctrl+K");
  assert.equal(pressed("K", { ctrlKey: true, shiftKey: true }), "Ctrl+K");
  assert.equal(pressed("?", { shiftKey: true }), "?");
});
