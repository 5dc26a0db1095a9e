// What the big button does for the open ticket, and what is written when it is pressed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf, nextStep } from "../../app/static/js/console/next-step.js";

const TICKET = {
  number: "261128-001",
  state: "claimed",
  words: "api di pasar",
  type: { code: "kebakaran" },
  priority: "P2",
  owner: { id: 2, name: "Rizki" },
  duplicate_of: null,
  assignments: [],
};
const NOTHING = { typeCode: "kebakaran", priorityByHand: null, proposedPriority: "P2", place: null };
const PLACE = { key: "k", kind: "kelurahan", name: "Cipare", kelurahan_code: "1001", lat: null, lon: null };

function step(ticket, more = {}) {
  return nextStep({
    ticket: { ...TICKET, ...ticket },
    mine: true,
    allowed: [],
    waits: false,
    busy: false,
    words: "api di pasar",
    ticked: 0,
    changed: false,
    warning: null,
    ...more,
  });
}
const commands = (words, chosen, ticket = TICKET) =>
  changesOf(ticket, words, { ...NOTHING, ...chosen }).map(({ command }) => command);

test("while something waits for the link or for an answer, nothing can be pressed", () => {
  assert.equal(step({}, { waits: true, busy: true }).kind, "none");
  assert.equal(step({}, { busy: true }).kind, "busy");
});

test("a ticket of nobody is taken, a colleague's is looked at or taken over", () => {
  assert.equal(step({ owner: null, state: "new" }, { mine: false, allowed: ["claim"] }).kind, "claim");
  assert.equal(step({}, { mine: false }).kind, "none");
  assert.equal(step({}, { mine: false, allowed: ["take-over"] }).kind, "take-over");
});

test("mine is sent, then its changes are kept alone, then it is verified", () => {
  const sent = { state: "dispatched", assignments: [{ state: "sent" }] };
  assert.deepEqual([step({}).kind, step({}, { ticked: 2 }).words], ["send", "Kirim ke 2 instansi"]);
  assert.equal(step(sent).kind, "none");
  assert.equal(step(sent, { changed: true }).words, "Simpan perubahan");
  assert.equal(step(sent, { ticked: 1 }).words, "Kirim ke 1 lagi");
  assert.equal(step({ ...sent, state: "verify" }).kind, "close");
  assert.equal(step({ state: "closed" }).kind, "reopen");
});

test("whom no message would reach never stops a dispatch; the button says who is to be telephoned", () => {
  const { kind, words, note } = step({}, { ticked: 5, toCall: ["PLN"] });
  assert.deepEqual([kind, words], ["send", "Kirim ke 5, telepon PLN"]);
  assert.match(note, /PLN tidak akan menerima pesan/);
  assert.equal(step({}, { ticked: 5, toCall: ["PLN", "DLH"] }).words, "Kirim ke 5, telepon PLN +1");
});

test("when every agency has declined, the ticket is to be sent again", () => {
  const declined = { state: "claimed", assignments: [{ state: "declined" }] };
  assert.equal(step(declined).kind, "send");
  assert.equal(step(declined, { ticked: 1 }).words, "Kirim ke 1 instansi");
});

test("of an attached ticket only what its caller adds is sent", () => {
  const attached = { duplicate_of: "261128-000", state: "closed" };
  assert.equal(step(attached, { allowed: ["words"] }).kind, "none");
  assert.equal(step(attached, { allowed: ["words"], words: "asap tebal" }).kind, "words");
  assert.equal(step(attached, { words: "asap tebal" }).kind, "none");
});

test("only what the ticket does not have yet is written", () => {
  assert.deepEqual(commands("api di pasar", {}), []);
  assert.deepEqual(commands("api besar", {}), ["classify"]);
  assert.deepEqual(commands("", {}), []);
  assert.deepEqual(commands("", { typeCode: "banjir" }), ["classify"]);
  assert.deepEqual(commands("", { priorityByHand: "P1" }), ["classify"]);
  assert.deepEqual(commands("", { priorityByHand: "P2", proposedPriority: "P3" }), []);
  assert.deepEqual(commands("", { proposedPriority: "P1" }), ["classify"]);
  assert.deepEqual(commands("", { place: PLACE }), ["locate"]);
  assert.deepEqual(commands("", { place: { ...PLACE, saved: true } }), []);
});
