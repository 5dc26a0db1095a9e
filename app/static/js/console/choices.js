// What the operator chooses for a ticket: type, priority, place. The best guess is always chosen already; whatever a
// hand has chosen stays chosen while more is typed. Nothing here is sent; actions.js does that.
import { all, clone, fill, find, keyed, one, setAttribute, setIcon, setText } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { showPriority } from "../core/marks.js";
import { hasPlace, outsidePill, placeAccuracy, placeRest, placeUnder } from "./place-words.js";

export { hasPlace, locateBody, missingPlace } from "./place-words.js";

const ROWS = 3;
const PLACE_ROWS = 5;

export class Choices {
  /** onChange(): something was chosen, by hand or by a better guess. */
  constructor({ catalogue, onChange }) {
    this.types = new Map(catalogue.types.map((type) => [type.code, type]));
    this.wards = new Map(catalogue.kelurahan.map((ward) => [ward.code, ward]));
    this.onChange = onChange;
    this.enabled = false; // only the owner of an open ticket chooses
    document.getElementById("types").addEventListener("click", (event) => this.#clicked(event, "type"));
    document.getElementById("places").addEventListener("click", (event) => this.#clicked(event, "place"));
    document
      .getElementById("priority")
      .addEventListener("click", (event) => this.choosePriority(event.target.dataset.priority));
    for (const id of ["types", "places", "priority"])
      document.getElementById(id).addEventListener("keydown", (event) => this.#key(event));
  }

  /** Begin with a ticket: what it holds already counts as chosen by hand. */
  start(ticket) {
    this.understood = null;
    this.type = null;
    this.place = null;
    this.priorityByHand = null;
    this.live = null;
    this.follow(ticket, { first: true });
  }

  /** The ticket has changed elsewhere: take over what nobody has touched here. */
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

  /** The server has read the line (null: it is empty). */
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

  chooseType(code) {
    this.type = { code, byHand: true };
    this.#settle();
  }

  choosePriority(priority) {
    if (!priority || !this.enabled) return;
    this.priorityByHand = priority === this.proposedPriority ? null : priority;
    this.#settle();
  }

  /** A caller's telephone says where it is (null: no longer): one more place to choose, never chosen by itself. */
  offer(place) {
    this.live = place;
    this.#settle();
  }

  /** A kelurahan chosen after a street that lies in several keeps the street's name. */
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

  /** What has been chosen and typed, to come back to; and back to it. */
  get state() {
    return { type: this.type, place: this.place, priorityByHand: this.priorityByHand };
  }

  restore(state) {
    Object.assign(this, state);
    this.#settle();
  }

  get priority() {
    return this.priorityByHand ?? this.proposedPriority ?? this.ticket.priority ?? null;
  }

  /** There are guesses, and none of them is clear enough to be chosen already. */
  get typeUnclear() {
    return !this.type && this.#types().length > 0;
  }

  /** The chosen type's priority, or the higher one that goes with somebody hurt; null without a type. */
  get proposedPriority() {
    const own = this.types.get(this.type?.code)?.priority ?? null;
    const harm = this.understood?.harm_priority;
    return own && harm && harm < own ? harm : own; // P1 sorts before P4
  }

  // -- what there is to choose from -----------------------------------------------------------------------------------

  #types() {
    const guesses = (this.understood?.types ?? []).filter((guess) => this.types.has(guess.code));
    const chosen =
      this.type && !guesses.slice(0, ROWS).some((guess) => guess.code === this.type.code)
        ? [{ code: this.type.code, matched: [] }]
        : [];
    return [...chosen, ...guesses].slice(0, ROWS);
  }

  #places() {
    const list = (this.understood?.places ?? []).filter((place) => !isSame(place, this.place));
    const call = this.ticket.calls.find((one) => one.location);
    if (call) {
      // A place that is known by name only and a point without a name make one place together.
      const unplaced = list.find((place) => place.clear && !hasPlace(place));
      const text = unplaced ? `${unplaced.name}${placeRest(unplaced) ?? ""}` : null;
      list.push({
        key: "sip",
        kind: "sip",
        name: t("Lokasi dari ponsel"),
        text,
        ...call.location,
        accuracy_m: call.location.uncertainty_m,
      });
    }
    if (this.live && !list.some((place) => place.key === this.live.key))
      list.splice(Math.min(1, list.length), 0, this.live);
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
    if (this.place && !list.slice(0, PLACE_ROWS).some((place) => place.key === this.place.key))
      list.unshift(this.place);
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
    this.#drawList(
      "types",
      rows,
      ({ code }) => code === this.type?.code,
      (node, guess, place) => {
        const type = this.types.get(guess.code);
        const words = guess.matched?.map((word) => `“${word}”`).join(", ");
        const read = words
          ? t("cocok: {words}", { words })
          : this.type?.saved
            ? t("tersimpan di tiket")
            : t("dipilih dengan tangan");
        setIcon(one('[data-part="choice-icon"]', node), type.icon);
        fill(node, { cap: place + 1, title: named(type), rest: null, pill: null, under: read, side: null });
        showPriority(one('[data-part="priority"]', node), guess.priority ?? type.priority);
      },
      (guess) => guess.code,
    );
    setText(one('[data-part="type-unclear"]'), rows.length && !this.type ? t("Belum jelas: pilih jenisnya.") : "");
    const group = document.getElementById("priority");
    const now = this.priority;
    setAttribute(group, "data-by-hand", this.priorityByHand ? true : null);
    setAttribute(group, "title", this.priorityByHand ? t("Diubah dengan tangan") : null);
    for (const button of all("button", group)) {
      setAttribute(button, "aria-checked", String(button.dataset.priority === now));
      setAttribute(button, "tabindex", button.dataset.priority === (now ?? "P1") ? 0 : -1);
    }
  }

