// The page of flagged numbers: a supervisor sees the evidence and decides. What happens elsewhere arrives over the live
// feed; a reason that is being typed stays where it is.

import { ApiError, get, post } from "../core/api.js";
import { everySecond, observeServerTime } from "../core/clocks.js";
import { all, clone, data, fill, find, keyed, one, setIcon, setText } from "../core/dom.js";
import { gateWords } from "../core/gate-words.js";
import { CLASSIFICATIONS, t } from "../core/i18n.js";
import { connectLive } from "../core/live.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { watchSession } from "../core/session.js";
import { keepTicking } from "../core/ticking.js";
import { age, moment, timeOfDay } from "../core/time.js";

const AT_LEAST_EVERY_MS = 30000; // counts move with the window, and blocks end, without an event
/**
 * @typedef {import("../payloads.d.ts").NumberFlag} Flag
 * @typedef {import("../payloads.d.ts").NumberFlagWithCalls} FlagWithCalls
 */

/** @type {Partial<Record<Flag["state"], string>>} */
const STATES = {
  withdrawn: t("ditarik, iseng dibatalkan"),
  approved: t("disetujui"),
  rejected: t("ditolak supervisor"),
  lifted: t("blokir dicabut"),
  expired: t("blokir selesai"),
};

let flags = data("flags");
let fetchedAt = performance.now();
let fetching = false;
let again = false;

/** @param {Flag} flag */
const kindWords = (flag) =>
  flag.kind === "block"
    ? t("Blokir {hours} jam", { hours: flags.policy.block_hours })
    : t("Blokir total (kementerian)");

/** @param {Flag} flag */
function countWords(flag) {
  const words = t("Panggilan iseng dalam {days} hari: {n}, batasnya {limit}.", {
    n: flag.count,
    days: flags.policy.window_days,
    limit: flag.limit,
  });
  return flag.count_now === flag.count ? words : `${words} ${t("Sekarang {n}.", { n: flag.count_now })}`;
}

/**
 * @param {HTMLElement} node
 * @param {FlagWithCalls} flag
 */
function head(node, flag) {
  fill(node, {
    number: phoneNumber(flag.number),
    carrier: flag.carrier ?? t("operator tidak dikenal"),
    kind: kindWords(flag),
    count: countWords(flag),
    genuine: t("Awas: panggilan sah dari nomor ini dalam {days} hari: {n}.", {
      n: flag.genuine,
      days: flags.policy.window_days,
    }),
    evidence: t("Bukti, panggilan terbaru ({n})", { n: flag.calls.length }),
    approve:
      flag.kind === "block"
        ? t("Blokir {hours} jam", { hours: flags.policy.block_hours })
        : t("Usulkan ke kementerian"),
  });
  one('[data-part="genuine"]', node).hidden = !flag.genuine;
  undone(node, flag);
  keyed(one('[data-part="calls"]', node), flag.calls, {
    key: (call) => call.ticket + call.at,
    make: () => clone("flag-call"),
    update: (row, call) => {
      const what =
        CLASSIFICATIONS[call.classification ?? ""] ??
        (call.state === "abandoned" ? t("tidak terjawab") : t("belum dipilah"));
      const cells = {
        at: moment(call.at),
        ticket: call.ticket,
        what: [call.classification || !call.gate ? what : null, gateWords(call)].filter(Boolean).join(" · "),
        operator: call.operator ?? "–",
        counted: call.counted ? (call.classification === "prank" ? t("ya") : t("iseng dibatalkan")) : "–",
      };
      for (const [name, text] of Object.entries(cells)) setText(one(`[data-field="${name}"]`, row), text);
    },
  });
}

/**
 * @param {HTMLElement} node
 * @param {Flag} flag
 */
function undone(node, flag) {
  one('[data-part="undone"]', node).hidden = !flag.undone;
  fill(node, { undone: t("Bukti yang bukan iseng lagi: {n}. Lihat ulang keputusan ini.", { n: flag.undone }) });
}

/** @param {Flag} flag */
function decidedWords(flag) {
  const by = t("{state} {when} oleh {name}", {
    state: STATES[flag.state] ?? flag.state,
    when: moment(flag.lifted_at ?? flag.decided_at ?? flag.proposed_at),
    name: (flag.lifted_at ? flag.lifted_by : flag.decided_by) ?? t("sistem"),
  });
  const reason = flag.lifted_at ? flag.lift_reason : flag.reason;
  return reason ? `${by}: “${reason}”` : by;
}

/**
 * @template {Flag} T
 * @param {string} id
 * @param {T[]} items
 * @param {string} template
 * @param {(node: HTMLElement, flag: T) => void} update
 */
function list(id, items, template, update) {
  one(`#${id}-empty`).hidden = items.length > 0;
  const count = find(`#${id}-count`);
  if (count) setText(count, items.length ? String(items.length) : "");
  keyed(one(`#${id}`), items, { key: (flag) => flag.id, make: () => clone(template), update });
}

