// The city's own geocoder, where one is configured: asked after the offline answer is shown, it can only add to it.
import { get } from "../core/api.js";

/**
 * @typedef {import("../payloads.d.ts").Interpretation} Interpretation
 * @typedef {import("../payloads.d.ts").PlaceCandidate} PlaceCandidate
 */

const PAUSE_MS = 400;
const LIMIT = 200; // characters, as the server takes them
const configured = Boolean(document.body.dataset.geocoder);

/**
 * Its places for some words, each with `source: "geocoder"`; none where none is configured or it fails: nobody is told.
 * @param {string} text
 * @param {{signal?: AbortSignal, sentence?: boolean}} [how]
 * @returns {Promise<PlaceCandidate[]>}
 */
export async function geocoded(text, { signal, sentence = false } = {}) {
  if (!configured) return [];
  try {
    const { items } = await get(
      `/api/v1/places/geocode?q=${encodeURIComponent(text.slice(-LIMIT))}${sentence ? "&sentence=true" : ""}`,
      { signal },
    );
    return items;
  } catch (problem) {
    if (signal?.aborted) throw problem;
    return [];
  }
}

/**
 * For the entry line: asks only where offline search is not sure, and adds what comes while the line is still the same.
 */
export class LineGeocoder {
  /** @param {(understood: Interpretation) => void} onMore called with the same reading, with further places at its end */
  constructor(onMore) {
    this.onMore = onMore;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | null} */
    this.stop = null;
  }

  /**
   * A new reading of the line (null: it is empty); what was asked for the one before counts no more.
   * @param {Interpretation | null} understood
   * @param {string} text
   */
  ask(understood, text) {
    clearTimeout(this.timer);
    this.stop?.abort();
    if (!configured || !understood || understood.places.some((place) => place.clear)) return;
    this.timer = setTimeout(() => this.#ask(understood, text), PAUSE_MS);
  }

  /**
   * @param {Interpretation} understood
   * @param {string} text
   */
  async #ask(understood, text) {
    const stop = new AbortController();
    this.stop = stop;
    try {
      const further = await geocoded(text, { signal: stop.signal, sentence: true });
      if (!stop.signal.aborted && further.length)
        this.onMore({ ...understood, places: [...understood.places, ...further] });
    } catch {
      // Stopped: the line has changed.
    }
  }
}
