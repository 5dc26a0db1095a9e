// Row 2, right, below the map: tasks that no agency has accepted yet, the most urgent clock first.
import { clone, fill, keyed, one, setText } from "./dom.js";
import { setClock, showPriority } from "./marks.js";
import { t } from "./words.js";

const LINES = 2;

/** tasks: [{ticket, agency, priority, due_at}] */
export function showUnaccepted(tasks) {
  keyed(one("#unaccepted-lines"), tasks.slice(0, LINES), {
    key: ({ ticket, agency }) => `${ticket} ${agency}`,
    make: () => clone("unaccepted-line"),
    update(line, { ticket, agency, priority, due_at: due, clock_started_at: started = "" }) {
      showPriority(one('[data-part="priority"]', line), priority, { keepPlace: true });
      fill(line, { short: ticket.split("-")[1], agency });
      setClock(one('[data-part="timer"]', line), { kind: "due", started, due, short: true });
    },
  });
  setText(one("#unaccepted-count"), tasks.length ? String(tasks.length) : "");
  setText(one("#unaccepted-more"), tasks.length > LINES ? t("+{n} lagi", { n: tasks.length - LINES }) : "");
  one("#unaccepted-empty").hidden = tasks.length > 0;
}
