// What comes over the live feed: events, and a new snapshot where the feed has lost its place.
import { ApiError, get } from "../core/api.js";
import { observeServerTime } from "../core/clocks.js";
import { t } from "../core/i18n.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { sayPolitely } from "./alerts.js";
import { answeredByMe } from "./handset.js";
import { lastCall } from "./store.js";

/** @typedef {import("../types.d.ts").CentreEvent} CentreEvent */

/** Events that change who is there and what is answered in time. */
const OF_THE_SHIFT = new Set([
  "seat.taken",
  "seat.left",
  "call.answered",
  "call.transferred",
  "call.ended",
  "call.abandoned",
]);

export class Incoming {
  /**
   * followers: what keeps more than the store does of what happens; freshStats(): ask for the board's figures;
   * freshLandmarks(): for the map's landmarks; draw(): at the next frame.
   * @param {object} parts the console's
   * @param {import("./store.js").Store} parts.store
   * @param {import("./work.js").Work} parts.work
   * @param {import("./drafts.js").Drafts} parts.drafts
   * @param {import("./callback-list.js").CallbackList} parts.callbackList
   * @param {import("./screen.js").Screen} parts.screen
   * @param {import("./ringer.js").Ringer} parts.ringer
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {{follow(events: CentreEvent[]): void}[]} parts.followers
   * @param {() => void} parts.freshStats
   * @param {() => void} parts.freshLandmarks
   * @param {() => void} parts.draw
   */
  constructor({
    store,
    work,
    drafts,
    callbackList,
    screen,
    ringer,
    toasts,
    followers,
    freshStats,
    freshLandmarks,
    draw,
  }) {
    this.store = store;
    this.work = work;
    this.drafts = drafts;
    this.callbackList = callbackList;
    this.screen = screen;
    this.ringer = ringer;
    this.toasts = toasts;
    this.followers = followers;
    this.freshStats = freshStats;
    this.freshLandmarks = freshLandmarks;
    this.draw = draw;
  }

  /** @param {CentreEvent[]} events new ones, in order */
  deliver(events) {
    this.store.apply(events);
    this.ringer.look(); // at once: what is drawn waits for a frame, and a hidden page has none
    for (const follower of this.followers) follower.follow(events);
    for (const event of events) this.#react(event);
    // Not while signing out: that the seat was left is then told to a page whose session is over.
    if (!this.drafts.left && events.some((event) => OF_THE_SHIFT.has(event.kind))) this.freshStats();
    this.draw();
  }

  /** @param {CentreEvent} event */
  #react(event) {
    const { ticket } = event;
    if (event.kind === "call.registered" && ticket)
      sayPolitely(t("Berdering: {number}", { number: phoneNumber(lastCall(ticket)?.number) }));
    const mine = answeredByMe(event, this.store.me);
    if (mine) this.screen.followHandset(mine);
    const title = this.#lossOf(event);
    if (title)
      this.toasts.show({
        look: "amber",
        title,
        more: event.kind === "ticket.returned" ? t("Telepon masih berdering.") : "",
      });
    if (event.kind.startsWith("landmark.")) this.freshLandmarks();
    if (event.ticket_number && ticket && this.#isLost(ticket)) this.drafts.handBack(event.ticket_number);
  }

  /**
   * A ticket or a seat that was mine is not any more: in words; null for whatever else happens.
   * @param {CentreEvent} event
   */
  #lossOf({ kind, data, ticket, actor }) {
    const { id, seat } = this.store.me;
    const short = ticket?.short ?? "";
    if (kind === "ticket.returned" && data?.owner_id === id)
      return t("Tiket {short} kembali ke semua: telepon tidak diangkat.", { short });
    if (kind === "ticket.taken_by_phone" && data?.from_id === id)
      return t("{name} mengangkat telepon: tiket {short} kini miliknya.", {
        name: ticket?.owner?.name ?? t("Rekan"),
        short,
      });
    if (kind === "ticket.taken_over" && data?.from_id === id)
      return t("{name} mengambil alih tiket {short}.", { name: actor.name, short });
    if (kind === "seat.taken" && actor.id !== id && data?.seat === seat)
      return t("{name} sekarang duduk di meja Anda.", { name: actor.name });
    return null;
  }

  /**
   * What is typed for it here is somebody else's to go on with.
   * @param {import("../payloads.d.ts").Ticket} ticket
   */
  #isLost({ number, state, owner }) {
    if (!this.drafts.get(number)) return false;
    return state === "closed" || (owner !== null && owner.id !== this.store.me.id);
  }

  /** Apply a fresh snapshot; resolves to its newest number. */
  async takeSnapshot() {
    const fresh = await get("/api/v1/snapshot");
    observeServerTime(fresh.server_time);
    const open = this.work.ticket;
    this.store.replace(fresh);
    const now = open && this.store.get(open.number);
    if (open && now && now.opened_at !== open.opened_at) this.#sayGone(open.number);
    if (open && !now) this.store.put(open); // it is on the screen until we know better
    this.callbackList.load();
    if (open && fresh.tickets.every(({ number }) => number !== open.number)) await this.#findAgain(open);
    this.ringer.look();
    this.draw();
    return fresh.newest;
  }

  /**
   * The open ticket is not among those of the snapshot: closed long ago, or of a journal that was restored to before it.
   * @param {import("../payloads.d.ts").Ticket} open
   */
  async #findAgain({ number, opened_at: openedAt }) {
    try {
      const found = await get(`/api/v1/tickets/${number}`);
      this.store.put(found);
      if (found.opened_at !== openedAt) this.#sayGone(number);
    } catch (problem) {
      if (!(problem instanceof ApiError) || problem.status !== 404) throw problem;
      this.store.drop(number);
      this.#sayGone(number);
    }
  }

  /**
   * The ticket on the screen went with a restore; another caller's may have its number by now.
   * @param {string} number
   */
  #sayGone(number) {
    if (this.work.number === number) this.screen.clear();
    this.toasts.show({
      look: "amber",
      seconds: 60,
      title: t("Tiket {short} tidak ada lagi di server.", { short: number.split("-").at(-1) }),
      more: t("Data server dipulihkan ke keadaan sebelumnya. Catat ulang yang penting."),
    });
  }

  /** The database was brought back: what is typed is compared with it, and it is said once. */
  comeBack() {
    this.drafts.comeBack();
    this.toasts.show({
      key: "restored",
      look: "amber",
      seconds: 60,
      title: t("Data server dipulihkan ke keadaan sebelumnya."),
      more: t("Layar ini sudah memuat ulang. Yang Anda ketik tetap ada; periksa apa yang terjadi sejak itu."),
    });
  }
}
