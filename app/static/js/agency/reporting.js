// What a tap does: accept and decline go to the server now or not at all, the later steps go now or wait on the phone.
import { ApiError, messageOf, newRequestId } from "../core/api.js";
import { t } from "../core/i18n.js";
import { instantOfTap, isUnreachable } from "./outbox.js";
import { doneWords } from "./replies.js";
import { say } from "./signal.js";

/**
 * @typedef {import("./steps.js").Command} Command
 * @typedef {import("./outbox.js").StepBody} StepBody
 * @typedef {import("./outbox.js").Answer} Answer
 * @typedef {{command: Command, body: StepBody}} Entry
 * @typedef {ReturnType<typeof makeReporting>} Reporting
 */

/**
 * What is being reported for one assignment, and what came of it.
 * @param {object} page
 * @param {import("./store.js").AgencyStore} page.store
 * @param {import("./outbox.js").Outbox} page.outbox
 * @param {import("./signal.js").Signal} page.signal
 * @param {number} page.assignmentId
 * @param {() => void} page.draw
 */
export function makeReporting({ store, outbox, signal, assignmentId, draw }) {
  /** @type {Map<Command, string>} one id for all attempts at one command: a lost answer does nothing twice */
  const requestIds = new Map();
  let busy = false;
  /** @type {string | null} */
  let problem = null;

  /** @param {string | null} words */
  function showProblem(words) {
    problem = words;
    draw();
  }

  /**
   * @param {Entry} entry
   * @param {Answer} answer
   */
  async function explain(entry, answer) {
    store.accept(answer.ticket);
    if (answer.changed) return;
    const reporter = answer.ticket && (await store.findReporter(answer.ticket).catch(() => null));
    say(doneWords(answer.ticket, reporter, store.me, entry), "amber");
  }

  /**
   * Refused: most likely a colleague was faster. Show the state as it is now, and who made it so.
   * @param {Entry} entry
   * @param {unknown} refusal
   */
  async function refused(entry, refusal) {
    await store.refresh().catch((failed) => console.warn("the state could not be read again:", String(failed)));
    const ticket = store.ofAssignment(assignmentId);
    const moved = refusal instanceof ApiError && refusal.code === "transition_refused" ? ticket : null;
    const reporter = moved && (await store.findReporter(moved).catch(() => null));
    if (moved) say(doneWords(moved, reporter, store.me, entry), "amber");
    showProblem(moved ? null : messageOf(refusal));
  }

  /**
   * Now or not at all; resolves to whether the centre could be reached.
   * @param {Command} command
   * @param {StepBody} body
   */
  async function now(command, body) {
    const requestId = requestIds.get(command) ?? newRequestId();
    requestIds.set(command, requestId);
    busy = true;
    showProblem(null);
    try {
      const answer = await outbox.now(assignmentId, command, body, requestId);
      signal.note({ failed: false });
      await explain({ command, body }, answer);
      return true;
    } catch (failure) {
      if (isUnreachable(failure)) {
        signal.note({ failed: true });
        return false;
      }
      requestIds.delete(command);
      await refused({ command, body }, failure);
      return true;
    } finally {
      busy = false;
      draw();
    }
  }

  return {
    /** Is an answer waited for? */
    get busy() {
      return busy;
    },
    /** What is in the way, in words. */
    get problem() {
      return problem;
    },
    forgetProblem() {
      problem = null;
    },
    async accept() {
      if (!(await now("acknowledge", {})))
        showProblem(t("Belum diterima: tidak sampai ke pusat. Coba lagi, atau telepon 112."));
    },
    /**
     * Resolves to what is in its way, or null.
     * @param {{reason_code: string, note: string | null}} body
     */
    async decline(body) {
      return (await now("decline", body)) ? problem : t("Tidak sampai ke pusat. Coba lagi, atau telepon 112.");
    },
    /**
     * The instant is that of the tap; the button is free at once because the step is safe on the phone.
     * @param {Command} command
     * @param {StepBody} body
     */
    async report(command, body) {
      const entry = { command, body: { ...body, occurred_at: instantOfTap() } };
      showProblem(null);
      try {
        const answer = await outbox.keep(assignmentId, command, entry.body);
        if (answer) await explain(entry, answer);
        signal.note({ failed: answer === null });
      } catch (failure) {
        await refused(entry, failure);
      }
    },
  };
}
