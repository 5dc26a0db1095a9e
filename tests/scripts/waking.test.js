// How it stands with waking a telephone, and what a message becomes as a notification.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assignmentOf, calledBy, readPush } from "../../app/static/js/agency/pushed.js";
import { isOfKey, keyBytes, standing } from "../../app/static/js/agency/waking.js";

const GOOD = {
  key: "BA",
  secure: true,
  able: true,
  apple: false,
  installed: false,
  permission: "granted",
  wanted: true,
  known: "on",
  busy: false,
};
const RECEIPT = "/hooks/push/abc.def";

test("what stands in the way is named, the first thing first", () => {
  const cases = [
    [{}, "on"],
    [{ key: "", able: false }, "unconfigured"],
    [{ secure: false, able: false }, "insecure"],
    [{ able: false, apple: true }, "install"],
    [{ able: false, apple: true, installed: true }, "unable"],
    [{ able: false }, "unable"],
    [{ permission: "denied", busy: true }, "denied"],
    [{ busy: true }, "busy"],
    [{ wanted: false }, "off"],
    [{ wanted: false, permission: "default" }, "off"],
    [{ permission: "default" }, "broken"],
    [{ known: "broken" }, "broken"],
    [{ known: "unsure" }, "unsure"],
    [{ known: null }, "busy"],
  ];
  for (const [change, expected] of cases)
    assert.equal(standing({ ...GOOD, ...change }), expected, JSON.stringify(change));
});

test("a subscription of another key is known by its bytes", () => {
  const key = keyBytes("BAEC_-8");
  assert.deepEqual([...key], [4, 1, 2, 255, 239]);
  assert.equal(isOfKey(key.buffer, key), true);
  assert.equal(isOfKey(Uint8Array.of(4, 1, 2, 255).buffer, key), false);
  assert.equal(isOfKey(Uint8Array.of(4, 1, 2, 255, 238).buffer, key), false);
  assert.equal(isOfKey(null, key), true);
});

test("a message is shown as it says", () => {
  const { title, options } = readPush(
    JSON.stringify({
      web_push: 8030,
      notification: {
        title: "TUGAS 112 nomor 047",
        body: "P1",
        navigate: "https://112.example.go.id/t/abc?x=1",
        tag: "n7-047",
        requireInteraction: true,
      },
      page: "/agency/7",
      receipt: RECEIPT,
    }),
  );
  assert.equal(title, "TUGAS 112 nomor 047");
  assert.equal(options.body, "P1");
  assert.equal(options.tag, "n7-047");
  assert.equal(options.renotify, true);
  assert.equal(options.requireInteraction, true);
  assert.deepEqual(options.data, { page: "/agency/7", link: "/t/abc?x=1", receipt: RECEIPT });
});

test("whatever comes is shown, and leads nowhere but to ourselves", () => {
  for (const text of [undefined, "", "{", "null", "[]", "7", '"x"', '{"notification": 7}', '{"notification": null}']) {
    const { title, options } = readPush(text);
    assert.ok(title.length && options.body.length && options.tag.length, String(text));
    assert.deepEqual(options.data, { page: "/" }, String(text));
  }
  for (const elsewhere of [
    "javascript:alert(1)",
    "data:text/html,x",
    "https://evil.example//evil.example/x",
    "http://[",
  ]) {
    const { data } = readPush(
      JSON.stringify({ notification: { title: "x", navigate: elsewhere }, page: elsewhere }),
    ).options;
    assert.deepEqual(data, { page: "/" }, elsewhere);
  }
  for (const receipt of ["https://evil.example/hooks/push/x", "/hooks/push/../../sign-out", "/hooks/push/a/b", 7])
    assert.equal(readPush(JSON.stringify({ receipt })).options.data.receipt, undefined, String(receipt));
});

test("what the browser has read already is shown where the text cannot be", () => {
  assert.equal(readPush("{", { title: "TUGAS 112", body: "P1", tag: "n7-047" }).title, "TUGAS 112");
});

test("an open page of the same kind is brought to the front", () => {
  const at = (path) => `https://112.example.go.id${path}`;
  assert.equal(calledBy(at("/agency"), "/agency/7"), true);
  assert.equal(calledBy(at("/agency/3"), "/agency/7"), true);
  assert.equal(calledBy(at("/roster"), "/agency/7"), false);
  assert.equal(calledBy(at("/board"), "/"), true);
  assert.equal(calledBy(at("/sign-in"), "/"), false);
});

test("a notification's task is known by its tag", () => {
  assert.equal(assignmentOf("n7-047"), 7);
  assert.equal(assignmentOf("n0-12"), 0);
  assert.equal(assignmentOf("siaga"), 0);
});
