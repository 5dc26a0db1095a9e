// What callers tell while the crew is on its way: answers to the centre's questions, and what further callers of the
// same event said. Words and times, never who they are.
import { clone, fill, keyed, one, setText } from "../core/dom.js";
import { language, t } from "../core/i18n.js";
import { timeOfDay } from "../core/time.js";

/** @typedef {import("../payloads.d.ts").AgencyTicket} AgencyTicket */

/**
 * Draw the answers of a task; the newest first, because that is what the crew does not know yet.
 * @param {AgencyTicket} ticket
 */
export function showAnswers(ticket) {
  const section = one("#answers");
  const answers = [...(ticket.answers ?? [])].sort((a, b) => (a.at < b.at ? 1 : -1));
  section.hidden = answers.length === 0;
  keyed(one("ul", section), answers, {
    key: (answer) => `${answer.card}.${answer.question}`,
    make: () => clone("answer-row"),
    update: (node, answer) =>
      fill(node, {
        tells: `${answer[`tells_${language}`]}:`,
        words: answer[`words_${language}`],
        at: timeOfDay(answer.at),
      }),
  });
}

/**
 * A new answer in words, for whoever looks at the task just now.
 * @param {import("../types.d.ts").AgencyEvent} event
 */
export function answerWords(event) {
  const answer = event.ticket?.answers?.find((one) => one.id === event.data?.answer_id);
  return answer ? `${answer[`tells_${language}`]}: ${answer[`words_${language}`]}` : null;
}

/**
 * What further callers of the event said, in the order in which they called.
 * @param {AgencyTicket} ticket
 */
export function showFurther({ callers, further_words: said }) {
  const section = one("#further");
  section.hidden = !(callers > 1);
  if (section.hidden) return;
  setText(one("h2", section), t("{n} orang melaporkan kejadian ini", { n: callers }));
  keyed(
    one("#further-words"),
    said.map((one, place) => ({ ...one, place })),
    {
      key: ({ place }) => place,
      make: () => {
        const item = document.createElement("li");
        const words = document.createElement("span");
        words.dir = "auto";
        item.append(document.createElement("time"), words);
        return item;
      },
      update: (item, { at, words }) => {
        setText(one("time", item), timeOfDay(at));
        setText(one("span", item), `“${words}”`);
      },
    },
  );
}
