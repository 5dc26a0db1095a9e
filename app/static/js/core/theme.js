// Dark or light, before the first paint: a plain script in the head, because a module would run too late.
// The page says its own default (data-theme) and whether the phone's setting counts (data-theme-follows="system");
// a choice made with a [data-action="theme"] button is kept in this browser, apart for centre and agency pages.
// Whoever draws in colours of its own (the map) listens for the event "siaga:theme" on the document.
(() => {
  "use strict";
  const root = document.documentElement;
  const follows = root.dataset.themeFollows === "system";
  const key = follows ? "siaga.theme.phone" : "siaga.theme";

  function stored() {
    try {
      return window.localStorage.getItem(key);
    } catch {
      return null; // storage is switched off in this browser: the default holds
    }
  }

  /** @param {string} theme */
  function apply(theme) {
    root.dataset.theme = theme === "light" ? "light" : "dark";
    document.dispatchEvent(new CustomEvent("siaga:theme", { detail: root.dataset.theme }));
  }

  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const choice = stored();
  if (choice) apply(choice);
  else if (follows && system.matches) apply("dark");

  system.addEventListener("change", () => {
    if (follows && !stored()) apply(system.matches ? "dark" : "light");
  });

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest('[data-action="theme"]');
    if (!button) return;
    const next = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      window.localStorage.setItem(key, next);
    } catch {
      // Kept for this page only.
    }
    apply(next);
  });
})();
