// What the console's dialogs share: opening with the focus in the right place, a form, a line that says what is wrong.
import { all, find, one } from "../core/dom.js";

/** Their buttons that close, and the focus that comes back from them: once for the page. */
export function setUpDialogs() {
  for (const button of all('[data-action="close-dialog"]'))
    button.addEventListener("click", () => button.closest("dialog")?.close());

  // A text field that gets the focus back from a dialog takes no letters in Chromium 156 until it gets it anew: what is
  // typed into it would be lost.
  document.addEventListener(
    "close",
    () => {
      const field = find("textarea:focus, input:focus");
      field?.blur();
      field?.focus({ preventScroll: true });
    },
    true,
  );
}

/**
 * Open a dialog with the focus on `first`: by itself it would be on the button that closes it.
 * @param {HTMLDialogElement} dialog
 * @param {string} [first]
 */
export function show(dialog, first = ".dialog-title .icon-button") {
  if (!dialog.open) dialog.showModal();
  one(first, dialog).focus();
}

/**
 * Say inside the dialog what is wrong; it stays open with everything that was typed.
 * @param {HTMLDialogElement} dialog
 * @param {string | null} words
 */
export function problemIn(dialog, words) {
  const line = one(".dialog-problem", dialog);
  line.hidden = !words;
  line.textContent = words ?? "";
}

/**
 * A form in a dialog: submit() says whether it may close; the button is off meanwhile.
 * @param {HTMLDialogElement} dialog
 * @param {() => Promise<boolean>} submit
 */
export function onSubmit(dialog, submit) {
  const form = one("form", dialog);
  form.noValidate = true; // what is missing is said in the page's words and language, not in the browser's
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = one('button[type="submit"]', form);
    button.disabled = true;
    try {
      if (await submit()) dialog.close();
    } finally {
      button.disabled = false;
    }
  });
}
