// Hands: what the page's buttons and its keys do.
import { around } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { listen } from "./keys.js";
import { nuisanceOf } from "./nuisance.js";
import { lastCall } from "./store.js";

/**
 * @typedef {() => unknown} Act
 * @typedef {object} Parts the console's
 * @property {import("./work.js").Work} work
 * @property {import("./alerts.js").Toasts} toasts
 * @property {import("./taking.js").Taking} taking
 * @property {import("./waiting.js").Waiting} waiting
 * @property {import("./lists.js").Lists} lists
 * @property {import("./sending.js").Sending} sending
 * @property {import("./undo.js").Undo} undo
 * @property {import("./one-key.js").OneKey} oneKey
 * @property {import("./incidents.js").Incidents} incidents
 * @property {import("./location.js").Locations} locations
 * @property {import("./drawing.js").Drawing} drawing
 * @property {import("./keymap.js").KeyMap} keyMap
 * @property {ReturnType<typeof import("./card-pickers.js").setUpCardPickers>} pickers
 * @property {(ticketNumber: string) => unknown} open
 * @property {(need: import("../types.d.ts").Need) => unknown} act
 * @property {Act} leave
 * @property {Act} release
 * @property {Act} openClosing
 * @property {Act} openEndCall
 * @property {Act} openSearch
 * @property {Act} openPalette
 * @property {Act} openSettings
 */

/**
 * From now on buttons and keys do what they are for.
 * @param {Parts} parts
 */
export function listenToHands(parts) {
  listenToButtons(parts);
  listenToKeys(parts);
}

/** @param {Parts} parts */
function listenToButtons(parts) {
  const { work, sending, undo, oneKey, incidents, locations, pickers } = parts;
  /** @type {Record<string, Act>} by `data-action` */
  const pressed = {
    take: () => parts.waiting.takeNext(),
    send: () => sending.advance(),
    undo: () => undo.run(),
    leave: parts.leave,
    release: parts.release,
    close: parts.openClosing,
    "end-call": parts.openEndCall,
    "open-event": () => work.ticket?.duplicate_of && parts.open(work.ticket.duplicate_of),
    detach: () => incidents.detach(),
    help: () => parts.keyMap.show(),
    settings: parts.openSettings,
    "find-type": () => pickers.type.open(),
    "find-place": () => pickers.place.open(),
    "find-agency": () => pickers.agency.open(),
    "ask-location": () => locations.ask(),
    "end-location": () => locations.end(),
    "copy-location": () => locations.copy(),
    "copy-number": () => copyNumber(parts),
  };
  document.addEventListener("click", (event) => {
    const earlier = around(event, "[data-open-ticket]")?.dataset.openTicket;
    if (earlier) {
      parts.open(earlier);
      return;
    }
    const button = around(event, "[data-action], [data-classify]");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    const nuisance = nuisanceOf(button.dataset.classify);
    if (nuisance) oneKey.press(nuisance);
    else pressed[button.dataset.action ?? ""]?.();
  });
}

/** @param {Parts} parts */
const copyNumber = ({ work, toasts }) =>
  navigator.clipboard
    ?.writeText((work.ticket && lastCall(work.ticket)?.number) ?? "")
    .then(() => toasts.show({ key: "copied", look: "done", title: t("Nomor disalin."), seconds: 3 }));

/** @param {Parts} parts */
function listenToKeys(parts) {
  const { work, waiting, taking, lists, sending, undo, oneKey, incidents, drawing } = parts;
  listen({
    working: () => work.number !== null,
    takeSelected: () => waiting.takeNext(),
    takeLongest: () => waiting.takeLongest(),
    focusRinging: () => lists.ringing.focus(waiting.selected),
    need: (place) => drawing.needs[place] && parts.act(drawing.needs[place]),
    send: () => sending.advance(),
    join: () => incidents.join(),
    undo: () => undo.run(),
    canUndo: () => undo.possible,
    goOn: () => oneKey.goOn(),
    mayGoOn: () => oneKey.mayGoOn,
    classify: (kind) => oneKey.press(kind),
    taking: () => taking.asking,
    typeEarly: (key) => taking.type(key),
    entry: work.entry,
    search: parts.openSearch,
    palette: parts.openPalette,
    help: () => parts.keyMap.show(),
    keys: parts.keyMap,
    card: () => {
      drawing.all(); // a card that has just been guessed is drawn before it gets the focus, or its keys would be typed
      return work.card.focus();
    },
    location: () => parts.locations.ask(),
  });
}
