// What the operator chooses for a ticket: type, priority, place. The best guess is always chosen already; whatever a
// hand has chosen stays chosen while more is typed. Nothing here is sent; sending.js does that.
import { all, around, clone, fill, find, keyed, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { showPriority } from "../core/marks.js";
import { hasPlace, outsidePill, placeAccuracy, placeRest, placeUnder } from "./place-words.js";

export { hasPlace, locateBody, missingPlace } from "./place-words.js";

/**
 * @typedef {import("../payloads.d.ts").Interpretation} Interpretation
 * @typedef {import("../payloads.d.ts").Priority} Priority
 * @typedef {import("../payloads.d.ts").Ticket} Ticket
 * @typedef {import("./types.d.ts").ChosenType} ChosenType
 * @typedef {import("./types.d.ts").DraftChoices} DraftChoices
 * @typedef {import("./types.d.ts").ListedPlace} ListedPlace
 * @typedef {{code: string, matched: string[], priority?: Priority}} ListedType
 */

const ROWS = 3;
const PLACE_ROWS = 5;
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
/** @type {Record<string, Priority>} */
const PRIORITIES = { P1: "P1", P2: "P2", P3: "P3", P4: "P4" };

export class Choices {
  /**
   * onChange(): something was chosen, by hand or by a better guess.
   * @param {{catalogue: import("../payloads.d.ts").Catalogue, onChange: () => void}} options
   */
  constructor({ catalogue, onChange }) {
    this.types = new Map(catalogue.types.map((type) => [type.code, type]));
    this.wards = new Map(catalogue.kelurahan.map((ward) => [ward.code, ward]));
    this.onChange = onChange;
    this.enabled = false; // only the owner of an open ticket chooses
    /** @type {Ticket | null} the open one */
    this.ticket = null;
    /** @type {Interpretation | null} of the line as it was read last; null: it is empty, or was not read yet */
    this.understood = null;
    /** @type {ChosenType | null} */
    this.type = null;
    /** @type {ListedPlace | null} */
    this.place = null;
    /** @type {Priority | null} */
    this.priorityByHand = null;
    /** @type {ListedPlace | null} where the caller's telephone says it is */
    this.live = null;
    for (const group of [one("#types"), one("#places"), one("#priority")]) {
      group.addEventListener("click", (event) => this.#take(group, around(event, "[data-key], [data-priority]")));
      group.addEventListener("keydown", (event) => this.#key(group, event));
    }
  }

  /**
   * Begin with a ticket: what it holds already counts as chosen by hand.
   * @param {Ticket} ticket
   */
  start(ticket) {
    this.understood = null;
    this.type = null;
    this.place = null;
    this.priorityByHand = null;
    this.live = null;
    this.follow(ticket, { first: true });
  }

  /**
   * The ticket has changed elsewhere: take over what nobody has touched here.
   * @param {Ticket} ticket
   */
  follow(ticket, { first = false } = {}) {
    const before = this.ticket;
    this.ticket = ticket;
    const typeMoved = first || before?.type?.code !== ticket.type?.code;
    if (typeMoved && ticket.type) this.type = { code: ticket.type.code, byHand: true, saved: true };
    if (first || before?.priority !== ticket.priority)
      this.priorityByHand = ticket.priority_by_hand ? ticket.priority : null;
    const placeMoved = first || JSON.stringify(before?.place) !== JSON.stringify(ticket.place);
    if (placeMoved && ticket.place) this.place = { ...savedPlace(ticket.place), byHand: true };
    this.#settle();
  }

  /**
   * The server has read the line (null: it is empty).
   * @param {Interpretation | null} understood
   */
  understand(understood) {
    this.understood = understood;
    const [first] = understood?.types ?? [];
    // Where two types are nearly as likely nothing is chosen: whoever has to choose looks.
    if (!this.type?.byHand) this.type = first?.clear ? { code: first.code, byHand: false } : null;
    if (!this.place?.byHand) {
      this.place = null;
      // The best that can be sent; failing that, the name that stands clear, so that only its kelurahan is missing.
      const sure = this.#places().filter((place) => place.clear || place.kind === "sip");
      const best = sure.find(hasPlace) ?? sure[0];
      this.place = best ? { ...best, byHand: false } : null;
    }
    this.#settle();
  }

  /** @param {string} code */
  chooseType(code) {
    this.type = { code, byHand: true };
    this.#settle();
  }

  /** @param {Priority} priority */
  choosePriority(priority) {
    if (!this.enabled) return;
    this.priorityByHand = priority === this.proposedPriority ? null : priority;
    this.#settle();
  }

  /**
   * A caller's telephone says where it is (null: no longer): one more place to choose, never chosen by itself.
   * @param {ListedPlace | null} place
   */
  offer(place) {
    this.live = place;
    this.#settle();
  }

  /**
   * A kelurahan chosen after a street that lies in several keeps the street's name.
   * @param {ListedPlace} place
   */
  choosePlace(place) {
    const street =
      place.kind === "kelurahan" &&
      this.place &&
      !this.place.kelurahan_code &&
      !["sip", "link"].includes(this.place.kind)
        ? this.place.name
        : null;
    this.place = { ...place, text: place.text ?? street, byHand: true };
    this.#settle();
  }

  /**
   * Choose again what a draft has kept.
   * @param {Pick<DraftChoices, "type" | "place" | "priorityByHand">} kept
   */
  restore({ type, place, priorityByHand }) {
    if (type) this.type = type;
    if (place) this.place = place;
    if (priorityByHand) this.priorityByHand = priorityByHand;
    this.#settle();
  }

  /** @returns {Priority | null} */
  get priority() {
    return this.priorityByHand ?? this.proposedPriority ?? this.ticket?.priority ?? null;
  }

  /** There are guesses, and none of them is clear enough to be chosen already. */
  get typeUnclear() {
    return !this.type && this.#types().length > 0;
  }

  /** The chosen type's priority, or the higher one that goes with somebody hurt; null without a type. */
  get proposedPriority() {
    const own = this.types.get(this.type?.code ?? "")?.priority ?? null;
    const harm = this.understood?.harm_priority;
    return own && harm && harm < own ? harm : own; // P1 sorts before P4
  }

  // -- what there is to choose from -----------------------------------------------------------------------------------

  #types() {
    const { type } = this;
    /** @type {ListedType[]} */
    const guesses = (this.understood?.types ?? []).filter((guess) => this.types.has(guess.code));
    const listed = !type || guesses.slice(0, ROWS).some((guess) => guess.code === type.code);
    /** @type {ListedType[]} */
    const chosen = listed ? [] : [{ code: type.code, matched: [] }];
    return [...chosen, ...guesses].slice(0, ROWS);
  }

  /** @returns {ListedPlace[]} */
  #places() {
    const { live, place: chosen } = this;
    /** @type {ListedPlace[]} */
    const list = (this.understood?.places ?? []).filter((place) => !isSame(place, chosen));
    const location = this.ticket?.calls.find((call) => call.location)?.location;
    if (location) {
      // A place that is known by name only and a point without a name make one place together.
      const unplaced = list.find((place) => place.clear && !hasPlace(place));
      const text = unplaced ? `${unplaced.name}${placeRest(unplaced) ?? ""}` : null;
      list.push({
        key: "sip",
        kind: "sip",
        name: t("Lokasi dari ponsel"),
        text,
        kelurahan_code: null,
        kelurahan: null,
        kecamatan: null,
        lat: location.lat,
        lon: location.lon,
        accuracy_m: location.uncertainty_m,
      });
    }
    if (live && !list.some((place) => place.key === live.key)) list.splice(Math.min(1, list.length), 0, live);
    const [best] = list;
    if (best?.kelurahan_code && best.lat !== null && best.kind !== "kelurahan" && list.length < PLACE_ROWS) {
      list.push({
        key: `only-${best.kelurahan_code}`,
        kind: "kelurahan",
        name: t("Kel. {name} saja, tanpa titik", { name: best.kelurahan }),
        detail: best.detail,
        kelurahan_code: best.kelurahan_code,
        kelurahan: best.kelurahan,
        kecamatan: best.kecamatan,
        lat: null,
        lon: null,
      });
    }
    if (chosen && !list.slice(0, PLACE_ROWS).some((place) => place.key === chosen.key)) list.unshift(chosen);
    return list.slice(0, PLACE_ROWS);
  }

  // -- drawing --------------------------------------------------------------------------------------------------------

  #settle() {
    this.#drawTypes();
    this.#drawPlaces();
    this.onChange();
  }

  #drawTypes() {
    const rows = this.#types();
    this.#drawList("types", rows, {
      key: (guess) => guess.code,
      chosen: this.type?.code,
      update: (node, guess, place) => {
        const type = this.types.get(guess.code);
        const words = guess.matched.map((word) => `“${word}”`).join(", ");
        const read = words
          ? t("cocok: {words}", { words })
          : this.type?.saved
            ? t("tersimpan di tiket")
            : t("dipilih dengan tangan");
        setIcon(one('[data-part="choice-icon"]', node), type?.icon ?? "circle-help");
        fill(node, {
          cap: place + 1,
          title: named(type ?? { code: guess.code }),
          rest: null,
          pill: null,
          under: read,
          side: null,
        });
        showPriority(one('[data-part="priority"]', node), guess.priority ?? type?.priority ?? null);
      },
    });
    setText(one('[data-part="type-unclear"]'), rows.length && !this.type ? t("Belum jelas: pilih jenisnya.") : "");
    const group = one("#priority");
    const now = this.priority;
    setAttribute(group, "data-by-hand", this.priorityByHand ? true : null);
    setAttribute(group, "title", this.priorityByHand ? t("Diubah dengan tangan") : null);
    for (const button of all("button", group)) {
      setAttribute(button, "aria-checked", String(button.dataset.priority === now));
      setAttribute(button, "tabindex", button.dataset.priority === (now ?? "P1") ? 0 : -1);
    }
  }

  #drawPlaces() {
    this.#drawList("places", this.#places(), {
      key: (place) => place.key,
      chosen: this.place?.key,
      update: (node, place, index) => {
        setIcon(one('[data-part="choice-icon"]', node), "map-pin");
        const twin =
          place.kelurahan !== null &&
          [...this.wards.values()].filter((ward) => ward.name === place.kelurahan).length > 1;
        const doubt = twin && !place.saved && !(place.key === this.place?.key && this.place?.byHand);
        const under = placeUnder(place, { twin, doubt });
        const pill = outsidePill(place) ?? (twin ? t("Kec. {name}", { name: place.kecamatan }) : null);
        fill(node, {
          cap: index + 1 + ROWS,
          title: place.name,
          rest: placeRest(place),
          pill,
          under: under.words,
          side: placeAccuracy(place),
        });
        setAttribute(one(".row-under", node), "data-look", under.warns ? "amber" : null);
      },
    });
    const panel = panelOf("places");
    const hint = one('[data-part="hint"]', panel);
    // Several places may be meant, or none can be sent: nothing is chosen, and sending asks.
    const open = (this.understood?.places ?? []).length > 0 && !(this.place && hasPlace(this.place));
    setText(one('[data-part="unclear"]', panel), open ? t("belum jelas: pilih lokasi") : "");
    setText(
      one('[data-part="notice"]', panel),
      this.understood?.notices?.includes("link_without_coordinates")
        ? t(
            "Tautan peta itu tidak memuat koordinat. Minta pelapor membuka tautannya dan membacakan koordinat, atau menyebut patokan.",
          )
        : "",
    );
    const unread = this.understood && !this.#places().length;
    setText(
      hint,
      unread ? t("Tidak dikenali. Pilih kelurahan atau klik peta.") : t("Muncul saat Anda mengetik, atau klik peta."),
    );
  }

  /**
   * @template T
   * @param {"types" | "places"} id
   * @param {T[]} rows
   * @param {object} how
   * @param {(row: T) => string} how.key
   * @param {string | undefined} how.chosen key of the row that is chosen
   * @param {(node: HTMLElement, row: T, place: number) => void} how.update
   */
  #drawList(id, rows, { key, chosen, update }) {
    const list = one(`#${id}`);
    const focused = list.contains(document.activeElement);
    const anyChosen = rows.some((row) => key(row) === chosen);
    keyed(list, rows, {
      key,
      make: () => clone("row-choice"),
      update: (node, row) => {
        const place = rows.indexOf(row);
        setAttribute(node, "aria-selected", key(row) === chosen);
        setAttribute(node, "tabindex", key(row) === chosen || (place === 0 && !anyChosen) ? 0 : -1);
        update(node, row, place);
      },
    });
    if (focused && !list.contains(document.activeElement)) find('[tabindex="0"]', list)?.focus();
    one('[data-part="hint"]', panelOf(id)).hidden = rows.length > 0;
  }

  // -- hands ----------------------------------------------------------------------------------------------------------

  /**
   * A row of a group, or a priority, is chosen.
   * @param {HTMLElement} group
   * @param {HTMLElement | null} row
   */
  #take(group, row) {
    if (!row || !this.enabled) return;
    const key = row.dataset.key ?? "";
    const priority = PRIORITIES[row.dataset.priority ?? ""];
    const place = group.id === "places" ? this.#places().find((one) => one.key === key) : null;
    if (group.id === "types") this.chooseType(key);
    else if (place) this.choosePlace(place);
    else if (priority) this.choosePriority(priority);
  }

  /**
   * Arrows move and choose, a digit chooses its row; only while the group has the focus.
   * @param {HTMLElement} group
   * @param {KeyboardEvent} event
   */
  #key(group, event) {
    const rows = all('[role="option"], [role="radio"]', group);
    const here = rows.findIndex((row) => row.matches(":focus"));
    const step = STEPS[event.key];
    const digit =
      /^[1-9]$/.test(event.key) && !event.ctrlKey ? Number(event.key) - 1 - (group.id === "places" ? ROWS : 0) : null;
    const to = step
      ? rows[Math.min(rows.length - 1, Math.max(0, here + step))]
      : digit !== null
        ? rows[digit]
        : event.key === " "
          ? rows[here]
          : null;
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    to.focus();
    this.#take(group, to);
  }
}

/**
 * The panel that a list stands in, with its hint and notices.
 * @param {"types" | "places"} id
 */
const panelOf = (id) => one(`section[aria-labelledby="${id}-title"]`);

/**
 * Is this candidate what the ticket holds already?
 * @param {ListedPlace} place
 * @param {ListedPlace | null} chosen
 */
const isSame = (place, chosen) =>
  Boolean(chosen?.saved) &&
  place.kelurahan_code === chosen?.kelurahan_code &&
  (chosen.text ?? chosen.name).startsWith(place.name);

/**
 * The place a ticket holds, as a row to choose.
 * @param {import("../payloads.d.ts").Place} place
 * @returns {ListedPlace}
 */
const savedPlace = (place) => ({
  key: `saved-${place.kelurahan_code}-${place.lat}`,
  kind: "saved",
  saved: true,
  name: place.text || place.kelurahan,
  text: place.text,
  kelurahan_code: place.kelurahan_code,
  kelurahan: place.kelurahan,
  kecamatan: place.kecamatan,
  lat: place.lat,
  lon: place.lon,
  accuracy_m: place.accuracy_m,
});
