// What further callers of the same event said: words and time, never who they are.
import { keyed, one, setText } from "./dom.js";
import { timeOfDay } from "./time.js";
import { t } from "./words.js";

export function showFurther({ callers, further_words: said }) {
  const section = one("#further");
  section.hidden = !(callers > 1);
  if (section.hidden) return;
  setText(one("h2", section), t("{n} orang melaporkan kejadian ini", { n: callers }));
  keyed(one("#further-words"), said.map((one, place) => ({ ...one, place })), {
    key: ({ place }) => place,
    make: () => {
      const item = document.createElement("li");
      item.append(document.createElement("time"), document.createElement("span"));
      item.lastChild.dir = "auto";
      return item;
    },
    update: (item, { at, words }) => {
      setText(item.firstChild, timeOfDay(at));
      setText(item.lastChild, `“${words}”`);
    },
  });
}
