// The big button of the open ticket (Ctrl+Enter): does what comes next, and says what is missing for it.
import { t } from "../core/i18n.js";
import { changesOf, isOut, nextStep } from "./next-step.js";
import { hasPlace, missingPlace } from "./place-words.js";
import { allowedFor } from "./store.js";

/**
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("./types.d.ts").NextStep} NextStep
 * @typedef {{id: "types" | "places" | "agencies", title: string, more: string, still: () => boolean}} Missing
 */

export class Sending {
  /**
   * @param {object} parts the console's
   * @param {import("./store.js").Store} parts.store
   * @param {import("./work.js").Work} parts.work
   * @param {import("./commands.js").Commands} parts.commands
   * @param {import("./taking.js").Taking} parts.taking
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {import("./types.d.ts").Dialogs} parts.dialogs
   * @param {() => void} parts.onChange
   */
  constructor({ store, work, commands, taking, toasts, dialogs, onChange }) {
    this.store = store;
    this.work = work;
    this.commands = commands;
    this.taking = taking;
    this.toasts = toasts;
    this.dialogs = dialogs;
    this.onChange = onChange;
    /** @type {(Missing & {number: string}) | null} what was missing when a ticket was to be sent, and of which ticket */
    this.missing = null;
  }

  /**
   * What the big button does for the open ticket now; null without one.
   * @returns {NextStep | null}
   */
  get next() {
    const { ticket, mine } = this.work;
    if (!ticket) return null;
    if (mine) this.#forgetWhatIsThere(ticket.number);
    return nextStep({
      ticket,
      mine,
      allowed: allowedFor(ticket, this.store.me),
      waits: this.commands.waitsFor(ticket.number),
      busy: this.commands.busy,
      words: this.work.words,
      ticked: this.work.agencies.ticked.length,
      toCall: this.work.agencies.holes,
      changed: this.#changes(ticket).length > 0,
      warning: mine ? this.#warning(ticket) : null,
    });
  }

  /** @param {Ticket} ticket */
  #changes(ticket) {
    const { choices, words } = this.work;
    return changesOf(ticket, words, {
      typeCode: choices.type?.code ?? null,
      priorityByHand: choices.priorityByHand,
      proposedPriority: choices.proposedPriority,
      place: choices.place,
    });
  }

  /** @param {Ticket} ticket */
  #warning(ticket) {
    if (this.missing) return `${this.missing.title} ${this.missing.more}`;
    if (this.work.offline)
      return t("Bacaan otomatis tidak tersedia. Pilih jenis, kelurahan, dan instansi dengan tangan.");
    if (ticket.state !== "claimed" || !this.work.dangerous) return null;
    return this.work.agencies.dangerWords.length
      ? t("Kata bahaya terbaca: F2–F9 minta ditekan dua kali.")
      : t("P1 dipilih: F2–F9 minta ditekan dua kali.");
  }

  /**
   * What was missing is there now, or another ticket is open.
   * @param {string} number
   */
  #forgetWhatIsThere(number) {
    if (!this.missing || (this.missing.number === number && this.missing.still())) return;
    this.missing = null;
    this.toasts.dismiss("missing");
  }

  /** Press the big button. */
  async advance() {
    const { next } = this;
    const { ticket } = this.work;
    if (!next || !ticket) return;
    const { number } = ticket;
    if (next.kind === "claim") await this.taking.take(number);
    else if (next.kind === "send") await this.#send(ticket);
    else if (next.kind === "words")
      await this.commands.give(`/api/v1/tickets/${number}/words`, { words: this.work.words }, () =>
        this.work.forgetDraft(number),
      );
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

  /**
   * Send what is typed and chosen, and the ticket to the agencies that are ticked; or say what is missing.
   * @param {Ticket} ticket
   */
  async #send(ticket) {
    const { number } = ticket;
    const wanted = this.work.agencies.ticked;
    const writes = this.#changes(ticket);
    const keepsAlone = ticket.assignments.length > 0 && (isOut(ticket) || writes.length > 0);
    const missing = wanted.length || !keepsAlone ? this.#firstMissing() : null;
    if (missing) return this.#say(number, missing);
    if (!writes.length && !wanted.length) return;
    this.toasts.dismiss("missing");
    await this.commands.alone(async () => {
      const group = `${number}-${Date.now()}`;
      let arrived = true;
      for (const write of writes)
        arrived =
          (await this.commands.send(`/api/v1/tickets/${number}/${write.command}`, write.body, { group })) && arrived;
      if (wanted.length)
        arrived =
          (await this.commands.send(`/api/v1/tickets/${number}/dispatch`, { agencies: wanted }, { group })) && arrived;
      this.work.forgetDraft(number);
      this.#tell(number, wanted, arrived);
    });
  }

  /** @returns {Missing | null} */
  #firstMissing() {
    const { choices, agencies } = this.work;
    const noPlace = () => !choices.place || !hasPlace(choices.place);
    if (!choices.type)
      return {
        id: "types",
        title: t("Belum terkirim: pilih jenis kejadian."),
        more: choices.typeUnclear
          ? t("Tekan angkanya, atau ketik lagi.")
          : t("Ketik apa yang terjadi, atau cari jenisnya."),
        still: () => !choices.type,
      };
    if (noPlace()) {
      const [title, more] = missingPlace(choices.place);
      return { id: "places", title, more, still: noPlace };
    }
    if (!agencies.ticked.length)
      return {
        id: "agencies",
        title: t("Belum terkirim: pilih instansi."),
        more: t("Centang paling sedikit satu."),
        still: () => !agencies.ticked.length,
      };
    return null;
  }

  /**
   * @param {string} number
   * @param {Missing} missing
   */
  #say(number, missing) {
    this.missing = { ...missing, number };
    this.toasts.show({ key: "missing", look: "amber", title: missing.title, more: missing.more });
    this.work.focusOn(missing.id);
    this.onChange();
  }

  /**
   * @param {string} number
   * @param {string[]} wanted
   * @param {boolean} arrived
   */
  #tell(number, wanted, arrived) {
    if (!arrived)
      this.toasts.show({
        key: "queued",
        look: "amber",
        title: t("Tersimpan di komputer ini, terkirim sendiri nanti."),
        more: t("Yang mendesak: telepon instansinya."),
      });
    else
      this.toasts.show({
        key: `sent-${number}`,
        look: "done",
        title: wanted.length
          ? t("Terkirim ke {agencies}.", { agencies: wanted.join(", ") })
          : t("Perubahan tersimpan."),
      });
  }
}
