// Copies a text, also where the browser keeps its clipboard from pages without TLS (a console in a local network).

/** Resolves to whether it was copied; `inside`: an element that may hold a text field for a moment. */
export async function copyText(text, inside = document.body) {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused by the browser: the older way may still be open.
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  inside.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
