// What the operator does with a ticket, each as one or a few writes with a request id: claim, send, classify with one
// key (and undo), close, reopen, release, take over, note what an agency telephoned.
import { ApiError, post, Unreachable } from "../core/api.js";
import { fill, one, setAttribute, setIcon } from "../core/dom.js";
import { CLASSIFICATIONS, t } from "../core/i18n.js";
import { length } from "../core/time.js";
import { hasPlace, locateBody, missingPlace } from "./choices.js";
import { nextOfJoined } from "./incidents.js";
import { allowedFor, answeredCall, ringingCall } from "./store.js";

const AGAIN_MS = 5000; // how long a first press of a nuisance key counts
const KNOCK_S = 10; // how long a silent caller gets to knock before the key asks again
/** Some agency has the ticket or has done with it. When all have declined or were called off, it is to be sent again. */
const isOut = (ticket) => ["dispatched", "in_progress", "verify"].includes(ticket.state);

export class Actions {
  /**
   * ringing(): {ticket, steady}, the call that is next; talking(): the ticket whose caller is in my handset;
   * onOpened(number), onLeft(), onChange(): the console's; queue: WriteQueue.
   */
  constructor({ store, work, queue, toasts, policy, ringing, talking, onOpened, onLeft, onChange }) {
    Object.assign(this, {
      store,
      work,
      queue,
      toasts,
      policy,
      ringing,
      talking,
      onOpened,
      onLeft,
      onChange,
      busy: false,
      early: null,
      undoing: null,
      pressed: null,
      sorting: null,
      problem: null,
      dialogs: {},
    });
    this.strip = document.getElementById("undo-strip");
  }

  /** The dialogs that some actions begin with: close() asks how it ended, ask(question) for a few words. */
  useDialogs(dialogs) {
    Object.assign(this.dialogs, dialogs);
  }

