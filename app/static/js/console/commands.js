// Giving the server a command: one at a time, kept in this browser while the server is out of reach, and what it says
// when it refuses.
import { ApiError, Unreachable } from "../core/api.js";
import { t } from "../core/i18n.js";

/**
 * @typedef {import("../payloads.d.ts").Assignment} Assignment
 * @typedef {import("./types.d.ts").Answered} Answered
 * @typedef {import("./types.d.ts").ReportedStep} ReportedStep
 * @typedef {import("../types.d.ts").WritePath} WritePath
 */

export class Commands {
  /**
   * @param {object} parts the console's
   * @param {import("./store.js").Store} parts.store
   * @param {import("../core/api.js").WriteQueue<Answered>} parts.queue
   * @param {import("./alerts.js").Toasts} parts.toasts
   * @param {() => void} parts.onChange
   */
  constructor({ store, queue, toasts, onChange }) {
    this.store = store;
    this.queue = queue;
    this.toasts = toasts;
    this.onChange = onChange;
    this.busy = false;
    /** @type {Promise<void>} the answers of question cards, one after the other */
    this.answering = Promise.resolve();
  }

  /**
   * Do something that no other command may go on beside; says whether it was done.
   * @param {() => Promise<void>} work
   */
  async alone(work) {
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

  /**
   * Send one, inside `alone`; says whether it has arrived, or waits to be sent. Of a group that waits, the later ones are
   * dropped with one that is refused.
   * @template {WritePath} P
   * @param {P} path
   * @param {import("../core/api.js").Sent<P>} [body]
   * @param {{group?: string}} [options]
   */
  async send(path, body, { group } = {}) {
    const answer = await this.queue.send(path, body, { group });
    if (answer?.ticket) this.store.put(answer.ticket);
    return answer !== null;
  }

  /**
   * One command by itself, then `done`. Says whether it was accepted (or waits to be sent).
   * @template {WritePath} P
   * @param {P} path
   * @param {import("../core/api.js").Sent<P>} [body]
   * @param {() => void} [done]
   */
  give(path, body, done = () => {}) {
    return this.alone(async () => {
      const arrived = await this.send(path, body);
      if (!arrived)
        this.toasts.show({
          key: "queued",
          look: "amber",
          title: t("Tersimpan di komputer ini, terkirim sendiri nanti."),
        });
      done();
    });
  }

  /**
   * An agency telephoned what it does; note: the result of what is cleared.
   * @param {Assignment} assignment
   * @param {ReportedStep} step
   * @param {string} [note]
   */
  report({ id }, step, note = "") {
    return this.alone(async () => {
      if (step === "clear") await this.send(`/api/v1/assignments/${id}/clear`, { note });
      else await this.send(`/api/v1/assignments/${id}/${step}`, {});
    });
  }

  /**
   * Note an answer of the question card: never waits for anything else, and nothing else for it.
   * @param {string} ticketNumber
   * @param {import("../payloads.d.ts").Answer} answer
   */
  answer(ticketNumber, answer) {
    // One after the other, so that the last answer to a question is the one that counts.
    this.answering = this.answering
      .then(async () => {
        await this.send(`/api/v1/tickets/${ticketNumber}/answer`, answer);
      })
      .catch((problem) => this.refused(problem));
    return this.answering;
  }

  /**
   * Does something that was done to this ticket wait for the link? Until then nothing more can be done to it here.
   * @param {string} ticketNumber
   */
  waitsFor(ticketNumber) {
    return this.queue.holds(`/api/v1/tickets/${ticketNumber}/`);
  }

  /**
   * Say why something was not done; what is no answer of the server is thrown on.
   * @param {unknown} problem
   */
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
