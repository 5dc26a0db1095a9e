// The centre while nobody is on the line: the next call, what needs the operator, the mix of calls.

import { secondsSince } from "../core/clocks.js";
import { clone, fill, keyed, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { atGate, ringsSince } from "../core/gate.js";
import { gateWords } from "../core/gate-words.js";
import { CLASSIFICATIONS, shortName, t } from "../core/i18n.js";
import { setBar, setClock, showPriority } from "../core/marks.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { age, length, timeOfDay } from "../core/time.js";
import { callbackNeed } from "./callback-words.js";
import { lastCall, ringingCall } from "./store.js";

/**
 * @typedef {import("../payloads.d.ts").KnownAgency} KnownAgency
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("../types.d.ts").Need} Need
 * @typedef {{title: string, where: string | null, alert: string | null, under: string | null, act: string}} NeedWords
 */

const MIX = ["genuine", "prank", "ghost", "information", "dropped", "wrong_number"];
const NEEDS_SHOWN = 30;

/** @type {WeakMap<HTMLElement, Need>} what each row of "Perlu tindakan Anda" shows now */
const needOf = new WeakMap();

/**
 * Draw the next-call panel: `ticket` is the selected ringing one or null, `longest` says that it waits longest.
 * @param {Ticket | null} ticket
 * @param {object} about
 * @param {boolean} about.longest
 * @param {import("../payloads.d.ts").KnownPolicy} about.policy
 * @param {import("./store.js").Store} about.store
 */
export function renderNext(ticket, { longest, policy, store }) {
  const panel = one("#next-call");
  const call = ticket && ringingCall(ticket);
  one('[data-action="take"]', panel).hidden = !call;
  one('[data-part="nuisance"]', panel).hidden = true;
  if (!call) {
    setAttribute(panel, "data-look", "none");
    setIcon(one(".next-head > .icon", panel), "check");
    const last = store.recent.find((event) => event.kind === "call.registered");
    const since = last ? t("Panggilan terakhir {time}.", { time: timeOfDay(last.at) }) : null;
    fill(panel, {
      title: t("Panggilan berikutnya"),
      why: null,
      number: t("Tidak ada panggilan menunggu."),
      carrier: since,
      target: null,
      note: t("Panggilan baru muncul dan berbunyi di sini."),
    });
    return;
  }
  const waited = atGate(call) ? 0 : secondsSince(ringsSince(call));
  const look = waited >= policy.answer_target_s ? "late" : waited >= policy.ring_near_s ? "near" : "running";
  setAttribute(panel, "data-look", look);
  setIcon(
    one(".next-head > .icon", panel),
    { late: "octagon-alert", near: "triangle-alert", running: "phone-incoming" }[look],
  );
  const timer = one('[data-part="timer"]', panel);
  if (atGate(call)) setClock(timer, { kind: "length", since: call.received_at });
  else
    setClock(timer, {
      kind: "wait",
      since: ringsSince(call),
      nearS: policy.ring_near_s,
      lateS: policy.answer_target_s,
    });
  setBar(one('[data-part="bar"]', panel), waited / policy.answer_target_s, look);
  const { nuisance } = call;
  fill(panel, {
    title: longest ? t("Panggilan berikutnya") : t("Panggilan dipilih"),
    why: longest ? t("menunggu paling lama") : null,
    number: phoneNumber(call.number),
    carrier: call.number
      ? (call.carrier ?? t("Operator seluler tidak dikenal"))
      : t("Mungkin tanpa kartu SIM. Tanpa riwayat, tanpa blokir."),
    target: t("target {time}", { time: length(policy.answer_target_s) }),
    "nuisance-word": t("Iseng"),
    nuisance: nuisance ? t("{n} dari {limit}", { n: nuisance.count, limit: nuisance.limit }) : null,
    note: gateWords(call) ?? (nuisance?.count ? t("Tetap dijawab.") : null),
  });
  one('[data-part="nuisance"]', panel).hidden = !nuisance;
}

/**
 * What a "needs you" row says and does, by kind.
 * @param {Need} need
 * @param {Map<string, KnownAgency>} agencies
 * @returns {NeedWords}
 */
function needWords(need, agencies) {
  if (need.kind === "callback") return { alert: null, ...callbackNeed(need.callback) };
  const { kind, ticket, assignments, clock } = need;
  const what = ticket.type ? shortName(ticket.type) : phoneNumber(lastCall(ticket)?.number);
  const title = `${ticket.short} ${what}`;
  const where = ticket.place ? `· ${[ticket.place.text, ticket.place.kelurahan].filter(Boolean).join(", ")}` : null;
  const agency = assignments.map((one) => one.agency).join(", ");
  const phones = assignments.flatMap((one) => agencies.get(one.agency) ?? []).filter((one) => one.phone);
  const call = phones.length
    ? t("Telepon {phones}", { phones: phones.map((one) => `${one.code} ${one.phone}`).join(", ") })
    : null;
  const over = clock ? age(secondsSince(clock.due_at)) : null;
  /** @type {Record<typeof kind, Partial<NeedWords> & {act: string}>} */
  const texts = {
    nobody: { alert: t("Semua menolak, belum ada yang berangkat."), under: agency, act: t("Pilih pengganti") },
    unreached: { alert: t("{agency} belum tahu: pesan tidak sampai.", { agency }), under: call, act: t("Buka tiket") },
    late: {
      alert: t("{agency} belum terima, lewat {time}.", { agency, time: over }),
      under: call,
      act: t("Buka tiket"),
    },
    declined: { alert: t("{agency} menolak.", { agency }), under: assignments[0]?.note, act: t("Pilih pengganti") },
    unowned: { under: t("Belum ada yang memegang."), act: t("Ambil tiket") },
    uncertain: { under: t("Panggilan tercatat belum selesai, tetapi mungkin sudah."), act: t("Akhiri panggilan") },
    unfinished: { under: t("Panggilan sudah selesai, tiket belum dikirim atau ditutup."), act: t("Lanjutkan") },
    slow: { alert: t("{agency} lewat batas {time}.", { agency, time: over }), under: call, act: t("Buka tiket") },
    verify: { under: t("Semua instansi selesai. Menunggu verifikasi pusat."), act: t("Verifikasi") },
  };
  return { title, where, alert: null, under: null, ...texts[kind] };
}

/**
 * Draw "Perlu tindakan Anda". Returns the shown items, for the keys 1 to 9.
 * @param {Need[]} items
 * @param {{agencies: Map<string, KnownAgency>, onAct: (need: Need) => void}} about
 */
export function renderNeeds(items, { agencies, onAct }) {
  const list = one("#needs");
  const shown = items.slice(0, NEEDS_SHOWN);
  keyed(
    list,
    shown.map((item, place) => ({ ...item, place })),
    {
      key: (item) => (item.kind === "callback" ? `callback-${item.callback.id}` : `${item.kind}-${item.ticket.number}`),
      make: () => {
        const node = clone("row-need");
        one('[data-part="act"]', node).addEventListener("click", () => {
          const item = needOf.get(node);
          if (item) onAct(item);
        });
        return node;
      },
      update: (node, item) => {
        needOf.set(node, item);
        const priority = item.kind === "callback" ? null : item.ticket.priority;
        const mark = one('[data-part="priority"]', node);
        showPriority(mark, priority);
        one(".need-mark > .icon", node).toggleAttribute("hidden", priority !== null);
        setIcon(one(".need-mark > .icon", node), item.kind === "callback" ? "phone-missed" : "phone");
        fill(node, { ...needWords(item, agencies), cap: item.place < 9 ? item.place + 1 : null });
        const chip = one('[data-part="timer"]', node);
        if (item.clock) setClock(chip, { kind: "due", started: item.clock.started_at ?? "", due: item.clock.due_at });
        else if (item.kind !== "callback")
          setClock(chip, { kind: "age", since: lastCall(item.ticket)?.ended_at ?? item.ticket.opened_at });
      },
    },
  );
  const section = one("section.needs");
  setText(one('[data-part="count"]', section), items.length ? String(items.length) : "");
  one(".list-empty", section).hidden = items.length > 0;
  return shown;
}

/**
 * The 24-hour mix of calls: a bar in parts, and the same in words.
 * @param {Record<string, number> | undefined} mix
 * @param {number | undefined} abandoned
 */
export function renderMix(mix, abandoned) {
  const parts = MIX.map((kind) => ({ kind, n: mix?.[kind] ?? 0, words: CLASSIFICATIONS[kind].toLowerCase() })).filter(
    ({ n, kind }) => n || kind === "genuine",
  );
  parts.push({ kind: "abandoned", n: abandoned ?? 0, words: t("tidak terjawab") });
  const total = parts.reduce((sum, { n }) => sum + n, 0);
  setText(one('.mix [data-part="count"]'), total ? String(total) : "");
  const bar = one("svg#mix-bar");
  const words = one("#mix-words");
  const signature = JSON.stringify(parts);
  if (bar.dataset.shown === signature) return;
  bar.dataset.shown = signature;
  let x = 0;
  bar.replaceChildren(
    ...parts.map(({ n }) => {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const width = total ? (1000 * n) / total : 0;
      for (const [name, value] of Object.entries({ x, y: 0, width, height: 20 }))
        rect.setAttribute(name, String(value));
      x += width;
      return rect;
    }),
  );
  words.replaceChildren(
    ...parts.map(({ n, words: text }) => {
      const item = document.createElement("li");
      const figure = document.createElement("b");
      figure.textContent = String(n);
      item.append(figure, ` ${text}`);
      return item;
    }),
  );
}
