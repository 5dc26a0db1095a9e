// What the caller answered to the centre's questions, as it comes in while the crew is on its way.
import { clone, fill, keyed, one } from "./dom.js";
import { timeOfDay } from "./time.js";
import { language } from "./words.js";

/** Draw the answers of a task; the newest first, because that is what the crew does not know yet. */
export function showAnswers(ticket) {
  const section = document.getElementById("answers");
  const answers = [...(ticket.answers ?? [])].sort((a, b) => (a.at < b.at ? 1 : -1));
  section.hidden = answers.length === 0;
  keyed(one("ul", section), answers, {
    key: (answer) => `${answer.card}.${answer.question}`,
    make: () => clone("answer-row"),
    update: (node, answer) => fill(node, { tells: `${answer[`tells_${language}`]}:`, words: answer[`words_${language}`], at: timeOfDay(answer.at) }),
  });
}

/** A new answer in words, for whoever looks at the task just now. */
export function answerWords(event) {
  const answer = event.ticket?.answers?.find((one) => one.id === event.data?.answer_id);
  return answer ? `${answer[`tells_${language}`]}: ${answer[`words_${language}`]}` : null;
}
