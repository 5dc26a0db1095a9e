// A page whose session is over stays as it is, with what was typed, and goes on by itself as soon as the same person
// has signed in again in this browser. It hears so from the other tab; and because a phone may have slept through that,
// it asks whenever it is looked at and, slowly, all the time. For anybody else than its person it does not go on.
import { renewFormToken, sendAs, whoIsHere } from "./api.js";

const ASK_MS = 10000;
const AT_MOST_MS = 1000; // one question a second, however many occasions there are

/**
 * watchSession({person, onOver, onOther, onBack}): person is whose page this is. onOver() when the session has ended,
 * onOther(name) when somebody else has signed in here since, onBack(me) when the person is back (the answer of
 * /api/v1/me).
 * @param {object} options
 * @param {number} options.person
 * @param {() => void} options.onOver
 * @param {(name: string) => void} [options.onOther]
 * @param {(me: import("../payloads.d.ts").SignedIn) => void} options.onBack
 */
export function watchSession({ person, onOver, onOther = () => {}, onBack }) {
  let over = false;
  let askedAt = -Infinity;
  let later = 0; // the timer of the next question

  async function ask() {
    if (!over) return;
    clearTimeout(later);
    const wait = askedAt + AT_MOST_MS - performance.now();
    if (wait > 0) return askIn(wait);
    askedAt = performance.now();
    try {
      const me = await whoIsHere();
      if (me?.id === person) {
        over = false;
        if (me.form_token) renewFormToken(me.form_token);
        return onBack(me);
      }
      if (me) onOther(me.name);
    } catch (problem) {
      console.warn("who is signed in is not known:", String(problem));
    }
    return askIn(ASK_MS);
  }

  /** @param {number} ms */
  function askIn(ms) {
    clearTimeout(later);
    later = setTimeout(ask, ms);
  }

  sendAs(person);
  document.addEventListener("siaga:signed-out", () => {
    if (over) return;
    over = true;
    onOver();
    ask();
  });
  document.addEventListener("visibilitychange", () => !document.hidden && ask());
  for (const occasion of ["focus", "online", "pageshow"]) addEventListener(occasion, ask);
  // Every page of somebody who is signed in says so to the other tabs.
  const tabs = new BroadcastChannel("siaga.session");
  tabs.addEventListener("message", ask);
  tabs.postMessage(person);
}
