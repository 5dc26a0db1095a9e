// Following up: words and a due time for one case. On a telephone a sheet, on a desk the column at the right.
import { messageOf } from "../core/api.js";
import { serverNow } from "../core/clocks.js";
import { all, around, clone, fill, one } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { capital, whoOnLadder } from "../core/ladder-words.js";
import { age, dateLine, moment, timeOfDay } from "../core/time.js";
import { keyOf, typeWords } from "./cases.js";

/**
 * @typedef {import("./words.js").Case} Case
 * @typedef {{words: string, due_at: string, assignment: number | null}} Asked
 */

const DESK = matchMedia("(min-width: 70rem)");
const ZONE = document.documentElement.dataset.timezone || "Asia/Jakarta";

/**
 * The instant that a wall's clock in the city means by `2026-11-25T20:00`.
 * @param {string} wall
 */
function instantOf(wall) {
  const asUtc = Date.parse(`${wall}Z`);
  if (!Number.isFinite(asUtc)) return null;
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    dateStyle: "short",
    timeStyle: "medium",
    hourCycle: "h23",
  });
  const [day, month, year, hour, minute, second] = parts.format(asUtc).split(/\D+/).map(Number);
  const ahead = Date.UTC(year, month - 1, day, hour, minute, second) - asUtc;
  return new Date(asUtc - ahead).toISOString();
}

/** How a due time is called: Hari ini 20.00, Besok 12.00, Jum 27 Nov 16.00. @param {string} due */
function dueWords(due) {
  const now = serverNow();
  /** @param {string | number} at */
  const day = (at) => dateLine(at, { year: true });
  if (day(due) === day(now)) return t("Hari ini {time}", { time: timeOfDay(due) });
  if (day(due) === day(now + 86_400_000)) return t("Besok {time}", { time: timeOfDay(due) });
  return moment(due);
}

export class Follow {
  /**
   * send(case, asked): null where it was sent or waits, else the problem in words.
   * @param {object} options
   * @param {import("../core/kept-texts.js").KeptTexts} options.texts
   * @param {(found: Case, asked: Asked) => Promise<string | null>} options.send
   * @param {() => {choices: string[], longestDelayS: number}} options.policy
   */
  constructor({ texts, send, policy }) {
    this.texts = texts;
    this.send = send;
    this.policy = policy;
    /** @type {Case | null} */
    this.found = null;
    this.sheet = one("dialog#sheet");
    this.side = one("#side");
    this.form = /** @type {HTMLFormElement} */ (clone("follow"));
    this.words = one("textarea#follow-words", this.form);
    this.at = one("input#follow-at", this.form);
    this.problem = one("#follow-problem", this.form);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.form.addEventListener("click", (event) => around(event, '[data-action="cancel"]') && this.sheet.close());
    this.form.addEventListener("change", (event) => this.#chosen(event));
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
    DESK.addEventListener("change", () => this.#place());
    this.#place();
  }

  get desk() {
    return DESK.matches;
  }

  /** On a desk the form stands beside the chosen case; elsewhere it waits to be asked for. */
  #place() {
    if (this.sheet.open) this.sheet.close();
    (DESK.matches ? this.side : this.sheet).append(this.form);
    one('[data-action="cancel"]', this.form).hidden = DESK.matches;
    this.side.hidden = !DESK.matches || !this.found || this.found.section === "done";
  }

  /** The case that the form is about from now on. @param {Case | null} found */
  about(found) {
    const same = found && this.found && keyOf(found) === keyOf(this.found);
    this.found = found;
    this.side.hidden = !DESK.matches || !found || found.section === "done";
    if (!found || same) return;
    fill(this.form, {
      what: `112 · ${found.ticket_number} · ${typeWords(found)}`,
      to: found.agency ?? t("Pusat 112"),
    });
    this.texts.follow(this.words, `follow.${keyOf(found)}`);
    this.problem.hidden = true;
    this.#drawChoices();
    this.#sayClock();
  }

  /** What this browser had kept is known by now: show it, unless something was typed meanwhile. */
  restore() {
    if (this.found && !this.words.value) this.texts.follow(this.words, `follow.${keyOf(this.found)}`);
  }

  /** @param {Case} found */
  open(found) {
    this.found = null;
    this.about(found);
    if (!DESK.matches) this.sheet.showModal();
    this.words.focus();
  }

  #drawChoices() {
    const list = one('[data-part="choices"]', this.form);
    list.replaceChildren();
    for (const [number, due] of this.policy().choices.entries()) {
      const choice = clone("choice");
      const input = one("input", choice);
      input.value = due;
      input.checked = number === 0;
      fill(choice, { words: dueWords(due) });
      list.append(choice);
    }
    this.at.value = "";
  }

  /** @param {Event} event */
  #chosen(event) {
    if (event.target === this.at)
      for (const input of all('input[name="due"]', this.form)) input.checked = !this.at.value;
    else if (event.target !== this.words) this.at.value = "";
    this.#sayClock();
  }

  #due() {
    if (this.at.value) return instantOf(this.at.value);
    return all('input[name="due"]', this.form).find((input) => input.checked)?.value ?? null;
  }

  #sayClock() {
    const due = this.#due();
    const found = this.found;
    if (!found || !due) return;
    const agency = found.agency ?? "112";
    const starts = t("Memulai tenggat baru untuk {agency}.", { agency });
    const waits = this.#delayS(found, due);
    const delays =
      waits > 0 && found.next_who
        ? t("Naik ke {who} ditunda {time}, sekali, dan itu tercatat.", {
            who: capital(whoOnLadder(found.next_who)),
            time: age(waits),
          })
        : t("Tingkat berikut tidak ditunda. Semua tercatat.");
    fill(this.form, { clock: `${starts} ${delays}` });
  }

  /**
   * By how long the next rung waits for this due time: once for each ladder, and by the policy's maximum at most.
   * @param {Case} found
   * @param {string} due
   */
  #delayS(found, due) {
    const before = found.instructions.length > 0;
    if (!found.next_at || before) return 0;
    return Math.min((Date.parse(due) - Date.parse(found.next_at)) / 1000, this.policy().longestDelayS);
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const found = this.found;
    const due = this.#due();
    const words = this.words.value.trim();
    if (!found) return;
    if (!words) return this.#complain(t("Tulis dulu apa yang Anda minta."), this.words);
    if (!due || Date.parse(due) <= serverNow() + 300_000)
      return this.#complain(t("Pilih waktu yang masih di depan, paling cepat lima menit lagi."), this.at);
    const button = one('button[type="submit"]', this.form);
    button.disabled = true;
    this.problem.hidden = true;
    try {
      const problem = await this.send(found, { words, due_at: due, assignment: found.assignment_id });
      if (problem) return this.#complain(problem, this.words);
      this.texts.forget(this.words);
      this.words.value = "";
      if (this.sheet.open) this.sheet.close();
    } catch (problem) {
      this.#complain(messageOf(problem), this.words);
    } finally {
      button.disabled = false;
    }
  }

  /**
   * @param {string} words
   * @param {HTMLElement} field
   */
  #complain(words, field) {
    this.problem.textContent = words;
    this.problem.hidden = false;
    field.focus();
  }
}