  #drawPlaces() {
    this.#drawList(
      "places",
      this.#places(),
      (place) => place.key === this.place?.key,
      (node, place, index) => {
        setIcon(one('[data-part="choice-icon"]', node), "map-pin");
        const twin =
          place.kelurahan && [...this.wards.values()].filter((ward) => ward.name === place.kelurahan).length > 1;
        const doubt = twin && !place.saved && !(place.key === this.place?.key && this.place.byHand);
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
      (place) => place.key,
    );
    const panel = document.getElementById("places").parentElement;
    const hint = one('[data-part="hint"]', panel);
    // Several places may be meant, or none can be sent: nothing is chosen, and sending asks.
    const open = this.understood?.places.length > 0 && !(this.place && hasPlace(this.place));
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

  #drawList(id, rows, chosen, update, key) {
    const list = document.getElementById(id);
    const focused = list.contains(document.activeElement);
    keyed(list, rows, {
      key,
      make: () => clone("row-choice"),
      update: (node, row) => {
        const place = rows.indexOf(row);
        setAttribute(node, "aria-selected", chosen(row));
        setAttribute(node, "tabindex", chosen(row) || (place === 0 && !rows.some(chosen)) ? 0 : -1);
        node.choice = row;
        update(node, row, place);
      },
    });
    if (focused && !list.contains(document.activeElement)) find('[tabindex="0"]', list)?.focus();
    one('[data-part="hint"]', list.parentElement).hidden = rows.length > 0;
  }

  // -- hands ----------------------------------------------------------------------------------------------------------

  #clicked(event, kind) {
    const row = event.target.closest("[data-key]");
    if (row) this.#choose(row, kind);
  }

  #choose(row, kind) {
    if (!this.enabled) return;
    if (kind === "type") this.chooseType(row.choice.code);
    else this.choosePlace(row.choice);
  }

  /** Arrows move and choose, a digit chooses its row; only while the group has the focus. */
  #key(event) {
    const group = event.currentTarget;
    const rows = all('[role="option"], [role="radio"]', group);
    const here = rows.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
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
    if (group.id === "priority") this.choosePriority(to.dataset.priority);
    else this.#choose(to, group.id === "types" ? "type" : "place");
  }
}

/** Is this candidate what the ticket holds already? */
const isSame = (place, chosen) =>
  Boolean(chosen?.saved) &&
  place.kelurahan_code === chosen.kelurahan_code &&
  (chosen.text ?? chosen.name).startsWith(place.name);

/** The place a ticket holds, as a row to choose. */
function savedPlace(place) {
  return {
    ...place,
    key: `saved-${place.kelurahan_code}-${place.lat}`,
    saved: true,
    kind: "saved",
    name: place.text || place.kelurahan,
  };
}