function draw() {
  const { policy } = flags;
  const rule = t(
    "Lebih dari {limit} panggilan iseng dalam {days} hari: diusulkan blokir {hours} jam. Lebih dari {ministry}: diusulkan ke kementerian untuk blokir total.",
    {
      limit: policy.limit,
      days: policy.window_days,
      hours: policy.block_hours,
      ministry: policy.ministry_limit,
    },
  );
  const effect = policy.enforce
    ? t("Nomor yang diblokir tetap dapat menelepon: gerbang meminta tekan 1 bila darurat, lalu masuk antrean.")
    : t("Kota belum menjalankan gerbang: keputusan dicatat, semua panggilan tetap masuk antrean seperti biasa.");
  setText(one("#rule"), `${rule} ${effect}`);
  list("proposed", flags.proposed, "flag-proposed", head);
  list("blocks", flags.blocks, "flag-block", (node, flag) => {
    head(node, flag);
    const until = flag.expires_at && t("sampai {time}", { time: moment(flag.expires_at) });
    fill(node, { until, decided: decidedWords(flag) });
  });
  /**
   * @param {HTMLElement} node
   * @param {Flag} flag
   */
  const brief = (node, flag) => {
    fill(node, { number: phoneNumber(flag.number), state: kindWords(flag), decided: decidedWords(flag) });
    undone(node, flag);
  };
  list("ministry", flags.ministry, "flag-brief", brief);
  list("decided", flags.decided, "flag-brief", brief);
  one("#ministry-file").hidden = flags.ministry.length === 0;
}

/** @param {number} now */
function tick(now) {
  for (const flag of flags.blocks) {
    const node = find(`#blocks > [data-key="${flag.id}"]`);
    if (!node || !flag.expires_at) continue;
    const left = (Date.parse(flag.expires_at) - now) / 1000;
    fill(node, { left: left > 0 ? t("sisa {time}", { time: age(left) }) : t("sudah berakhir") });
    if (left <= 0) refresh();
  }
  if (performance.now() - fetchedAt >= AT_LEAST_EVERY_MS) refresh();
}

async function refresh() {
  again = fetching;
  if (fetching) return;
  fetching = true;
  fetchedAt = performance.now();
  try {
    flags = await get("/api/v1/number-flags");
    observeServerTime(flags.at);
    one("#stale").hidden = true;
    draw();
  } catch (problem) {
    console.warn("the flagged numbers could not be fetched:", String(problem));
    sayStale();
  }
  fetching = false;
  if (again) refresh();
}

function sayStale() {
  const words = t("Data di bawah adalah keadaan pukul {time}.", { time: timeOfDay(flags.at, { seconds: true }) });
  setText(
    one("#stale-words"),
    signedOut
      ? `${t("Sesi Anda berakhir.")} ${t("Masuk lagi di tab baru; yang Anda ketik tetap di sini.")} ${words}`
      : words,
  );
  one("#stale").hidden = false;
}

/**
 * @param {HTMLFormElement} form
 * @param {string | undefined} action what the button decides; a block from a ticket is a form of its own
 */
async function decide(form, action) {
  const ticket = find('input[name="ticket"]', form);
  const box = one('input[name="reason"]', form);
  const problem = one(".flag-problem", form);
  /** @param {string | null} words */
  const say = (words) => {
    fill(problem, { problem: words });
    problem.hidden = !words;
  };
  const reason = box.value.trim();
  say(null);
  if (ticket && !ticket.value.trim()) {
    say(t("Tulis nomor tiket iseng yang menjadi bukti."));
    ticket.focus();
    return;
  }
  if (!reason) {
    say(t("Tulis alasan lebih dulu; alasan disimpan bersama keputusan."));
    box.focus();
    return;
  }
  const buttons = all("button", form);
  for (const button of buttons) button.disabled = true;
  try {
    if (ticket) {
      await post(`/api/v1/tickets/${encodeURIComponent(ticket.value.trim())}/block-number`, { reason });
      form.reset();
    } else {
      const id = form.closest("li")?.dataset.key;
      if (action === "lift") await post(`/api/v1/number-flags/${id}/lift`, { reason });
      else if (action === "approve" || action === "reject")
        await post(`/api/v1/number-flags/${id}/decide`, { decision: action, reason });
    }
    setText(one("#said"), t("Keputusan tersimpan."));
  } catch (refused) {
    say(refused instanceof ApiError ? refused.message : t("Tidak tersambung, belum tersimpan. Coba lagi."));
  }
  for (const button of buttons) button.disabled = false;
  refresh();
}

document.addEventListener("submit", (event) => {
  const form = event.target instanceof HTMLFormElement && event.target.closest("form.flag-form");
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  const button = event.submitter ?? one('button[type="submit"]', form);
  decide(form, button.dataset.action);
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest('.flag-form button[data-action="reject"]');
  if (button instanceof HTMLButtonElement && button.form) decide(button.form, "reject");
});

/** @type {Record<string, [icon: string, words: string]>} */
const SIGNS = { connected: ["wifi", t("Terhubung")], disconnected: ["wifi-off", t("Tidak tersambung")] };

let signedOut = false;
const live = connectLive({
  after: data("newest"),
  epoch: data("epoch"),
  pageOf: data("person"),
  deliver: (events) => {
    if (
      events.some(
        (event) =>
          event.kind.startsWith("number.") ||
          ["ticket.classified", "ticket.reopened", "call.registered"].includes(event.kind),
      )
    )
      refresh();
  },
  takeSnapshot: refresh,
  onRestored: () => setText(one("#said"), t("Data server dipulihkan ke keadaan sebelumnya.")),
  onStatus: ({ state }) => {
    const sign = one(".link-sign");
    const [name, words] = SIGNS[state] ?? ["refresh-cw", t("Menyambung kembali")];
    sign.dataset.look = state;
    setIcon(one("svg", sign), name);
    setText(one('[data-part="link-words"]', sign), words);
    if (state === "connected") refresh();
  },
});
watchSession({
  person: data("person"),
  onOver: () => {
    signedOut = true;
    sayStale();
  },
  onBack: () => {
    signedOut = false;
    live.retry();
    refresh();
  },
});
keepTicking(
  () => {},
  () => live.wake(),
);

observeServerTime(flags.at);
draw();
everySecond(tick);
