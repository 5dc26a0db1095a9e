// Which key does what: the keys as they come, those that this user has put in their place, and the map of them all (F1,
// ?).
import { ApiError, post } from "../core/api.js";
import { all, around, clone, fill, find, one, setAttribute, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** @typedef {Record<string, string>} Bindings keys by command */
/**
 * @typedef {object} KeyRow a row of the map: what a command's key does, or keys that nobody can change
 * @property {string} words
 * @property {string} [command]
 * @property {string[]} [keys]
 * @property {string[]} [also] further keys of the command
 * @property {boolean} [follows] its keys are those of the nuisance keys
 */

/** @type {Record<string, string>} */
const NAMES = { " ": t("Spasi"), ArrowUp: "↑", ArrowDown: "↓" };

/**
 * The commands whose key can be changed: the server has the same list and says which keys may be used.
 * @type {Bindings}
 */
const DEFAULTS = {
  take: "Enter",
  "take-longest": "Shift+Enter",
  prank: "F2",
  ghost: "F3",
  information: "F4",
  wrong_number: "F8",
  dropped: "F9",
  send: "Ctrl+Enter",
  undo: "Ctrl+Z",
  join: "Ctrl+G",
  location: "Ctrl+;",
  search: "/",
  commands: "Ctrl+K",
  help: "F1",
};

/** @type {() => {title: string, rows: KeyRow[]}[]} */
const GROUPS = () => [
  {
    title: t("Di mana saja"),
    rows: [
      { command: "take-longest", words: t("Ambil panggilan yang menunggu paling lama") },
      { command: "search", words: t("Cari tiket, nomor, tempat") },
      { command: "commands", words: t("Semua perintah") },
      { keys: ["M"], words: t("Di peta: koordinat titik ini, jadikan lokasi, tambah patokan") },
      { command: "help", also: ["?"], words: t("Peta tombol ini; ? bila tidak sedang mengetik") },
    ],
  },
  {
    title: t("Layar tunggu"),
    rows: [
      { command: "take", words: t("Ambil panggilan yang dipilih") },
      { keys: ["↑", "↓"], words: t("Pilih baris") },
      { keys: ["1", "–", "9"], words: t("Tindakan bernomor") },
      {
        keys: ["F2", "–", "F9"],
        words: t("Pilah panggilan yang dipilih tanpa menjawab; dua kali bila nomornya belum pernah iseng"),
        follows: true,
      },
    ],
  },
  {
    title: t("Bukan keadaan darurat"),
    rows: [
      { command: "prank", words: t("Iseng (prank)") },
      { command: "ghost", words: t("Senyap (ghost): periksa dulu, lalu sekali lagi") },
      { command: "information", words: t("Informasi") },
      { command: "wrong_number", words: t("Salah sambung") },
      { command: "dropped", words: t("Terputus") },
      { command: "undo", words: t("Batalkan dalam 10 detik") },
      { keys: ["Enter"], words: t("Sesudah itu: panggilan berikutnya") },
    ],
  },
  {
    title: t("Dalam panggilan"),
    rows: [
      { keys: [t("huruf")], words: t("Masuk ke baris ketik selama tidak ada daftar yang dipilih") },
      { command: "send", words: t("Kirim ke instansi yang dicentang") },
      { command: "join", words: t("Gabungkan penelepon ini ke tiket serupa") },
      { command: "location", words: t("Minta lokasi penelepon") },
      { keys: ["Tab"], words: t("Bagian berikut: jenis, lokasi, instansi, kartu tanya, kirim") },
      { keys: ["1", "–", "9"], words: t("Pilih baris bernomor di bagian yang aktif") },
      { keys: [t("Spasi")], words: t("Centang instansi") },
      { keys: ["Esc"], words: t("Kembali ke baris ketik; tulisan tidak pernah hilang") },
    ],
  },
  {
    title: t("Sudah dikirim"),
    rows: [
      { keys: ["Tab"], words: t("Dari baris ketik ke daftar yang sudah dikirim") },
      { keys: ["1", "–", "9"], words: t("Tombol baris: telepon, tandai diterima, menuju, tiba") },
      { keys: ["S"], words: t("Serahkan ke instansi lain") },
      { keys: ["→"], words: t("Tangga lengkap, semua pesan, jeda tenggat") },
      { keys: ["↑", "↓"], words: t("Instansi lain") },
    ],
  },
  {
    title: t("Kartu tanya"),
    rows: [
      { keys: ["Shift", "Tab"], words: t("Dari baris ketik ke kartu tanya") },
      { keys: ["Y", t("T")], words: t("Ya, tidak") },
      { keys: ["-"], words: t("Lewati") },
      { keys: ["0", "–", "9"], words: t("Jumlah, atau pilihan bernomor") },
      { keys: ["↑", "↓"], words: t("Pertanyaan lain") },
    ],
  },
];

/** @param {string} binding */
const capsOf = (binding) => binding.split("+").map((part) => NAMES[part] ?? part);

const RANGE = "–"; // from this key to that one
/** @param {string} cap */
const capNode = (cap) =>
  Object.assign(document.createElement(cap === RANGE ? "span" : "kbd"), {
    textContent: cap,
    className: cap === RANGE ? "" : "key",
  });

/**
 * How a keydown is written: Ctrl+Shift+F2, Enter, /.
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "shiftKey">} event
 */
export function bindingOf(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  // The sign that Shift makes of a key is its name already: "?" and not "Shift+?".
  const shift = event.shiftKey && event.key.length > 1;
  return [event.ctrlKey && "Ctrl", shift && "Shift", key].filter(Boolean).join("+");
}

export class KeyMap {
  /** @param {Bindings} [own] this user's */
  constructor(own = {}) {
    this.own = own;
    this.dialog = one("dialog#help");
    this.room = one(".key-map", this.dialog);
    /** @type {string | null} the command whose new key is waited for */
    this.waiting = null;
    this.room.addEventListener("click", (event) => {
      const command = around(event, "[data-change]")?.dataset.change;
      if (command) this.#ask(command);
    });
    // Before anything else: the pressed key is to be learnt, not obeyed.
    document.addEventListener("keydown", (event) => this.#learn(event), { capture: true });
    this.dialog.addEventListener("close", () => this.#ask(null));
    one('[data-action="reset-keys"]', this.dialog).addEventListener("click", () => this.#save({}));
    this.#draw();
  }

  /** @returns {Bindings} */
  get keys() {
    return { ...DEFAULTS, ...this.own };
  }

  /**
   * The command of a key, or null.
   * @param {KeyboardEvent} event
   */
  commandOf(event) {
    const pressed = bindingOf(event);
    return Object.entries(this.keys).find(([, key]) => key === pressed)?.[0] ?? null;
  }

  show() {
    this.#draw();
    if (!this.dialog.open) this.dialog.showModal();
    one(".dialog-title .icon-button", this.dialog).focus();
  }

  /** @param {string | null} command */
  #ask(command) {
    this.waiting = command;
    this.#say(command ? t("Tekan tombol yang baru; Esc membatalkan.") : null);
    this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #learn(event) {
    if (!this.waiting || ["Control", "Shift", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const command = this.waiting;
    if (event.key === "Escape") return this.#ask(null);
    const { [command]: _before, ...own } = this.own;
    const key = bindingOf(event);
    this.#save(key === DEFAULTS[command] ? own : { ...own, [command]: key });
    return undefined;
  }

  /** @param {Bindings} own */
  async #save(own) {
    this.waiting = null;
    try {
      ({ keys: this.own } = await post("/api/v1/keys", { keys: own }));
      this.#say(null);
    } catch (problem) {
      const taken = problem instanceof ApiError && problem.details.problem === "taken";
      this.#say(
        !(problem instanceof ApiError)
          ? t("Server tidak terjangkau.")
          : taken
            ? t("Tombol itu sudah dipakai perintah lain. Pilih yang lain.")
            : t("Tombol itu dipakai peramban atau untuk mengetik. Pilih F1–F9, dengan atau tanpa Ctrl atau Shift."),
      );
    }
    this.#draw();
  }

  /** @param {string | null} words */
  #say(words) {
    const line = one(".dialog-problem", this.dialog);
    line.hidden = !words;
    setText(line, words ?? "");
  }

  #draw() {
    const { keys } = this;
    const focused = find("[data-change]:focus")?.dataset.change;
    this.room.replaceChildren(
      ...GROUPS().map(({ title, rows }) => {
        const group = clone("key-group");
        fill(group, { title });
        one("dl", group).append(...rows.map((row) => this.#row(row, keys)));
        return group;
      }),
    );
    one('[data-action="reset-keys"]', this.dialog).hidden = Object.keys(this.own).length === 0;
    if (focused) find(`[data-change="${focused}"]`, this.room)?.focus();
    // Wherever else a key is shown.
    for (const key of all("[data-cap-of]")) setText(key, capsOf(keys[key.dataset.capOf ?? ""]).join(" "));
    for (const hint of all("[data-caps-of]")) {
      const [first, last] = (hint.dataset.capsOf ?? "").split(" ");
      const caps = [...capsOf(keys[first]), ...(last ? [RANGE, ...capsOf(keys[last])] : [])];
      hint.replaceChildren(...caps.map(capNode), one(":scope > :last-child", hint));
    }
    for (const button of all("[data-classify]")) {
      const key = keys[button.dataset.classify ?? ""];
      setAttribute(button, "aria-keyshortcuts", key);
      setText(one("kbd", button), key);
    }
    const send = all('.work-send [data-action="send"] .key');
    const caps = capsOf(keys.send);
    for (const [place, cap] of send.entries())
      setText(cap, place === send.length - 1 ? caps.slice(place).join(" ") : (caps[place] ?? ""));
  }

  /**
   * @param {KeyRow} row
   * @param {Bindings} keys
   */
  #row({ command, keys: fixed = [], also = [], words, follows }, keys) {
    const row = clone("key-row");
    const caps = command ? capsOf(keys[command]) : follows ? [keys.prank, RANGE, keys.dropped] : fixed;
    one("dt", row).append(...[...(this.waiting && this.waiting === command ? ["…"] : caps), ...also].map(capNode));
    fill(row, { words });
    setAttribute(row, "data-waiting", (this.waiting && this.waiting === command) || null);
    const change = one(".key-change", row);
    change.hidden = !command;
    if (command) {
      change.dataset.change = command;
      setAttribute(change, "aria-label", t("Ubah tombol: {words}", { words }));
      setAttribute(change, "title", t("Ubah tombol: {words}", { words }));
    }
    return row;
  }
}
