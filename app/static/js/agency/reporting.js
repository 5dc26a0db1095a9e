// What a tap does: accept and decline go to the server now or not at all, the later steps go now or wait on the phone.
import { newRequestId } from "../core/api.js";
import { t } from "../core/i18n.js";
import { instantOfTap, isUnreachable } from "./outbox.js";
import { doneWords } from "./replies.js";
import { say } from "./signal.js";

/**
 * Returns {busy, problem, forgetProblem(), accept(), report(command, body), decline(body)}; decline resolves to what is
 * in its way, or null.
 */
export function makeReporting({ store, outbox, signal, assignmentId, draw }) {
  const requestIds = new Map(); // one id for all attempts at one command: a lost answer does nothing twice
  const reporting = {
    busy: false,
    problem: null,
    forgetProblem() {
      reporting.problem = null;
    },
  };

  function show(changes) {
    Object.assign(reporting, changes);
    draw();
  }

  async function explain(entry, answer) {
    store.accept(answer.ticket);
    if (answer.changed) return;
    const reporter = await store.findReporter(answer.ticket).catch(() => null);
    say(doneWords(answer.ticket, reporter, store.me, entry), "amber");
  }

  /** Refused: most likely a colleague was faster. Show the state as it is now, and who made it so. */
  async function refused(entry, problem) {
    await store.refresh().catch((failed) => console.warn("the state could not be read again:", failed.message));
    const ticket = store.ofAssignment(assignmentId);
    const moved = problem.code === "transition_refused" && ticket;
    const reporter = moved ? await store.findReporter(ticket).catch(() => null) : null;
    if (moved) say(doneWords(ticket, reporter, store.me, entry), "amber");
    show({ problem: moved ? null : problem.message });
  }

  async function now(command, body) {
    if (!requestIds.has(command)) requestIds.set(command, newRequestId());
    show({ busy: true, problem: null });
    try {
      const answer = await outbox.now(assignmentId, command, body, requestIds.get(command));
      signal.note({ failed: false });
      await explain({ command, body }, answer);
      return { unreachable: false };
    } catch (problem) {
      if (isUnreachable(problem)) {
        signal.note({ failed: true });
        return { unreachable: true };
      }
      requestIds.delete(command);
      await refused({ command, body }, problem);
      return { unreachable: false };
    } finally {
      show({ busy: false });
    }
  }

  reporting.accept = async () => {
    const { unreachable } = await now("acknowledge", {});
    if (unreachable) show({ problem: t("Belum diterima: tidak sampai ke pusat. Coba lagi, atau telepon 112.") });
  };

  reporting.decline = async (body) => {
    const { unreachable } = await now("decline", body);
    return unreachable ? t("Tidak sampai ke pusat. Coba lagi, atau telepon 112.") : reporting.problem;
  };

  /** The instant is that of the tap; the button is free at once because the step is safe on the phone. */
  reporting.report = async (command, body) => {
    const entry = { command, body: { ...body, occurred_at: instantOfTap() } };
    show({ problem: null });
    try {
      const answer = await outbox.keep(assignmentId, command, entry.body);
      if (answer) await explain(entry, answer);
      signal.note({ failed: answer === null });
    } catch (problem) {
      await refused(entry, problem);
    }
  };

  return reporting;
}
