// "Wake this phone": asks the browser, tells the centre, says how it stands, and tests it. Each page that is opened tells
// the centre again: subscriptions end without a word, and a telephone that was handed over rings for whoever has it now.
import { ApiError, messageOf, postForAgency } from "../core/api.js";
import { find, one, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { timeOfDay } from "../core/time.js";
import { isUnreachable } from "./outbox.js";
import { assignmentOf } from "./pushed.js";
import { say } from "./signal.js";
import { isOfKey, keyBytes, standing } from "./waking.js";

const WORKER = "/agency/worker.js";
const SCOPE = "/agency";
const WANTED = "siaga.wake"; // of this browser, not of a person: somebody has tapped here
const LATER = "siaga.wake.later"; // the day on which the offer was put off
const TEST_MS = 30000;

/** @typedef {import("./waking.js").Standing} Standing */

export class Wake {
  /**
   * isWaiting(id): whether a task still waits to be accepted.
   * @param {{isWaiting: (assignmentId: number) => boolean}} options
   */
  constructor({ isWaiting }) {
    this.isWaiting = isWaiting;
    this.key = document.body.dataset.pushKey ?? "";
    /** @type {"on" | "broken" | "unsure" | null} */
    this.known = null;
    this.busy = false;
    this.problem = "";
    this.listed = true; // ladders know this person
    /** @type {string | null} when the last message is known to have come */
    this.receiptAt = null;
    this.testing = 0;
    this.tested = "";
    this.able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
    this.section = find("#wake");
    for (const button of document.querySelectorAll('[data-wake="on"]'))
      button.addEventListener("click", () => this.turnOn());
    find('[data-wake="off"]')?.addEventListener("click", () => this.turnOff());
    find('[data-wake="test"]')?.addEventListener("click", () => this.test());
    find('[data-wake="later"]')?.addEventListener("click", () => {
      keep(LATER, new Date().toDateString());
      this.draw();
    });
    if (!this.able) return;
    navigator.serviceWorker.addEventListener("message", ({ data }) => this.#told(data ?? {}));
    document.addEventListener("visibilitychange", () => !document.hidden && this.tidy());
  }

  /** @returns {Standing} */
  get standing() {
    const { key, known, busy, able } = this;
    return standing({
      key,
      known,
      busy,
      able,
      secure: window.isSecureContext,
      apple: isApple(),
      installed: matchMedia("(display-mode: standalone)").matches,
      permission: able ? Notification.permission : "default",
      wanted: kept(WANTED) === "1",
    });
  }

  /** Tell the centre again, where somebody has asked for it here; without a tap no browser may be asked anything. */
  async resume() {
    const wanted = kept(WANTED) === "1" && this.able && this.key;
    if (wanted && Notification.permission === "granted") await this.#during(() => this.#subscribe());
    this.draw();
    await this.tidy();
  }

  /** The tap: ask the person, then the browser, then tell the centre. */
  async turnOn() {
    await this.#during(async () => {
      if ((await Notification.requestPermission()) !== "granted") {
        this.problem = Notification.permission === "denied" ? "" : t("Izin notifikasi belum diberikan.");
        return;
      }
      keep(WANTED, "1");
      await this.#subscribe();
    });
  }

  async turnOff() {
    await this.#during(async () => {
      const subscription = await (await registered())?.pushManager.getSubscription();
      keep(WANTED, null);
      this.tested = "";
      if (!subscription) return;
      await postForAgency("/api/v1/browsers/forget", { endpoint: subscription.endpoint }).catch((problem) =>
        console.warn("the centre does not know yet that this browser is off:", String(problem)),
      );
      await subscription.unsubscribe();
    });
  }

  /** Send a message to this browser alone; its worker says that it came. */
  async test() {
    const subscription = await (await registered())?.pushManager.getSubscription();
    if (!subscription) return this.resume();
    this.problem = "";
    this.tested = t("Uji dikirim. Menunggu notifikasi…");
    clearTimeout(this.testing);
    this.testing = window.setTimeout(() => this.#testOver(), TEST_MS);
    this.draw();
    try {
      await postForAgency("/api/v1/browsers/test", { endpoint: subscription.endpoint });
    } catch (problem) {
      clearTimeout(this.testing);
      this.tested = "";
      this.problem = messageOf(problem);
      this.draw();
    }
  }

  /** Nobody needs the notification of a task that was accepted meanwhile. */
  async tidy() {
    if (!this.able || document.hidden) return;
    const shown = await (await registered())?.getNotifications();
    for (const one of shown ?? []) {
      const id = assignmentOf(one.tag);
      if (id && !this.isWaiting(id)) one.close();
    }
  }

  draw() {
    const { section } = this;
    if (!section) return;
    const state = this.standing;
    section.dataset.state = state;
    section.dataset.listed = String(this.listed);
    setText(one('[data-part="wake-words"]', section), this.#words(state));
    const told = this.problem || this.tested;
    setText(one('[data-part="wake-told"]', section), told);
    one('[data-part="wake-told"]', section).hidden = !told;
    const on = one("button#wake-on");
    on.hidden = !["off", "broken", "busy"].includes(state) || (state === "busy" && kept(WANTED) === "1");
    on.disabled = state === "busy";
    setText(one("span", on), state === "broken" ? t("Sambungkan lagi") : t("Bangunkan ponsel ini"));
    for (const name of ["test", "off"]) one(`button[data-wake="${name}"]`, section).hidden = state !== "on";
    one("#wake-offer").hidden = !(state === "broken" || (state === "off" && !putOff()));
    one("#wake-offer").dataset.look = state === "broken" ? "amber" : "plain";
    one('[data-wake="later"]').hidden = state === "broken";
    setText(
      one("#wake-offer-words"),
      state === "broken"
        ? t("Ponsel ini tidak lagi dibangunkan. Ketuk untuk menyambungkan lagi.")
        : t("Bangunkan ponsel ini bila ada tugas, juga saat halaman ini tertutup."),
    );
  }

  /** @param {Standing} state */
  #words(state) {
    const unlisted = t(
      "Ponsel ini siap, tetapi nama Anda belum ada di Piket: tugas tidak dikirim ke sini. Minta ditambahkan di Piket.",
    );
    const last = this.receiptAt ? ` ${t("Terakhir sampai {time}.", { time: timeOfDay(this.receiptAt) })}` : "";
    return {
      unconfigured: t("Pusat 112 belum menyiapkan notifikasi. Biarkan halaman ini terbuka."),
      insecure: t("Hanya dapat lewat alamat https. Buka Siaga 112 dengan alamat resminya."),
      install: t("Di iPhone dan iPad: ketuk Bagikan, lalu “Tambah ke Layar Utama”, dan buka Siaga 112 dari sana."),
      unable: t("Peramban ini tidak dapat dibangunkan. Pakai Chrome, Edge, Firefox atau Safari yang baru."),
      denied: t("Notifikasi diblokir. Ketuk gembok di samping alamat, lalu Izin, Notifikasi, Izinkan; muat ulang."),
      busy: t("Sedang diperiksa…"),
      on: (this.listed ? t("Ponsel ini dibangunkan bila ada tugas, juga saat halaman ini tertutup.") : unlisted) + last,
      broken: t("Ponsel ini tidak lagi dibangunkan. Sambungkan lagi."),
      unsure: t("Belum dapat diperiksa: pusat tidak terjangkau."),
      off: t("Saat halaman ini tertutup, ponsel ini diam."),
    }[state];
  }

  async #subscribe() {
    const bytes = keyBytes(this.key);
    const registration = await navigator.serviceWorker.register(WORKER, { scope: SCOPE, updateViaCache: "none" });
    await navigator.serviceWorker.ready.catch(() => null);
    const { pushManager } = registration;
    const old = await pushManager.getSubscription();
    if (old && !isOfKey(old.options?.applicationServerKey, bytes)) await old.unsubscribe();
    const present = await pushManager.getSubscription();
    const subscribe = () => pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes });
    const replaces = old?.endpoint;
    if (await this.#isKept(present ?? (await subscribe()), replaces)) return;
    await (await pushManager.getSubscription())?.unsubscribe(); // its push service has given it up
    if (!(await this.#isKept(await subscribe(), replaces))) throw new Error("given up again");
  }

  /**
   * Whether the centre will wake this subscription; otherwise its push service has given it up.
   * @param {PushSubscription} subscription
   * @param {string | undefined} replaces
   */
  async #isKept(subscription, replaces) {
    const { endpoint = "", keys = {} } = subscription.toJSON();
    const { p256dh = "", auth = "" } = keys;
    const answer = await postForAgency("/api/v1/browsers", { endpoint, p256dh, auth, replaces: replaces ?? null });
    this.receiptAt = answer.receipt_at;
    this.listed = answer.listed;
    this.known = answer.state === "on" ? "on" : "broken";
    return answer.state === "on";
  }

  /** @param {() => Promise<void>} work */
  async #during(work) {
    if (this.busy) return;
    this.busy = true;
    this.problem = "";
    this.draw();
    try {
      await work();
    } catch (problem) {
      this.known = isUnreachable(problem) ? "unsure" : "broken";
      this.problem = isUnreachable(problem) ? "" : reason(problem);
    }
    this.busy = false;
    this.draw();
  }

  /** @param {Record<string, any>} message of the worker */
  #told({ siaga, title, body, tag, told, page }) {
    if (siaga === "open" && page) location.assign(page);
    if (siaga === "pushed" && !document.hidden) this.#inFront(`${title}. ${body}`, tag);
    if (siaga === "receipt" && this.tested) this.#testOver(told);
  }

  /**
   * This page is in front: it says what was pushed, and the notification goes.
   * @param {string} words
   * @param {string} tag
   */
  async #inFront(words, tag) {
    say(words.replaceAll("\n", " "));
    for (const one of (await (await registered())?.getNotifications({ tag })) ?? []) one.close();
  }

  /** @param {boolean} [told] */
  #testOver(told) {
    clearTimeout(this.testing);
    this.tested = "";
    if (told) {
      this.receiptAt = new Date().toISOString();
      this.tested = t("Berhasil: notifikasi sampai, dan pusat sudah tahu.");
    } else if (told === false) this.problem = t("Notifikasi sampai, tetapi pusat belum tahu. Coba lagi.");
    else this.problem = t("Belum sampai. Periksa sinyal, mode senyap dan izin notifikasi, lalu uji lagi.");
    this.draw();
  }
}

/**
 * Browsers give their reasons in their own words, which help nobody at night.
 * @param {unknown} problem
 */
const reason = (problem) =>
  problem instanceof ApiError ? problem.message : t("Layanan notifikasi menolak ponsel ini.");

const registered = () => navigator.serviceWorker?.getRegistration(SCOPE);

/** iPads call themselves Macs, and have fingers. */
const isApple = () =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) ||
  (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

const putOff = () => kept(LATER) === new Date().toDateString();

/** @param {string} name */
function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {string | null} value
 */
function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // Storage is off: it has to be tapped on each page.
  }
}
