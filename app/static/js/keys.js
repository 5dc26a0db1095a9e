// The keyboard of the console (the table in F1). Keys that browsers and screen readers need are left alone.
import { dialogOpen } from "./dialogs.js";

const isText = (node) => node.matches?.("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select");
const inList = (node) => node.closest?.('[role="listbox"], [role="radiogroup"]') !== null;
const onControl = (node) => node.matches?.("button, a[href], input, [role=option], .map, .map *");

/**
 * listen({working, takeSelected, takeLongest, focusRinging, need, send, undo, leave, classify, entry, search, palette,
 * help, canUndo, canLeave}): each is a function of the console.
 */
export function listen(does) {
  const idle = {
    Enter: (event) => !onControl(event.target) && does.takeSelected(),
    ArrowDown: (event) => !inList(event.target) && !isText(event.target) && does.focusRinging(),
    ArrowUp: (event) => !inList(event.target) && !isText(event.target) && does.focusRinging(),
  };
  const work = {
    // After a nuisance key Enter goes on to the next call; on a line that is only empty it does nothing.
    Enter: (event) => (event.target === does.entry.field || !onControl(event.target)) && does.canLeave() && does.leave(),
    Escape: () => does.entry.focus(),
    F2: () => does.classify("prank"),
    F3: () => does.classify("ghost"),
    F4: () => does.classify("information"),
    F8: () => does.classify("wrong_number"),
    F9: () => does.classify("dropped"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) return;
    const { key } = event;
    const control = event.ctrlKey;
    if (control && key.toLowerCase() === "k") return done(event, dialogOpen() ? null : does.palette);
    if (key === "F1") return done(event, dialogOpen() ? null : does.help);
    if (dialogOpen()) return undefined;
    if (key === "/" && !control && !isText(event.target)) return done(event, does.search);
    if (key === "Enter" && event.shiftKey) return done(event, does.takeLongest);
    if (control && key === "Enter") return does.working() ? done(event, does.send) : undefined;
    if (control && key.toLowerCase() === "z") return does.canUndo() ? done(event, does.undo) : undefined;
    if (control) return undefined;
    const act = (does.working() ? work : idle)[key];
    if (act) {
      if (/^F\d/.test(key)) event.preventDefault();
      if (!event.repeat && act(event) !== false) event.preventDefault();
      return undefined;
    }
    if (isText(event.target)) return undefined;
    if (!does.working() && /^[1-9]$/.test(key)) return done(event, () => does.need(Number(key) - 1));
    // Letters go to the entry line whenever no list has the focus.
    if (does.working() && key.length === 1 && key !== " " && !inList(event.target)) return done(event, () => does.entry.type(key));
    return undefined;
  });
}

function done(event, act) {
  event.preventDefault();
  if (!event.repeat) act?.();
}
