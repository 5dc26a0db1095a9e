// Ctrl+K, every command that can be given now; and "/", the search among the tickets that are known here.
import { all, one } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { show } from "./dialog.js";
import { Picker } from "./keys.js";
import { NUISANCE } from "./nuisance.js";
import { lastCall } from "./store.js";

/**
 * @typedef {import("./types.d.ts").Nuisance} Nuisance
 * @typedef {import("./keys.js").PickerItem & {run: () => unknown}} Command
 *
 * @typedef {object} Does what the commands do; landmarks: its list opens
 * @property {import("./work.js").Work} work
 * @property {import("./sending.js").Sending} sending
 * @property {import("./incidents.js").Incidents} incidents
 * @property {ReturnType<typeof import("./card-pickers.js").setUpCardPickers>} pickers
 * @property {(kind: Nuisance) => unknown} classify
 * @property {() => unknown} openClosing
 * @property {() => unknown} openSearch
 * @property {() => unknown} openSettings
 * @property {() => unknown} openHelp
 * @property {() => unknown} openLandmarks
 * @property {() => unknown} takeSelected
 * @property {() => unknown} takeLongest
 * @property {() => unknown} askLocation
 * @property {() => unknown} release
 * @property {() => unknown} leave
 */

/**
 * Every command that can be given now. Returns open().
 * @param {Does} does
 */
export function setUpPalette(does) {
  const dialog = one("dialog#palette");
  const picker = new Picker("palette-picker", {
    items: () => [...(does.work.number ? ofTicket(does) : ofWaiting(does)), ...always(does)],
    onPick: (command) => {
      dialog.close();
      command.run();
    },
  });
  return () => {
    show(dialog);
    picker.open();
  };
}

/**
 * @param {Does} does
 * @returns {Command[]}
 */
const ofWaiting = (does) => [{ id: "take", title: t("Ambil panggilan"), cap: "Enter", run: does.takeSelected }];

/**
 * While a ticket is open.
 * @param {Does} does
 * @returns {Command[]}
 */
function ofTicket({ work, sending, incidents, pickers, ...does }) {
  const { next } = sending;
  const { best } = incidents;
  /** @type {Command[]} */
  const commands = [];
  if (next && next.kind !== "none" && next.kind !== "busy")
    commands.push({
      id: "send",
      title: one('[data-field="send-words"]').textContent,
      cap: "Ctrl Enter",
      run: () => sending.advance(),
    });
  if (best)
    commands.push({
      id: "join",
      title: t("Gabungkan ke tiket {short}", { short: best.short }),
      cap: "Ctrl G",
      run: () => incidents.join(),
    });
  if (work.allows("detach"))
    commands.push({ id: "detach", title: t("Pisahkan dari tiket yang digabung"), run: () => incidents.detach() });
  commands.push(
    { id: "type", title: t("Cari jenis kejadian"), run: () => pickers.type.open() },
    { id: "place", title: t("Cari kelurahan atau tempat"), run: () => pickers.place.open() },
    { id: "agency", title: t("Tambah instansi"), run: () => pickers.agency.open() },
    ...nuisanceKeys(does.classify),
  );
  if (work.allows("request-location"))
    commands.push({ id: "ask-location", title: t("Minta lokasi penelepon"), cap: "Ctrl ;", run: does.askLocation });
  if (work.allows("close")) commands.push({ id: "close", title: t("Tutup tiket"), run: does.openClosing });
  if (work.mine && work.allows("release"))
    commands.push({ id: "release", title: t("Kembalikan tiket"), run: does.release });
  commands.push({ id: "leave", title: t("Kembali ke daftar"), run: does.leave });
  return commands;
}

/**
 * The nuisance keys that can be pressed now; each is pressed as a hand would.
 * @param {(kind: Nuisance) => unknown} classify
 * @returns {Command[]}
 */
function nuisanceKeys(classify) {
  return NUISANCE.flatMap((kind) =>
    all(`button[data-classify="${kind}"]`)
      .filter((key) => !key.disabled)
      .map((key) => ({
        id: kind,
        title: one("span", key).textContent,
        cap: one("kbd", key).textContent,
        run: () => classify(kind),
      })),
  );
}

/**
 * @param {Does} does
 * @returns {Command[]}
 */
const always = (does) => [
  { id: "longest", title: t("Ambil yang menunggu paling lama"), cap: "Shift Enter", run: does.takeLongest },
  { id: "search", title: t("Cari tiket, nomor, tempat"), cap: "/", run: does.openSearch },
  { id: "settings", title: t("Suara dan meja"), run: does.openSettings },
  { id: "landmarks", title: t("Daftar patokan"), run: does.openLandmarks },
  { id: "theme", title: t("Terang atau gelap"), run: () => one('[data-action="theme"]').click() },
  { id: "help", title: t("Peta tombol"), cap: "F1", run: does.openHelp },
];

/**
 * "/": open tickets and waiting calls by number, telephone number, type or place. Returns open().
 * @param {import("./store.js").Store} store
 * @param {(ticketNumber: string) => void} onOpen
 */
export function setUpSearch(store, onOpen) {
  const dialog = one("dialog#search");
  const picker = new Picker("search-picker", {
    items: () => [...store.tickets.values(), ...store.closed.values()].map(searchItem),
    onPick: (item) => {
      dialog.close();
      onOpen(item.id);
    },
  });
  return () => {
    show(dialog);
    picker.open();
  };
}

/** @param {import("../payloads.d.ts").Ticket} ticket */
function searchItem(ticket) {
  const numbers = [ticket, ...(ticket.joined ?? [])]
    .flatMap((caller) => caller.calls)
    .map((call) => `${call.number ?? ""} ${phoneNumber(call.number)} ${(call.number ?? "").replace(/^\+?62/, "0")}`)
    .join(" ");
  const title = ticket.type ? named(ticket.type) : phoneNumber(lastCall(ticket)?.number);
  return {
    id: ticket.number,
    title: `${ticket.short} ${title}`,
    under: [ticket.place?.text, ticket.place?.kelurahan, ticket.owner?.name].filter(Boolean).join(" · "),
    priority: ticket.priority,
    words: `${ticket.number} ${numbers} ${ticket.words ?? ""} ${ticket.place?.kecamatan ?? ""}`,
  };
}
