// What waits since the database was brought back from a backup: by ticket whom its ladders told as far as is known, who
// would be next, and what was not sent yet. A supervisor lets it go on from now, or ends it; nothing goes on by itself.

import { ApiError, get, post } from "../core/api.js";
import { everySecond } from "../core/clocks.js";
import { all, clone, data, fill, find, keyed, one, setIcon, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { channelName, whoOnLadder } from "../core/ladder-words.js";
import { connectLive } from "../core/live.js";
import { watchSession } from "../core/session.js";
import { keepTicking } from "../core/ticking.js";
import { moment } from "../core/time.js";

/**
 * @typedef {import("../payloads.d.ts").HeldTicket} HeldTicket
 * @typedef {import("../payloads.d.ts").OpenLadder} OpenLadder
 */

const AT_LEAST_EVERY_MS = 30000; // what an agency does ends its ladder without a word about what was held

/** @type {Record<string, () => string>} */
const CLOCKS = {
  answer: () => t("Panggilan belum dijawab"),
  callback: () => t("Telepon balik"),
  first_dispatch: () => t("Belum dikirim ke instansi"),
  acknowledge: () => t("Belum diterima"),
  move: () => t("Belum berangkat"),
  arrive: () => t("Belum tiba"),
  clear: () => t("Belum selesai"),
  verify: () => t("Belum diverifikasi"),
  instruction: () => t("Tindak lanjut pimpinan"),
};

let held = data("held");
let fetchedAt = performance.now();
let fetching = false;

/** @param {OpenLadder} ladder */
function ladderWords(ladder) {
  const told = ladder.rungs.filter((rung) => rung.fired_at);
  /** @param {OpenLadder["rungs"][number]} rung */
  const nobody = (rung) => (rung.hole ? `, ${t("tidak terjangkau")}` : "");
  const clock = CLOCKS[ladder.clock]?.() ?? ladder.clock;
  return {
    clock: `${clock}${ladder.agency ? `, ${ladder.agency}` : ""}: ${t("batas {time}", { time: moment(ladder.due_at) })}`,
    told: told.length
      ? t("Tingkat yang sudah berjalan sebelum cadangan: {who}", {
          who: told
            .map((rung) => `${whoOnLadder(rung.who)} ${moment(rung.fired_at ?? rung.due_at)}${nobody(rung)}`)
            .join("; "),
        })
      : t("Belum ada yang diberi tahu sebelum cadangan."),
    next: ladder.next_who
      ? t("Berikutnya: {who}, direncanakan {time}", {
          who: whoOnLadder(ladder.next_who),
          time: moment(ladder.next_at ?? ladder.due_at),
        })
      : t("Tidak ada tingkat berikutnya."),
  };
}

/**
 * @param {HTMLElement} node
 * @param {HeldTicket} ticket
 */
function showTicket(node, ticket) {
  fill(node, {
    ticket: ticket.ticket_number,
    opened: t("dibuka {time}", { time: moment(ticket.opened_at) }),
    priority: ticket.priority ?? t("tanpa prioritas"),
    messages: ticket.messages.length
      ? t("Pesan tertahan: {list}", {
          list: ticket.messages
            .map(({ role, name, channel }) => `${name ?? whoOnLadder(role)} (${channelName(channel)})`)
            .join(", "),
        })
      : null,
  });
  const send = find('[data-part="send"]', node)?.closest("label");
  if (send instanceof HTMLElement) send.hidden = !ticket.messages.length;
  keyed(one('[data-part="ladders"]', node), ticket.ladders, {
    key: ({ id }) => id,
    make: () => clone("held-ladder"),
    update: (line, ladder) => fill(line, ladderWords(ladder)),
  });
}

function draw() {
  const at = held.restored_at;
  setText(
    one("#rule"),
    at
      ? t("Basis data dipulihkan {time}. Yang direncanakan sebelumnya tidak dikirim lagi dengan sendirinya.", {
          time: moment(at),
        })
      : t("Basis data ini tidak pernah dipulihkan dari cadangan."),
  );
  setText(one("#held-count"), String(held.items.length));
  one("#held-empty").hidden = held.items.length > 0;
  keyed(one("#held"), held.items, {
    key: ({ ticket_number: number }) => number,
    make: () => clone("held-ticket"),
    update: showTicket,
  });
  one("#loose").hidden = !held.loose_messages.length;
  setText(one("#loose-count"), String(held.loose_messages.length));
}

async function refresh() {
  if (fetching) return;
  fetching = true;
  fetchedAt = performance.now();
  try {
    held = await get("/api/v1/held");
    one("#stale").hidden = true;
    draw();
  } catch (problem) {
    console.warn("what is held could not be fetched:", String(problem));
    sayStale();
  }
  fetching = false;
}

let signedOut = false;
function sayStale() {
  const words = signedOut ? t("Sesi Anda berakhir.") : t("Tidak tersambung.");
  setText(one("#stale-words"), words);
  one("#stale").hidden = false;
}

/**
 * Carry a decision out; what the server says against it stands beside the buttons.
 * @param {HTMLElement} place
 * @param {() => Promise<unknown>} act
 */
async function decide(place, act) {
  const problem = find(".flag-problem", place);
  const buttons = all("button", place);
  for (const button of buttons) button.disabled = true;
  /** @type {string | null} */
  let words = null;
  try {
    await act();
    setText(one("#said"), t("Keputusan tersimpan."));
  } catch (refused) {
    words = refused instanceof ApiError ? refused.message : t("Tidak tersambung, belum tersimpan. Coba lagi.");
  }
  if (problem instanceof HTMLElement) {
    fill(problem, { problem: words });
    problem.hidden = !words;
  }
  for (const button of buttons) button.disabled = false;
  refresh();
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("button[data-action]");
  if (!(button instanceof HTMLButtonElement)) return;
  const { action } = button.dataset;
  if (action === "drop-loose") decide(one("#loose"), () => post("/api/v1/held/drop-messages"));
  const place = button.closest("#held > li");
  if (!(place instanceof HTMLElement)) return;
  const number = place.dataset.key ?? "";
  const send = find('input[data-part="send"]', place);
  if (action === "release")
    decide(place, () =>
      post(`/api/v1/tickets/${number}/release-held`, {
        send_messages: send instanceof HTMLInputElement && send.checked,
      }),
    );
  if (action === "drop") decide(place, () => post(`/api/v1/tickets/${number}/drop-held`));
});

/** @type {Record<string, [icon: string, words: string]>} */
const SIGNS = { connected: ["wifi", t("Terhubung")], disconnected: ["wifi-off", t("Tidak tersambung")] };
const live = connectLive({
  after: data("newest"),
  epoch: data("epoch"),
  pageOf: data("person"),
  deliver: (events) => {
    if (events.some(({ kind }) => kind.startsWith("ladder") || kind.startsWith("assignment."))) refresh();
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
draw();
everySecond(() => {
  if (performance.now() - fetchedAt > AT_LEAST_EVERY_MS) refresh();
});
