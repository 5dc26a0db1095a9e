// A new task is heard, felt and seen: three notes, a vibration, the title of the tab. Browsers allow sound only after
// the first tap, so the page says that it is still mute until then.
import { t } from "./words.js";

const AGAIN_MS = 30000; // while a task waits to be accepted
const NOTES_HZ = [659, 784, 988];
const NOTE_S = 0.22;
const VIBRATION_MS = [400, 150, 400, 150, 600];

let audio = null;

/** onUnlocked() once sound may be played. */
export function unlockOnFirstTap(onUnlocked) {
  const unlock = async () => {
    audio ??= new AudioContext();
    await audio.resume();
    if (audio.state !== "running") return;
    document.removeEventListener("click", unlock);
    document.removeEventListener("keydown", unlock);
    onUnlocked();
  };
  document.addEventListener("click", unlock);
  document.addEventListener("keydown", unlock);
}

export function ring() {
  navigator.vibrate?.(VIBRATION_MS);
  if (audio?.state !== "running") return;
  for (const [index, frequency] of [...NOTES_HZ, ...NOTES_HZ].entries()) {
    const start = audio.currentTime + index * NOTE_S + (index >= NOTES_HZ.length ? NOTE_S : 0);
    const tone = new OscillatorNode(audio, { type: "triangle", frequency });
    const level = new GainNode(audio, { gain: 0 });
    level.gain.setValueAtTime(0, start);
    level.gain.linearRampToValueAtTime(0.6, start + 0.02);
    level.gain.setTargetAtTime(0, start + NOTE_S * 0.6, 0.05);
    tone.connect(level).connect(audio.destination);
    tone.start(start);
    tone.stop(start + NOTE_S * 1.6);
  }
}

/** Keeps title and sound in step with the tasks that wait: call with their assignment ids after every change. */
export function makeAlert(pageTitle) {
  let known = null;
  let timer = null;
  return (ids) => {
    const arrived = known !== null && ids.some((id) => !known.has(id));
    known = new Set(ids);
    document.title = ids.length ? `(${ids.length}) ${t("Tugas baru")} · ${pageTitle()}` : pageTitle();
    if (arrived) ring();
    if (ids.length && (arrived || timer === null)) {
      clearInterval(timer);
      timer = setInterval(ring, AGAIN_MS);
    } else if (!ids.length) {
      clearInterval(timer);
      timer = null;
    }
  };
}