  /**
   * Take a call or a ticket; refused means that a colleague was faster. sure: whoever counts as in my handset is not.
   */
  async claim(number, { sure = false } = {}) {
    if (this.busy) return;
    this.early = "";
    const mine = await this.#busily(async () => {
      const answer = await post(`/api/v1/tickets/${number}/claim`);
      this.store.put(answer.ticket);
      // Another caller has come into my handset meanwhile: that one stays on the screen, this one stands under "Anda".
      const talking = sure ? number : (this.talking()?.number ?? number);
      if (talking === number || this.work.number === number) this.onOpened(number);
    });
    const { early } = this;
    this.early = null;
    if (!mine || !early) return;
    if (this.work.number === number) this.work.entry.type(early);
    else this.work.keepFor(number, early);
  }

  /** A call is being taken: the caller speaks already, and what is typed meanwhile is for its line. */
  get taking() {
    return this.early !== null;
  }

  typeEarly(key) {
    this.early = key === "Backspace" ? this.early.slice(0, -1) : this.early + key;
  }

  /** What the big button does for the open ticket now: {kind, words, icon, note, warning, caps}. */
  get next() {
    const { ticket } = this.work;
    if (!ticket) return null;
    if (this.#waits)
      return {
        kind: "none",
        words: t("Menunggu sambungan"),
        icon: "wifi-off",
        note: t("Tersimpan di komputer ini, terkirim sendiri nanti."),
      };
    if (this.busy) return { kind: "busy", words: t("Menunggu jawaban server"), icon: "clock" };
    if (ticket.duplicate_of) return nextOfJoined(this.work, this.store);
    if (ticket.state === "closed") return { kind: "reopen", words: t("Buka kembali"), icon: "rotate-ccw" };
    if (this.work.allows("claim")) return { kind: "claim", words: t("Ambil tiket"), icon: "phone" };
    if (!this.work.mine) {
      const note = t("Hanya untuk dilihat. Tiket ini dipegang {name}.", { name: ticket.owner?.name ?? "–" });
      return this.work.allows("take-over")
        ? { kind: "take-over", words: t("Ambil alih"), icon: "user-plus", note }
        : { kind: "none", words: t("Hanya untuk dilihat"), icon: "eye", note };
    }
    return this.#nextOfMine(ticket);
  }

  /** What was done to the open ticket waits for the link: until then nothing more can be done to it here. */
  get #waits() {
    return this.#waitsFor(this.work.number);
  }

  #waitsFor(number) {
    return this.queue.holds(`/api/v1/tickets/${number}/`);
  }

  #nextOfMine(ticket) {
    const { agencies } = this.work;
    const n = agencies.ticked.length;
    const offline = this.work.offline
      ? t("Bacaan otomatis tidak tersedia. Pilih jenis, kelurahan, dan instansi dengan tangan.")
      : null;
    if (this.problem && (this.problem.number !== ticket.number || !this.problem.still())) {
      this.problem = null;
      this.toasts.dismiss("missing");
    }
    const warning =
      this.problem?.words ??
      offline ??
      (ticket.state === "claimed" && this.work.dangerous ? this.#dangerWords() : null);
    const note = isOut(ticket) ? t("Tambahan langsung terlihat oleh instansi yang sudah dikirim.") : null;
    if (n > 0) {
      const more = isOut(ticket);
      const words =
        n === 1
          ? more
            ? t("Kirim ke 1 lagi")
            : t("Kirim ke 1 instansi")
          : more
            ? t("Kirim ke {n} lagi", { n })
            : t("Kirim ke {n} instansi", { n });
      return { kind: "send", words, icon: "send", note, warning, caps: true };
    }
    // Before the first dispatch the button sends, and says what is missing for that; afterwards changes are kept alone.
    if (ticket.assignments.length && this.#changes(ticket).length)
      return { kind: "send", words: t("Simpan perubahan"), icon: "check", note, warning, caps: true };
    if (ticket.state === "verify") return { kind: "close", words: t("Verifikasi"), icon: "check-check" };
    if (isOut(ticket)) return { kind: "none", words: t("Sudah dikirim"), icon: "check", note };
    return { kind: "send", words: t("Kirim"), icon: "send", note, warning, caps: true };
  }

  #dangerWords() {
    return this.work.agencies.words?.length
      ? t("Kata bahaya terbaca: F2–F9 minta ditekan dua kali.")
      : t("P1 dipilih: F2–F9 minta ditekan dua kali.");
  }

  /** The big button, Ctrl+Enter. */
  async advance() {
    const { next } = this;
    const { number } = this.work;
    if (!next) return;
    if (next.kind === "claim") await this.claim(number);
    else if (next.kind === "send") await this.#send();
    else if (next.kind === "words")
      await this.command(number, "words", { words: this.work.words }, () => this.work.forgetDraft(number));
    else if (next.kind === "reopen")
      this.dialogs.ask({
        kind: "reopen",
        title: t("Buka kembali"),
        lead: t("Tiket kembali terbuka dan menjadi milik Anda."),
        submit: t("Buka kembali"),
      });
    else if (next.kind === "take-over")
      this.dialogs.ask({
        kind: "take-over",
        title: t("Ambil alih"),
        lead: t("Pemegang sekarang melihat bahwa Anda mengambil tiket ini."),
        submit: t("Ambil alih"),
      });
    else if (next.kind === "close") this.dialogs.close();
  }

  /** The writes that bring the ticket to what is typed and chosen, without the dispatch: [command, body]. */
  #changes(ticket) {
    const { choices, words } = this.work;
    const writes = [];
    const type = choices.type?.code ?? null;
    const priority = choices.priorityByHand;
    const typed = words && words !== ticket.words;
    if (
      typed ||
      (type && type !== ticket.type?.code) ||
      (priority && priority !== ticket.priority) ||
      (!priority && type && choices.proposedPriority !== ticket.priority)
    ) {
      writes.push([
        "classify",
        {
          classification: "genuine",
          type_code: type,
          priority: priority ?? choices.proposedPriority,
          words: words || null,
        },
      ]);
    }
    const { place } = choices;
    if (place && !place.saved && hasPlace(place)) writes.push(["locate", locateBody(place)]);
    return writes;
  }

  async #send() {
    const { ticket, choices, agencies, number } = this.work;
    const wanted = agencies.ticked;
    const writes = this.#changes(ticket);
    const keepsAlone = ticket.assignments.length > 0 && (isOut(ticket) || writes.length > 0);
    if (wanted.length || !keepsAlone) {
      if (!choices.type)
        return this.#missing(
          "types",
          t("Belum terkirim: pilih jenis kejadian."),
          choices.typeUnclear
            ? t("Tekan angkanya, atau ketik lagi.")
            : t("Ketik apa yang terjadi, atau cari jenisnya."),
          () => !choices.type,
        );
      if (!choices.place || !hasPlace(choices.place))
        return this.#missing(
          "places",
          ...missingPlace(choices.place),
          () => !choices.place || !hasPlace(choices.place),
        );
      if (!wanted.length)
        return this.#missing(
          "agencies",
          t("Belum terkirim: pilih instansi."),
          t("Centang paling sedikit satu."),
          () => !agencies.ticked.length,
        );
    }
    if (wanted.length) writes.push(["dispatch", { agencies: wanted }]);
    if (!writes.length) return null;
    this.toasts.dismiss("missing");
    return this.#busily(async () => {
      const group = `${number}-${Date.now()}`;
      let waits = false;
      for (const [command, body] of writes) {
        const answer = await this.queue.send(`/api/v1/tickets/${number}/${command}`, body, { group });
        if (answer) this.store.put(answer.ticket);
        else waits = true;
      }
      this.work.forgetDraft(number);
      if (waits)
        this.toasts.show({
          key: "queued",
          look: "amber",
          title: t("Tersimpan di komputer ini, terkirim sendiri nanti."),
          more: t("Yang mendesak: telepon instansinya."),
        });
      else if (wanted.length)
        this.toasts.show({
          key: `sent-${number}`,
          look: "done",
          title: t("Terkirim ke {agencies}.", { agencies: wanted.join(", ") }),
        });
      else this.toasts.show({ key: `sent-${number}`, look: "done", title: t("Perubahan tersimpan.") });
    });
  }

  #missing(id, title, more, still) {
    this.problem = { words: `${title} ${more}`, still, number: this.work.number };
    this.toasts.show({ key: "missing", look: "amber", title, more });
    this.work.focusOn(id);
    this.onChange();
  }

  /**
   * A nuisance key: classifies and saves at once, in the open ticket or, on the waiting screen, the call that is next.
   * A ticket nobody has is claimed by the same press. Asks for a second one when there may be danger, when a silent
   * caller was not asked to knock yet, and when nobody has heard the caller and the number never was a prank.
   */
  async classify(kind) {
    const open = this.work.number !== null;
    const { ticket, steady } = open ? { ticket: this.work.ticket, steady: true } : this.ringing();
    if (!ticket || this.busy || this.#waitsFor(ticket.number)) return;
    const free =
      !ticket.owner &&
      ["new", "callback"].includes(ticket.state) &&
      allowedFor(ticket, this.store.me).includes("claim");
    const own = open && this.work.mine && ticket.state === "claimed";
    if (!own && !free) return;
    if (!steady) {
      // The call that was next a moment ago is gone: this press was meant for that one.
      this.toasts.show({
        key: "again",
        look: "amber",
        seconds: 4,
        title: t("Panggilan baru saja berganti. Lihat dulu, lalu tekan lagi."),
      });
      return;
    }
    const now = performance.now();
    const why = this.#whyAgain(ticket, kind, { open, own });
    const pressed = this.pressed?.kind === kind && this.pressed.number === ticket.number && now < this.pressed.until;
    if (why && !pressed) {
      const knock = why === "knock" ? (this.policy.silent_check_s ?? KNOCK_S) * 1000 : 0;
      this.pressed = { kind, why, number: ticket.number, knockUntil: now + knock, until: now + knock + AGAIN_MS };
      if (!open)
        this.toasts.show({
          key: "again",
          look: "amber",
          seconds: AGAIN_MS / 1000,
          ...this.#again(this.pressed, CLASSIFICATIONS[kind].toLowerCase()),
        });
      this.onChange();
      return;
    }
    this.pressed = null;
    this.toasts.dismiss("again");
    await this.#setAside(ticket.number, kind, { open, free, now });
  }

  async #setAside(number, kind, { open, free, now }) {
    this.sorting = { number, leave: !open };
    let claimed = false;
    await this.#busily(async () => {
      if (free) {
        const { ticket } = await post(`/api/v1/tickets/${number}/claim`);
        this.store.put(ticket);
        claimed = true;
      }
      const words = open ? this.work.words || null : null;
      const answer = await this.queue.send(`/api/v1/tickets/${number}/classify`, { classification: kind, words });
      if (answer) this.store.put(answer.ticket);
      if (open) this.work.forgetDraft(number);
      this.offerUndo({ number, kind, from: now, waits: !answer });
    });
    const done = this.undoing?.number === number;
    const leave = this.sorting.leave && done;
    this.sorting = null;
    if (leave && open) this.leave();
    else if (leave && this.work.number !== number)
      this.#tellUndo(); // there it is offered already
    else if (claimed && !done) this.onOpened(number); // claimed, and the classification was refused: it is mine now
    this.onChange();
  }

  /** Why a nuisance key is to be pressed twice here: "danger", "knock", "unheard", or null. */
  #whyAgain(ticket, kind, { open, own }) {
    if (open && this.work.dangerous) return "danger";
    if (!own && ringingCall(ticket))
      return kind !== "ghost" && ringingCall(ticket).nuisance?.count > 0 ? null : "unheard";
    const live = answeredCall(ticket) ?? ringingCall(ticket);
    return kind === "ghost" && live ? "knock" : null;
  }

  /** Enter after a nuisance key: goes on to the next call, as soon as the key is answered. */
  goOn() {
    if (this.sorting) this.sorting.leave = true;
    else this.leave();
  }

  /** Has the open ticket just been sorted out with one key? */
  get mayGoOn() {
    return this.undoing?.kind !== "attach" && (this.sorting ?? this.undoing)?.number === this.work.number;
  }

  /**
   * What was just done may be undone for a while, by `command`; from: performance.now() of when it was done; title: what
   * the toast says; waits: it has not reached the server yet.
   */
  offerUndo({ number, kind, command = "reopen", title = null, from = performance.now(), waits = false }) {
    this.undoing = { number, kind, command, title, until: from + this.policy.undo_s * 1000, waits };
  }

  /** It was undone in another way. */
  forgetUndo(number) {
    if (this.undoing?.number === number) this.undoing = null;
  }

  get canUndo() {
    return this.undoing !== null && performance.now() < this.undoing.until;
  }

  /** Within the undo time: opens the ticket again, without asking for a reason. */
  async undo() {
    if (!this.canUndo || this.busy) return;
    const { number, command } = this.undoing;
    await this.#busily(async () => {
      const answer = await this.queue.send(
        `/api/v1/tickets/${number}/${command}`,
        command === "reopen" ? { reason: null } : {},
      );
      if (answer) this.store.put(answer.ticket);
      this.undoing = null;
      this.toasts.dismiss("undo");
      this.onOpened(number);
    });
  }

  /** Draw the strip of the undo or of the second press; called every second. */
  renderStrip() {
    const now = performance.now();
    if (this.undoing && now >= this.undoing.until) {
      this.undoing = null;
      this.toasts.dismiss("undo");
    }
    if (this.pressed && now >= this.pressed.until) this.pressed = null;
    const again = this.pressed?.number === this.work.number ? this.pressed : null;
    const undo = this.undoing?.number === this.work.number ? this.undoing : null;
    const row = one(".work-send");
    this.strip.hidden = !(again || undo);
    row.hidden = Boolean(again || undo);
    for (const key of document.querySelectorAll("[data-classify]")) {
      setAttribute(key, "aria-pressed", key.dataset.classify === (undo?.kind ?? again?.kind));
      key.disabled = !(undo && undo.kind !== "attach") && !(this.#mayBeSetAside && !this.#waits);
    }
    if (!again && !undo) return;
    setAttribute(this.strip, "data-look", again ? "amber" : null);
    setIcon(one(".icon", this.strip), again ? "triangle-alert" : "check");
    const word = CLASSIFICATIONS[(undo ?? again).kind]?.toLowerCase();
    const nuisance = this.work.ticket?.calls.at(-1)?.nuisance;
    const count =
      undo?.kind === "prank" && nuisance
        ? t(", {n} dari {limit}", { n: nuisance.count + 1, limit: nuisance.limit })
        : "";
    const texts = undo
      ? {
          title: undo.title ?? t("Ditandai {word}{count}.", { word, count }),
          more: undo.waits ? t("Tersimpan di komputer ini, terkirim sendiri nanti.") : null,
          left: undo.until,
        }
      : { ...this.#again(again, word), left: again.knockUntil };
    fill(this.strip, {
      ...texts,
      side: undo ? t("bisa dibatalkan") : t("dengarkan"),
      left: texts.left > now ? length(Math.ceil((texts.left - now) / 1000)) : null,
    });
    one(".undo-word", this.strip).hidden = !undo && again.knockUntil <= now;
    one('[data-action="undo"]', this.strip).hidden = !undo;
  }

  get #mayBeSetAside() {
    const { ticket, mine } = this.work;
    return mine
      ? ticket?.state === "claimed"
      : !ticket?.owner && ["new", "callback"].includes(ticket?.state) && this.work.allows("claim");
  }

  /** Why the key is to be pressed once more. */
  #again({ why }, word) {
    if (why === "unheard")
      return {
        title: t("Belum didengar siapa pun: tekan sekali lagi."),
        more: t("Untuk tetap menandai {word}. Telepon tetap berdering; bila dijawab, tiket terbuka lagi.", { word }),
      };
    if (why === "knock")
      return {
        title: t("Ucapkan: “Jika tidak bisa bicara, ketuk dua kali.”"),
        more: t("Tetap sunyi: tekan F3 sekali lagi. Ada ketukan atau suara: lanjutkan."),
      };
    const danger = this.work.agencies.words?.length;
    return {
      title: danger ? t("Kata bahaya terbaca: tekan sekali lagi.") : t("P1 dipilih: tekan sekali lagi."),
      more: t("Untuk tetap menandai {word}.", { word }),
    };
  }

  /** Leave the ticket; the undo goes with the operator as a toast. */
  leave() {
    if (this.undoing?.number === this.work.number) this.#tellUndo();
    this.pressed = null;
    this.onLeft();
  }

  #tellUndo() {
    const { undoing } = this;
    const seconds = Math.max(1, (undoing.until - performance.now()) / 1000);
    const word = CLASSIFICATIONS[undoing.kind]?.toLowerCase();
    this.toasts.show({
      key: "undo",
      look: "done",
      seconds,
      title: undoing.title ?? t("Ditandai {word}. Batalkan?", { word }),
      button: { words: t("Batalkan"), cap: "Ctrl Z", act: () => this.undo() },
    });
  }

  /** Note an answer of the question card: never waits for anything else, and nothing else for it. */
  answer(number, body) {
    const send = async () => {
      const answer = await this.queue.send(`/api/v1/tickets/${number}/answer`, body);
      if (answer?.ticket) this.store.put(answer.ticket);
    };
    // One after the other, so that the last answer to a question is the one that counts.
    this.answering = (this.answering ?? Promise.resolve()).then(send).catch((problem) => this.refused(problem));
    return this.answering;
  }

  release() {
    const { number } = this.work;
    return this.command(number, "release", {}, () => this.leave());
  }

  /** One write on the open ticket; then `done`. Returns whether it was accepted (or waits to be sent). */
  async command(number, name, body, done = () => {}) {
    return this.#busily(async () => {
      const answer = await this.queue.send(`/api/v1/tickets/${number}/${name}`, body);
      if (answer) this.store.put(answer.ticket);
      else
        this.toasts.show({
          key: "queued",
          look: "amber",
          title: t("Tersimpan di komputer ini, terkirim sendiri nanti."),
        });
      done();
    });
  }

  /** An agency telephoned what it does. */
  async report(assignment, command, note = null) {
    if (command === "clear" && !note)
      return this.dialogs.ask({
        kind: "clear",
        assignment,
        title: t("Catat selesai: {agency}", { agency: assignment.agency }),
        lead: t("Apa hasilnya, menurut instansi?"),
        submit: t("Catat selesai"),
        required: true,
      });
    return this.#busily(async () => {
      const answer = await this.queue.send(
        `/api/v1/assignments/${assignment.id}/${command}`,
        command === "clear" ? { note } : {},
      );
      if (answer?.ticket) this.store.put(answer.ticket);
    });
  }

  async #busily(work) {
    if (this.busy) return false;
    this.busy = true;
    this.onChange();
    try {
      await work();
      return true;
    } catch (problem) {
      this.refused(problem);
      return false;
    } finally {
      this.busy = false;
      this.onChange();
    }
  }

  /** Say why something was not done. */
  refused(problem) {
    if (problem instanceof Unreachable)
      this.toasts.show({
        key: "refused",
        look: "amber",
        title: t("Server tidak terjangkau."),
        more: t("Jawab lewat pesawat telepon."),
      });
    else if (problem instanceof ApiError)
      this.toasts.show({ key: "refused", look: problem.status === 409 ? "plain" : "amber", title: problem.message });
    else throw problem;
  }
}
